//! The sockets, and what every request passes before its surface's router: panics, request id, span,
//! access log and security headers, time limit, compression. Rooms add their own inside.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, ServiceExt};
use foundation::error::{Fault, Problem};
use foundation::http::request_id;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::{Layer, Service, ServiceExt as _};
use tower_http::compression::CompressionLayer;
use tracing::Instrument;

mod template;

use template::Templated;

/// A surface's router in all that surfaces share. One service and not a layer for each: a router's layers
/// box and copy what is inside them at every request.
#[derive(Clone, Debug)]
pub(crate) struct Listener(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    router: Router,
    ids: request_id::Source,
    limit: Duration,
}

/// Wraps a surface's router in what all surfaces share.
pub(crate) fn wrap(router: Router, ids: request_id::Source, limit: Duration) -> Listener {
    Listener(Arc::new(Shared {
        router: router.layer(Templated),
        ids,
        limit,
    }))
}

impl Service<Request> for Listener {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _task: &mut Task<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let shared = Arc::clone(&self.0);
        Box::pin(async move { Ok(shared.answer(request).await) })
    }
}

impl Shared {
    async fn answer(&self, request: Request) -> Response {
        let answered = AssertUnwindSafe(async {
            let observed = async |request| self.observe(request).await;
            request_id::assigned(&self.ids, request, observed).await
        });
        answered.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            Problem(Fault::internal()).into_response()
        })
    }

    /// One span and one line per request, and the headers of [`SECURITY`]. Paths are logged as
    /// templates: a real path may hold an identifier.
    async fn observe(&self, request: Request) -> Response {
        let method = request.method().clone();
        let id = request_id::current().unwrap_or_default();
        let span = tracing::info_span!(
            "http.server.request",
            "http.request.method" = method.as_str(),
            request_id = &*id,
        );
        let started = Instant::now();
        let mut response = self.in_time(request).instrument(span).await;
        let elapsed = started.elapsed();
        let template = response.extensions_mut().remove::<MatchedPath>();
        log(&method, template.as_ref(), &id, &response, elapsed);
        for (name, value) in SECURITY {
            let present = response.headers_mut().entry(name);
            present.or_insert(HeaderValue::from_static(value));
        }
        response
    }

    async fn in_time(&self, request: Request) -> Response {
        let answer = tokio::time::timeout(self.limit, self.in_fewer_bytes(request));
        let answer = answer.await;
        answer.unwrap_or_else(|_| StatusCode::GATEWAY_TIMEOUT.into_response())
    }

    /// What reads no compressed answer is spared the way through the compressor.
    async fn in_fewer_bytes(&self, request: Request) -> Response {
        let router = self.router.clone();
        if !request.headers().contains_key(header::ACCEPT_ENCODING) {
            return infallible(router.oneshot(request).await);
        }
        let compressed = CompressionLayer::new().layer(router).oneshot(request);
        infallible(compressed.await).map(Body::new)
    }
}

fn infallible<T>(answer: Result<T, Infallible>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// The line of the access log. It stands outside the request's span and says itself what that says: the
/// span's fields would be read and written anew for every line.
fn log(
    method: &Method,
    template: Option<&MatchedPath>,
    id: &str,
    response: &Response,
    elapsed: Duration,
) {
    let route = template.map_or("(none)", MatchedPath::as_str);
    let status = response.status();
    metrics::histogram!(
        "markedsplass_http_request_seconds",
        "method" => method.to_string(),
        "route" => route.to_owned(),
        "status" => status.as_str().to_owned(),
    )
    .record(elapsed.as_secs_f64());
    let length = response.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok());
    tracing::info!(
        "http.request.method" = method.as_str(),
        "http.route" = route,
        request_id = id,
        status = status.as_u16(),
        duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        bytes = length,
        "{method} {route} {}",
        status.as_str(),
    );
}

/// Opens a socket.
pub(crate) async fn bind(address: &str, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{setting} {address} cannot be opened; is something else using it?")
    })
}

/// Serves until `stop`, then lets the requests in flight finish.
pub(crate) async fn serve<S>(
    listener: TcpListener,
    service: S,
    stop: CancellationToken,
) -> anyhow::Result<()>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    axum::serve(listener, service.into_make_service())
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await
        .context("a listener failed")
}

/// The answer of a surface without pages to an address that it does not have.
pub(crate) async fn unknown() -> Problem {
    Problem(
        Fault::new(StatusCode::NOT_FOUND, "address-unknown")
            .title("There is nothing at this address")
            .remedy("The API is described at /openapi.json; people begin at /."),
    )
}

/// What every answer carries that does not say otherwise itself.
const SECURITY: [(HeaderName, &str); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

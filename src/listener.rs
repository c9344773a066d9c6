//! The sockets and the layers that every request passes, outermost first: panics, request id,
//! span, access log and security headers, time limit, compression. Rooms add their own inside.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use foundation::error::{Fault, Problem};
use foundation::http::request_id;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument;

/// Wraps a surface's router in the layers that all surfaces share.
pub(crate) fn wrap(router: Router, ids: request_id::Source, limit: Duration) -> Router {
    let ids = Arc::new(ids);
    // Few layers: each boxes and copies what is inside it at every request.
    router
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            limit,
        ))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let ids = Arc::clone(&ids);
            async move {
                let observed = async |request| observe(request, next).await;
                request_id::assigned(&ids, request, observed).await
            }
        }))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a handler panicked");
            Problem(Fault::internal()).into_response()
        }))
}

/// Opens a socket.
pub(crate) async fn bind(address: &str, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{setting} {address} cannot be opened; is something else using it?")
    })
}

/// Serves until `stop`, then lets the requests in flight finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    axum::serve(listener, router)
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

/// One span and one line per request, and the headers of [`SECURITY`]. Paths are logged as templates: a real path may hold an
/// identifier.
async fn observe(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route: Arc<str> = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .into();
    let id = request_id::current().unwrap_or_default();
    let span = tracing::info_span!(
        "http.server.request",
        "http.request.method" = %method,
        "http.route" = %route,
        request_id = id,
    );
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    metrics::histogram!(
        "markedsplass_http_request_seconds",
        "method" => method.to_string(),
        "route" => route.to_string(),
        "status" => status.to_string(),
    )
    .record(elapsed.as_secs_f64());
    span.in_scope(|| {
        tracing::info!(
            status,
            duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            bytes = response
                .headers()
                .get(header::CONTENT_LENGTH)
                .and_then(|value| value.to_str().ok()),
            "{method} {route} {status}"
        );
    });
    for (name, value) in SECURITY {
        let present = response.headers_mut().entry(name);
        present.or_insert(HeaderValue::from_static(value));
    }
    response
}

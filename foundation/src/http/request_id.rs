//! A request id: taken from `X-Request-Id` when a proxy sent a sane one, else made here; in the
//! span, in the answer's header and in every problem.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::{Clock, Entropy};

/// The header that carries it.
pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task is answering.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// What the middleware makes ids from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Time of the id.
    pub clock: Arc<dyn Clock>,
    /// Randomness of the id.
    pub entropy: Arc<dyn Entropy>,
}

/// Middleware: gives the request its id.
pub async fn assign(source: Source, request: Request, next: Next) -> Response {
    assigned(&source, request, async |request| next.run(request).await).await
}

/// The same around anything that answers.
pub async fn assigned(
    source: &Source,
    request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let id = request
        .headers()
        .get(&HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|text| is_sane(text))
        .map_or_else(
            || crate::id::generate("req", &*source.clock, &*source.entropy),
            str::to_owned,
        );
    let mut response = CURRENT.scope(id.clone(), answer(request)).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER.clone(), value);
    }
    response
}

fn is_sane(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

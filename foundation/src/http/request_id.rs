//! A request id: taken from `X-Request-Id` when a proxy sent a sane one, else made here; in the
//! span, in the answer's header and in every problem.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
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

/// Makes ids; cheap to clone, and no two clones make the same.
#[derive(Clone, Debug)]
pub struct Source(Arc<Ids>);

#[derive(Debug)]
struct Ids {
    clock: Arc<dyn Clock>,
    /// Drawn once, to tell processes apart: asking the system for randomness takes longer than many an
    /// answer, and an id need not be hard to guess.
    process: u64,
    requests: AtomicU64,
}

impl Source {
    /// A source for the requests of this process.
    pub fn new(clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        Self(Arc::new(Ids {
            clock,
            process: u64::from_be_bytes(crate::entropy::bytes::<8>(entropy)),
            requests: AtomicU64::new(0),
        }))
    }

    fn next(&self) -> String {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        // Of 80 bits, 48 are the process's and 32 the request's.
        let (process, number) = (u128::from(self.0.process), u128::from(number));
        let number = ((process & 0xffff_ffff_ffff) << 32) | (number & 0xffff_ffff);
        crate::id::numbered("req", self.0.clock.now(), number)
    }
}

/// Answers a request under an id: the one that a proxy sent, or a new one.
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
        .map_or_else(|| source.next(), str::to_owned);
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

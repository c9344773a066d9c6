//! The witness over HTTP: `add-checkpoint`, the checkpoint for monitors, `/healthz`.

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::access::{Access, Routes};
use foundation::error::{Fault, Problem};
use foundation::http::Path;
use verifier::add_checkpoint::{BadRequest, MAX_LEN};

use crate::{Refusal, Witness};

pub(crate) fn router(witness: Witness) -> Router {
    let submission = Routes::new()
        .post("/add-checkpoint", Access::Public, add_checkpoint)
        .map(|router| router.layer(DefaultBodyLimit::max(MAX_LEN)));
    Routes::new()
        .merge(submission)
        .get("/{origin_hash}/checkpoint", Access::Public, checkpoint)
        .get("/healthz", Access::Public, health)
        .with_state(witness)
        .into_router()
}

async fn add_checkpoint(
    State(witness): State<Witness>,
    body: axum::body::Bytes,
) -> Result<Response, Refusal> {
    let body = std::str::from_utf8(&body).map_err(|_| BadRequest::Checkpoint)?;
    let lines = witness.add_checkpoint(body).await?;
    Ok(text(lines, "no-store"))
}

async fn checkpoint(
    State(witness): State<Witness>,
    Path(origin_hash): Path<String>,
) -> Result<Response, Problem> {
    match witness.newest(&origin_hash).await? {
        Some(note) => Ok(text(note, "public, max-age=5")),
        None => Err(Problem(
            Fault::new(StatusCode::NOT_FOUND, "witness-log-unknown")
                .title("This witness has cosigned nothing of such a log")
                .remedy("Ask with the SHA-256 of the log's origin, in lowercase hexadecimal."),
        )),
    }
}

async fn health(State(witness): State<Witness>) -> impl IntoResponse {
    if witness.is_ready().await {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "store-unavailable\n")
    }
}

fn text(body: String, caching: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
            (header::CACHE_CONTROL, caching),
        ],
        body,
    )
        .into_response()
}

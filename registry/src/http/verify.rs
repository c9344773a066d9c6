//! Verification for EPJs that embed nothing.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use foundation::error::Problem;
use foundation::http::Json;

use crate::service::Registry;
use crate::service::verify::VerifyRequest;

/// `POST /api/v1/verify`: a refused approval is an answer too.
pub(super) async fn post(
    State(registry): State<Registry>,
    Json(request): Json<VerifyRequest>,
) -> Result<Response, Problem> {
    let mut response = Json(registry.verify(request).await?).into_response();
    // True for this moment alone.
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    Ok(response)
}

/// An approval is at most 16 KiB and a ticket with post-quantum cosignatures some tens.
pub(super) const MAX_BODY: usize = 256 * 1024;

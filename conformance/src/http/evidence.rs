//! The evidence of a check, and the pictures that belong to it, under their digests.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use foundation::Digest;
use foundation::access::Visitor;
use foundation::error::Problem;
use foundation::http::Path;

use super::checks::parsed;
use crate::Conformance;
use crate::error::ConformanceError;

pub(super) async fn get(
    State(room): State<Conformance>,
    Visitor(viewer): Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (digest, bytes) = room.evidence(viewer.as_ref(), &parsed(&id)?).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}.evidence.jsonl\""),
        ),
        (header::ETAG, format!("\"{}\"", digest.hex())),
        (
            header::HeaderName::from_static("repr-digest"),
            format!("sha-256=:{}:", BASE64.encode(digest.as_bytes())),
        ),
    ];
    Ok((headers, bytes).into_response())
}

pub(super) async fn attachment(
    State(room): State<Conformance>,
    Visitor(viewer): Visitor,
    Path((id, digest)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let digest: Digest = digest
        .parse()
        .map_err(|_| ConformanceError::UnknownAttachment)?;
    let bytes = room
        .attachment(viewer.as_ref(), &parsed(&id)?, &digest)
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

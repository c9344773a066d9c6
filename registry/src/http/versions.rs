//! Versions: reading, history, submission, and what was published of their approval.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use foundation::access::{Actor, Visitor};
use foundation::error::Problem;
use foundation::http::{Json, Path};
use serde_json::Value;

use super::conditional;
use crate::domain::history::HistoryEntry;
use crate::error::RegistryError;
use crate::service::Registry;
use crate::service::submission::SubmissionRequest;
use crate::service::versions::VersionView;

/// `GET /api/v1/apps/{id}/versions/{v}`
pub(super) async fn get(
    State(registry): State<Registry>,
    Visitor(viewer): Visitor,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = registry.version(viewer.as_ref(), &id, &version).await?;
    let body = serde_json::to_vec(&found).map_err(RegistryError::from)?;
    Ok(conditional::answer(&headers, "application/json", "", body))
}

/// `GET /api/v1/apps/{id}/versions/{v}/history`
pub(super) async fn history(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<Vec<HistoryEntry>>, Problem> {
    Ok(Json(registry.history(&actor, &id, &version).await?))
}

/// `POST /api/v1/apps/{id}/versions/{v}/submission`
pub(super) async fn submit(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<VersionView>, Problem> {
    // A body is needed only by those who sign themselves.
    let request = if body.is_empty() {
        SubmissionRequest::default()
    } else {
        let axum::Json(request) = axum::Json::from_bytes(&body)?;
        request
    };
    Ok(Json(registry.submit(&actor, &id, &version, request).await?))
}

/// `GET /api/v1/apps/{id}/versions/{v}/release`: what a vendor with a key of its own signs.
pub(super) async fn release(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(registry.release_claims(&actor, &id, &version).await?))
}

/// `GET /api/v1/apps/{id}/versions/{v}/approval`
pub(super) async fn approval(
    State(registry): State<Registry>,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let published = registry.approval(&id, &version).await?;
    Ok(open(&headers, "application/trust-mark+jwt", published.jws))
}

/// `GET /api/v1/apps/{id}/versions/{v}/approval.tlog-proof`
pub(super) async fn ticket(
    State(registry): State<Registry>,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let published = registry.approval(&id, &version).await?;
    Ok(open(
        &headers,
        "text/plain; charset=utf-8",
        published.ticket,
    ))
}

/// What anybody may read from anywhere: an EPJ in a browser too.
fn open(headers: &HeaderMap, media_type: &'static str, body: String) -> Response {
    let response = conditional::answer(headers, media_type, "", body);
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], response).into_response()
}

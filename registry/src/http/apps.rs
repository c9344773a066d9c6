//! App entries.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::access::{Actor, Visitor};
use foundation::error::Problem;
use foundation::http::{Json, Path};

use super::conditional;
use crate::error::RegistryError;
use crate::service::Registry;
use crate::service::apps::{AppView, VendorApp};

/// `POST /api/v1/apps`
pub(super) async fn post(
    State(registry): State<Registry>,
    actor: Actor,
    body: Bytes,
) -> Result<Response, Problem> {
    let app = registry.create_app(&actor, &body).await?;
    let location = format!("/api/v1/apps/{}", app.entry.software_id);
    let mut response = tagged(&HeaderMap::new(), &app)?;
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(value) = location.parse() {
        response.headers_mut().insert(header::LOCATION, value);
    }
    Ok(response)
}

/// `GET /api/v1/apps`
pub(super) async fn list(
    State(registry): State<Registry>,
    actor: Actor,
) -> Result<Json<Vec<VendorApp>>, Problem> {
    Ok(Json(registry.vendor_apps(&actor).await?))
}

/// `GET /api/v1/apps/{id}`
pub(super) async fn get(
    State(registry): State<Registry>,
    Visitor(viewer): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let app = registry.app(viewer.as_ref(), &id).await?;
    Ok(tagged(&headers, &app)?)
}

/// `PUT /api/v1/apps/{id}`
pub(super) async fn put(
    State(registry): State<Registry>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let revision = revision(&headers).ok_or(RegistryError::EntryStale)?;
    let app = registry.update_app(&actor, &id, revision, &body).await?;
    Ok(tagged(&HeaderMap::new(), &app)?)
}

/// The tag begins with the entry's revision, which `If-Match` brings back.
fn tagged(headers: &HeaderMap, app: &AppView) -> Result<Response, RegistryError> {
    let body = serde_json::to_vec(app)?;
    let prefix = format!("{}.", app.revision);
    Ok(conditional::answer(headers, "application/json", &prefix, body).into_response())
}

fn revision(headers: &HeaderMap) -> Option<i64> {
    let tag = headers.get(header::IF_MATCH)?.to_str().ok()?;
    let (revision, _) = tag.trim().trim_matches('"').split_once('.')?;
    revision.parse().ok()
}

//! Keys that vendors and reviewers keep themselves.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::{Json, Path};

use crate::domain::vendor_key::KeyState;
use crate::service::Registry;
use crate::service::keys::{KeyView, ReviewerKeyRequest, VendorKeyRequest};

/// `GET /api/v1/vendor-keys`
pub(super) async fn of_vendors(
    State(registry): State<Registry>,
    actor: Actor,
) -> Result<Json<Vec<KeyView>>, Problem> {
    Ok(Json(registry.vendor_keys(&actor).await?))
}

/// `POST /api/v1/vendor-keys`: 201 when it is in force, 202 when it waits.
pub(super) async fn register_vendor(
    State(registry): State<Registry>,
    actor: Actor,
    Json(request): Json<VendorKeyRequest>,
) -> Result<Response, Problem> {
    let key = registry.register_vendor_key(&actor, &request).await?;
    let status = if key.state == KeyState::Pending {
        StatusCode::ACCEPTED
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(key)).into_response())
}

/// `DELETE /api/v1/vendor-keys/{kid}`
pub(super) async fn cancel_vendor(
    State(registry): State<Registry>,
    actor: Actor,
    Path(kid): Path<String>,
) -> Result<StatusCode, Problem> {
    registry.cancel_vendor_key(&actor, &kid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/vendor-keys/{kid}/verification`
pub(super) async fn verify_vendor(
    State(registry): State<Registry>,
    actor: Actor,
    Path(kid): Path<String>,
) -> Result<Json<KeyView>, Problem> {
    Ok(Json(registry.verify_vendor_key(&actor, &kid).await?))
}

/// `GET /api/v1/reviewer-keys`
pub(super) async fn of_reviewers(
    State(registry): State<Registry>,
    actor: Actor,
) -> Result<Json<Vec<KeyView>>, Problem> {
    Ok(Json(registry.reviewer_keys(&actor).await?))
}

/// `POST /api/v1/reviewer-keys`
pub(super) async fn register_reviewer(
    State(registry): State<Registry>,
    actor: Actor,
    Json(request): Json<ReviewerKeyRequest>,
) -> Result<Response, Problem> {
    let key = registry.register_reviewer_key(&actor, &request).await?;
    Ok((StatusCode::CREATED, Json(key)).into_response())
}

/// `DELETE /api/v1/reviewer-keys/{kid}`
pub(super) async fn retire_reviewer(
    State(registry): State<Registry>,
    Path(kid): Path<String>,
) -> Result<StatusCode, Problem> {
    registry.retire_reviewer_key(&kid).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Suspending, reinstating, revoking and withdrawing.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::{Json, Path};

use crate::service::Registry;
use crate::service::standing::{StandingRequest, StandingView};

/// `GET /api/v1/apps/{id}/versions/{v}/status`: what is decided or proposed, and not carried out.
pub(super) async fn list(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<Vec<StandingView>>, Problem> {
    Ok(Json(registry.standings(&actor, &id, &version).await?))
}

/// `POST /api/v1/apps/{id}/versions/{v}/status`
pub(super) async fn post(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
    Json(request): Json<StandingRequest>,
) -> Result<Response, Problem> {
    let outcome = registry
        .change_standing(&actor, &id, &version, request)
        .await?;
    let status = if outcome.progress == "done" {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok((status, Json(outcome)).into_response())
}

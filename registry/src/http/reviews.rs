//! The reviewers' queue and their decisions.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::{Json, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};
use verifier::claims::{Decision, ReviewRole};

use crate::service::Registry;
use crate::service::reviews::{QueueItem, ReviewRequest, ReviewView};

/// `GET /api/v1/reviews`
pub(super) async fn queue(
    State(registry): State<Registry>,
    actor: Actor,
) -> Result<Json<Vec<QueueItem>>, Problem> {
    Ok(Json(registry.review_queue(&actor).await?))
}

/// `GET /api/v1/apps/{id}/versions/{v}/reviews`
pub(super) async fn list(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<Vec<ReviewView>>, Problem> {
    Ok(Json(registry.reviews(&actor, &id, &version).await?))
}

/// Which decision is to be signed.
#[derive(Deserialize)]
pub(super) struct Offered {
    decision: Decision,
    role: ReviewRole,
}

/// `GET /api/v1/apps/{id}/versions/{v}/reviews/claims`: what a reviewer with a card signs.
pub(super) async fn claims(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
    Query(offered): Query<Offered>,
) -> Result<Json<Value>, Problem> {
    let offered = (offered.decision, offered.role);
    let claims = registry.review_claims(&actor, &id, &version, offered).await;
    Ok(Json(claims?))
}

/// `POST /api/v1/apps/{id}/versions/{v}/reviews`
pub(super) async fn post(
    State(registry): State<Registry>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
    Json(request): Json<ReviewRequest>,
) -> Result<Response, Problem> {
    let (review, state) = registry.review(&actor, &id, &version, request).await?;
    let body = json!({"review": review, "state": state});
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

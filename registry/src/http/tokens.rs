//! The caller's own API tokens.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::{Json, Path};
use serde::Deserialize;
use serde_json::json;

use crate::service::Registry;
use crate::service::tokens::TokenView;

/// What a new token is for and how long it is valid.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRequest {
    label: String,
    #[serde(default = "ninety")]
    days: u32,
}

const fn ninety() -> u32 {
    90
}

/// `POST /api/v1/tokens`
pub(super) async fn post(
    State(registry): State<Registry>,
    actor: Actor,
    Json(request): Json<TokenRequest>,
) -> Result<Response, Problem> {
    let made = registry
        .create_token(&actor, &request.label, request.days)
        .await?;
    let body = json!({"token": made.secret.expose(), "details": made.view});
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(body)).into_response())
}

/// `GET /api/v1/tokens`
pub(super) async fn list(
    State(registry): State<Registry>,
    actor: Actor,
) -> Result<Json<Vec<TokenView>>, Problem> {
    Ok(Json(registry.tokens(&actor).await?))
}

/// `DELETE /api/v1/tokens/{id}`
pub(super) async fn delete(
    State(registry): State<Registry>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    registry.revoke_token(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

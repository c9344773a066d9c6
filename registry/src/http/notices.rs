//! What vendors and reviewers are told.

use axum::extract::State;
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::Json;

use crate::domain::notice::Notice;
use crate::service::Registry;

/// `GET /api/v1/notices`
pub(super) async fn list(
    State(registry): State<Registry>,
    actor: Actor,
) -> Result<Json<Vec<Notice>>, Problem> {
    Ok(Json(registry.notices(&actor).await?))
}

//! What is known about the bytes that a version serves.

use axum::extract::State;
use foundation::access::Visitor;
use foundation::error::Problem;
use foundation::http::{Json, Path};

use crate::service::Registry;
use crate::service::hosted::ContentView;

/// `GET /api/v1/apps/{id}/versions/{v}/content`
pub(super) async fn get(
    State(registry): State<Registry>,
    Visitor(viewer): Visitor,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<ContentView>, Problem> {
    Ok(Json(
        registry.content(viewer.as_ref(), &id, &version).await?,
    ))
}

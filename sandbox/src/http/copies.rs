//! Snapshots, clones and shares of sandboxes over HTTP.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::{Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{own, sandbox, used};
use crate::domain::snapshot::{NewClone, Snapshot};
use crate::service::Core;

/// A snapshot to be taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSnapshot {
    name: String,
}

/// `POST /api/v1/sandboxes/{sandbox}/snapshots`.
pub(super) async fn take(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
    Json(new): Json<NewSnapshot>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    used(&core, &actor, &name).await?;
    let taken = core.take_snapshot(&name, &new.name).await?;
    Ok((StatusCode::CREATED, Json(snapshot(&taken))))
}

/// `GET /api/v1/sandboxes/{sandbox}/snapshots`.
pub(super) async fn snapshots(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    used(&core, &actor, &name).await?;
    let all = core.snapshots(&name).await?;
    Ok(Json(all.iter().map(snapshot).collect()))
}

/// `DELETE /api/v1/sandboxes/{sandbox}/snapshots/{snapshot}`.
pub(super) async fn delete(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path((name, snapshot)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    own(&core, &actor, &name).await?;
    core.delete_snapshot(&name, &snapshot).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/sandboxes/{sandbox}/snapshots/{snapshot}/restore`.
pub(super) async fn restore(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path((name, snapshot)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    own(&core, &actor, &name).await?;
    core.restore(&name, &snapshot).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/sandboxes/{sandbox}/clones`: the clone belongs to the caller's organisation. What is open
/// to everybody may be cloned by everybody.
pub(super) async fn clone(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
    Json(new): Json<NewClone>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if !core.sandbox(&name).await?.is_open() {
        used(&core, &actor, &name).await?;
    }
    let owner = Some(actor.organisation);
    let made = core.clone_sandbox(&name, NewClone { owner, ..new }).await?;
    Ok((StatusCode::CREATED, Json(sandbox(&core, &made))))
}

/// `GET /api/v1/sandboxes/{sandbox}/shares`: organisation numbers.
pub(super) async fn shares(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<Vec<String>>, Problem> {
    own(&core, &actor, &name).await?;
    Ok(Json(core.shares(&name).await?))
}

/// `PUT /api/v1/sandboxes/{sandbox}/shares/{organisation}`.
pub(super) async fn share(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path((name, organisation)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    own(&core, &actor, &name).await?;
    core.share(&name, &organisation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/sandboxes/{sandbox}/shares/{organisation}`.
pub(super) async fn unshare(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path((name, organisation)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    own(&core, &actor, &name).await?;
    core.unshare(&name, &organisation).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn snapshot(snapshot: &Snapshot) -> Value {
    json!({
        "name": snapshot.name,
        "changes": snapshot.changes,
        "as_of": snapshot.as_of.to_string(),
        "created_at": snapshot.created_at.rfc3339(),
    })
}

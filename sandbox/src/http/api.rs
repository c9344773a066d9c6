//! Making and watching sandboxes over HTTP, for vendors' and EPJs' own automation.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use foundation::access::{Actor, Role};
use foundation::error::Problem;
use foundation::http::{Json, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::client::{Client, NewClient};
use crate::domain::exchange::Exchange;
use crate::domain::launch::NewLaunch;
use crate::domain::sandbox::{NewSandbox, SandboxInfo};
use crate::error::SandboxError;
use crate::service::Core;

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
}

/// `POST /api/v1/sandboxes`.
pub(super) async fn create(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Json(new): Json<NewSandbox>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let owner = Some(actor.organisation);
    let made = core.create(NewSandbox { owner, ..new }).await?;
    Ok((StatusCode::CREATED, Json(sandbox(&core, &made))))
}

/// `GET /api/v1/sandboxes`.
pub(super) async fn list(
    State(core): State<Arc<Core>>,
    actor: Actor,
) -> Result<Json<Value>, Problem> {
    let found = if actor.is(Role::Operator) {
        core.sandboxes().await?
    } else {
        core.sandboxes_of(&actor.organisation).await?
    };
    Ok(Json(
        found.iter().map(|info| sandbox(&core, info)).collect(),
    ))
}

/// `DELETE /api/v1/sandboxes/{sandbox}`.
pub(super) async fn delete(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    own(&core, &actor, &name).await?;
    core.delete(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/sandboxes/{sandbox}/reset`.
pub(super) async fn reset(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    own(&core, &actor, &name).await?;
    core.reset(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/sandboxes/{sandbox}/clients`; the only answer that shows a secret.
pub(super) async fn register(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
    Json(new): Json<NewClient>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    used(&core, &actor, &name).await?;
    let registered = core.register_client(&name, new).await?;
    let mut body = client(&registered.client);
    if let (Some(secret), Some(members)) = (registered.client_secret, body.as_object_mut()) {
        members.insert("client_secret".to_owned(), secret.expose().into());
    }
    Ok((StatusCode::CREATED, Json(body)))
}

/// `GET /api/v1/sandboxes/{sandbox}/clients`.
pub(super) async fn clients(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    used(&core, &actor, &name).await?;
    Ok(Json(
        core.clients(&name).await?.iter().map(client).collect(),
    ))
}

/// `POST /api/v1/sandboxes/{sandbox}/launches`.
pub(super) async fn launch(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
    Json(new): Json<NewLaunch>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    used(&core, &actor, &name).await?;
    let launched = core.launch(&name, new).await?;
    let body = json!({
        "id": launched.id,
        "url": launched.url,
        "iss": launched.iss,
        "launch": launched.launch,
        "patient": launched.patient,
        "practitioner": launched.practitioner,
        "encounter": launched.encounter,
    });
    Ok((StatusCode::CREATED, Json(body)))
}

/// `GET /api/v1/sandboxes/{sandbox}/traffic?after=`: at most 1 000; ask again from the last `seq`.
pub(super) async fn traffic(
    State(core): State<Arc<Core>>,
    actor: Actor,
    Path(name): Path<String>,
    Query(from): Query<After>,
) -> Result<Json<Vec<Exchange>>, Problem> {
    used(&core, &actor, &name).await?;
    Ok(Json(core.traffic(&name, from.after, 1000).await?))
}

/// Whether the caller may change what a sandbox is: its owner, and the operator. A sandbox of another
/// organisation does not exist for the caller.
pub(super) async fn own(core: &Core, actor: &Actor, name: &str) -> Result<(), SandboxError> {
    let info = core.sandbox(name).await?;
    if may_manage(actor, &info) {
        Ok(())
    } else if core.is_shared(name, &actor.organisation).await? {
        Err(SandboxError::NotOwner)
    } else {
        Err(SandboxError::UnknownSandbox(info.name))
    }
}

/// Whether the caller may use a sandbox: its owner, whom it is shared with, and the operator.
pub(super) async fn used(core: &Core, actor: &Actor, name: &str) -> Result<(), SandboxError> {
    match own(core, actor, name).await {
        Err(SandboxError::NotOwner) => Ok(()),
        other => other,
    }
}

/// Sandboxes that nobody owns, such as the demo, are the operator's.
fn may_manage(actor: &Actor, info: &SandboxInfo) -> bool {
    actor.is(Role::Operator) || info.owner.as_ref() == Some(&actor.organisation)
}

pub(super) fn sandbox(core: &Core, info: &SandboxInfo) -> Value {
    json!({
        "name": info.name,
        "title": info.title,
        "owner": info.owner,
        "fhir_base": core.fhir_base(&info.name),
        "epj": format!("{}/{}/", core.config.public_url, info.name),
        "seed": info.settings.seed,
        "size": info.settings.size,
        "municipality": info.settings.municipality,
        "validation": info.validation,
        "as_of": info.settings.as_of.to_string(),
        "created_at": info.created_at.rfc3339(),
        "expires_at": info.expires_at.map(foundation::Timestamp::rfc3339),
    })
}

fn client(client: &Client) -> Value {
    json!({
        "client_id": client.client_id,
        "client_name": client.name,
        "token_endpoint_auth_method": client.auth_method.as_str(),
        "redirect_uris": client.redirect_uris,
        "launch_uri": client.launch_uri,
        "scope": client.scope,
    })
}

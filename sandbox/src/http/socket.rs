//! The WebSocket of a sandbox's subscriptions: whose sandbox it is. Who may listen is said on the socket
//! itself, by a binding token, since a browser cannot send a header with it.

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use foundation::error::Problem;

use crate::fhir::websocket;
use crate::service::Core;

/// `GET /{sandbox}/websocket`.
pub(super) async fn open(
    State(core): State<Arc<Core>>,
    Path(name): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let tenant = match core.tenant(&name).await {
        Ok(tenant) => tenant,
        Err(error) => return Problem::from(error).into_response(),
    };
    let state = core.fhir.clone();
    upgrade
        .max_message_size(websocket::MOST_BYTES)
        .on_upgrade(move |socket| websocket::serve(state, tenant, socket))
}

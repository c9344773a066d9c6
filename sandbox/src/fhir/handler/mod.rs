//! The interactions over HTTP: parse, ask the room, answer. Every refusal is an OperationOutcome.

mod answer;
mod read;
mod search;
mod write;

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use bytes::Bytes;

use super::FhirState;
use super::error::FhirError;
use super::room::Room;
use super::types::TypeInfo;
use crate::domain::grant::{Grant, Tenant};

pub(super) use answer::{acceptable, after_write, json, prefers};
pub(super) use read::{history, history_of_all, history_of_type, metadata, read, vread};
pub(super) use search::{search, search_all, search_all_by_post, search_by_post, search_within};
pub(super) use write::{bundle, create, delete, delete_by, patch, patch_by, update, update_by};

pub(super) type Caller = (Extension<Arc<Tenant>>, Option<Extension<Arc<Grant>>>);

/// The largest body: a document of about 7 MB, in base64.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// Any other method on an address of the server.
pub(super) async fn other_method(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path: String = uri.path().chars().take(100).collect();
    FhirError::Method(format!("{method} {path}")).respond(&headers)
}

pub(super) fn room(state: FhirState, caller: Caller) -> Result<Room, FhirError> {
    let (Extension(tenant), grant) = caller;
    Room::new(state, tenant, grant.map(|Extension(grant)| grant))
}

pub(super) fn enter(
    state: FhirState,
    caller: Caller,
    name: &str,
) -> Result<(Room, &'static TypeInfo), FhirError> {
    let room = room(state, caller)?;
    let unknown = || FhirError::Type(name.chars().take(64).collect());
    Ok((room, TypeInfo::by_name(name).ok_or_else(unknown)?))
}

pub(super) fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, FhirError> {
    let wrong = || FhirError::BadValue {
        name: "query".to_owned(),
        takes: "name=value pairs joined by &",
    };
    serde_urlencoded::from_bytes(text).map_err(|_| wrong())
}

pub(super) async fn content(body: Body) -> Result<Bytes, FhirError> {
    to_bytes(body, MOST_BYTES)
        .await
        .map_err(|_| FhirError::TooLarge(MOST_BYTES))
}

//! The interactions over HTTP: parse, ask the room, answer. Every refusal is an OperationOutcome.

mod answer;
mod asked;
mod read;
mod search;
mod write;

use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;

use super::error::FhirError;

#[cfg(any(test, feature = "fuzzing"))]
pub(super) use answer::acceptable;
pub(super) use answer::{after_write, json, prefers};
pub(super) use asked::{Asked, answering, language};
pub(super) use read::{history, history_of_all, history_of_type, metadata, read, vread};
pub(super) use search::{search, search_all, search_all_by_post, search_by_post, search_within};
pub(super) use write::{bundle, create, delete, delete_by, patch, patch_by, update, update_by};

/// Any other method on an address of the server.
pub(super) async fn other_method(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path: String = uri.path().chars().take(100).collect();
    FhirError::Method(format!("{method} {path}")).respond(language(&headers))
}

pub(super) fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, FhirError> {
    let wrong = || FhirError::BadValue {
        name: "query".to_owned(),
        takes: "name=value pairs joined by &",
    };
    serde_urlencoded::from_bytes(text).map_err(|_| wrong())
}

//! How answers are written, and which kinds of answer a client can read.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use foundation::Timestamp;
use serde_json::Value;

use super::super::error::FhirError;
use super::super::population::Entry;
use super::super::room::Room;
use super::super::write::{Outcome, Written};
use super::pairs;

/// The answer with one resource; a client that has this version already gets it without a body.
pub(super) fn resource(headers: &HeaderMap, entry: &Entry) -> Response {
    let tag = format!("W/\"{}\"", entry.version);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return versioned(StatusCode::NOT_MODIFIED.into_response(), entry);
    }
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let response = match entry.resource_type {
        "Binary" if !accept.contains("json") => raw(&entry.json),
        _ => json(StatusCode::OK, entry.json.clone()),
    };
    versioned(response, entry)
}

/// A Binary as the bytes that it holds. A page of an app's must never run as one of ours.
fn raw(binary: &Bytes) -> Response {
    let resource: Value = serde_json::from_slice(binary).unwrap_or_default();
    let member = |name| {
        resource
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let bytes = STANDARD.decode(member("data")).unwrap_or_default();
    let media = HeaderValue::from_str(member("contentType"))
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media);
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

pub(in crate::fhir) fn after_write(
    room: &Room,
    headers: &HeaderMap,
    written: &Written,
) -> Response {
    let entry = &written.entry;
    let status = match written.outcome {
        Outcome::Created => StatusCode::CREATED,
        Outcome::Found | Outcome::Updated => StatusCode::OK,
    };
    let (kind, id, version) = (entry.resource_type, &entry.id, entry.version);
    let address = format!("{}/{kind}/{id}/_history/{version}", room.tenant.base);
    let mut response = if prefers(headers, "return=minimal") {
        status.into_response()
    } else if prefers(headers, "return=OperationOutcome") {
        json(status, outcome_of_write(written.outcome, &address).into())
    } else {
        json(status, entry.json.clone())
    };
    set(&mut response, header::LOCATION, &address);
    versioned(response, entry)
}

fn outcome_of_write(outcome: Outcome, address: &str) -> String {
    let done = match outcome {
        Outcome::Created => "created",
        Outcome::Found => "left as it was",
        Outcome::Updated => "updated",
    };
    let issue = serde_json::json!({"severity": "information", "code": "informational",
        "diagnostics": format!("{address} {done}.")});
    serde_json::json!({"resourceType": "OperationOutcome", "issue": [issue]}).to_string()
}

pub(super) fn after_delete(version: Option<i64>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(version) = version {
        set(&mut response, header::ETAG, &format!("W/\"{version}\""));
    }
    response
}

fn versioned(mut response: Response, entry: &Entry) -> Response {
    set(
        &mut response,
        header::ETAG,
        &format!("W/\"{}\"", entry.version),
    );
    set(
        &mut response,
        header::LAST_MODIFIED,
        &Timestamp::from_millis(entry.updated).http_date(),
    );
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

pub(in crate::fhir) fn json(status: StatusCode, body: Bytes) -> Response {
    let media = HeaderValue::from_static("application/fhir+json; charset=utf-8");
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    // What a token opened must not stay in a shared cache.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(in crate::fhir) fn prefers(headers: &HeaderMap, preference: &str) -> bool {
    let values = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split([',', ';']))
        .any(|one| one.trim() == preference)
}

/// Refuses a client that can read no JSON.
pub(in crate::fhir) fn acceptable(headers: &HeaderMap, query: &str) -> Result<(), FhirError> {
    let format = pairs(query.as_bytes())?
        .into_iter()
        .find(|(name, _)| name == "_format")
        .map(|(_, value)| value);
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let wanted = match &format {
        Some(format) => format.as_str(),
        None => accept.unwrap_or("*/*"),
    };
    let fine = ["json", "*/*", "application/*"]
        .iter()
        .any(|one| wanted.contains(one));
    if fine {
        Ok(())
    } else {
        Err(FhirError::Format(wanted.chars().take(80).collect()))
    }
}

//! The interactions over HTTP: parse, ask the room, answer. Every refusal is an OperationOutcome.

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use foundation::Timestamp;
use serde_json::Value;
use verifier::scope::Permission;

use super::FhirState;
use super::bundle::searchset;
use super::capability::statement;
use super::error::FhirError;
use super::history::{Of, Page};
use super::population::Entry;
use super::query::{Query, Target};
use super::room::Room;
use super::types::TypeInfo;
use super::write::{Outcome, Precondition, Written};
use crate::domain::grant::{Grant, Tenant};

type Caller = (Extension<Tenant>, Option<Extension<Grant>>);

/// The largest body: a document of about 7 MB, in base64.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// `GET /{sandbox}/fhir/metadata`.
pub(super) async fn metadata(
    Extension(tenant): Extension<Tenant>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    match acceptable(&headers, query.as_deref()) {
        Ok(()) => json(StatusCode::OK, statement(&tenant).to_string().into()),
        Err(error) => error.respond(&headers),
    }
}

/// `GET /{sandbox}/fhir/{type}/{id}`.
pub(super) async fn read(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        if info.name != "Binary" {
            acceptable(&headers, query.as_deref())?;
        }
        let entry = room.readable(info, &id).await?;
        Ok(resource(&headers, &entry))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/{id}/_history/{version}`.
pub(super) async fn vread(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id, version)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let entry = room.readable_version(info, &id, &version).await?;
        Ok(resource(&headers, &entry))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}`.
pub(super) async fn search(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        acceptable(&headers, query.as_deref())?;
        let (room, info) = enter(state, caller, &name)?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        find(&room, Target::of_type(info), &headers, pairs).await
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `POST /{sandbox}/fhir/{type}/_search`.
pub(super) async fn search_by_post(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let answer = async {
        let pairs = form(&headers, query.as_deref(), request).await?;
        let (room, info) = enter(state, caller, &name)?;
        find(&room, Target::of_type(info), &headers, pairs).await
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir`: a search over all types, or those of `_type`.
pub(super) async fn search_all(
    State(state): State<FhirState>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        acceptable(&headers, query.as_deref())?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        find(&room(state, caller)?, every_type(), &headers, pairs).await
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `POST /{sandbox}/fhir/_search`.
pub(super) async fn search_all_by_post(
    State(state): State<FhirState>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let answer = async {
        let pairs = form(&headers, query.as_deref(), request).await?;
        find(&room(state, caller)?, every_type(), &headers, pairs).await
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/{id}/{inner}`: a search within a compartment (R4 §2.3), of one type or
/// of all with `*`.
pub(super) async fn search_within(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id, inner)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        acceptable(&headers, query.as_deref())?;
        let (room, info) = enter(state, caller, &name)?;
        room.readable(info, &id).await?;
        let mut target = Target {
            types: TypeInfo::all().iter().collect(),
            path: format!("{name}/{id}/{inner}"),
            compartment: Some((info.name, id)),
        };
        let inside = |one: &&TypeInfo| {
            let itself = one.name == info.name && inner == "*";
            let wanted = inner == "*" || inner == one.name;
            wanted && (itself || !one.definition.compartment(info.name).is_empty())
        };
        target.types.retain(inside);
        if target.types.is_empty() {
            return Err(FhirError::Type(inner.chars().take(64).collect()));
        }
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        find(&room, target, &headers, pairs).await
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/{id}/_history`.
pub(super) async fn history(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let path = format!("{name}/{id}/_history");
        past(&room, Of::Instance(info, &id), &path, query).await
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/_history`.
pub(super) async fn history_of_type(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        room.permit(info, Permission::Search)?;
        past(&room, Of::Type(info), &format!("{name}/_history"), query).await
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/_history`.
pub(super) async fn history_of_all(
    State(state): State<FhirState>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async { past(&room(state, caller)?, Of::System, "_history", query).await };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

async fn past(
    room: &Room,
    of: Of<'_>,
    path: &str,
    query: Option<String>,
) -> Result<Response, FhirError> {
    let page = Page::parse(&pairs(query.unwrap_or_default().as_bytes())?)?;
    let bundle = room.history(of, &page, path).await?;
    Ok(json(StatusCode::OK, bundle.into()))
}

/// `POST /{sandbox}/fhir`: a batch or a transaction.
pub(super) async fn bundle(
    State(state): State<FhirState>,
    caller: Caller,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let answer = async {
        let room = room(state, caller)?;
        let content = content(request.into_body()).await?;
        let bundle = room.bundle(&headers, &content).await?;
        Ok(json(StatusCode::OK, bundle.into()))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `POST /{sandbox}/fhir/{type}`.
pub(super) async fn create(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let content = content(request.into_body()).await?;
        let written = room.create(info, &headers, &content).await?;
        Ok(after_write(&room, &headers, &written))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `PUT /{sandbox}/fhir/{type}/{id}`.
pub(super) async fn update(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let content = content(request.into_body()).await?;
        let written = room.update(info, &id, &headers, &content).await?;
        Ok(after_write(&room, &headers, &written))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `PUT /{sandbox}/fhir/{type}?…`: a conditional update.
pub(super) async fn update_by(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let content = content(request.into_body()).await?;
        let condition = query.unwrap_or_default();
        let written = room.update_by(info, &condition, &headers, &content).await?;
        Ok(after_write(&room, &headers, &written))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `PATCH /{sandbox}/fhir/{type}/{id}`.
pub(super) async fn patch(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let content = content(request.into_body()).await?;
        let written = room.patch(info, &id, &headers, &content).await?;
        Ok(after_write(&room, &headers, &written))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `PATCH /{sandbox}/fhir/{type}?…`: a conditional patch.
pub(super) async fn patch_by(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let content = content(request.into_body()).await?;
        let condition = query.unwrap_or_default();
        let written = room.patch_by(info, &condition, &headers, &content).await?;
        Ok(after_write(&room, &headers, &written))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `DELETE /{sandbox}/fhir/{type}/{id}`.
pub(super) async fn delete(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let precondition = Precondition::of(&headers);
        Ok(after_delete(room.delete(info, &id, precondition).await?))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `DELETE /{sandbox}/fhir/{type}?…`: a conditional deletion.
pub(super) async fn delete_by(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let condition = query.unwrap_or_default();
        Ok(after_delete(room.delete_by(info, &condition).await?))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// Any other method on an address of the server.
pub(super) async fn other_method(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path: String = uri.path().chars().take(100).collect();
    FhirError::Method(format!("{method} {path}")).respond(&headers)
}

fn room(state: FhirState, caller: Caller) -> Result<Room, FhirError> {
    let (Extension(tenant), grant) = caller;
    Room::new(state, tenant, grant.map(|Extension(grant)| grant))
}

fn enter(
    state: FhirState,
    caller: Caller,
    name: &str,
) -> Result<(Room, &'static TypeInfo), FhirError> {
    let room = room(state, caller)?;
    let unknown = || FhirError::Type(name.chars().take(64).collect());
    Ok((room, TypeInfo::by_name(name).ok_or_else(unknown)?))
}

fn every_type() -> Target {
    Target {
        types: TypeInfo::all().iter().collect(),
        path: String::new(),
        compartment: None,
    }
}

async fn find(
    room: &Room,
    target: Target,
    headers: &HeaderMap,
    pairs: Vec<(String, String)>,
) -> Result<Response, FhirError> {
    let query = Query::parse(target, pairs, prefers(headers, "handling=strict"), room)?;
    let found = room.search(query.clone()).await?;
    Ok(json(
        StatusCode::OK,
        searchset(&room.tenant.base, &query, &found).into(),
    ))
}

/// The parameters of a search by POST: those of the address, then those of the form.
async fn form(
    headers: &HeaderMap,
    query: Option<&str>,
    request: Request,
) -> Result<Vec<(String, String)>, FhirError> {
    acceptable(headers, query)?;
    let form = content(request.into_body()).await?;
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !form.is_empty() && !media.starts_with("application/x-www-form-urlencoded") {
        return Err(FhirError::UnsupportedMedia(
            media.chars().take(80).collect(),
        ));
    }
    let mut all = pairs(query.unwrap_or_default().as_bytes())?;
    all.extend(pairs(&form)?);
    Ok(all)
}

/// The answer with one resource; a client that has this version already gets it without a body.
fn resource(headers: &HeaderMap, entry: &Entry) -> Response {
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

fn after_write(room: &Room, headers: &HeaderMap, written: &Written) -> Response {
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

fn after_delete(version: Option<i64>) -> Response {
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

fn json(status: StatusCode, body: Bytes) -> Response {
    let media = HeaderValue::from_static("application/fhir+json; charset=utf-8");
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    // What a token opened must not stay in a shared cache.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn prefers(headers: &HeaderMap, preference: &str) -> bool {
    let values = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split([',', ';']))
        .any(|one| one.trim() == preference)
}

/// Refuses a client that can read no JSON.
pub(super) fn acceptable(headers: &HeaderMap, query: Option<&str>) -> Result<(), FhirError> {
    let format = pairs(query.unwrap_or_default().as_bytes())?
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

pub(super) fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, FhirError> {
    let wrong = || FhirError::BadValue {
        name: "query".to_owned(),
        takes: "name=value pairs joined by &",
    };
    serde_urlencoded::from_bytes(text).map_err(|_| wrong())
}

async fn content(body: Body) -> Result<Bytes, FhirError> {
    to_bytes(body, MOST_BYTES)
        .await
        .map_err(|_| FhirError::TooLarge(MOST_BYTES))
}

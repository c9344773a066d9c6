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

use super::FhirState;
use super::bundle::searchset;
use super::capability::statement;
use super::error::FhirError;
use super::parameter::TypeInfo;
use super::population::Entry;
use super::query::Query;
use super::room::Room;
use super::write::Written;
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
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        find(state, caller, &name, &headers, pairs).await
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
        acceptable(&headers, query.as_deref())?;
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
        find(state, caller, &name, &headers, all).await
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

/// Any other method on an address of the server.
pub(super) async fn other_method(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path: String = uri.path().chars().take(100).collect();
    FhirError::Method(format!("{method} {path}")).respond(&headers)
}

fn enter(
    state: FhirState,
    caller: Caller,
    name: &str,
) -> Result<(Room, &'static TypeInfo), FhirError> {
    let (Extension(tenant), grant) = caller;
    let room = Room::new(state, tenant, grant.map(|Extension(grant)| grant))?;
    let unknown = || FhirError::Type(name.chars().take(64).collect());
    Ok((room, TypeInfo::by_name(name).ok_or_else(unknown)?))
}

async fn find(
    state: FhirState,
    caller: Caller,
    name: &str,
    headers: &HeaderMap,
    pairs: Vec<(String, String)>,
) -> Result<Response, FhirError> {
    let (room, info) = enter(state, caller, name)?;
    if !info.is_searchable() {
        return Err(FhirError::Method(format!("search of {}", info.name)));
    }
    let query = Query::parse(info, pairs, prefers(headers, "handling=strict"), &room)?;
    let found = room.search(query.clone()).await?;
    Ok(json(
        StatusCode::OK,
        searchset(&room.tenant.base, &query, &found).into(),
    ))
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
    let status = if written.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut response = if prefers(headers, "return=minimal") {
        status.into_response()
    } else {
        json(status, entry.json.clone())
    };
    let (kind, id, version) = (entry.resource_type, &entry.id, entry.version);
    let address = format!("{}/{kind}/{id}/_history/{version}", room.tenant.base);
    set(&mut response, header::LOCATION, &address);
    versioned(response, entry)
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

//! Searching: a type, a compartment or the whole server, by GET and by POST.

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use super::super::FhirState;
use super::super::bundle::searchset;
use super::super::error::FhirError;
use super::super::query::{Query, Target};
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::answer::{acceptable, json, prefers};
use super::{Caller, content, enter, pairs, room};

/// `GET /{sandbox}/fhir/{type}`.
pub(in crate::fhir) async fn search(
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
pub(in crate::fhir) async fn search_by_post(
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
pub(in crate::fhir) async fn search_all(
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
pub(in crate::fhir) async fn search_all_by_post(
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
pub(in crate::fhir) async fn search_within(
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
    let found = room.search(&query).await?;
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

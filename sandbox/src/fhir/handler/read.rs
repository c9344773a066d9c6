//! Reading: one resource, one version of it, its history and what the server can do.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use verifier::scope::Permission;

use super::super::FhirState;
use super::super::capability::statement;
use super::super::error::FhirError;
use super::super::history::{Of, Page};
use super::super::room::Room;
use super::answer::{acceptable, json, resource};
use super::{Caller, enter, pairs, room};
use crate::domain::grant::Tenant;

/// `GET /{sandbox}/fhir/metadata`.
pub(in crate::fhir) async fn metadata(
    Extension(tenant): Extension<Arc<Tenant>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = || {
        acceptable(&headers, query.as_deref())?;
        Ok(json(StatusCode::OK, statement(&tenant)?.into()))
    };
    answer().unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/{id}`.
pub(in crate::fhir) async fn read(
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
pub(in crate::fhir) async fn vread(
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

/// `GET /{sandbox}/fhir/{type}/{id}/_history`.
pub(in crate::fhir) async fn history(
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
pub(in crate::fhir) async fn history_of_type(
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
pub(in crate::fhir) async fn history_of_all(
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

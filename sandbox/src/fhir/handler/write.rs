//! Writing: create, update, patch and delete, by id and by condition, and Bundles.

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::super::FhirState;
use super::super::error::FhirError;
use super::super::selector::Precondition;
use super::answer::{after_delete, after_write, json};
use super::{Caller, content, enter, room};

/// `POST /{sandbox}/fhir`: a batch or a transaction.
pub(in crate::fhir) async fn bundle(
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
pub(in crate::fhir) async fn create(
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
pub(in crate::fhir) async fn update(
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
pub(in crate::fhir) async fn update_by(
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
pub(in crate::fhir) async fn patch(
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
pub(in crate::fhir) async fn patch_by(
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
pub(in crate::fhir) async fn delete(
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
pub(in crate::fhir) async fn delete_by(
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

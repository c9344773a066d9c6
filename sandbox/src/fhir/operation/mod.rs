//! Operations beyond the interactions (R4 §3.2): each in a file of its own, as what it finds; the edge
//! is here.

mod everything;
mod lastn;
mod meta;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::FhirState;
use super::bundle::searchset;
use super::error::FhirError;
use super::handler::{Caller, acceptable, enter, json, pairs};

/// `GET /{sandbox}/fhir/{type}/{id}/$everything`, of a Patient or an Encounter.
pub(super) async fn everything(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        acceptable(&headers, query.as_deref())?;
        let (room, info) = enter(state, caller, &name)?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        let (query, found) = room.everything_of(info, &id, pairs).await?;
        let bundle = searchset(&room.tenant.base, &query, &found);
        Ok(json(StatusCode::OK, bundle.into()))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/$lastn`, of Observation.
pub(super) async fn lastn(
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
        let (query, found) = room.last_of_each(info, pairs).await?;
        let bundle = searchset(&room.tenant.base, &query, &found);
        Ok(json(StatusCode::OK, bundle.into()))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$meta`.
pub(super) async fn meta(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let parameters = room.meta_of(info, &id).await?;
        Ok(json(StatusCode::OK, parameters.into()))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

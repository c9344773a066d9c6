//! Operations beyond the interactions (R4 §3.2): each in a file of its own, as what it finds; the edge
//! is here.

mod document;
mod everything;
mod lastn;
mod meta;
mod terminology;
mod validate;

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use foundation::access::{Access, Routes};
use foundation::language::Language;

use super::FhirState;
use super::bundle::searchset;
use super::error::FhirError;
use super::handler::{Caller, acceptable, after_write, content, enter, json, pairs, room};

/// Every route of an operation.
pub(super) fn routes(token: Access) -> Routes<FhirState> {
    Routes::new()
        .get("/{sandbox}/fhir/{type}/$lastn", token, lastn)
        .get("/{sandbox}/fhir/{type}/$expand", token, expand)
        .get(
            "/{sandbox}/fhir/{type}/$validate-code",
            token,
            validate_code,
        )
        .get("/{sandbox}/fhir/{type}/$lookup", token, lookup)
        .post("/{sandbox}/fhir/{type}/$validate", token, validate)
        .get(
            "/{sandbox}/fhir/{type}/{id}/$validate",
            token,
            validate_kept,
        )
        .get("/{sandbox}/fhir/{type}/{id}/$everything", token, everything)
        .get("/{sandbox}/fhir/{type}/{id}/$summary", token, summary)
        .get("/{sandbox}/fhir/{type}/{id}/$document", token, document)
        .get("/{sandbox}/fhir/{type}/{id}/$meta", token, meta)
}

/// `GET /{sandbox}/fhir/{type}/{id}/$everything`, of a Patient or an Encounter.
async fn everything(
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
async fn lastn(
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
async fn meta(
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

/// `GET /{sandbox}/fhir/{type}/{id}/$summary`, of a Patient.
async fn summary(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        acceptable(&headers, query.as_deref())?;
        let (room, info) = enter(state, caller, &name)?;
        let bundle = room.summary_of(info, &id, language(&headers)).await?;
        Ok(json(StatusCode::OK, bundle.into()))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$document`, of a Composition.
async fn document(
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
        let persist = pairs.iter().find(|(name, _)| name == "persist");
        let persist = match persist.map(|(_, value)| value.as_str()) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                let (name, takes) = ("persist".to_owned(), "true or false");
                return Err(FhirError::BadValue { name, takes });
            }
        };
        let bundle = room.document_of(info, &id).await?;
        if !persist {
            return Ok(json(StatusCode::OK, bundle.into()));
        }
        let kept = room.keep_document(&bundle).await?;
        Ok(after_write(&room, &headers, &kept))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

fn language(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    accepted.map_or(Language::Nb, Language::negotiate)
}

/// `POST /{sandbox}/fhir/{type}/$validate`.
async fn validate(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        let body = content(request.into_body()).await?;
        let outcome = room.validate_sent(info, &body, &pairs, language(&headers))?;
        Ok(json(StatusCode::OK, outcome.into()))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$validate`.
async fn validate_kept(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let (room, info) = enter(state, caller, &name)?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        let outcome = room
            .validate_kept(info, &id, &pairs, language(&headers))
            .await?;
        Ok(json(StatusCode::OK, outcome.into()))
    };
    answer
        .await
        .unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/$expand`, of `ValueSet`. Any token will do: it is about nobody.
async fn expand(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = || {
        let now = state.clock.now();
        only(&name, "ValueSet", "$expand")?;
        room(state, caller)?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        let expanded = terminology::expand(&pairs, now)?;
        Ok(json(StatusCode::OK, expanded.to_string().into()))
    };
    answer().unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/$validate-code`, of `ValueSet`.
async fn validate_code(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = || {
        only(&name, "ValueSet", "$validate-code")?;
        room(state, caller)?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        let found = terminology::validate_code(&pairs)?;
        Ok(json(StatusCode::OK, found.to_string().into()))
    };
    answer().unwrap_or_else(|error: FhirError| error.respond(&headers))
}

/// `GET /{sandbox}/fhir/{type}/$lookup`, of `CodeSystem`.
async fn lookup(
    State(state): State<FhirState>,
    caller: Caller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = || {
        only(&name, "CodeSystem", "$lookup")?;
        room(state, caller)?;
        let pairs = pairs(query.unwrap_or_default().as_bytes())?;
        let found = terminology::lookup(&pairs)?;
        Ok(json(StatusCode::OK, found.to_string().into()))
    };
    answer().unwrap_or_else(|error: FhirError| error.respond(&headers))
}

fn only(name: &str, of: &str, operation: &str) -> Result<(), FhirError> {
    if name == of {
        return Ok(());
    }
    let name: String = name.chars().take(64).collect();
    Err(FhirError::Method(format!("{operation} of {name}")))
}

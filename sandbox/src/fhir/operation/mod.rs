//! Operations beyond the interactions (R4 §3.2): each in a file of its own, as what it finds; the edge
//! is here.

mod document;
mod everything;
mod lastn;
mod meta;
mod terminology;
mod validate;

use axum::http::StatusCode;
use axum::response::Response;
use foundation::access::{Access, Routes};

use super::FhirState;
use super::bundle::searchset;
use super::error::FhirError;
use super::handler::{Asked, after_write, answering, json};

/// Every route of an operation.
pub(super) fn routes(token: Access) -> Routes<FhirState> {
    Routes::new()
        .get("/{sandbox}/fhir/{type}/$lastn", token, answering(lastn))
        .get("/{sandbox}/fhir/{type}/$expand", token, answering(expand))
        .get(
            "/{sandbox}/fhir/{type}/$validate-code",
            token,
            answering(validate_code),
        )
        .get("/{sandbox}/fhir/{type}/$lookup", token, answering(lookup))
        .post(
            "/{sandbox}/fhir/{type}/$validate",
            token,
            answering(validate),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/$validate",
            token,
            answering(validate_kept),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/$everything",
            token,
            answering(everything),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/$summary",
            token,
            answering(summary),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/$document",
            token,
            answering(document),
        )
        .get("/{sandbox}/fhir/{type}/{id}/$meta", token, answering(meta))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$everything`, of a Patient or an Encounter.
async fn everything(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    let (room, info) = asked.enter(&name)?;
    let pairs = asked.pairs()?;
    let (query, found) = room.everything_of(info, &id, pairs).await?;
    let bundle = searchset(&room.tenant.base, &query, &found);
    Ok(json(StatusCode::OK, bundle.into()))
}

/// `GET /{sandbox}/fhir/{type}/$lastn`, of Observation.
async fn lastn(asked: Asked, (_, name): (String, String)) -> Result<Response, FhirError> {
    asked.acceptable()?;
    let (room, info) = asked.enter(&name)?;
    let pairs = asked.pairs()?;
    let (query, found) = room.last_of_each(info, pairs).await?;
    let bundle = searchset(&room.tenant.base, &query, &found);
    Ok(json(StatusCode::OK, bundle.into()))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$meta`.
async fn meta(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let parameters = room.meta_of(info, &id).await?;
    Ok(json(StatusCode::OK, parameters.into()))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$summary`, of a Patient.
async fn summary(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    let (room, info) = asked.enter(&name)?;
    let bundle = room.summary_of(info, &id, asked.language()).await?;
    Ok(json(StatusCode::OK, bundle.into()))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$document`, of a Composition.
async fn document(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    let (room, info) = asked.enter(&name)?;
    let pairs = asked.pairs()?;
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
    Ok(after_write(&room, &asked.headers, &kept))
}

/// `POST /{sandbox}/fhir/{type}/$validate`.
async fn validate(mut asked: Asked, (_, name): (String, String)) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let pairs = asked.pairs()?;
    let body = asked.content().await?;
    let outcome = room.validate_sent(info, &body, &pairs, asked.language())?;
    Ok(json(StatusCode::OK, outcome.into()))
}

/// `GET /{sandbox}/fhir/{type}/{id}/$validate`.
async fn validate_kept(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let pairs = asked.pairs()?;
    let outcome = room
        .validate_kept(info, &id, &pairs, asked.language())
        .await?;
    Ok(json(StatusCode::OK, outcome.into()))
}

/// `GET /{sandbox}/fhir/{type}/$expand`, of `ValueSet`. Any token will do: it is about nobody.
async fn expand(asked: Asked, (_, name): (String, String)) -> Result<Response, FhirError> {
    let now = asked.state.clock.now();
    only(&name, "ValueSet", "$expand")?;
    asked.room()?;
    let pairs = asked.pairs()?;
    let expanded = terminology::expand(&pairs, now)?;
    Ok(json(StatusCode::OK, expanded.to_string().into()))
}

/// `GET /{sandbox}/fhir/{type}/$validate-code`, of `ValueSet`.
async fn validate_code(asked: Asked, (_, name): (String, String)) -> Result<Response, FhirError> {
    only(&name, "ValueSet", "$validate-code")?;
    asked.room()?;
    let pairs = asked.pairs()?;
    let found = terminology::validate_code(&pairs)?;
    Ok(json(StatusCode::OK, found.to_string().into()))
}

/// `GET /{sandbox}/fhir/{type}/$lookup`, of `CodeSystem`.
async fn lookup(asked: Asked, (_, name): (String, String)) -> Result<Response, FhirError> {
    only(&name, "CodeSystem", "$lookup")?;
    asked.room()?;
    let pairs = asked.pairs()?;
    let found = terminology::lookup(&pairs)?;
    Ok(json(StatusCode::OK, found.to_string().into()))
}

fn only(name: &str, of: &str, operation: &str) -> Result<(), FhirError> {
    if name == of {
        return Ok(());
    }
    let name: String = name.chars().take(64).collect();
    Err(FhirError::Method(format!("{operation} of {name}")))
}

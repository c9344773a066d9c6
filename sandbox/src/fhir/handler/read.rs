//! Reading: one resource, one version of it, its history and what the server can do.

use axum::http::StatusCode;
use axum::response::Response;
use verifier::scope::Permission;

use super::super::capability::statement;
use super::super::error::FhirError;
use super::super::history::{Of, Page};
use super::super::room::Room;
use super::Asked;
use super::answer::{json, resource};

/// `GET /{sandbox}/fhir/metadata`.
pub(in crate::fhir) async fn metadata(
    asked: Asked,
    (_,): (String,),
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    Ok(json(StatusCode::OK, statement(&asked.tenant)?.into()))
}

/// `GET /{sandbox}/fhir/{type}/{id}`.
pub(in crate::fhir) async fn read(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    if info.name != "Binary" {
        asked.acceptable()?;
    }
    let entry = room.readable(info, &id).await?;
    Ok(resource(&asked.headers, &entry))
}

/// `GET /{sandbox}/fhir/{type}/{id}/_history/{version}`.
pub(in crate::fhir) async fn vread(
    asked: Asked,
    (_, name, id, version): (String, String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let entry = room.readable_version(info, &id, &version).await?;
    Ok(resource(&asked.headers, &entry))
}

/// `GET /{sandbox}/fhir/{type}/{id}/_history`.
pub(in crate::fhir) async fn history(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let path = format!("{name}/{id}/_history");
    past(&room, Of::Instance(info, &id), &path, &asked).await
}

/// `GET /{sandbox}/fhir/{type}/_history`.
pub(in crate::fhir) async fn history_of_type(
    asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    room.permit(info, Permission::Search)?;
    past(&room, Of::Type(info), &format!("{name}/_history"), &asked).await
}

/// `GET /{sandbox}/fhir/_history`.
pub(in crate::fhir) async fn history_of_all(
    asked: Asked,
    (_,): (String,),
) -> Result<Response, FhirError> {
    past(&asked.room()?, Of::System, "_history", &asked).await
}

async fn past(room: &Room, of: Of<'_>, path: &str, asked: &Asked) -> Result<Response, FhirError> {
    let page = Page::parse(&asked.pairs()?)?;
    let bundle = room.history(of, &page, path).await?;
    Ok(json(StatusCode::OK, bundle.into()))
}

//! Writing: create, update, patch and delete, by id and by condition, and Bundles.

use axum::http::StatusCode;
use axum::response::Response;

use super::super::error::FhirError;
use super::super::selector::Precondition;
use super::Asked;
use super::answer::{after_delete, after_write, json};

/// `POST /{sandbox}/fhir`: a batch or a transaction.
pub(in crate::fhir) async fn bundle(
    mut asked: Asked,
    (_,): (String,),
) -> Result<Response, FhirError> {
    let room = asked.room()?;
    let content = asked.content().await?;
    let bundle = room.bundle(&asked.headers, &content).await?;
    Ok(json(StatusCode::OK, bundle.into()))
}

/// `POST /{sandbox}/fhir/{type}`.
pub(in crate::fhir) async fn create(
    mut asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let content = asked.content().await?;
    let written = room.create(info, &asked.headers, &content).await?;
    Ok(after_write(&room, &asked.headers, &written))
}

/// `PUT /{sandbox}/fhir/{type}/{id}`.
pub(in crate::fhir) async fn update(
    mut asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let content = asked.content().await?;
    let written = room.update(info, &id, &asked.headers, &content).await?;
    Ok(after_write(&room, &asked.headers, &written))
}

/// `PUT /{sandbox}/fhir/{type}?…`: a conditional update.
pub(in crate::fhir) async fn update_by(
    mut asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let content = asked.content().await?;
    let condition = asked.query().to_owned();
    let written = room
        .update_by(info, &condition, &asked.headers, &content)
        .await?;
    Ok(after_write(&room, &asked.headers, &written))
}

/// `PATCH /{sandbox}/fhir/{type}/{id}`.
pub(in crate::fhir) async fn patch(
    mut asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let content = asked.content().await?;
    let written = room.patch(info, &id, &asked.headers, &content).await?;
    Ok(after_write(&room, &asked.headers, &written))
}

/// `PATCH /{sandbox}/fhir/{type}?…`: a conditional patch.
pub(in crate::fhir) async fn patch_by(
    mut asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let content = asked.content().await?;
    let condition = asked.query().to_owned();
    let written = room
        .patch_by(info, &condition, &asked.headers, &content)
        .await?;
    Ok(after_write(&room, &asked.headers, &written))
}

/// `DELETE /{sandbox}/fhir/{type}/{id}`.
pub(in crate::fhir) async fn delete(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let precondition = Precondition::of(&asked.headers);
    Ok(after_delete(room.delete(info, &id, precondition).await?))
}

/// `DELETE /{sandbox}/fhir/{type}?…`: a conditional deletion.
pub(in crate::fhir) async fn delete_by(
    asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    let condition = asked.query().to_owned();
    Ok(after_delete(room.delete_by(info, &condition).await?))
}

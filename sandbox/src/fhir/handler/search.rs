//! Searching: a type, a compartment or the whole server, by GET and by POST.

use axum::http::{StatusCode, header};
use axum::response::Response;

use super::super::bundle::searchset;
use super::super::error::FhirError;
use super::super::query::{Query, Target};
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::answer::json;
use super::{Asked, pairs};

/// `GET /{sandbox}/fhir/{type}`.
pub(in crate::fhir) async fn search(
    asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    let (room, info) = asked.enter(&name)?;
    let pairs = asked.pairs()?;
    find(&room, Target::of_type(info), &asked, pairs).await
}

/// `POST /{sandbox}/fhir/{type}/_search`.
pub(in crate::fhir) async fn search_by_post(
    mut asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let pairs = form(&mut asked).await?;
    let (room, info) = asked.enter(&name)?;
    find(&room, Target::of_type(info), &asked, pairs).await
}

/// `GET /{sandbox}/fhir`: a search over all types, or those of `_type`.
pub(in crate::fhir) async fn search_all(
    asked: Asked,
    (_,): (String,),
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    let pairs = asked.pairs()?;
    find(&asked.room()?, every_type(), &asked, pairs).await
}

/// `POST /{sandbox}/fhir/_search`.
pub(in crate::fhir) async fn search_all_by_post(
    mut asked: Asked,
    (_,): (String,),
) -> Result<Response, FhirError> {
    let pairs = form(&mut asked).await?;
    find(&asked.room()?, every_type(), &asked, pairs).await
}

/// `GET /{sandbox}/fhir/{type}/{id}/{inner}`: a search within a compartment (R4 §2.3), of one type or
/// of all with `*`.
pub(in crate::fhir) async fn search_within(
    asked: Asked,
    (_, name, id, inner): (String, String, String, String),
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    let (room, info) = asked.enter(&name)?;
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
    let pairs = asked.pairs()?;
    find(&room, target, &asked, pairs).await
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
    asked: &Asked,
    pairs: Vec<(String, String)>,
) -> Result<Response, FhirError> {
    let query = Query::parse(target, pairs, asked.prefers("handling=strict"), room)?;
    let found = room.search(&query).await?;
    Ok(json(
        StatusCode::OK,
        searchset(&room.tenant.base, &query, &found).into(),
    ))
}

/// The parameters of a search by POST: those of the address, then those of the form.
async fn form(asked: &mut Asked) -> Result<Vec<(String, String)>, FhirError> {
    asked.acceptable()?;
    let form = asked.content().await?;
    let media = asked.headers.get(header::CONTENT_TYPE);
    let media = media.and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default();
    if !form.is_empty() && !media.starts_with("application/x-www-form-urlencoded") {
        return Err(FhirError::UnsupportedMedia(
            media.chars().take(80).collect(),
        ));
    }
    let mut all = asked.pairs()?;
    all.extend(pairs(&form)?);
    Ok(all)
}

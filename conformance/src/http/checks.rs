//! Start a check, list a version's checks, read one: as JSON or as `JUnit` XML.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::access::{Actor, Visitor};
use foundation::error::Problem;
use foundation::http::{Json, Path};
use foundation::language::Language;
use serde::Serialize;

use crate::Conformance;
use crate::domain::check::{Check, CheckId};
use crate::error::ConformanceError;
use crate::report::Report;
use crate::requirement::Catalogue;

/// A check with its report.
#[derive(Serialize)]
pub(super) struct View {
    #[serde(flatten)]
    check: Check,
    report: Option<Report>,
    links: Links,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    events: String,
    evidence: Option<String>,
}

pub(super) async fn post(
    State(room): State<Conformance>,
    actor: Actor,
    Path((app, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let check = room.start(&actor, &app, &version).await?;
    let location = format!("/api/v1/checks/{}", check.id);
    let body = Json(View::of(check, None));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response())
}

pub(super) async fn list(
    State(room): State<Conformance>,
    Visitor(viewer): Visitor,
    Path((app, version)): Path<(String, String)>,
) -> Result<Json<Vec<View>>, Problem> {
    let checks = room.checks(viewer.as_ref(), &app, &version).await?;
    let views = checks.into_iter().map(|check| View::of(check, None));
    Ok(Json(views.collect()))
}

pub(super) async fn get(
    State(room): State<Conformance>,
    Visitor(viewer): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let check = room.check(viewer.as_ref(), &parsed(&id)?).await?;
    if wants_xml(&headers) {
        let report = room.report_of(&check).await?;
        let xml = "application/xml; charset=utf-8";
        let body = report.junit(language(&headers));
        return Ok(([(header::CONTENT_TYPE, xml)], body).into_response());
    }
    let report = match check.report {
        Some(_) => Some(room.report_of(&check).await?),
        None => None,
    };
    let mut response = Json(View::of(check, report)).into_response();
    let vary = header::HeaderValue::from_static("Accept");
    response.headers_mut().insert(header::VARY, vary);
    Ok(response)
}

pub(super) async fn requirements(
    State(room): State<Conformance>,
) -> Result<Json<Catalogue>, Problem> {
    Ok(Json(room.requirements().await?))
}

/// A text that is no identifier names no check.
pub(super) fn parsed(id: &str) -> Result<CheckId, ConformanceError> {
    id.parse().map_err(|_| ConformanceError::Unknown)
}

impl View {
    fn of(check: Check, report: Option<Report>) -> Self {
        let own = format!("/api/v1/checks/{}", check.id);
        Self {
            links: Links {
                events: format!("{own}/events"),
                evidence: check.evidence.map(|_| format!("{own}/evidence")),
                own,
            },
            check,
            report,
        }
    }
}

fn wants_xml(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| {
        accepted
            .split(',')
            .filter_map(|part| part.split(';').next())
            .map(str::trim)
            .find(|kind| {
                matches!(
                    *kind,
                    "application/json" | "application/xml" | "text/xml" | "*/*"
                )
            })
            .is_some_and(|kind| kind.ends_with("/xml"))
    })
}

fn language(headers: &HeaderMap) -> Language {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map(Language::negotiate)
        .unwrap_or_default()
}

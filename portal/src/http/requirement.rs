//! `/krav`: the requirements, from the suite itself.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use conformance::{Catalogue, Requirement};
use foundation::error::{Describe, Problem};
use foundation::http::Path;
use foundation::language::Language;

use super::frame::Frame;
use super::present::Show;
use super::{Portal, view};
use crate::error::PortalError;
use crate::pages::requirement::{
    RequirementArea, RequirementPage, RequirementRow, RequirementsPage, SourceView,
};

async fn catalogue(portal: &Portal) -> Result<Catalogue, Problem> {
    portal
        .conformance()
        .requirements()
        .await
        .map_err(|error| Problem(foundation::error::seen(&error as &dyn Describe)))
}

pub(crate) async fn list(State(portal): State<Portal>, frame: Frame) -> Result<Response, Problem> {
    let catalogue = catalogue(&portal).await?;
    let mut areas: Vec<RequirementArea> = Vec::new();
    for requirement in &catalogue.requirements {
        let area = requirement.id.split('-').next().unwrap_or_default();
        let row = row(requirement, frame.language);
        match areas.iter_mut().find(|known| known.area == area) {
            Some(known) => known.requirements.push(row),
            None => areas.push(RequirementArea {
                area: area.to_owned(),
                requirements: vec![row],
            }),
        }
    }
    Ok(Show(RequirementsPage {
        suite: view::words(&catalogue.title, frame.language),
        version: catalogue.version,
        component: catalogue.component.sri(),
        total: view::count(catalogue.requirements.len()),
        areas,
    })
    .into_response())
}

pub(crate) async fn page(
    State(portal): State<Portal>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let catalogue = catalogue(&portal).await?;
    // `/krav/v0` is the address of the criteria as a whole, which approvals name.
    if id == "v0" {
        return list(State(portal), frame).await;
    }
    let requirement = catalogue
        .requirements
        .iter()
        .find(|requirement| requirement.id == id)
        .or_else(|| {
            let mut of_same = catalogue.requirements.iter();
            of_same.find(|requirement| requirement.catalogue_id() == id)
        })
        .ok_or(PortalError::NotFound)?;
    Ok(Show(RequirementPage {
        requirement: row(requirement, frame.language),
        explanation: view::words(&requirement.explanation, frame.language),
        sources: requirement
            .sources
            .iter()
            .map(|source| SourceView {
                document: source.document.clone(),
                place: source.place.clone(),
                url: source.url.clone(),
            })
            .collect(),
        suite: view::words(&catalogue.title, frame.language),
        version: catalogue.version.clone(),
    })
    .into_response())
}

fn row(requirement: &Requirement, language: Language) -> RequirementRow {
    RequirementRow {
        id: requirement.id.clone(),
        title: view::words(&requirement.title, language),
        severity: view::spelled(&requirement.severity),
        method: view::spelled(&requirement.method),
    }
}

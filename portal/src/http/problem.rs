//! `/problems` and `/problems/{code}`. A program that follows a problem's `type` gets the page too:
//! it is for the person who reads the program's log.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use foundation::error::Problem;
use foundation::http::Path;
use foundation::language::Language;

use super::Portal;
use super::frame::Frame;
use super::present::Show;
use crate::error::PortalError;
use crate::pages::problem::{ProblemPage, ProblemRoom, ProblemsPage};
use crate::render::problems::Problem as Explained;

pub(crate) async fn list(State(portal): State<Portal>, frame: Frame) -> Show<ProblemsPage> {
    let mut rooms: BTreeMap<String, Vec<ProblemPage>> = BTreeMap::new();
    for (code, problem) in portal.problems().all() {
        rooms
            .entry(problem.room.clone())
            .or_default()
            .push(shown(code, problem, frame.language));
    }
    Show(ProblemsPage {
        rooms: rooms
            .into_iter()
            .map(|(room, problems)| ProblemRoom { room, problems })
            .collect(),
    })
}

pub(crate) async fn page(
    State(portal): State<Portal>,
    frame: Frame,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let problem = portal.problems().find(&code).ok_or(PortalError::NotFound)?;
    Ok(Show(shown(&code, problem, frame.language)).into_response())
}

fn shown(code: &str, problem: &Explained, language: Language) -> ProblemPage {
    let (words, lang) = problem.words(language);
    ProblemPage {
        code: code.to_owned(),
        room: problem.room.clone(),
        title: words.title.clone(),
        remedy: words.remedy.clone(),
        lang,
    }
}

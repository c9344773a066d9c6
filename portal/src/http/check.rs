//! A check: its page, which works alone, and its events, which make the page livelier.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use conformance::{Check, CheckId, CheckState, Progress};
use foundation::access::{Actor, Visitor};
use foundation::error::Problem;
use foundation::http::Path;
use foundation::language::Language;
use futures::StreamExt;

use super::frame::Frame;
use super::present::Show;
use super::{Portal, view};
use crate::error::PortalError;
use crate::pages::check::{CheckPage, ProgressLine};
use crate::pages::parts::Counts;

fn parsed(id: &str) -> Result<CheckId, PortalError> {
    id.parse().map_err(|_| PortalError::NotFound)
}

pub(crate) async fn page(
    State(portal): State<Portal>,
    frame: Frame,
    Visitor(viewer): Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = parsed(&id)?;
    let room = portal.conformance();
    let check = room.check(viewer.as_ref(), &id).await?;
    let mut page = bare(&check, viewer.as_ref());
    match check.state {
        CheckState::Waiting | CheckState::Running => {
            page.progress = so_far(&room.told(&id).await?, frame.language);
        }
        CheckState::Broken => page.failure = Some(check.code.clone().unwrap_or_default()),
        CheckState::Failed | CheckState::Passed => {
            let report = room.report(viewer.as_ref(), &id).await?;
            page.counts = view::counts(report.counts);
            (page.failed, page.others) = view::grouped(&report.results, frame.language);
        }
    }
    Ok(Show(page).into_response())
}

fn bare(check: &Check, viewer: Option<&Actor>) -> CheckPage {
    CheckPage {
        check: check.id.to_string(),
        software_id: check.app.clone(),
        version: check.version.clone(),
        state: check.state.as_str().to_owned(),
        is_over: check.state.is_final(),
        has_passed: check.state == CheckState::Passed,
        started_at: view::millis(check.started_at),
        finished_at: view::millis(check.finished_at),
        failure: None,
        progress: Vec::new(),
        counts: Counts::default(),
        failed: Vec::new(),
        others: Vec::new(),
        suite: check.suite.map(|digest| digest.sri()).unwrap_or_default(),
        evidence: check.evidence.map(|digest| digest.sri()),
        is_own: viewer.is_some_and(|viewer| viewer.organisation == check.organisation),
    }
}

/// What has been told until now, the newest first.
fn so_far(news: &[Progress], language: Language) -> Vec<ProgressLine> {
    let mut lines: Vec<ProgressLine> = news
        .iter()
        .filter_map(|news| line(news, language))
        .collect();
    // A long run tells more than a page needs; the newest stand first.
    lines.reverse();
    lines.truncate(30);
    lines
}

/// A line for people; most actions need none.
fn line(news: &Progress, language: Language) -> Option<ProgressLine> {
    let tag = match language {
        Language::En => "en",
        Language::Nb | Language::Nn => "nb",
    };
    let title = news.data.get("title")?;
    let words = title
        .get(language.tag())
        .or_else(|| title.get(tag))?
        .as_str()?;
    let text = match news.kind.as_str() {
        "step" => words.to_owned(),
        "finding" => format!("{} {words}", news.data.get("requirement")?.as_str()?),
        _ => return None,
    };
    Some(ProgressLine {
        at: news.at.millis(),
        text,
    })
}

/// Tells the page's script that there is something new; the script then fetches the page.
pub(crate) async fn events(
    State(portal): State<Portal>,
    Visitor(viewer): Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = parsed(&id)?;
    portal.conformance().check(viewer.as_ref(), &id).await?;
    let events = portal
        .conformance()
        .follow(id, 0)
        .filter_map(|news| async move {
            let name = match news.kind.as_str() {
                "finished" => "finished",
                "step" | "finding" | "started" => "progress",
                _ => return None,
            };
            let event = Event::default()
                .event(name)
                .id(news.seq.to_string())
                .data("{}");
            Some(Ok::<_, Infallible>(event))
        });
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(10));
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

#[cfg(test)]
mod tests {
    use foundation::Timestamp;
    use serde_json::json;

    use super::*;

    #[test]
    fn news_become_lines_in_the_readers_language() {
        let news = |kind: &str, data| Progress {
            seq: 1,
            at: Timestamp::from_seconds(1),
            kind: kind.to_owned(),
            data,
        };
        let step = news(
            "step",
            json!({"title": {"nb": "Starter", "en": "Starting"}}),
        );
        assert_eq!(line(&step, Language::Nn).unwrap().text, "Starter");
        assert_eq!(line(&step, Language::En).unwrap().text, "Starting");
        let finding =
            json!({"requirement": "SMA-02.2", "title": {"nb": "Bruker PKCE", "en": "Uses PKCE"}});
        let shown = line(&news("finding", finding), Language::En).unwrap();
        assert_eq!(shown.text, "SMA-02.2 Uses PKCE");
        assert!(line(&news("action", json!({"name": "click"})), Language::Nb).is_none());
    }
}

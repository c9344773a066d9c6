//! The EPJ as JSON: what its page shows and does, for curl and tests. A refused launch is a problem
//! whose code is the verifier's.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use foundation::error::Problem;
use foundation::http::{Json, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::launch::{EncounterSummary, PersonSummary};
use crate::service::Core;
use crate::service::epj::{Assessed, EpjLaunch, content_level};
use crate::service::people;

#[derive(Deserialize)]
pub(in crate::http) struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
pub(in crate::http) struct OfPatient {
    patient: String,
}

/// `GET /{sandbox}/epj/patients?q=`.
pub(in crate::http) async fn patients(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
    Query(search): Query<Search>,
) -> Result<Json<Vec<PersonSummary>>, Problem> {
    let dataset = core.dataset(&sandbox).await?;
    Ok(Json(people::patients(&dataset, &search.q, people::LIST)))
}

/// `GET /{sandbox}/epj/practitioners`.
pub(in crate::http) async fn practitioners(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
) -> Result<Json<Vec<PersonSummary>>, Problem> {
    Ok(Json(people::practitioners(&core.dataset(&sandbox).await?)))
}

/// `GET /{sandbox}/epj/encounters?patient=`.
pub(in crate::http) async fn encounters(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
    Query(of): Query<OfPatient>,
) -> Result<Json<Vec<EncounterSummary>>, Problem> {
    Ok(Json(people::encounters(
        &core.dataset(&sandbox).await?,
        &of.patient,
    )))
}

/// `GET /{sandbox}/epj/apps`: every listed version with the EPJ's verdict.
pub(in crate::http) async fn apps(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
) -> Result<Json<Value>, Problem> {
    let assessed = core.assess(&sandbox).await?;
    Ok(Json(assessed.iter().map(entry).collect()))
}

fn entry(assessed: &Assessed) -> Value {
    let app = &assessed.app;
    let verdict = match &assessed.verdict {
        Ok(approved) => json!({
            "approved": true,
            "until": approved.approval.exp,
            "content": content_level(approved.approval.content.level),
            "status_is_old": approved.stale,
        }),
        Err(refused) => json!({
            "approved": false,
            "code": refused.code.as_str(),
            "detail": refused.detail,
            "remedy": refused.code.remedy(),
        }),
    };
    json!({
        "software_id": app.software_id,
        "version": app.version,
        "name": app.name,
        "verdict": verdict,
    })
}

/// `POST /{sandbox}/epj/launches`: verifies and launches, or says why not.
pub(in crate::http) async fn launch(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
    Json(wanted): Json<EpjLaunch>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (launched, approval) = core.epj_launch(&sandbox, wanted).await?;
    let answer = json!({
        "url": launched.url,
        "iss": launched.iss,
        "launch": launched.launch,
        "patient": launched.patient,
        "practitioner": launched.practitioner,
        "encounter": launched.encounter,
        "approval": {"jti": approval.jti, "exp": approval.exp},
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `POST /{sandbox}/epj/status-lists`: fetches trust configuration and status lists now.
pub(in crate::http) async fn refresh(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
) -> Result<StatusCode, Problem> {
    core.refresh_status(&sandbox).await?;
    Ok(StatusCode::NO_CONTENT)
}

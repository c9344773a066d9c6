//! The EPJ's page: choose practitioner, patient and contact, then an app; the app opens in a frame
//! or a tab after its approval has been verified, or the page says in plain words why not. The whole
//! choice stands in the address, so the page needs neither script nor session.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use foundation::Timestamp;
use foundation::error::Describe;
use foundation::http::Path;
use foundation::language::Language;
use serde_json::{Value, json};

use crate::domain::authorization::Parameters;
use crate::domain::client::origin_of;
use crate::domain::launch::{Launched, PersonSummary};
use crate::error::{EpjError, SandboxError};
use crate::http::Web;
use crate::http::authorize::{failed, page_of, see_other};
use crate::http::pages::{Beyond, Place};
use crate::service::epj::{Assessed, EpjLaunch};
use crate::service::people;

/// `GET /{sandbox}/`.
pub(in crate::http) async fn home(
    State(web): State<Web>,
    Path(sandbox): Path<String>,
    uri: Uri,
) -> Response {
    let place = Place::of(&uri);
    match show(&web, &sandbox, &place).await {
        Ok(response) => response,
        Err(error) => failed(&web, &place, &error),
    }
}

async fn show(web: &Web, sandbox: &str, place: &Place) -> Result<Response, SandboxError> {
    let info = web.core.sandbox(sandbox).await?;
    let dataset = web.core.dataset(sandbox).await?;
    let practitioners = people::practitioners(&dataset);
    let practitioner = place
        .parameter("practitioner")
        .and_then(|id| practitioners.iter().find(|one| one.id == id))
        .or_else(|| practitioners.first())
        .map(|one| one.id.clone());
    let search = place.parameter("q").unwrap_or_default();
    let patient = place
        .parameter("patient")
        .and_then(|id| people::patient(&dataset, id));
    let encounters = patient
        .as_ref()
        .map(|one| people::encounters(&dataset, &one.id))
        .unwrap_or_default();
    let patients = match &patient {
        Some(_) => Vec::new(),
        None => people::patients(&dataset, search, people::LIST),
    };
    let (apps, problem) = match web.core.assess(sandbox).await {
        Ok(assessed) => (apps(web, place, &assessed), None),
        Err(error) => (Vec::new(), Some(words(web, place, &error))),
    };
    let status_time = web.core.status_time(sandbox).await.ok().flatten();
    let values = json!({
        "sandbox": sandbox,
        "title": info.title,
        "practice": dataset.practice().organization.name,
        "practitioners": practitioners,
        "practitioner": practitioner,
        "q": search,
        "patients": patients,
        "patient": patient,
        "banner": patient.as_ref().map(|patient| banner(patient, info.settings.as_of)),
        "encounters": encounters,
        "encounter": place.parameter("encounter").unwrap_or_default(),
        "apps": apps,
        "problem": problem,
        "status_time": status_time.map(|iat| oslo(Timestamp::from_seconds(iat))),
        "refreshed": place.parameter("refreshed").is_some(),
    });
    Ok(web.pages.respond(
        StatusCode::OK,
        "epj.html",
        place,
        values,
        &beyond(web, None),
    ))
}

fn banner(patient: &PersonSummary, today: synthetic_data::Date) -> Value {
    let age = patient
        .birth_date
        .parse::<synthetic_data::Date>()
        .map_or(0, |born| born.age_on(today));
    let (birth, number) = patient
        .identifier
        .split_at_checked(6)
        .unwrap_or((&patient.identifier, ""));
    json!({"name": patient.name(), "age": age, "identifier": format!("{birth} {number}"), "gender": patient.gender})
}

fn apps(web: &Web, place: &Place, assessed: &[Assessed]) -> Vec<Value> {
    let entry = |assessed: &Assessed| {
        let app = &assessed.app;
        let (approved, text, code) = match &assessed.verdict {
            Ok(approved) => {
                let until = Timestamp::from_seconds(approved.approval.exp).in_oslo();
                let key = if approved.stale {
                    "epj_approved_old"
                } else {
                    "epj_approved"
                };
                let text = web.pages.message(place.language, key);
                let until = written_date(place.language, &until);
                (true, text.replace("{until}", &until), "")
            }
            Err(refused) => (
                false,
                code_words(web, place, refused.code.as_str()),
                refused.code.as_str(),
            ),
        };
        json!({
            "software_id": app.software_id,
            "version": app.version,
            "name": app.name,
            "approved": approved,
            "text": text,
            "code": code,
        })
    };
    assessed.iter().map(entry).collect()
}

/// `POST /{sandbox}/epj/open`: verify, then launch.
pub(in crate::http) async fn open(
    State(web): State<Web>,
    Path(sandbox): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = Parameters::read(&body);
    let place = Place::after_form(&format!("/{sandbox}/"), form.get("lang"));
    if from_elsewhere(&web, &headers) {
        return foreign(&web, &place);
    }
    let text = |name| form.get(name).map(str::to_owned);
    let wanted = EpjLaunch {
        software_id: text("software_id").unwrap_or_default(),
        version: text("version").unwrap_or_default(),
        practitioner: text("practitioner"),
        patient: text("patient"),
        encounter: text("encounter"),
    };
    let back = back_url(&sandbox, &form);
    match web.core.epj_launch(&sandbox, wanted).await {
        Ok((launched, approval)) if form.get("target") == Some("frame") => {
            frame(
                &web,
                &place,
                &sandbox,
                &approval.client_name,
                &launched,
                &back,
            )
            .await
        }
        Ok((launched, _)) => see_other(&launched.url),
        Err(error) => refused(&web, &place, &error, &back),
    }
}

async fn frame(
    web: &Web,
    place: &Place,
    sandbox: &str,
    app: &str,
    launched: &Launched,
    back: &str,
) -> Response {
    let info = match web.core.sandbox(sandbox).await {
        Ok(info) => info,
        Err(error) => return failed(web, place, &error),
    };
    let values = json!({
        "sandbox": sandbox,
        "title": info.title,
        "app": app,
        "url": launched.url,
        "back": back,
        "practitioner": launched.practitioner.name(),
        "banner": launched.patient.as_ref().map(|patient| banner(patient, info.settings.as_of)),
    });
    web.pages.respond(
        StatusCode::OK,
        "epj-app.html",
        place,
        values,
        &beyond(web, Some(&launched.url)),
    )
}

fn refused(web: &Web, place: &Place, error: &EpjError, back: &str) -> Response {
    let fault = foundation::error::seen(error);
    let values = json!({
        "title": web.pages.message(place.language, "epj_refused_title"),
        "text": code_words(web, place, fault.code),
        "code": fault.code,
        "back": back,
    });
    web.pages.respond(
        fault.status,
        "refused.html",
        place,
        values,
        &Beyond::default(),
    )
}

/// `POST /{sandbox}/epj/status`: the button that fetches the status lists.
pub(in crate::http) async fn refresh(
    State(web): State<Web>,
    Path(sandbox): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = Parameters::read(&body);
    let place = Place::after_form(&format!("/{sandbox}/"), form.get("lang"));
    if from_elsewhere(&web, &headers) {
        return foreign(&web, &place);
    }
    let back = back_url(&sandbox, &form);
    match web.core.refresh_status(&sandbox).await {
        Ok(()) => see_other(&format!("{back}&refreshed=1")),
        Err(error) => refused(&web, &place, &error, &back),
    }
}

/// A form that another site sent: nobody is logged in here, but a page must not act for others.
fn from_elsewhere(web: &Web, headers: &HeaderMap) -> bool {
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    // `null` is what a browser says for our own pages too: they send no referrer.
    origin.is_some_and(|origin| {
        origin != "null" && Some(origin) != origin_of(&web.core.config.public_url).as_deref()
    })
}

fn foreign(web: &Web, place: &Place) -> Response {
    page_of(
        web,
        place,
        StatusCode::FORBIDDEN,
        "refused_foreign_title",
        "refused_foreign_text",
        "cross-site",
    )
}

/// The page with the same choice.
fn back_url(sandbox: &str, form: &Parameters) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["practitioner", "patient", "encounter", "lang"] {
        if let Some(value) = form.get(name) {
            query.append_pair(name, value);
        }
    }
    format!("/{sandbox}/?{}", query.finish())
}

/// Apps may be framed, and a form may lead to them. In its frame an app also comes to this server,
/// to ask for authorization.
fn beyond(web: &Web, app: Option<&str>) -> Beyond {
    let mut sources = web.core.config.frame_sources.clone();
    sources.extend(app.and_then(origin_of));
    let own = std::iter::once("'self'".to_owned());
    Beyond {
        frames: own.chain(sources.clone()).collect(),
        forms: sources,
    }
}

fn words(web: &Web, place: &Place, error: &EpjError) -> String {
    code_words(web, place, error.fault().code)
}

/// What a clinician needs to know about a code.
fn code_words(web: &Web, place: &Place, code: &str) -> String {
    let known = web.pages.find(place.language, &format!("code_{code}"));
    known
        .unwrap_or_else(|| web.pages.message(place.language, "code_other"))
        .to_owned()
}

fn oslo(time: Timestamp) -> String {
    time.in_oslo().strftime("%d.%m.%Y %H:%M:%S").to_string()
}

fn written_date(language: Language, date: &jiff::Zoned) -> String {
    match language {
        Language::En => date.strftime("%Y-%m-%d").to_string(),
        Language::Nb | Language::Nn => date.strftime("%d.%m.%Y").to_string(),
    }
}

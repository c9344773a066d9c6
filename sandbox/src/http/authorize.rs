//! The authorization endpoint, and the pages of a standalone launch: log in, choose a patient, say
//! yes or no. Each step is a form; the ticket in it names the interaction.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use foundation::http::Path;
use foundation::language::Language;
use foundation::token::Token;
use serde_json::{Value, json};

use super::Web;
use super::pages::{Beyond, Place};
use crate::domain::authorization::{PageReason, Parameters};
use crate::domain::client::origin_of;
use crate::domain::exchange::Trace;
use crate::error::SandboxError;
use crate::service::authorize::Answer;
use crate::service::people;
use crate::store::interactions::{Choice, Interaction};

/// `GET /{sandbox}/auth/authorize`.
pub(super) async fn get(
    State(web): State<Web>,
    Path(sandbox): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    answer(&web, &sandbox, &query.unwrap_or_default()).await
}

/// `POST /{sandbox}/auth/authorize` (SMART capability `authorize-post`).
pub(super) async fn post(
    State(web): State<Web>,
    Path(sandbox): Path<String>,
    body: String,
) -> Response {
    answer(&web, &sandbox, &body).await
}

async fn answer(web: &Web, sandbox: &str, encoded: &str) -> Response {
    let parameters = Parameters::read(encoded);
    let mut trace = Trace::default();
    let place = Place::after_form(&format!("/{sandbox}/auth/authorize"), None);
    let mut response = match web.core.authorize(sandbox, &parameters, &mut trace).await {
        Ok(Answer::Redirect(url)) => see_other(&url),
        Ok(Answer::Interact(ticket)) => {
            see_other(&step_url(sandbox, ticket.expose(), Language::Nb))
        }
        Ok(Answer::Page(reason)) => refused(web, &place, reason),
        Err(error) => failed(web, &place, &error),
    };
    response.extensions_mut().insert(trace);
    response
}

/// `GET /{sandbox}/auth/login`: the next thing to choose.
pub(super) async fn page(
    State(web): State<Web>,
    Path(sandbox): Path<String>,
    uri: Uri,
) -> Response {
    let place = Place::of(&uri);
    let ticket = Token::presented(place.parameter("request").unwrap_or_default());
    let shown = match web.core.interaction(&sandbox, &ticket).await {
        Ok(Some(interaction)) => show(&web, &sandbox, &place, &ticket, &interaction).await,
        Ok(None) => Ok(ended(&web, &place)),
        Err(error) => Err(error),
    };
    shown.unwrap_or_else(|error| failed(&web, &place, &error))
}

/// `POST /{sandbox}/auth/login`: what was chosen.
pub(super) async fn choose(
    State(web): State<Web>,
    Path(sandbox): Path<String>,
    body: String,
) -> Response {
    let form = Parameters::read(&body);
    let path = format!("/{sandbox}/auth/login");
    let place = Place::after_form(&path, form.get("lang"));
    let mut trace = Trace::default();
    let done = take(&web, &sandbox, &place, &form, &mut trace).await;
    let mut response = done.unwrap_or_else(|error| failed(&web, &place, &error));
    response.extensions_mut().insert(trace);
    response
}

async fn take(
    web: &Web,
    sandbox: &str,
    place: &Place,
    form: &Parameters,
    trace: &mut Trace,
) -> Result<Response, SandboxError> {
    let ticket = Token::presented(form.get("request").unwrap_or_default());
    let Some(interaction) = web.core.interaction(sandbox, &ticket).await? else {
        return Ok(ended(web, place));
    };
    if let Some(decision) = form.get("decision") {
        let concluded = web
            .core
            .conclude(sandbox, &ticket, decision == "allow", trace)
            .await?;
        return Ok(concluded.map_or_else(|| ended(web, place), |url| see_other(&url)));
    }
    let mut choice = interaction.choice;
    if let Some(user) = form.get("user") {
        choice = Choice {
            user: Some(user.to_owned()),
            patient: None,
        };
        // A citizen sees nobody but themselves.
        choice.patient = user.strip_prefix("Patient/").map(str::to_owned);
    } else if let Some(patient) = form.get("patient")
        && choice
            .user
            .as_deref()
            .is_some_and(|user| !user.starts_with("Patient/"))
    {
        choice.patient = Some(patient.to_owned());
    }
    web.core.choose(sandbox, &ticket, choice).await?;
    Ok(see_other(&step_url(
        sandbox,
        ticket.expose(),
        place.language,
    )))
}

async fn show(
    web: &Web,
    sandbox: &str,
    place: &Place,
    ticket: &Token,
    interaction: &Interaction,
) -> Result<Response, SandboxError> {
    let request = &interaction.request;
    let client = web.core.client(sandbox, &request.client_id).await?;
    let name = client.map_or_else(|| request.client_id.clone(), |client| client.name);
    let search = place.parameter("q").unwrap_or_default();
    let mut values = json!({
        "app": name,
        "request": ticket.expose(),
        "action": format!("/{sandbox}/auth/login"),
        "q": search,
    });
    let mut beyond = Beyond::default();
    let dataset = web.core.dataset(sandbox).await?;
    let found = || people::patients(&dataset, search, people::LIST);
    let template = match &interaction.choice {
        Choice { user: None, .. } => {
            let practitioners = people::practitioners(&dataset);
            add(&mut values, "practitioners", json!(practitioners));
            add(
                &mut values,
                "patients",
                json!(if search.is_empty() {
                    Vec::new()
                } else {
                    found()
                }),
            );
            "login.html"
        }
        Choice { patient: None, .. } if needs_patient(&request.scope) => {
            add(&mut values, "patients", json!(found()));
            "patient.html"
        }
        Choice {
            user: Some(user),
            patient,
        } => {
            let patient = patient
                .as_deref()
                .and_then(|id| people::patient(&dataset, id));
            add(&mut values, "user", json!(name_of(&dataset, user)));
            add(&mut values, "patient", json!(patient));
            add(
                &mut values,
                "scopes",
                json!(explained(web, place, &request.scope)),
            );
            beyond.forms.extend(origin_of(&request.redirect_uri));
            "consent.html"
        }
    };
    Ok(web
        .pages
        .respond(StatusCode::OK, template, place, values, &beyond))
}

fn add(values: &mut Value, name: &str, value: Value) {
    if let Some(members) = values.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn needs_patient(scope: &str) -> bool {
    scope
        .split(' ')
        .any(|one| one == "launch/patient" || one.starts_with("patient/"))
}

fn name_of(dataset: &synthetic_data::Dataset, user: &str) -> String {
    let found = match user.split_once('/') {
        Some(("Patient", id)) => people::patient(dataset, id),
        Some((_, id)) => people::practitioners(dataset)
            .into_iter()
            .find(|one| one.id == id),
        None => None,
    };
    found.map(|person| person.name()).unwrap_or_default()
}

/// The scopes in plain words, each once, with the scope itself beside them.
fn explained(web: &Web, place: &Place, scope: &str) -> Vec<Value> {
    let text = |scope: &str| {
        let key = match scope {
            "openid" | "profile" | "fhirUser" => "scope_identity",
            "offline_access" => "scope_offline",
            "online_access" => "scope_online",
            "launch/patient" | "launch/encounter" => "scope_context",
            _ if scope.starts_with("patient/") => "scope_patient",
            _ if scope.starts_with("user/") => "scope_user",
            _ => "scope_other",
        };
        web.pages.message(place.language, key)
    };
    scope
        .split_ascii_whitespace()
        .map(|scope| json!({"scope": scope, "text": text(scope)}))
        .collect()
}

fn refused(web: &Web, place: &Place, reason: PageReason) -> Response {
    let (title, text) = match reason {
        PageReason::UnknownClient => ("refused_client_title", "refused_client_text"),
        PageReason::RedirectUri => ("refused_redirect_title", "refused_redirect_text"),
    };
    page_of(web, place, StatusCode::BAD_REQUEST, title, text, "")
}

fn ended(web: &Web, place: &Place) -> Response {
    page_of(
        web,
        place,
        StatusCode::GONE,
        "refused_ended_title",
        "refused_ended_text",
        "",
    )
}

/// A failure as a page, with its code.
pub(super) fn failed(web: &Web, place: &Place, error: &SandboxError) -> Response {
    let fault = foundation::error::seen(error);
    page_of(
        web,
        place,
        fault.status,
        "refused_failed_title",
        "refused_failed_text",
        fault.code,
    )
}

/// A page that says no: title and text by their message keys.
pub(super) fn page_of(
    web: &Web,
    place: &Place,
    status: StatusCode,
    title: &str,
    text: &str,
    code: &str,
) -> Response {
    let message = |key| web.pages.message(place.language, key);
    let values = json!({"title": message(title), "text": message(text), "code": code, "back": ""});
    web.pages
        .respond(status, "refused.html", place, values, &Beyond::default())
}

/// 303, so that a form's answer is fetched with GET; never cached and never told to the next page.
pub(super) fn see_other(url: &str) -> Response {
    let location = HeaderValue::from_str(url).unwrap_or_else(|_| HeaderValue::from_static("/"));
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn step_url(sandbox: &str, ticket: &str, language: Language) -> String {
    format!(
        "/{sandbox}/auth/login?request={ticket}&lang={}",
        language.tag()
    )
}

//! Endpoints of the HelseID simulator, at HelseID's own paths.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use foundation::error::{OAuthFailure, Problem};
use foundation::http::Json;
use serde_json::{Value, json};

use super::authorize::{failed, page_of, see_other};
use super::pages::{Beyond, Place};
use super::{Web, authorization};
use crate::domain::authorization::{PageReason, Parameters, Refusal};
use crate::domain::client::origin_of;
use crate::error::BearerError;
use crate::personas::{self, Persona};
use crate::service::Core;

/// `GET /helseid/.well-known/openid-configuration`.
pub(super) async fn discovery(State(core): State<Arc<Core>>) -> Json<Value> {
    Json(core.helseid_metadata())
}

/// `GET /helseid/.well-known/openid-configuration/jwks`.
pub(super) async fn jwks(State(core): State<Arc<Core>>) -> Result<Json<Value>, Problem> {
    Ok(Json(core.helseid_key().await?.jwks()))
}

/// `GET /helseid/connect/authorize`: the people to choose from.
pub(super) async fn authorize(
    State(web): State<Web>,
    RawQuery(query): RawQuery,
    uri: Uri,
) -> Response {
    let encoded = query.unwrap_or_default();
    let parameters = Parameters::read(&encoded);
    let place = Place::of(&uri);
    match web.core.check_login(&parameters) {
        Ok(()) => personas_page(&web, &place, &encoded, &parameters),
        Err(refusal) => refused(&web, &place, &refusal),
    }
}

/// `POST /helseid/connect/authorize`: who was chosen. The request travels in the form and is checked
/// again: a page may be changed by whoever holds it.
pub(super) async fn choose(State(web): State<Web>, body: String) -> Response {
    let form = Parameters::read(&body);
    let place = Place::after_form("/helseid/connect/authorize", form.get("lang"));
    let parameters = Parameters::read(form.get("request").unwrap_or_default());
    if let Err(refusal) = web.core.check_login(&parameters) {
        return refused(&web, &place, &refusal);
    }
    let Some(persona) = form.get("persona").and_then(personas::by_key) else {
        return page_of(
            &web,
            &place,
            StatusCode::BAD_REQUEST,
            "refused_persona_title",
            "refused_persona_text",
            "",
        );
    };
    match web.core.log_in(&parameters, persona).await {
        Ok(url) => see_other(&url),
        Err(error) => failed(&web, &place, &error),
    }
}

fn personas_page(web: &Web, place: &Place, encoded: &str, parameters: &Parameters) -> Response {
    let role = |persona: &Persona| {
        let key = persona.roles.first().map_or("", |role| role.as_str());
        let review = persona
            .reviews
            .first()
            .map(|field| format!("review_{}", field.as_str()));
        let key = review.unwrap_or_else(|| format!("role_{key}"));
        web.pages.message(place.language, &key).to_owned()
    };
    let people: Vec<Value> = personas::personas()
        .iter()
        .map(|persona| {
            json!({
                "key": persona.key,
                "name": persona.name(),
                "organisation": persona.organisation_name,
                "orgnr": persona.organisation,
                "role": role(persona),
            })
        })
        .collect();
    let values = json!({
        "personas": people,
        "request": encoded,
        "client": parameters.get("client_id").unwrap_or_default(),
    });
    let forms = parameters
        .get("redirect_uri")
        .and_then(origin_of)
        .into_iter()
        .collect();
    let beyond = Beyond {
        forms,
        ..Beyond::default()
    };
    web.pages
        .respond(StatusCode::OK, "helseid.html", place, values, &beyond)
}

fn refused(web: &Web, place: &Place, refusal: &Refusal) -> Response {
    let (title, text) = match refusal {
        Refusal::Redirect(error) => return see_other(&error.url(Some(&web.core.helseid_issuer()))),
        Refusal::Page(PageReason::UnknownClient) => ("refused_client_title", "refused_client_text"),
        Refusal::Page(PageReason::RedirectUri) => {
            ("refused_redirect_title", "refused_redirect_text")
        }
    };
    page_of(web, place, StatusCode::BAD_REQUEST, title, text, "")
}

/// `POST /helseid/connect/token`.
pub(super) async fn token(State(core): State<Arc<Core>>, body: String) -> Response {
    let answer = core.helseid_token(&Parameters::read(&body)).await;
    let mut response = match answer {
        Ok(body) => Json(body).into_response(),
        Err(error) => OAuthFailure::from(error).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// `GET /helseid/connect/userinfo`.
pub(super) async fn userinfo(
    State(core): State<Arc<Core>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let bearer = authorization(&headers)
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(BearerError::Missing)?;
    let claims = core.userinfo(bearer).await?;
    Ok(claims.map(Json).ok_or(BearerError::Invalid)?)
}

/// `GET /helseid/connect/endsession`. Nobody stays logged in here, so there is nothing to end.
pub(super) async fn end_session(
    State(web): State<Web>,
    RawQuery(query): RawQuery,
    uri: Uri,
) -> Response {
    let parameters = Parameters::read(&query.unwrap_or_default());
    match web.core.after_logout(&parameters) {
        Some(url) => see_other(&url),
        None => page_of(
            &web,
            &Place::of(&uri),
            StatusCode::OK,
            "logged_out_title",
            "logged_out_text",
            "",
        ),
    }
}

//! Logging in at the issuer and coming back, and logging out.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use foundation::access::Actor;
use foundation::error::{Describe, Problem};
use foundation::http::Query;
use registry::Registry;
use serde::Deserialize;

use super::Portal;
use super::cookie::Cookie;
use super::form::Sent;
use super::frame::Frame;
use crate::error::{LoginError, PortalError};
use crate::render::urls::{self, Place};
use crate::service::id_token::Identity;
use crate::service::login::{Answer, Directory, LIFETIME};

/// The registry as the directory of people.
#[derive(Debug)]
pub(crate) struct RegistryDirectory(pub(crate) Registry);

#[async_trait::async_trait]
impl Directory for RegistryDirectory {
    async fn sign_in(&self, identity: &Identity) -> Result<Actor, LoginError> {
        let organisation = identity.organisation.as_deref().unwrap_or_default();
        let name = identity.name.as_deref().unwrap_or_default();
        self.0
            .sign_in(&identity.sub, name, organisation)
            .await
            .map_err(|error| LoginError::NoAccess(Box::new(error.fault())))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct BeginQuery {
    /// Path to return to.
    #[serde(default)]
    retur: String,
}

/// Sends the browser to the issuer.
pub(crate) async fn begin(
    State(portal): State<Portal>,
    frame: Frame,
    Query(query): Query<BeginQuery>,
) -> Result<Response, Problem> {
    let home = Place::HOME.href(frame.language, &[]);
    let front = Place::FRONT.href(frame.language, &[]);
    let return_to = if urls::is_local(&query.retur) && query.retur != front {
        query.retur
    } else {
        home
    };
    let begun = portal.logins().begin(&return_to).await?;
    let mut response = Redirect::to(&begun.address).into_response();
    let cookie = Cookie::Login.set(begun.browser.expose(), LIFETIME, portal.config().is_https());
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Takes the issuer's answer and begins the session.
pub(crate) async fn finish(
    State(portal): State<Portal>,
    headers: axum::http::HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, Problem> {
    let is_https = portal.config().is_https();
    let browser = Cookie::Login.read(&headers, is_https);
    let finished = portal.logins().finish(&answer, browser).await?;
    let session = portal
        .sessions()
        .begin(finished.actor, &finished.id_token)
        .await
        .map_err(PortalError::from)?;
    let mut response = Redirect::to(&finished.return_to).into_response();
    let lasts = portal.sessions().lifetime;
    let set = Cookie::Session.set(session.token.expose(), lasts, is_https);
    for cookie in [set, Cookie::Login.unset(is_https)].into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Ends the session, here and at the issuer.
pub(crate) async fn end(
    State(portal): State<Portal>,
    frame: Frame,
    _sent: Sent,
) -> Result<Response, Problem> {
    let mut next = Place::FRONT.href(frame.language, &[]);
    if let Some(session) = frame.session.as_deref() {
        let ended = portal.sessions().end(session);
        let id_token = ended.await.map_err(PortalError::from)?.unwrap_or_default();
        let tag = frame.language.tag();
        let issuer = portal.logins().end_session_url(&id_token, tag).await;
        next = issuer.unwrap_or(next);
    }
    let mut response = Redirect::to(&next).into_response();
    if let Some(cookie) = Cookie::Session.unset(portal.config().is_https()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

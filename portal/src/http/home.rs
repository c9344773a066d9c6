//! Where a login lands, and the person's API keys.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use foundation::access::{Actor, Role};
use foundation::error::{Describe, Problem};
use foundation::http::Path;

use super::form::Sent;
use super::frame::Frame;
use super::present::Show;
use super::{Portal, catalogue, view};
use crate::pages::home::{HomePage, TokenRow, TokensPage};
use crate::pages::parts::FieldError;
use crate::render::urls::Place;

pub(crate) async fn page(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
) -> Result<Response, Problem> {
    let waiting = if actor.is(Role::Reviewer) {
        Some(view::count(
            portal.registry().review_queue(&actor).await?.len(),
        ))
    } else {
        None
    };
    Ok(Show(HomePage {
        latest: catalogue::latest(&portal, &frame, 3).await?,
        waiting,
        sandbox_url: portal.config().sandbox_url.clone(),
        public_url: portal.config().public_url.clone(),
    })
    .into_response())
}

pub(crate) async fn tokens(
    State(portal): State<Portal>,
    actor: Actor,
) -> Result<Response, Problem> {
    tokens_page(&portal, &actor, None, Vec::new()).await
}

async fn tokens_page(
    portal: &Portal,
    actor: &Actor,
    fresh: Option<String>,
    errors: Vec<FieldError>,
) -> Result<Response, Problem> {
    let tokens = portal.registry().tokens(actor).await?;
    Ok(Show(TokensPage {
        tokens: tokens
            .into_iter()
            .map(|token| TokenRow {
                id: token.id,
                name: token.label,
                created_at: token.created_at.millis(),
                expires_at: token.expires_at.millis(),
                is_revoked: token.revoked_at.is_some(),
            })
            .collect(),
        fresh,
        public_url: portal.config().public_url.clone(),
        errors,
    })
    .into_response())
}

/// Makes a key and shows its secret in the answer itself: nothing keeps it for a second look.
pub(crate) async fn make_token(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    sent: Sent,
) -> Result<Response, Problem> {
    let days = sent.one("days").parse().unwrap_or(90);
    match portal
        .registry()
        .create_token(&actor, sent.one("name"), days)
        .await
    {
        Ok(token) => {
            let secret = token.secret.expose().to_owned();
            tokens_page(&portal, &actor, Some(secret), Vec::new()).await
        }
        Err(error) if error.fault().status.is_client_error() => {
            let errors = view::refusals(&portal, &error.fault(), frame.language, |pointer| {
                let field = if pointer.contains("days") {
                    "days"
                } else {
                    "name"
                };
                field.to_owned()
            });
            tokens_page(&portal, &actor, None, errors).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn revoke_token(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(id): Path<String>,
    _sent: Sent,
) -> Result<Response, Problem> {
    portal.registry().revoke_token(&actor, &id).await?;
    Ok(Redirect::to(&Place::TOKENS.href(frame.language, &[])).into_response())
}

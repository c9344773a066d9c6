//! What can go wrong between a browser and the rooms behind the pages. The pages show these as
//! HTML; the code and its explanation are at `/problems/{code}`.

use axum::http::StatusCode;
use foundation::error::{Describe, Fault};
use foundation::store::StoreError;

use crate::render::RenderError;

/// A refusal or failure of the pages themselves.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortalError {
    #[error("the form's token is missing or another session's")]
    FormExpired,
    #[error("the form cannot be read: {0}")]
    FormUnreadable(String),
    #[error("nothing is here")]
    NotFound,
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Describe for PortalError {
    fn fault(&self) -> Fault {
        match self {
            Self::FormExpired => Fault::new(StatusCode::FORBIDDEN, "form-expired")
                .title("The form is too old")
                .detail("The form was made in another session than the one you are in now.")
                .remedy("Open the page again, fill in the form and send it."),
            Self::FormUnreadable(reason) => Fault::new(StatusCode::BAD_REQUEST, "form-invalid")
                .title("The form cannot be read")
                .detail(reason)
                .remedy("Open the page again, fill in the form and send it."),
            Self::NotFound => Fault::new(StatusCode::NOT_FOUND, "page-not-found")
                .title("The page is not here")
                .detail("The address leads to nothing.")
                .remedy("Check the address, or start from the front page."),
            Self::Render(_) => Fault::internal(),
            Self::Store(error) => error.fault(),
        }
    }
}

/// Why a login did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("the issuer cannot be reached: {0}")]
    IssuerAway(String),
    #[error("the issuer's answer cannot be used: {0}")]
    IssuerWrong(String),
    #[error("the id_token is refused: {0}")]
    TokenRefused(String),
    #[error("the login was broken off: {0}")]
    BrokenOff(String),
    #[error("the login is unknown, used up or too old")]
    Stale,
    #[error("the login was begun in another browser")]
    OtherBrowser,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the organisation has no access: {}", .0.detail)]
    NoAccess(Box<Fault>),
}

impl Describe for LoginError {
    fn fault(&self) -> Fault {
        match self {
            Self::IssuerAway(_) => Fault::new(StatusCode::BAD_GATEWAY, "login-issuer-away")
                .title("The login service does not answer")
                .detail("The service that you log in with cannot be reached just now.")
                .remedy("Wait a little and log in again."),
            Self::IssuerWrong(_) | Self::TokenRefused(_) => {
                Fault::new(StatusCode::BAD_GATEWAY, "login-answer-refused")
                    .title("The login service gave an answer that we cannot trust")
                    .detail("The answer did not pass our checks, so you are not logged in.")
                    .remedy("Log in again; report it if it happens again.")
            }
            Self::BrokenOff(_) => Fault::new(StatusCode::BAD_REQUEST, "login-broken-off")
                .title("The login was broken off")
                .detail("You are not logged in.")
                .remedy("Log in again."),
            Self::Stale => Fault::new(StatusCode::BAD_REQUEST, "login-stale")
                .title("The login took too long")
                .detail("A login must be finished within ten minutes and can be used once.")
                .remedy("Log in again."),
            Self::OtherBrowser => Fault::new(StatusCode::BAD_REQUEST, "login-other-browser")
                .title("The login was begun in another browser")
                .detail("The answer does not belong to a login that this browser began.")
                .remedy("Log in again from this browser."),
            Self::Store(error) => error.fault(),
            Self::NoAccess(fault) => (**fault).clone(),
        }
    }
}

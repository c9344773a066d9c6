//! Forms: read whole, bounded, and only with the token of the session that the page was made in.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use foundation::error::Problem;

use super::frame::Frame;
use crate::error::PortalError;
use crate::service::session::is_form_token;

/// The largest form without files.
const LIMIT: usize = 256 * 1024;
/// The input that carries the token.
pub(crate) const TOKEN: &str = "form_token";

/// A form whose token was right: every input with its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent(BTreeMap<String, Vec<String>>);

impl Sent {
    /// The value of an input, without spaces around it; empty when it was not sent.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.0
            .get(name)
            .and_then(|values| values.first())
            .map_or("", |value| value.trim())
    }

    /// Every value of an input.
    pub(crate) fn all(&self, name: &str) -> BTreeSet<String> {
        self.0.get(name).into_iter().flatten().cloned().collect()
    }

    /// Adds a value.
    pub(crate) fn add(&mut self, name: String, value: String) {
        self.0.entry(name).or_default().push(value);
    }

    /// The values of these inputs, for showing the form again.
    pub(crate) fn filled(&self, names: &[&str]) -> BTreeMap<String, String> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), self.one(name).to_owned()))
            .collect()
    }
}

/// Refuses a form whose token is not of the session in `frame`.
pub(crate) fn check_token(frame: &Frame, presented: &str) -> Result<(), PortalError> {
    match frame.session.as_deref() {
        Some(session) if is_form_token(session, presented) => Ok(()),
        _ => Err(PortalError::FormExpired),
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let unreadable = |reason: &str| PortalError::FormUnreadable(reason.to_owned());
        let frame = request
            .extensions()
            .get::<Frame>()
            .cloned()
            .ok_or(PortalError::FormExpired)?;
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| {
                value
                    .as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
        if !is_form {
            return Err(unreadable("it is not a form").into());
        }
        let body = to_bytes(request.into_body(), LIMIT)
            .await
            .map_err(|_| unreadable("it is too long"))?;
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&body).map_err(|error| unreadable(&error.to_string()))?;
        let mut sent = Self::default();
        for (name, value) in pairs {
            sent.add(name, value);
        }
        check_token(&frame, sent.one(TOKEN))?;
        Ok(sent)
    }
}

//! One fault, three dialects. A domain error describes itself once ([`Describe`]); the handler's
//! return type says in which dialect the caller hears it: [`Problem`] (our APIs, RFC 9457),
//! [`Outcome`] (FHIR) or [`OAuthFailure`] (RFC 6749 §5.2). Pages are the portal's own dialect.

mod oauth;
mod outcome;
mod problem;

use axum::http::StatusCode;
use serde::Serialize;

pub use oauth::OAuthFailure;
pub use outcome::Outcome;
pub use problem::Problem;

/// An error that can tell a stranger what happened and what to do.
pub trait Describe: std::error::Error + Send + Sync + 'static {
    /// The fault as its callers may know it; never a driver's message.
    fn fault(&self) -> Fault;
}

/// What a caller is told, in no dialect yet.
#[derive(Clone, Debug)]
pub struct Fault {
    /// HTTP status of the answer.
    pub status: StatusCode,
    /// Stable code; the problem type is `/problems/{code}`.
    pub code: &'static str,
    /// What happened, the same for every occurrence.
    pub title: String,
    /// What happened this time.
    pub detail: String,
    /// What the caller can do about it.
    pub remedy: String,
    /// The FHIR issue code (value set `issue-type`).
    pub issue: &'static str,
    /// The OAuth error code.
    pub oauth: &'static str,
    /// Single findings, each with its place in what was sent.
    pub errors: Vec<Finding>,
}

/// One of several things that are wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// Where: a JSON pointer, a file name in an archive, or a parameter.
    pub pointer: String,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A fault with its status and stable code; say the rest with the methods below.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self {
            status,
            code,
            title: code.replace('-', " "),
            detail: String::new(),
            remedy: String::new(),
            issue: default_issue(status),
            oauth: default_oauth(status),
            errors: Vec::new(),
        }
    }

    /// A failure of ours: the caller can only wait and report.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
            .title("Something failed on our side")
            .detail("The request was not carried out.")
            .remedy("Try again; if it fails again, report it with the request id.")
    }

    /// Sets what happened, the same for every occurrence.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Sets what the caller can do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Sets the FHIR issue code.
    #[must_use]
    pub fn issue(mut self, issue: &'static str) -> Self {
        self.issue = issue;
        self
    }

    /// Sets the OAuth error code.
    #[must_use]
    pub fn oauth(mut self, oauth: &'static str) -> Self {
        self.oauth = oauth;
        self
    }

    /// Sets the single findings.
    #[must_use]
    pub fn errors(mut self, errors: Vec<Finding>) -> Self {
        self.errors = errors;
        self
    }
}

fn default_issue(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "login",
        403 => "forbidden",
        404 => "not-found",
        409 | 412 => "conflict",
        413 => "too-long",
        429 => "throttled",
        503 => "transient",
        400..=499 => "invalid",
        _ => "exception",
    }
}

fn default_oauth(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "invalid_client",
        403 => "access_denied",
        503 => "temporarily_unavailable",
        400..=499 => "invalid_request",
        _ => "server_error",
    }
}

/// Logs a fault once, where it leaves the process: ours as errors, the caller's as debug.
pub fn seen(error: &dyn Describe) -> Fault {
    let fault = error.fault();
    if fault.status.is_server_error() {
        tracing::error!(code = fault.code, error = %chain(error), "request failed");
    } else {
        tracing::debug!(code = fault.code, error = %error, "request refused");
    }
    fault
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

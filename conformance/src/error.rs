//! What can go wrong when somebody asks about checks.

use axum::http::StatusCode;
use foundation::blob::BlobError;
use foundation::error::{Describe, Fault};
use foundation::store::StoreError;

use crate::domain::check::CheckId;
use crate::domain::subject::{AppError, SubjectsError};
use crate::suite::SuiteError;

/// A refused or failed request about checks.
#[derive(Debug, thiserror::Error)]
pub enum ConformanceError {
    /// The app cannot be opened at all.
    #[error(transparent)]
    App(#[from] AppError),
    /// A blob is missing or damaged.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The version is frozen or withdrawn.
    #[error("version {version} of {app} can no longer be checked")]
    Closed {
        /// The app entry.
        app: String,
        /// The version.
        version: String,
    },
    /// The version belongs to another organisation.
    #[error("the version belongs to another organisation")]
    NotYours,
    /// Somebody must log in to see this.
    #[error("nobody is logged in")]
    NotLoggedIn,
    /// A stored report cannot be read.
    #[error("a stored report cannot be read: {0}")]
    Report(#[from] serde_json::Error),
    /// A check of the version is waiting or running.
    #[error("check {0} of this version is not finished")]
    Running(CheckId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry did not answer.
    #[error(transparent)]
    Subjects(#[from] SubjectsError),
    /// The suite cannot be used.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The check is not finished.
    #[error("check {0} is not finished")]
    Unfinished(CheckId),
    /// The check ended without what was asked for.
    #[error("check {0} ended without a verdict")]
    WithoutVerdict(CheckId),
    /// There is no such check, or it is not for the caller's eyes.
    #[error("there is no such check")]
    Unknown,
    /// The check has no such attachment.
    #[error("the check has no such attachment")]
    UnknownAttachment,
    /// There is no such version, or it is not for the caller's eyes.
    #[error("there is no such version")]
    UnknownVersion,
}

impl ConformanceError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.fault().code
    }
}

impl Describe for ConformanceError {
    fn fault(&self) -> Fault {
        let fault = |status, code, title: &str, remedy: &str| {
            Fault::new(status, code)
                .title(title)
                .detail(self.to_string())
                .remedy(remedy)
        };
        match self {
            Self::App(error) => fault(
                StatusCode::UNPROCESSABLE_ENTITY,
                app_code(error),
                "The app cannot be opened",
                "Correct the manifest and upload the version again.",
            ),
            Self::Blob(error) => error.fault(),
            Self::Store(error) => error.fault(),
            Self::Suite(error) => error.fault(),
            Self::Report(_) => Fault::internal(),
            Self::Subjects(_) => fault(
                StatusCode::SERVICE_UNAVAILABLE,
                "registry-unavailable",
                "The registry does not answer",
                "Wait a few seconds and try again.",
            ),
            Self::NotYours => fault(
                StatusCode::FORBIDDEN,
                "not-your-app",
                "The app belongs to another organisation",
                "Act for the organisation that owns the app.",
            ),
            Self::NotLoggedIn => fault(
                StatusCode::UNAUTHORIZED,
                "not-logged-in",
                "Nobody is logged in",
                "Log in, or send `Authorization: Bearer` with a token from the console.",
            ),
            Self::Closed { .. } | Self::Running(_) | Self::Unfinished(_) => self.conflict(),
            Self::WithoutVerdict(_) => fault(
                StatusCode::NOT_FOUND,
                "check-without-verdict",
                "The check ended without a verdict",
                "Read its code, mend what it names and start another check.",
            ),
            Self::Unknown => missing("check-unknown", "There is no such check"),
            Self::UnknownAttachment => missing("attachment-unknown", "There is no such attachment"),
            Self::UnknownVersion => missing("version-unknown", "There is no such version"),
        }
    }
}

impl ConformanceError {
    fn conflict(&self) -> Fault {
        let (code, title, remedy) = match self {
            Self::Closed { .. } => (
                "version-closed",
                "The version can no longer be checked",
                "Upload a new version; a submitted one keeps the check it was submitted with.",
            ),
            Self::Running(_) => (
                "check-running",
                "A check of this version is not finished",
                "Wait for that check; it ends by itself.",
            ),
            _ => (
                "check-unfinished",
                "The check is not finished",
                "Follow its events, and ask again when it is finished.",
            ),
        };
        Fault::new(StatusCode::CONFLICT, code)
            .title(title)
            .detail(self.to_string())
            .remedy(remedy)
    }
}

fn missing(code: &'static str, title: &str) -> Fault {
    Fault::new(StatusCode::NOT_FOUND, code)
        .title(title)
        .detail("It does not exist, or it is not for you to see.")
        .remedy("Compare the address with the one that you were given.")
}

const fn app_code(error: &AppError) -> &'static str {
    match error {
        AppError::LaunchUrl(_) => "app-launch-url",
        AppError::NoRedirect => "app-no-redirect",
        AppError::Origin(_) => "app-origin",
    }
}

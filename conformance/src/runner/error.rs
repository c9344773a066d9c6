//! Why a run gave no verdict. Never the app's failure; some of it passes by itself.

use axum::http::StatusCode;
use foundation::error::{Describe, Fault};

use crate::browser::{BrowserError, PrivateAddress};
use crate::domain::stage::StageError;
use crate::domain::subject::AppError;
use crate::suite::SuiteError;

/// A run that ended without a verdict.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The app cannot be opened.
    #[error(transparent)]
    App(#[from] AppError),
    /// The browser failed.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// The process is being stopped.
    #[error("the run was stopped")]
    Cancelled,
    /// The evidence could not be written.
    #[error("the evidence could not be written: {0}")]
    Evidence(#[from] serde_json::Error),
    /// The app lies in a private network.
    #[error(transparent)]
    Private(#[from] PrivateAddress),
    /// The stage failed.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The suite failed.
    #[error(transparent)]
    Suite(#[from] SuiteError),
}

impl RunError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::App(AppError::LaunchUrl(_)) => "app-launch-url",
            Self::App(AppError::NoRedirect) => "app-no-redirect",
            Self::App(AppError::Origin(_)) => "app-origin",
            Self::Browser(BrowserError::Missing) => "browser-missing",
            Self::Browser(BrowserError::Start(_)) => "browser-not-started",
            Self::Browser(_) => "browser-failed",
            Self::Cancelled => "check-stopped",
            Self::Evidence(_) => "evidence-not-written",
            Self::Private(_) => "address-private",
            Self::Stage(_) => "stage-failed",
            Self::Suite(error) => error.code(),
        }
    }

    /// True when running again may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Browser(error) => !matches!(error, BrowserError::Missing),
            Self::Stage(StageError::Failed(_)) | Self::Cancelled => true,
            _ => false,
        }
    }
}

impl Describe for RunError {
    fn fault(&self) -> Fault {
        let remedy = match self {
            Self::App(_) => "Correct the manifest and upload the version again.",
            Self::Private(_) => "Give the app a public address, or upload it as a bundle.",
            Self::Browser(BrowserError::Missing) => {
                "The operator installs Chromium or sets `conformance.chromium`."
            }
            _ => "Start the check again; if it breaks again, report it with its id.",
        };
        let status = match self {
            Self::App(_) | Self::Private(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Fault::new(status, self.code())
            .title("The check could not be carried out")
            .detail(self.to_string())
            .remedy(remedy)
    }
}

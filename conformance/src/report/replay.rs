//! The same verdict again, from evidence and component alone: no browser, no stage, no clock.

use axum::http::StatusCode;
use foundation::Digest;
use foundation::error::{Describe, Fault};

use super::Report;
use crate::evidence::{Document, EvidenceError};
use crate::suite::{Limits, SuiteError, Suites};

/// Why a verdict could not be found again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The evidence cannot be used.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The evidence was recorded for another suite.
    #[error("the evidence was recorded with the suite {wanted}, not with {given}")]
    OtherSuite {
        /// The suite named in the evidence.
        wanted: Digest,
        /// The suite that was given.
        given: Digest,
    },
    /// The suite failed.
    #[error(transparent)]
    Suite(#[from] SuiteError),
}

impl Describe for ReplayError {
    fn fault(&self) -> Fault {
        match self {
            Self::Evidence(error) => error.fault(),
            Self::Suite(error) => error.fault(),
            Self::OtherSuite { .. } => {
                Fault::new(StatusCode::UNPROCESSABLE_ENTITY, "evidence-other-suite")
                    .title("The evidence belongs to another suite")
                    .detail(self.to_string())
                    .remedy("Give the component with the digest that the evidence names.")
            }
        }
    }
}

/// Judges recorded evidence again. The report's JSON is byte for byte that of the check.
pub async fn replay(evidence: &[u8], component: &[u8]) -> Result<Report, ReplayError> {
    let document = Document::parse(evidence)?;
    let given = Digest::of(component);
    if document.preamble.suite != given {
        return Err(ReplayError::OtherSuite {
            wanted: document.preamble.suite,
            given,
        });
    }
    let suite = Suites::new(Limits::default())?.load(component).await?;
    Ok(Report::of(&suite, document, Digest::of(evidence)).await?)
}

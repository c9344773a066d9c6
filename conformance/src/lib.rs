//! The conformance room: suites as WebAssembly components, the runner that drives an app in a real
//! browser through a stage, the evidence of what happened, and the verdicts that follow from it.
//!
//! It knows neither the registry nor the sandbox: apps come through [`Subjects`], the EPJ that they
//! meet through [`Stage`], both filled in by the binary.

mod browser;
mod config;
mod domain;
mod error;
mod evidence;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod http;
mod jobs;
mod local;
mod report;
mod requirement;
mod runner;
mod service;
mod store;
mod suite;

pub use browser::{BrowserError, PrivateAddress, is_private};
pub use config::{ConfigError, ConformanceConfig};
pub use domain::check::{Check, CheckId, CheckState, Progress};
pub use domain::stage;
pub use domain::stage::{Stage, StageError, StageId};
pub use domain::subject::{AppError, AppUnderTest, Subject, Subjects, SubjectsError};
pub use error::ConformanceError;
pub use evidence::{EvidenceError, EvidenceProblem, SecretKind, marker};
pub use local::{LocalApp, LocalError, Package};
pub use report::{
    Counts, Outcome, Place, ReplayError, Report, RequirementResult, SuiteName, replay,
};
pub use requirement::{Catalogue, Method, Requirement, Severity, Source, Text};
pub use runner::{News, Observer, RunError, Silent};
pub use service::{Conformance, Examination, Finished, Parts, examine};
pub use suite::{SuiteError, wrap_suite};

/// The component of the suite that this build judges with, for `replay`.
pub fn embedded_suite() -> &'static [u8] {
    suite::SMART_APP
}

//! The registry asks how a release fared; conformance knows.

use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use conformance::Conformance;
use foundation::Digest;
use registry::{Outcome, PortError, RequirementResult, Verdict, Verdicts};

/// The checks of conformance as verdicts for the registry. Conformance is joined later, because it
/// asks the registry itself.
pub(crate) struct CheckVerdicts(Arc<OnceLock<Conformance>>);

impl CheckVerdicts {
    /// Answers from the conformance engine that is put there before the first question.
    pub(crate) const fn new(conformance: Arc<OnceLock<Conformance>>) -> Self {
        Self(conformance)
    }
}

impl fmt::Debug for CheckVerdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckVerdicts")
    }
}

#[async_trait]
impl Verdicts for CheckVerdicts {
    async fn latest(&self, release: &Digest) -> Result<Option<Verdict>, PortError> {
        let conformance = self
            .0
            .get()
            .ok_or_else(|| PortError("conformance is not joined yet".to_owned()))?;
        let failed = |error: conformance::ConformanceError| PortError(error.to_string());
        let Some(finished) = conformance.latest(release).await.map_err(failed)? else {
            return Ok(None);
        };
        let report = finished.report;
        Ok(Some(Verdict {
            check: finished.check.id.to_string(),
            passed: report.passed,
            suite: report.suite.digest,
            evidence: report.evidence,
            finished_at: finished.check.finished_at.unwrap_or_default(),
            results: report
                .results
                .iter()
                .map(|result| RequirementResult {
                    id: result.id.clone(),
                    outcome: outcome(result.outcome),
                })
                .collect(),
        }))
    }
}

fn outcome(outcome: conformance::Outcome) -> Outcome {
    match outcome {
        conformance::Outcome::Failed => Outcome::Failed,
        conformance::Outcome::Fulfilled => Outcome::Fulfilled,
        conformance::Outcome::NotApplicable => Outcome::NotApplicable,
        conformance::Outcome::NotAssessed => Outcome::NotAssessed,
    }
}

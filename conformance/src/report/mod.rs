//! The report: the suite's findings beside what they are findings of. It follows from evidence and
//! component alone, so the same two always give the same bytes.

mod junit;
mod replay;

use foundation::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

pub use replay::{ReplayError, replay};

use crate::evidence::Document;
use crate::requirement::{Method, Requirement, Severity, Source, Text};
use crate::suite::{Suite, SuiteError, passes, wit};

/// The report of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Format and its version.
    pub format: String,
    /// Reverse-DNS name of the app.
    pub app: String,
    /// The version.
    pub version: String,
    /// Digest of the release, when a registered version was checked.
    pub release: Option<Digest>,
    /// The suite that judged.
    pub suite: SuiteName,
    /// Digest of the evidence that was judged.
    pub evidence: Digest,
    /// When the run began.
    pub started_at: Timestamp,
    /// The browser, as it names itself.
    pub browser: String,
    /// True when nothing blocking stands in the way.
    pub passed: bool,
    /// Code of the limit that ended the run early; then it never passes.
    pub interrupted: Option<String>,
    /// How many requirements came out how.
    pub counts: Counts,
    /// One for each requirement, in order of presentation.
    pub results: Vec<RequirementResult>,
}

/// Which suite judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuiteName {
    /// Its name.
    pub id: String,
    /// Version of the requirement set.
    pub version: String,
    /// Digest of the component.
    pub digest: Digest,
    /// Name for people.
    pub title: Text,
}

/// How many requirements came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Fulfilled.
    pub fulfilled: usize,
    /// Failed.
    pub failed: usize,
    /// Do not concern the app.
    pub not_applicable: usize,
    /// The evidence did not suffice.
    pub not_assessed: usize,
    /// Failed or not assessed, and blocking.
    pub blocking: usize,
}

/// How one requirement came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RequirementResult {
    /// The requirement's id.
    pub id: String,
    /// The requirement in one sentence.
    pub title: Text,
    /// What is demanded, why, and how it is measured.
    pub explanation: Text,
    /// What a failure means for approval.
    pub severity: Severity,
    /// How it is verified.
    pub method: Method,
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// How it came out.
    pub outcome: Outcome,
    /// What was seen.
    pub observed: Text,
    /// What should have been seen.
    pub expected: Text,
    /// Where it was seen.
    pub places: Vec<Place>,
    /// What to do about it.
    pub remedy: Option<Text>,
}

/// How a requirement came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is not fulfilled.
    Failed,
    /// It is fulfilled.
    Fulfilled,
    /// It does not concern this app.
    NotApplicable,
    /// The evidence does not suffice.
    NotAssessed,
}

/// A place in the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Identifier of the step.
    pub step: String,
    /// `seq` of the event.
    pub event: Option<u32>,
    /// The sandbox's number of the exchange.
    pub exchange: Option<u64>,
    /// Address it concerns.
    pub url: Option<String>,
    /// Selector, header, key or parameter it concerns.
    pub detail: Option<String>,
}

impl Report {
    /// Lets `suite` judge a document whose text has the digest `evidence`.
    pub(crate) async fn of(
        suite: &Suite,
        document: Document,
        evidence: Digest,
    ) -> Result<Self, SuiteError> {
        let description = suite.description();
        let preamble = document.preamble.clone();
        let interrupted = document.interrupted.clone();
        let findings = suite.judge(document.into_evidence().into()).await?.value;
        let passed = interrupted.is_none() && passes(description, &findings);
        let requirements = description.requirements.iter().cloned();
        let results: Vec<RequirementResult> = requirements
            .map(Requirement::from)
            .zip(findings)
            .map(|(requirement, finding)| RequirementResult::of(requirement, finding))
            .collect();
        Ok(Self {
            format: FORMAT.to_owned(),
            app: preamble.header.app,
            version: preamble.header.version,
            release: preamble.release,
            suite: SuiteName {
                id: description.id.clone(),
                version: description.version.clone(),
                digest: suite.digest(),
                title: description.title.clone().into(),
            },
            evidence,
            started_at: preamble.started_at,
            browser: preamble.header.browser,
            passed,
            interrupted,
            counts: Counts::of(&results),
            results,
        })
    }

    /// The report's one spelling as JSON.
    pub fn json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a stored report.
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

impl Counts {
    fn of(results: &[RequirementResult]) -> Self {
        let count = |outcome| {
            results
                .iter()
                .filter(|result| result.outcome == outcome)
                .count()
        };
        Self {
            fulfilled: count(Outcome::Fulfilled),
            failed: count(Outcome::Failed),
            not_applicable: count(Outcome::NotApplicable),
            not_assessed: count(Outcome::NotAssessed),
            blocking: results.iter().filter(|result| result.blocks()).count(),
        }
    }
}

impl RequirementResult {
    fn of(requirement: Requirement, finding: wit::Finding) -> Self {
        Self {
            id: requirement.id,
            title: requirement.title,
            explanation: requirement.explanation,
            severity: requirement.severity,
            method: requirement.method,
            sources: requirement.sources,
            outcome: match finding.outcome {
                wit::Outcome::Fulfilled => Outcome::Fulfilled,
                wit::Outcome::Failed => Outcome::Failed,
                wit::Outcome::NotApplicable => Outcome::NotApplicable,
                wit::Outcome::NotAssessed => Outcome::NotAssessed,
            },
            observed: finding.observed.into(),
            expected: finding.expected.into(),
            places: finding.places.into_iter().map(Place::from).collect(),
            remedy: finding.remedy.map(Text::from),
        }
    }

    /// True when it stands in the way of approval.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Blocking
            && matches!(self.outcome, Outcome::Failed | Outcome::NotAssessed)
    }
}

impl From<wit::Place> for Place {
    fn from(place: wit::Place) -> Self {
        Self {
            step: place.step,
            event: place.event,
            exchange: place.exchange,
            url: place.url,
            detail: place.detail,
        }
    }
}

const FORMAT: &str = "markedsplass-report/1";

//! What the registry needs from others: conformance verdicts, and signatures that people make.

use async_trait::async_trait;
use foundation::access::Actor;
use foundation::error::Finding;
use foundation::{Digest, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use verifier::claims::{Decision, ReviewRole};

use crate::domain::app::AppEntry;
use crate::domain::manifest::VersionManifest;
use crate::domain::organisation::Organisation;
use crate::domain::release::{Addresses, ContentLevel};
use crate::domain::version::VersionState;

/// Another room could not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PortError(pub String);

/// What vendors' own servers serve, fetched as a stranger's browser would.
#[async_trait]
pub trait Hosted: Send + Sync + std::fmt::Debug {
    /// What is at `address` now. Redirects are not followed, caches are asked to step aside, and
    /// only the first `limit` bytes are read.
    async fn fetch(&self, address: &str, limit: u64) -> Result<Fetched, PortError>;
}

/// What was at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The content.
    pub bytes: bytes::Bytes,
}

/// The conformance engine, as the registry sees it.
#[async_trait]
pub trait Verdicts: Send + Sync {
    /// The newest finished check of exactly this release.
    async fn latest(&self, release: &Digest) -> Result<Option<Verdict>, PortError>;
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Identifier of the check.
    pub check: String,
    /// True when nothing failed.
    pub passed: bool,
    /// Digest of the suite's component.
    pub suite: Digest,
    /// Digest of the recorded evidence.
    pub evidence: Digest,
    /// When it was finished.
    pub finished_at: Timestamp,
    /// The outcome of each requirement.
    pub results: Vec<RequirementResult>,
}

/// The outcome of one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementResult {
    /// Requirement id, such as `SMA-02`.
    pub id: String,
    /// What was found.
    pub outcome: Outcome,
}

/// How a requirement fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Met.
    Fulfilled,
    /// Not met.
    Failed,
    /// Does not concern this app.
    NotApplicable,
    /// Nobody looked.
    NotAssessed,
}

/// The exact release of a version: what a check runs on and what a vendor signs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subject {
    /// Reverse domain name of the app.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// Where the version is in its life.
    pub state: VersionState,
    /// Digest of the release document: the exact content.
    pub release: Digest,
    /// The app's entity id.
    pub entity_id: String,
    /// Who made it.
    pub vendor: Organisation,
    /// What the vendor says about the app (as it was at submission, once submitted).
    pub entry: AppEntry,
    /// The version's manifest.
    pub manifest: VersionManifest,
    /// Where it is started, absolute.
    pub addresses: Addresses,
    /// How firmly the content is bound.
    pub level: ContentLevel,
    /// Digest of the archive.
    pub bundle: Option<Digest>,
    /// Digest of the integrity manifest.
    pub integrity: Option<Digest>,
    /// Size of the archive in bytes.
    pub size: Option<u64>,
}

/// A review to be signed or checked: everything that its claims must say.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewCase {
    /// What is reviewed.
    pub subject: Subject,
    /// The vendor's signed release, whose digest the review names.
    pub release_jws: String,
    /// The verdict that it rests on.
    pub verdict: Verdict,
    /// The versioned address of the criteria.
    pub criteria: String,
    /// The decision.
    pub decision: Decision,
    /// In which capacity.
    pub role: ReviewRole,
}

/// Why a signature could not be made or is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The person or organisation has no key here.
    #[error("no key is registered for {0}")]
    NoKey(String),
    /// The person or organisation has a key of their own, and is not signed for.
    #[error("a key of their own is registered")]
    OwnKey,
    /// The signature or its claims are not right; the text says which.
    #[error("{0}")]
    Refused(String),
    /// The vendor's signature on a release is not right.
    #[error("{0}")]
    Release(String),
    /// The release says something else than the version; each claim is named.
    #[error("{} claims differ", .0.len())]
    Mismatch(Vec<Finding>),
    /// The keys cannot be used at present.
    #[error("{0}")]
    Failed(String),
}

/// Something that was signed to be sent once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// Its identifier.
    pub jti: String,
    /// Until when it may be sent, in Unix seconds.
    pub exp: i64,
}

/// Signatures that people make: vendors sign releases, reviewers sign reviews.
#[async_trait]
pub trait Signing: Send + Sync {
    /// Signs the release (`app-release+jwt`) with the key that is kept for the vendor; the exact
    /// JWS.
    async fn release(&self, subject: &Subject) -> Result<String, SigningError>;

    /// What a vendor with a key of its own is to sign now.
    fn release_claims(&self, subject: &Subject) -> Result<Value, SigningError>;

    /// Checks a release that the vendor signed: its own key in force, and claims that say exactly
    /// what the version is.
    async fn accept_release(&self, jws: &str, subject: &Subject) -> Result<Once, SigningError>;

    /// Signs a review (`app-review+jwt`) with the reviewer's desk key; the exact JWS.
    async fn review(&self, reviewer: &Actor, case: &ReviewCase) -> Result<String, SigningError>;

    /// What a reviewer with a card is to sign now.
    fn review_claims(&self, reviewer: &Actor, case: &ReviewCase) -> Result<Value, SigningError>;

    /// What a review that was signed elsewhere says, before anything about it is trusted.
    fn offered(&self, jws: &str) -> Result<(Decision, ReviewRole), SigningError>;

    /// Checks a review that was signed elsewhere: the reviewer's own registered key, and claims
    /// that say exactly what `case` says.
    async fn accept(
        &self,
        reviewer: &Actor,
        jws: &str,
        case: &ReviewCase,
    ) -> Result<(), SigningError>;
}

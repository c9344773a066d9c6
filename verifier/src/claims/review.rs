//! A reviewer's decision, `app-review+jwt`: about one release, on named evidence.

use serde::{Deserialize, Serialize};

use super::Claims;
use crate::digest::Digest;
use crate::jws::TokenType;

/// The claims of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The reviewer: a pseudonymous URI.
    pub iss: String,
    /// The app's entity id.
    pub sub: String,
    /// When it was decided.
    pub iat: i64,
    /// Digest of the exact signed release.
    pub release_digest: Digest,
    /// The software.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// The decision.
    pub decision: Decision,
    /// In which capacity.
    pub role: ReviewRole,
    /// The versioned address of what it was reviewed against.
    pub criteria: String,
    /// What it rests on: at least the suite and the evidence.
    pub evidence: Vec<Evidence>,
    /// Less scope than the release asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Fewer redirect addresses than the release asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<String>>,
}

impl Claims for Review {
    const TYPE: TokenType = TokenType::Review;
}

impl Review {
    /// The digest of the evidence of this kind.
    pub fn evidence_of(&self, kind: EvidenceKind) -> Option<Digest> {
        let found = self.evidence.iter().find(|entry| entry.kind == kind)?;
        Some(found.digest)
    }
}

/// A reviewer's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It may be approved.
    Approve,
    /// It may not.
    Reject,
}

/// What a reviewer answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewRole {
    /// Information security.
    Security,
    /// Clinical use.
    Clinical,
    /// Privacy.
    Privacy,
}

/// One piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Its digest.
    pub digest: Digest,
}

impl Evidence {
    /// A piece of evidence.
    pub const fn new(kind: EvidenceKind, digest: Digest) -> Self {
        Self { kind, digest }
    }
}

/// What a piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceKind {
    /// The conformance suite's component.
    Suite,
    /// The recorded evidence that the suite judged.
    Evidence,
    /// The verdict that came of it.
    Verdict,
}

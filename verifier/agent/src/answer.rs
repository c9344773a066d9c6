//! What an EPJ is told: about an approval, about a launch, and about everything that is approved.

use serde::Serialize;
use verifier::claims::{Approval, Content};
use verifier::{Assurance, Code, Digest, Freshness, Granted, StatusSeen, VerifyError};

/// The verdict of an answer that is not a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Accepted,
}

/// An approval that was taken in and may be used.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verified {
    pub(crate) verdict: Verdict,
    pub(crate) approval: Approved,
    pub(crate) status: Option<StatusAge>,
    pub(crate) log_index: Option<u64>,
    /// The earliest witness time of its checkpoint.
    pub(crate) witnessed_at: Option<i64>,
    /// Whether launches go by this approval; a newer one of the same version stays in force.
    pub(crate) in_force: bool,
    pub(crate) decided_at: i64,
}

/// A launch that may go on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Launched {
    pub(crate) verdict: Verdict,
    pub(crate) jti: String,
    /// The approval's leaf hash: by it the approval is found in the log.
    pub(crate) leaf: Digest,
    pub(crate) assurance: &'static str,
    pub(crate) status: Option<StatusAge>,
    pub(crate) expires_at: i64,
    pub(crate) decided_at: i64,
}

/// What an approval says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Approved {
    jti: String,
    sub: String,
    software_id: String,
    software_version: String,
    client_name: String,
    organization_id: String,
    developer_name: String,
    launch_uri: Option<String>,
    redirect_uris: Vec<String>,
    scope: String,
    content: Content,
    issued_at: i64,
    expires_at: i64,
}

impl From<&Approval> for Approved {
    fn from(approval: &Approval) -> Self {
        let approval = approval.clone();
        Self {
            jti: approval.jti,
            sub: approval.sub,
            software_id: approval.software_id,
            software_version: approval.software_version,
            client_name: approval.client_name,
            organization_id: approval.organization_id,
            developer_name: approval.developer_name,
            launch_uri: approval.launch_uri,
            redirect_uris: approval.redirect_uris,
            scope: approval.scope,
            content: approval.content,
            issued_at: approval.iat,
            expires_at: approval.exp,
        }
    }
}

/// The age of the status list that a decision rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct StatusAge {
    uri: String,
    issued_at: i64,
    age_seconds: i64,
    /// The longest age that is allowed here.
    max_stale: i64,
    /// False when it is older than it should be, though not too old.
    fresh: bool,
}

impl StatusAge {
    pub(crate) fn new(
        uri: &str,
        seen: StatusSeen,
        max_stale: i64,
        freshness: Freshness,
        now: i64,
    ) -> Self {
        Self {
            uri: uri.to_owned(),
            issued_at: seen.issued_at,
            age_seconds: now.saturating_sub(seen.issued_at),
            max_stale,
            fresh: freshness == Freshness::Fresh,
        }
    }
}

/// An entry of the table of what is approved.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listed {
    #[serde(flatten)]
    pub(crate) approval: Approved,
    /// What a launch with the approved content would be told now.
    pub(crate) standing: Standing,
}

/// Whether an approval may be used now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    verdict: &'static str,
    code: Option<Code>,
    detail: Option<String>,
}

impl<T> From<Result<T, VerifyError>> for Standing {
    fn from(outcome: Result<T, VerifyError>) -> Self {
        match outcome {
            Ok(_) => Self {
                verdict: "accepted",
                code: None,
                detail: None,
            },
            Err(refused) => Self {
                verdict: "refused",
                code: Some(refused.code),
                detail: Some(refused.detail.into_owned()),
            },
        }
    }
}

/// How far the approval's trust is carried.
pub(crate) const fn assurance(granted: &Granted<'_>) -> &'static str {
    match granted.assurance {
        Assurance::JoseOnly => "jose-only",
        Assurance::Logged => "logged",
    }
}

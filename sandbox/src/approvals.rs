//! What the EPJ of a sandbox fetches from a registry. The binary fills it in; the EPJ believes none
//! of it before the verifier has checked it.

use std::fmt;

use async_trait::async_trait;
use futures::stream::BoxStream;
use verifier::TrustUpdate;

/// Status list tokens as they are published.
pub type StatusFeed = BoxStream<'static, String>;

/// Where approvals, status lists and the trust repository come from.
#[async_trait]
pub trait ApprovalSource: Send + Sync + fmt::Debug {
    /// The trust repository, for somebody who knows the root document of this version.
    async fn trust_update(&self, known_root: u64) -> Result<TrustUpdate, SourceError>;

    /// The status list token at this address: a compact JWS.
    async fn status_list(&self, uri: &str) -> Result<String, SourceError>;

    /// The status list tokens at this address: the newest at once, then each time one is published.
    /// It ends when the connection does. A source that cannot push says so, and is polled.
    async fn follow_status(&self, uri: &str) -> Result<StatusFeed, SourceError> {
        Err(SourceError(format!("{uri} cannot be followed")))
    }

    /// Everything that an EPJ page may try to launch, approved or not.
    async fn listed(&self) -> Result<Vec<ListedApp>, SourceError>;

    /// A root document of the registry's trust repository: configured, never fetched with what its
    /// keys sign.
    fn pinned_root(&self) -> Option<String>;
}

/// The registry did not answer, or not with what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registry did not answer: {0}")]
pub struct SourceError(pub String);

/// A version of an app, as the registry lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedApp {
    /// Reverse domain name.
    pub software_id: String,
    /// Version.
    pub version: String,
    /// What people read.
    pub name: String,
    /// Organisation number of the vendor, nine digits.
    pub organisation: String,
    /// Where a launch begins.
    pub launch_uri: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// What the app asks for.
    pub scope: String,
    /// Digest of the bytes that the registry serves now for an uploaded app, as `sha256-…`.
    pub content: Option<String>,
    /// For an app that its vendor hosts and a manifest binds: the manifest's digest, as
    /// `sha256-…`, and when the app was last seen to serve what it says, in seconds.
    pub observed: Option<(String, i64)>,
    /// The approval, a compact JWS, if there is one.
    pub approval: Option<String>,
    /// Its ticket, a tlog-proof.
    pub ticket: Option<String>,
}

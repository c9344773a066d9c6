//! Use cases: open a transaction, load, decide, write, commit. Pages, endpoints and the binary's
//! ports call these.

pub(crate) mod admission;
pub(crate) mod authorize;
pub(crate) mod client_auth;
pub(crate) mod clients;
pub(crate) mod epj;
pub(crate) mod follow;
pub(crate) mod helseid;
pub(crate) mod introspect;
pub(crate) mod keys;
pub(crate) mod launches;
pub(crate) mod notify;
pub(crate) mod people;
pub(crate) mod recorder;
pub(crate) mod sandboxes;
pub(crate) mod shares;
pub(crate) mod snapshots;
pub(crate) mod sweep;
pub(crate) mod token;

use std::sync::Arc;

use foundation::store::Database;
use foundation::{Clock, Entropy, Timestamp};

use crate::approvals::ApprovalSource;
use crate::config::SandboxConfig;
use admission::Admissions;
use keys::Keys;
use recorder::Recorder;

/// What every use case stands on.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) config: SandboxConfig,
    pub(crate) approvals: Arc<dyn ApprovalSource>,
    pub(crate) keys: Keys,
    pub(crate) recorder: Recorder,
    /// One change of an EPJ's trust at a time.
    pub(crate) epj: tokio::sync::Mutex<()>,
    /// The status lists that the sandboxes' EPJs rely on.
    pub(crate) lists: tokio::sync::watch::Sender<std::collections::BTreeSet<String>>,
    /// The best-documented patients by dataset, computed once.
    pub(crate) casts: std::sync::Mutex<std::collections::BTreeMap<String, Vec<String>>>,
    /// Who was let in to the sandboxes' FHIR servers lately.
    pub(crate) admissions: Admissions,
    /// The sandboxes' FHIR servers.
    pub(crate) fhir: crate::fhir::FhirState,
    /// What was written in them.
    pub(crate) overlays: crate::fhir::Overlays,
}

impl Core {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The FHIR base address of a sandbox: also `iss` of launches and issuer of its tokens.
    pub(crate) fn fhir_base(&self, sandbox: &str) -> String {
        format!("{}/{sandbox}/fhir", self.config.public_url)
    }

    /// The address of an endpoint of a sandbox's authorization server.
    pub(crate) fn auth_url(&self, sandbox: &str, endpoint: &str) -> String {
        format!("{}/{sandbox}/auth/{endpoint}", self.config.public_url)
    }

    /// The issuer of the HelseID simulator.
    pub(crate) fn helseid_issuer(&self) -> String {
        format!("{}/helseid", self.config.public_url)
    }
}

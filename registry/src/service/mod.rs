//! Use cases. Each opens its transaction, loads, decides in [`crate::domain`], writes and commits.

pub(crate) mod apps;
pub(crate) mod carry;
pub(crate) mod catalogue;
pub(crate) mod ceremonies;
pub(crate) mod chain;
pub(crate) mod federation;
pub(crate) mod hosted;
pub(crate) mod keys;
pub(crate) mod notices;
pub(crate) mod people;
pub(crate) mod ports;
pub(crate) mod progress;
pub(crate) mod published;
pub(crate) mod resign;
pub(crate) mod restore;
pub(crate) mod resume;
pub(crate) mod reviews;
pub(crate) mod served;
pub(crate) mod standing;
pub(crate) mod submission;
pub(crate) mod tokens;
pub(crate) mod trust;
pub(crate) mod upload;
pub(crate) mod verify;
pub(crate) mod versions;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use foundation::access::Routes;
use foundation::blob::Blobs;
use foundation::jobs::Worker;
use foundation::store::Database;
use foundation::{Clock, Entropy};
use tokio::sync::Semaphore;

use crate::config::RegistryConfig;
use crate::http;
use crate::jobs::{approve, hosted as hosted_job, refresh, standing as standing_job};
use crate::trust::Trust;
use crate::trust::feed::Feed;
use crate::trust::keys::Keys;
use crate::trust::log::TransparencyLog;
use crate::trust::repository::RoleSigners;
use crate::trust::statements::Statements;
use ports::{Hosted, Signing, Verdicts};

/// What the registry is built from.
#[derive(Clone)]
pub struct Parts {
    /// The database.
    pub database: Database,
    /// Where manifests, archives and files are kept.
    pub blobs: Blobs,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Settings.
    pub config: RegistryConfig,
    /// Conformance verdicts.
    pub verdicts: Arc<dyn Verdicts>,
    /// What vendors' own servers serve.
    pub hosted: Arc<dyn Hosted>,
    /// Signatures of vendors and reviewers.
    pub signing: Arc<dyn Signing>,
    /// The registry's own keys.
    pub keys: Keys,
    /// The transparency log.
    pub log: TransparencyLog,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The registry; cheap to clone.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) uploads: Semaphore,
    pub(crate) trust: Trust,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registry").field(&self.0.parts).finish()
    }
}

impl Registry {
    /// A registry made of these parts, which keeps the keys of the trust repository itself.
    pub fn new(parts: Parts) -> Self {
        let signers = Arc::new(parts.keys.clone());
        Self::with_role_signers(parts, signers)
    }

    /// A registry whose trust repository is signed elsewhere.
    pub fn with_role_signers(parts: Parts, role_signers: Arc<dyn RoleSigners>) -> Self {
        let uploads = Semaphore::new(parts.config.uploads_at_once);
        let trust = Trust {
            database: parts.database.clone(),
            clock: Arc::clone(&parts.clock),
            entropy: Arc::clone(&parts.entropy),
            config: parts.config.clone(),
            keys: parts.keys.clone(),
            role_signers,
            log: parts.log.clone(),
            feed: Feed::new(parts.database.clone(), parts.log.clone()),
            statements: Statements::default(),
        };
        Self(Arc::new(Inner {
            parts,
            uploads,
            trust,
        }))
    }

    /// The HTTP API.
    pub fn routes(&self) -> Routes {
        http::routes(self.clone())
    }

    /// The server of uploaded apps, for a listener of its own: the host name tells the app.
    pub fn apps_router(&self) -> Router {
        http::served::router(self.clone())
    }

    /// Adds the registry's own jobs to a worker: what people have decided, and what must be published
    /// in time. Nothing in them waits for a stranger.
    pub fn jobs(&self, worker: Worker) -> Worker {
        worker
            .on(carry::APPROVE, approve::Approve(self.clone()))
            .on(carry::STANDING, standing_job::ChangeStanding(self.clone()))
            .on(refresh::REFRESH, refresh::Refresh(self.clone()))
    }

    /// Adds the looks at hosted apps to a worker, which may wait long for their servers.
    pub fn hosted_jobs(&self, worker: Worker) -> Worker {
        worker.on(hosted_job::HOSTED, hosted_job::LookAtHosted(self.clone()))
    }

    /// The largest archive taken, in bytes.
    pub fn max_packed_bytes(&self) -> u64 {
        self.config().max_packed_bytes
    }

    /// The environment that its approvals are for, as a verifier's settings name it.
    pub fn environment(&self) -> verifier::Environment {
        self.config().environment
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    pub(crate) fn config(&self) -> &RegistryConfig {
        &self.0.parts.config
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    pub(crate) fn uploads(&self) -> &Semaphore {
        &self.0.uploads
    }
}

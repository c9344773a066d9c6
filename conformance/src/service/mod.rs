//! What can be asked of this room: start a check, follow it, read what it found. HTTP, the portal
//! and the command line all come through here.

pub(crate) mod asking;
mod events;
pub(crate) mod examine;
mod ordering;
mod reading;

use std::sync::Arc;

use foundation::access::{Actor, Role, Routes};
use foundation::blob::Blobs;
use foundation::jobs::Worker;
use foundation::store::Database;
use foundation::{Clock, Entropy};
use tokio::sync::{Semaphore, broadcast};

pub use examine::{Examination, examine};
pub use reading::Finished;

use crate::config::ConformanceConfig;
use crate::domain::check::CheckId;
use crate::domain::stage::Stage;
use crate::domain::subject::Subjects;
use crate::suite::{Limits, SuiteError, Suites};

/// What the room is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where checks are kept.
    pub database: Database,
    /// Where evidence, pictures and reports are kept.
    pub blobs: Blobs,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Its section of the configuration.
    pub config: ConformanceConfig,
    /// The EPJ that apps meet.
    pub stage: Arc<dyn Stage>,
    /// The registry.
    pub subjects: Arc<dyn Subjects>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The conformance room; cheap to clone.
#[derive(Clone, Debug)]
pub struct Conformance {
    pub(crate) parts: Arc<Parts>,
    pub(crate) suites: Suites,
    /// Tells those who follow a check that there is news; the news itself is in the database.
    pub(crate) news: broadcast::Sender<CheckId>,
    pub(crate) permits: Arc<Semaphore>,
}

impl Conformance {
    /// Opens the room.
    pub fn new(parts: Parts) -> Result<Self, SuiteError> {
        Ok(Self {
            suites: Suites::new(Limits::default())?,
            news: broadcast::channel(256).0,
            permits: Arc::new(Semaphore::new(parts.config.parallel)),
            parts: Arc::new(parts),
        })
    }

    /// The room's addresses.
    pub fn routes(&self) -> Routes {
        crate::http::routes(self.clone())
    }

    /// Adds the room's jobs to a worker.
    #[must_use]
    pub fn jobs(&self, worker: Worker) -> Worker {
        worker.on(
            crate::jobs::check::KIND,
            crate::jobs::check::CheckJob::new(self.clone()),
        )
    }
}

/// Operators and reviewers see every check; a vendor sees its own.
fn may_see(actor: &Actor, organisation: &str) -> bool {
    actor.is(Role::Operator)
        || actor.is(Role::Reviewer)
        || (actor.is(Role::Vendor) && actor.organisation == organisation)
}

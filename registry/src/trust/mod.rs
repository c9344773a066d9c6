//! The signing half of the registry: keys, the vendors' and reviewers' signatures, and everything
//! between a decision and its publication: log, witness, status list, trust repository.
//!
//! What is signed is defined in the `verifier` crate; nothing here invents a format.

pub(crate) mod desk;
pub(crate) mod error;
mod issue;
pub(crate) mod keys;
mod log;
pub(crate) mod repository;
mod sealing;
mod standing;
mod status;
mod store;
mod witness;

use std::fmt;
use std::sync::Arc;

use foundation::store::Database;
use foundation::{Clock, Entropy};

use self::keys::Keys;
use self::repository::RoleSigners;
use crate::config::RegistryConfig;

/// The signing half; cheap to clone.
#[derive(Clone)]
pub(crate) struct Trust {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) config: RegistryConfig,
    pub(crate) keys: Keys,
    pub(crate) role_signers: Arc<dyn RoleSigners>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

//! The signing half of the registry: keys, the vendors' and reviewers' signatures, and everything
//! between a decision and its publication: log, witness, status list, trust repository.
//!
//! What is signed is defined in the `verifier` crate; nothing here invents a format.

mod believed;
pub(crate) mod desk;
pub(crate) mod error;
pub(crate) mod federation;
pub(crate) mod feed;
mod issue;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod registered;
pub(crate) mod repository;
pub(crate) mod resign;
mod restore;
pub(crate) mod signer;
mod standing;
pub(crate) mod statements;
mod status;
pub(crate) mod store;
mod witnesses;

pub(crate) use self::status::TTL;

use std::fmt;
use std::sync::Arc;

use foundation::store::{Database, Tx};
use foundation::{Clock, Entropy};

use self::error::TrustError;
use self::feed::Feed;
use self::keys::Keys;
use self::log::{LogError, Place, TransparencyLog, Witnessed};
use self::repository::RoleSigners;
use self::statements::Statements;
use crate::config::RegistryConfig;

/// The signing half; cheap to clone.
#[derive(Clone)]
pub(crate) struct Trust {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) config: RegistryConfig,
    pub(crate) keys: Keys,
    pub(crate) log: TransparencyLog,
    pub(crate) role_signers: Arc<dyn RoleSigners>,
    pub(crate) feed: Feed,
    pub(crate) statements: Statements,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Trust {
    /// Adds an entry to the log in the caller's transaction; with a key that is there already,
    /// nothing. Where no transaction has to hold, [`TransparencyLog::add`] shares its work.
    async fn append(&self, tx: &mut Tx, key: &str, entry: &str) -> Result<Place, LogError> {
        self.log.append(tx, key, entry.as_bytes()).await
    }

    /// Has everything that is in the log witnessed, and publishes that checkpoint.
    async fn witness_all(&self) -> Result<Witnessed, LogError> {
        self.log.publish().await
    }

    /// [`Self::witness_all`] after something was published that is in force already. What follows from
    /// it must not wait for witnesses, and whoever did it must not think that it was not done.
    async fn witness_published(&self) -> Result<(), TrustError> {
        match self.witness_all().await {
            Err(error @ (LogError::Quorum(_) | LogError::Frozen | LogError::Outpaced)) => {
                tracing::warn!(%error, "what was published is logged, but not witnessed yet");
                Ok(())
            }
            witnessed => Ok(witnessed.map(drop)?),
        }
    }

    /// The C2SP tlog-policy that EPJs verify tickets with.
    async fn log_policy(&self) -> Result<String, LogError> {
        self.log.prepare().await?;
        self.log.policy().await
    }
}

//! What can go wrong in the signing half.

use foundation::error::{Describe, Fault};
use foundation::store::StoreError;
use verifier::trust::tuf::RoleName;

use super::keys::KeyError;
use super::log::LogError;
use crate::error::RegistryError;

/// A failure of the signing half. Nothing was published; the job that met it tries again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// A signed object would not be what the verifier accepts.
    #[error("a signed object is not right: {0}")]
    Format(String),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log failed, or may not be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Too few keys of a role can sign here.
    #[error(
        "key-quorum: {role}.json needs {needed} signatures, and {found} keys of the role can sign \
         here; have the others sign at a ceremony (`markedsplass keys prepare FILE{arguments}`)"
    )]
    Quorum {
        /// The role.
        role: RoleName,
        /// How many can sign.
        found: usize,
        /// How many must.
        needed: u32,
        /// What the command that prepares the ceremony is given, each after a space.
        arguments: String,
    },
    /// A key would be withdrawn from a place that the log has not reached.
    #[error(
        "key-cutoff: {log} has {end} entries, so nothing can be withdrawn from {index} on; give a \
         place that it has"
    )]
    Cutoff {
        /// The log's origin.
        log: String,
        /// The place that was given.
        index: u64,
        /// Where the next entry goes.
        end: u64,
    },
    /// The trust repository lists no such key.
    #[error(
        "key-unlisted: no key {0} is listed; `markedsplass keys list` shows those that there are, \
         and a role's keys are replaced role by role"
    )]
    NotListed(String),
    /// A ceremony cannot go on.
    #[error(transparent)]
    Ceremony(super::repository::CeremonyError),
    /// A log's keys are not replaced.
    #[error(
        "key-of-log: {0} signs the checkpoints of a log, and ends with it; run `markedsplass log \
         freeze` and `markedsplass log start`"
    )]
    LogKey(String),
    /// A key that signed is not believed by EPJs.
    #[error("key {0} signed, and is not listed in the trust repository that is out")]
    Unlisted(String),
    /// An approval that is signed now could not rest on its reviews.
    #[error(
        "another review is needed: {0:?} signed one, and are not believed from here on, or it is too old"
    )]
    Reviews(Vec<String>),
    /// The decision's side failed.
    #[error(transparent)]
    Registry(#[from] Box<RegistryError>),
    /// Approvals of a version were published faster than a decision about it was logged.
    #[error("the decision {0} is carried out later: approvals of its version are being published")]
    Overtaken(String),
    /// The status of an approval cannot become this.
    #[error("an approval that is {from} cannot become {to}")]
    Status {
        /// What it is.
        from: &'static str,
        /// What it was to become.
        to: &'static str,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RegistryError> for TrustError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(Box::new(error))
    }
}

impl From<TrustError> for RegistryError {
    fn from(error: TrustError) -> Self {
        match error {
            TrustError::Registry(error) => *error,
            TrustError::Store(error) => Self::Store(error),
            TrustError::Log(error) => Self::Log(error),
            other => Self::Trust(Box::new(other)),
        }
    }
}

impl Describe for TrustError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Log(error) => error.fault(),
            Self::Registry(error) => error.fault(),
            _ => Fault::internal(),
        }
    }
}

//! What can go wrong in the signing half.

use foundation::error::{Describe, Fault};
use foundation::store::StoreError;
use verifier::trust::tuf::RoleName;

use super::keys::KeyError;
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
    /// The log has no witnessed checkpoint yet.
    #[error("the log has no witnessed checkpoint that covers this yet")]
    NothingWitnessed,
    /// Too few keys of a role can sign here.
    #[error(
        "{role}.json needs {needed} signatures, and {found} keys of the role can sign here; bring \
         the other keys"
    )]
    Quorum {
        /// The role.
        role: RoleName,
        /// How many can sign.
        found: usize,
        /// How many must.
        needed: u32,
    },
    /// A key that signed is not believed by EPJs.
    #[error("key {0} signed, and is not listed in the trust repository that is out")]
    Unlisted(String),
    /// The decision's side failed.
    #[error(transparent)]
    Registry(#[from] Box<RegistryError>),
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
    /// The witness refused.
    #[error(transparent)]
    Witness(#[from] WitnessRefusal),
}

/// Why the witness did not cosign, with the status codes of C2SP tlog-witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WitnessRefusal {
    /// 409: it has seen another size than the caller thinks.
    #[error("the witness has seen another checkpoint meanwhile")]
    Conflict,
    /// 422: the new tree does not continue the one it saw.
    #[error("the checkpoint does not continue what the witness saw")]
    Inconsistent,
    /// 403: not signed by the log.
    #[error("the checkpoint is not signed by the log")]
    LogSignature,
    /// 400: no checkpoint.
    #[error("the checkpoint cannot be read")]
    Malformed,
    /// 404: another log.
    #[error("the witness does not know this log")]
    UnknownLog,
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
            other => Self::Trust(Box::new(other)),
        }
    }
}

impl Describe for TrustError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Registry(error) => error.fault(),
            _ => Fault::internal(),
        }
    }
}

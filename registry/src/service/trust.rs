//! What people decide about trust: keys that are listed and withdrawn, role keys, log policy, deny
//! list. Each decision publishes the next versions of the trust repository.

use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::RoleName;
use verifier::trust::{RevocationReason, TrustedKey};

use super::Registry;
use crate::error::RegistryError;
use crate::trust::repository::{Cutoff, Restriction};

impl Registry {
    /// Lists a key that is kept elsewhere, such as on a reviewer's card.
    pub async fn list_key(&self, key: TrustedKey) -> Result<(), RegistryError> {
        Ok(self.trust().list_key(key).await?)
    }

    /// Withdraws a listed key from a place in the log on. Where the key is kept here, a new one
    /// takes its place at once. A withdrawal can be made stricter, never milder; made a second time,
    /// nothing changes.
    pub async fn revoke_key(
        &self,
        kid: &str,
        reason: RevocationReason,
        cutoff: Cutoff,
    ) -> Result<(), RegistryError> {
        if self.trust().is_withdrawn(kid, reason, &cutoff).await? {
            return Ok(());
        }
        Ok(self.trust().revoke_key(kid, reason, cutoff).await?)
    }

    /// Puts a new key in the place of a listed one; what the old one signed stays valid.
    pub async fn retire_key(&self, kid: &str) -> Result<(), RegistryError> {
        let superseded = RevocationReason::Superseded;
        Ok(self
            .trust()
            .revoke_key(kid, superseded, Cutoff::Now)
            .await?)
    }

    /// Gives a role of the trust repository these keys, of which so many must sign.
    pub async fn set_trust_role(
        &self,
        role: RoleName,
        keys: Vec<EcPublicKey>,
        threshold: u32,
    ) -> Result<(), RegistryError> {
        Ok(self.trust().set_role(role, keys, threshold).await?)
    }

    /// Gives a role of the trust repository as many new keys as it has.
    pub async fn rotate_trust_role(&self, role: RoleName) -> Result<(), RegistryError> {
        Ok(self.trust().rotate_role(role).await?)
    }

    /// Sets the log policy by hand; `None` leaves it to the log again.
    pub async fn set_log_policy(&self, policy: Option<&str>) -> Result<(), RegistryError> {
        Ok(self.trust().set_log_policy(policy).await?)
    }

    /// Publishes decisions about what may not run, whoever approved it.
    pub async fn restrict(&self, decided: Vec<Restriction>) -> Result<(), RegistryError> {
        Ok(self.trust().restrict(decided).await?)
    }
}

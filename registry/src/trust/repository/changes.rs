//! What people decide about trust. Each decision makes the next versions of the repository, signed,
//! logged and published together, or none of them.

use std::collections::BTreeMap;

use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::RoleName;
use verifier::trust::{Denylist, MinVersion, Revocation, RevocationReason, TrustedKey};

use super::present::BY_HAND;
use crate::trust::Trust;
use crate::trust::error::TrustError;

/// From where on in the log a key is no longer believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cutoff {
    /// Everything that is in the log now stays valid.
    Now,
    /// By log origin, what comes before this place stays valid; in logs that are not named nothing
    /// does.
    At(BTreeMap<String, u64>),
    /// Nothing that it signed stays valid.
    Nothing,
}

impl Trust {
    /// Lists a key that is kept elsewhere, such as on a reviewer's card.
    pub(crate) async fn list_key(&self, key: TrustedKey) -> Result<(), TrustError> {
        let edit = Box::new(|draft: &mut super::plan::Draft, _: &_| draft.contents.list(key));
        self.publish(Some(edit), None).await
    }

    /// Withdraws a key; where it is kept here, another takes its place at once.
    pub(crate) async fn revoke_key(
        &self,
        kid: &str,
        reason: RevocationReason,
        cutoff: Cutoff,
    ) -> Result<(), TrustError> {
        let replacement = self.keys.replacement(kid, reason).await?;
        let kid = kid.to_owned();
        let edit: super::publish::Edit = Box::new(move |draft, present| {
            let log_index_cutoff = match cutoff {
                Cutoff::Now => present.log_end.clone(),
                Cutoff::At(places) => places,
                Cutoff::Nothing => BTreeMap::new(),
            };
            let revocation = Revocation {
                revoked_at: present.now,
                reason,
                log_index_cutoff,
            };
            draft.contents.revoke(&kid, revocation)
        });
        self.publish(Some(edit), replacement.as_ref()).await
    }

    /// Gives a role these keys, of which so many must sign. The root document is signed as the last
    /// one asks and as the new one does.
    pub(crate) async fn set_role(
        &self,
        role: RoleName,
        keys: Vec<EcPublicKey>,
        threshold: u32,
    ) -> Result<(), TrustError> {
        if threshold == 0 || keys.len() < usize::try_from(threshold).unwrap_or(usize::MAX) {
            return Err(TrustError::Format(format!(
                "{role}: the threshold must be from 1 to the number of keys"
            )));
        }
        let edit: super::publish::Edit = Box::new(move |draft, _| {
            draft.roles.insert(role, (keys, threshold));
            Ok(())
        });
        self.publish(Some(edit), None).await
    }

    /// Gives a role new keys in place of all it has, as many as before, kept where its keys are
    /// kept.
    pub(crate) async fn rotate_role(&self, role: RoleName) -> Result<(), TrustError> {
        let mut tx = self.database.read().await?;
        let published = super::publish::load(&mut tx).await?;
        drop(tx);
        let (repository, _) = published.ok_or_else(not_installed)?;
        let known = repository.root().document().roles.of(role).clone();
        let keys = self.role_signers.make(role, known.keyids.len()).await?;
        self.set_role(role, keys, known.threshold).await
    }

    /// Sets the log policy by hand, or leaves it to the log again.
    pub(crate) async fn set_log_policy(&self, policy: Option<&str>) -> Result<(), TrustError> {
        let policy = policy.map(|policy| format!("{BY_HAND}{policy}"));
        let edit: super::publish::Edit = Box::new(move |draft, _| {
            // An empty one is filled from the log.
            draft.contents.log_policy = policy.unwrap_or_default();
            Ok(())
        });
        self.publish(Some(edit), None).await
    }

    /// Denies these vendors and contents, and no others.
    pub(crate) async fn set_denylist(&self, denylist: Denylist) -> Result<(), TrustError> {
        let edit: super::publish::Edit = Box::new(move |draft, _| {
            draft.contents.denylist = denylist;
            Ok(())
        });
        self.publish(Some(edit), None).await
    }

    /// Sets the oldest version of each of these products that may run, and of no others.
    pub(crate) async fn set_min_versions(
        &self,
        versions: Vec<MinVersion>,
    ) -> Result<(), TrustError> {
        let edit: super::publish::Edit = Box::new(move |draft, _| {
            draft.contents.anchors.min_versions = versions;
            Ok(())
        });
        self.publish(Some(edit), None).await
    }
}

fn not_installed() -> TrustError {
    TrustError::Format("there is no trust repository yet".to_owned())
}

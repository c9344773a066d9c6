//! What is done about a key by its use: listing, planned replacement, and the withdrawal of one that
//! somebody else may have, with everything that follows from it.

use std::time::Duration;

use foundation::Timestamp;
use serde::Serialize;
use verifier::jwk::KeyUse;
use verifier::trust::tuf::RoleName;
use verifier::trust::{Revocation, RevocationReason};

use super::Registry;
use crate::domain::vendor_key::{KeyRefusal, KeyState};
use crate::error::RegistryError;
use crate::trust::error::TrustError;
use crate::trust::repository::{Ceremony, Cutoff, Proposal};
use crate::trust::store::registered;

/// A key, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedKey {
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: String,
    /// Its id.
    pub kid: String,
    /// Whose it is; empty for the registry's own.
    pub holder: String,
    /// `active`, `next` (listed, and not yet used), `prepared` (named by a ceremony that is not
    /// published), `replaced`, `withdrawn`, `unusable` (a role's, and it cannot be opened), or where
    /// a key that its holder keeps is in its life.
    pub state: String,
    /// Where its private part is: `database`, `files`, `pkcs11`, or `holder`.
    pub store: String,
    /// When it was made or registered.
    pub created_at: Timestamp,
    /// Its withdrawal, when the trust repository tells one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Revocation>,
}

impl Registry {
    /// Every key that there is or was, by use and age.
    pub async fn all_keys(&self) -> Result<Vec<ListedKey>, RegistryError> {
        let listed = self.trust().listed_keys().await?;
        let withdrawn = |kid: &str| listed.get(kid).and_then(|(_, revoked)| revoked.clone());
        let lost = self.trust().keys.lost_role_keys().await;
        let lost = lost.map_err(TrustError::from)?;
        let mut tx = self.parts().database.read().await?;
        let mut keys = Vec::new();
        let kept = self.trust().keys.kept(&mut tx).await;
        for kept in kept.map_err(TrustError::from)? {
            let withdrawn = withdrawn(&kept.kid);
            let state = if lost.contains(&kept.kid) {
                "unusable"
            } else {
                withdrawn.as_ref().map_or(kept.state, reason)
            };
            keys.push(ListedKey {
                state: state.to_owned(),
                holder: kept.holder,
                purpose: kept.purpose,
                kid: kept.kid,
                store: kept.store,
                created_at: kept.created_at,
                withdrawn,
            });
        }
        for key_use in [KeyUse::Release, KeyUse::Review] {
            for own in registered::all(&mut tx, key_use).await? {
                let withdrawn = withdrawn(&own.kid);
                let state = withdrawn.as_ref().map_or(own.state.as_str(), reason);
                keys.push(ListedKey {
                    purpose: key_use.as_str().to_owned(),
                    state: state.to_owned(),
                    kid: own.kid,
                    holder: own.holder,
                    store: "holder".to_owned(),
                    created_at: own.created_at,
                    withdrawn,
                });
            }
        }
        Ok(keys)
    }

    /// What the key of this id is for, whoever keeps it.
    async fn purpose_of(&self, kid: &str) -> Result<String, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let kept = self.trust().keys.purpose_of(&mut tx, kid).await;
        if let Some(purpose) = kept.map_err(TrustError::from)? {
            return Ok(purpose);
        }
        for key_use in [KeyUse::Release, KeyUse::Review] {
            if registered::find(&mut tx, key_use, kid).await?.is_some() {
                return Ok(key_use.as_str().to_owned());
            }
        }
        drop(tx);
        let listed = self.trust().listed_keys().await?;
        let listed = listed.get(kid).map(|(key_use, _)| key_use.as_str());
        listed
            .map(str::to_owned)
            .ok_or(RegistryError::Key(KeyRefusal::Unknown))
    }

    /// Makes and lists the key that will follow one of the registry's own, which goes on signing:
    /// EPJs know the new one before they meet it. Where the keys that list it are off line, the next
    /// ceremony does. Gives its thumbprint.
    pub async fn announce_key(&self, kid: &str) -> Result<String, RegistryError> {
        Ok(self.trust().announce_key(kid).await?)
    }

    /// Whether the trust repository lists a key.
    pub async fn is_listed(&self, kid: &str) -> Result<bool, RegistryError> {
        Ok(self.trust().listed_keys().await?.contains_key(kid))
    }

    /// Withdraws a key, whatever it is for, and does at once what follows: another takes its
    /// place, a reviewer's own key is ended, status lists are signed anew, and so on. Approvals
    /// that it leaves without effect are for [`Registry::resign_approvals`].
    pub async fn withdraw_key(
        &self,
        kid: &str,
        reason: RevocationReason,
        cutoff: Cutoff,
    ) -> Result<(), RegistryError> {
        let purpose = self.purpose_of(kid).await?;
        let key_use = KeyUse::ALL
            .into_iter()
            .find(|known| known.as_str() == purpose);
        match key_use {
            Some(KeyUse::Review) => {
                self.end_reviewer_key(kid).await?;
                self.revoke_key(kid, reason, cutoff).await
            }
            Some(KeyUse::Approval) => self.revoke_key(kid, reason, cutoff).await,
            Some(KeyUse::Status | KeyUse::StatusEvent | KeyUse::StatusDigest) => {
                self.revoke_key(kid, reason, cutoff).await?;
                // Lists by the withdrawn key are refused from now on.
                Ok(self.trust().refresh_status(Duration::ZERO).await?)
            }
            Some(KeyUse::Release | KeyUse::Delegation | KeyUse::Federation) => {
                Ok(self.trust().replace_unlisted(kid, reason).await?)
            }
            None => match role(&purpose) {
                Some(role) => self.rotate_trust_role(role).await,
                None => Err(TrustError::LogKey(kid.to_owned()).into()),
            },
        }
    }

    /// The next root and targets documents, for their holders to sign elsewhere.
    pub async fn prepare_ceremony(&self, proposal: Proposal) -> Result<Ceremony, RegistryError> {
        Ok(self.trust().propose(proposal).await?)
    }

    /// Publishes what was signed at a ceremony; reviewers' cards that were withdrawn are ended, and
    /// status lists are signed anew, for the case that their key was withdrawn. Gives what was
    /// published: a root document that is only renewed, and that nobody has signed, is left out.
    pub async fn publish_ceremony(&self, ceremony: &Ceremony) -> Result<Ceremony, RegistryError> {
        let published = self.trust().publish_ceremony(ceremony).await?;
        self.trust().refresh_status(Duration::ZERO).await?;
        Ok(published)
    }

    /// Ends a reviewer's own key, when it is one and in force.
    async fn end_reviewer_key(&self, kid: &str) -> Result<(), RegistryError> {
        let now = self.parts().clock.now();
        let mut tx = self.parts().database.begin().await?;
        let ended = (KeyState::Active, KeyState::Retired);
        registered::advance(&mut tx, kid, ended, now).await?;
        Ok(tx.commit().await?)
    }
}

/// The role whose keys are for this.
fn role(purpose: &str) -> Option<RoleName> {
    let named = purpose.strip_prefix("trust-")?;
    RoleName::ALL
        .into_iter()
        .find(|role| role.as_str() == named)
}

fn reason(revocation: &Revocation) -> &'static str {
    match revocation.reason {
        RevocationReason::Superseded => "replaced",
        RevocationReason::Compromised | RevocationReason::Unspecified => "withdrawn",
    }
}

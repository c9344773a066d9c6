//! Keys that vendors and reviewers keep themselves: who may register which, and who is told.

use foundation::Timestamp;
use foundation::access::{Actor, Role};
use foundation::store::Tx;
use serde::{Deserialize, Serialize};
use verifier::jwk::{EcJwk, KeyUse};

use super::Registry;
use crate::domain::notice::NoticeKind;
use crate::domain::vendor_key::{Asked, KeyRefusal, KeyState};
use crate::error::RegistryError;
use crate::store;
use crate::trust::store::registered::{self, RegisteredKey};

/// A registered key, as its holder and the operator see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyView {
    /// The RFC 7638 thumbprint.
    pub kid: String,
    /// Organisation number of a vendor, subject of a reviewer.
    pub holder: String,
    /// The public key.
    pub key: EcJwk,
    /// Where it is in its life.
    pub state: KeyState,
    /// Who asked for it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// A pending key does not count before this.
    pub due_at: Option<Timestamp>,
    /// When the vendor of a pending key was verified anew.
    pub verified_at: Option<Timestamp>,
    /// Since when it counts.
    pub active_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl From<RegisteredKey> for KeyView {
    fn from(key: RegisteredKey) -> Self {
        Self {
            kid: key.kid,
            holder: key.holder,
            key: key.public.to_jwk(),
            state: key.state,
            created_by: key.created_by,
            created_at: key.created_at,
            due_at: key.due_at,
            verified_at: key.verified_at,
            active_at: key.active_at,
            ended_at: key.ended_at,
        }
    }
}

/// A vendor's request for a key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorKeyRequest {
    /// The exact `app-key-rotation+jwt`.
    pub jws: String,
}

/// A reviewer's own key, as the operator registers it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewerKeyRequest {
    /// Subject of the reviewer.
    pub person: String,
    /// The public key.
    pub key: EcJwk,
}

impl Registry {
    /// Registers a key of the actor's organisation, by what that key or the one in force signed.
    pub async fn register_vendor_key(
        &self,
        actor: &Actor,
        request: &VendorKeyRequest,
    ) -> Result<KeyView, RegistryError> {
        let vendor = &actor.organisation;
        let mut tx = self.parts().database.begin().await?;
        let taken = self
            .trust()
            .take_vendor_key(&mut tx, vendor, &actor.name, &request.jws)
            .await?;
        let kind = match taken.asked {
            Asked::First | Asked::Succession => NoticeKind::KeyActive,
            Asked::Recovery => NoticeKind::KeyPending,
        };
        self.notify(&mut tx, vendor, kind, None, &taken.key.kid)
            .await?;
        tx.commit().await?;
        self.trust().witness_soon().await;
        Ok(taken.key.into())
    }

    /// The keys of the actor's organisation; of every vendor, for the operator.
    pub async fn vendor_keys(&self, actor: &Actor) -> Result<Vec<KeyView>, RegistryError> {
        self.registered_keys(actor, KeyUse::Release, &actor.organisation)
            .await
    }

    /// The actor's own keys; of every reviewer, for the operator.
    pub async fn reviewer_keys(&self, actor: &Actor) -> Result<Vec<KeyView>, RegistryError> {
        self.registered_keys(actor, KeyUse::Review, &actor.person)
            .await
    }

    async fn registered_keys(
        &self,
        actor: &Actor,
        purpose: KeyUse,
        own: &str,
    ) -> Result<Vec<KeyView>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let keys = if actor.is(Role::Operator) {
            registered::all(&mut tx, purpose).await?
        } else {
            registered::of(&mut tx, purpose, own).await?
        };
        Ok(keys.into_iter().map(KeyView::from).collect())
    }

    /// Takes a waiting key of the actor's organisation back.
    pub async fn cancel_vendor_key(&self, actor: &Actor, kid: &str) -> Result<(), RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        let key = registered::find(&mut tx, KeyUse::Release, kid)
            .await?
            .filter(|key| key.holder == actor.organisation)
            .ok_or(RegistryError::Key(KeyRefusal::Unknown))?;
        let now = self.parts().clock.now();
        let cancelled = (KeyState::Pending, KeyState::Cancelled);
        if !registered::advance(&mut tx, kid, cancelled, now).await? {
            return Err(RegistryError::Key(KeyRefusal::NotPending));
        }
        self.notify(
            &mut tx,
            &key.holder,
            NoticeKind::KeyCancelled,
            None,
            &key.kid,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Records that the vendor of a waiting key was verified anew; it counts once its time comes.
    pub async fn verify_vendor_key(
        &self,
        actor: &Actor,
        kid: &str,
    ) -> Result<KeyView, RegistryError> {
        let now = self.parts().clock.now();
        let mut tx = self.parts().database.begin().await?;
        let known = registered::find(&mut tx, KeyUse::Release, kid).await?;
        if known.is_none() {
            return Err(RegistryError::Key(KeyRefusal::Unknown));
        }
        if !registered::verify(&mut tx, kid, &actor.person, now).await? {
            return Err(RegistryError::Key(KeyRefusal::NotPending));
        }
        self.promote(&mut tx, kid).await?;
        let key = registered::find(&mut tx, KeyUse::Release, kid).await?;
        tx.commit().await?;
        key.map(KeyView::from)
            .ok_or(RegistryError::Key(KeyRefusal::Unknown))
    }

    /// Puts the waiting keys in force whose time has come, and forgets what was spent and expired.
    pub(crate) async fn promote_keys(&self) -> Result<(), RegistryError> {
        let now = self.parts().clock.now();
        let mut tx = self.parts().database.begin().await?;
        for key in registered::all(&mut tx, KeyUse::Release).await? {
            if key.state == KeyState::Pending {
                self.promote(&mut tx, &key.kid).await?;
            }
        }
        registered::sweep(&mut tx, now).await?;
        Ok(tx.commit().await?)
    }

    async fn promote(&self, tx: &mut Tx, kid: &str) -> Result<(), RegistryError> {
        let Some(key) = registered::find(tx, KeyUse::Release, kid).await? else {
            return Ok(());
        };
        if self.trust().promote_vendor_key(tx, &key).await? {
            let kind = NoticeKind::KeyActive;
            self.notify(tx, &key.holder, kind, None, &key.kid).await?;
        }
        Ok(())
    }

    /// Registers a reviewer's own key; it is in the trust configuration when this returns.
    pub async fn register_reviewer_key(
        &self,
        actor: &Actor,
        request: &ReviewerKeyRequest,
    ) -> Result<KeyView, RegistryError> {
        let public = request
            .key
            .to_key()
            .map_err(|error| RegistryError::KeyInvalid(error.to_string()))?;
        let mut tx = self.parts().database.begin().await?;
        let people = store::organisation::persons(&mut tx, None).await?;
        let reviews = people
            .iter()
            .any(|person| person.subject == request.person && !person.review_roles.is_empty());
        if !reviews {
            return Err(RegistryError::ReviewerUnknown);
        }
        let key = self
            .trust()
            .take_reviewer_key(&mut tx, &request.person, &actor.name, public)
            .await?;
        tx.commit().await?;
        self.renew_trust().await?;
        Ok(key.into())
    }

    /// Ends a reviewer's own key. What it signed stays valid.
    pub async fn retire_reviewer_key(&self, kid: &str) -> Result<(), RegistryError> {
        let now = self.parts().clock.now();
        let mut tx = self.parts().database.begin().await?;
        let known = registered::find(&mut tx, KeyUse::Review, kid).await?;
        if known.is_none() {
            return Err(RegistryError::Key(KeyRefusal::Unknown));
        }
        let retired = (KeyState::Active, KeyState::Retired);
        if !registered::advance(&mut tx, kid, retired, now).await? {
            return Err(RegistryError::Key(KeyRefusal::NotPending));
        }
        Ok(tx.commit().await?)
    }
}

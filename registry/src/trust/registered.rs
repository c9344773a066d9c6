//! Keys that vendors and reviewers keep themselves: taken in on proof, replaced by rule, and what
//! was signed to be sent once. A vendor's request for a key is an entry of the log.

use foundation::Timestamp;
use foundation::store::Tx;
use verifier::VerifyError;
use verifier::claims::KeyRotation;
use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::jws::{Token, TokenType};

use super::Trust;
use super::desk::vendor_id;
use super::store::registered::{self, RegisteredKey};
use crate::domain::vendor_key::{Asked, Claimed, KeyRefusal, KeyState, asked, counts, due};
use crate::error::RegistryError;
use crate::trust::error::TrustError;

/// A vendor's key that was taken in.
pub(crate) struct Taken {
    pub(crate) key: RegisteredKey,
    pub(crate) asked: Asked,
}

impl Trust {
    /// Takes a vendor's request for a key in the caller's transaction: checked, logged, kept.
    pub(crate) async fn take_vendor_key(
        &self,
        tx: &mut Tx,
        vendor: &str,
        by: &str,
        jws: &str,
    ) -> Result<Taken, RegistryError> {
        let now = self.clock.now();
        let token = Token::parse(jws, TokenType::KeyRotation).map_err(|error| refused(&error))?;
        let claimed: KeyRotation = serde_json::from_slice(token.unverified_payload())
            .map_err(|error| RegistryError::Rotation(error.to_string()))?;
        let registry = &self.config.public_url;
        let next = claimed
            .check(&vendor_id(&self.config, vendor), registry, now.seconds())
            .map_err(|error| refused(&error))?;
        // Nothing of this is kept unless the signature turns out right below.
        self.spend(tx, &claimed.jti, claimed.exp).await?;
        let kid = next.thumbprint();
        self.refuse_known(tx, &kid).await?;
        let active = registered::active(tx, KeyUse::Release, vendor).await?.pop();
        let asked = asked(&Claimed {
            active: active.as_ref().map(|key| key.kid.as_str()),
            had: registered::of(tx, KeyUse::Release, vendor)
                .await?
                .iter()
                .any(|key| key.active_at.is_some()),
            signer: token.kid(),
            next: &kid,
            replaces: claimed.replaces.as_deref(),
        })
        .map_err(RegistryError::Key)?;
        let signer = match (&active, asked) {
            (Some(active), Asked::Succession) => &active.public,
            _ => &next,
        };
        token
            .verify::<KeyRotation>(signer)
            .map_err(|error| refused(&error))?;
        if let (Some(active), Asked::Succession) = (&active, asked) {
            self.supersede(tx, active, now).await?;
        }
        let waits = asked == Asked::Recovery;
        let key = RegisteredKey {
            kid,
            holder: vendor.to_owned(),
            public: next,
            state: if waits {
                KeyState::Pending
            } else {
                KeyState::Active
            },
            created_by: by.to_owned(),
            created_at: now,
            due_at: waits.then(|| due(now)),
            verified_at: None,
            active_at: (!waits).then_some(now),
            ended_at: None,
        };
        match registered::insert(tx, KeyUse::Release, &key).await {
            Err(error) if error.is_duplicate() => {
                return Err(RegistryError::Key(KeyRefusal::AnotherPending));
            }
            outcome => outcome?,
        }
        let entry = entry_key(&claimed.jti);
        self.append(tx, &entry, jws).await?;
        Ok(Taken { key, asked })
    }

    /// The key in force ends, and with it whatever was asked for beside it.
    async fn supersede(
        &self,
        tx: &mut Tx,
        active: &RegisteredKey,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let retired = (KeyState::Active, KeyState::Retired);
        if !registered::advance(tx, &active.kid, retired, now).await? {
            return Err(RegistryError::Raced);
        }
        for key in registered::of(tx, KeyUse::Release, &active.holder).await? {
            if key.state == KeyState::Pending {
                let cancelled = (KeyState::Pending, KeyState::Cancelled);
                registered::advance(tx, &key.kid, cancelled, now).await?;
            }
        }
        Ok(())
    }

    /// Puts a waiting key in force when its time has come and the vendor was verified; true when
    /// it is in force now.
    pub(crate) async fn promote_vendor_key(
        &self,
        tx: &mut Tx,
        key: &RegisteredKey,
    ) -> Result<bool, RegistryError> {
        let now = self.clock.now();
        let due = key
            .due_at
            .is_some_and(|due_at| counts(due_at, key.verified_at.is_some(), now));
        if key.state != KeyState::Pending || !due {
            return Ok(false);
        }
        let active = registered::active(tx, KeyUse::Release, &key.holder).await?;
        for before in active {
            let retired = (KeyState::Active, KeyState::Retired);
            registered::advance(tx, &before.kid, retired, now).await?;
        }
        let promoted = (KeyState::Pending, KeyState::Active);
        if !registered::advance(tx, &key.kid, promoted, now).await? {
            // Cancelled or promoted at this moment: without this the vendor would have none.
            return Err(RegistryError::Raced);
        }
        Ok(true)
    }

    /// Takes a reviewer's own key.
    pub(crate) async fn take_reviewer_key(
        &self,
        tx: &mut Tx,
        person: &str,
        by: &str,
        public: EcPublicKey,
    ) -> Result<RegisteredKey, RegistryError> {
        let kid = public.thumbprint();
        self.refuse_known(tx, &kid).await?;
        let now = self.clock.now();
        let key = RegisteredKey {
            kid,
            holder: person.to_owned(),
            public,
            state: KeyState::Active,
            created_by: by.to_owned(),
            created_at: now,
            due_at: None,
            verified_at: None,
            active_at: Some(now),
            ended_at: None,
        };
        registered::insert(tx, KeyUse::Review, &key).await?;
        Ok(key)
    }

    /// A key is for one use and one holder: one that is known in any way is not taken again.
    async fn refuse_known(&self, tx: &mut Tx, kid: &str) -> Result<(), RegistryError> {
        let own = self.keys.is_own(tx, kid).await.map_err(TrustError::from)?;
        let mut known = own;
        for purpose in [KeyUse::Release, KeyUse::Review] {
            known = known || registered::find(tx, purpose, kid).await?.is_some();
        }
        if known {
            return Err(RegistryError::Key(KeyRefusal::Taken));
        }
        Ok(())
    }

    /// Spends what was signed to be sent once.
    pub(crate) async fn spend(
        &self,
        tx: &mut Tx,
        jti: &str,
        exp: i64,
    ) -> Result<(), RegistryError> {
        let kept = Timestamp::from_seconds(exp.saturating_add(verifier::verifier::SKEW));
        if registered::spend(tx, jti, kept).await? {
            Ok(())
        } else {
            Err(RegistryError::Key(KeyRefusal::Spent))
        }
    }

    /// Ends the reviewers' own keys among these, which the trust repository tells as withdrawn from now
    /// on, in the transaction that publishes it: the desk takes nothing more that is signed with them.
    pub(in crate::trust) async fn end_withdrawn(
        &self,
        tx: &mut Tx,
        withdrawn: impl Iterator<Item = &str>,
    ) -> Result<(), TrustError> {
        let now = self.clock.now();
        for kid in withdrawn {
            let ended = (KeyState::Active, KeyState::Retired);
            registered::advance(tx, kid, ended, now).await?;
        }
        Ok(())
    }

    /// Has what was logged witnessed, soon rather than at once: nothing waits for it.
    pub(crate) async fn witness_soon(&self) {
        if let Err(error) = self.witness_all().await {
            tracing::warn!(%error, "an entry is logged, but not witnessed yet");
        }
    }
}

/// What the entry with a vendor's next key is called.
pub(super) fn entry_key(jti: &str) -> String {
    format!("key-rotation:{jti}")
}

fn refused(error: &VerifyError) -> RegistryError {
    RegistryError::Rotation(error.to_string())
}

//! Which key follows which: those that are to come, those in force, and those that have been.

use foundation::Timestamp;
use foundation::store::Tx;
use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::trust::RevocationReason;

use super::{KeyError, Keys, TokenSigner, public_key};
use crate::trust::store::key::{self, StoredKey};

impl Keys {
    /// A new key for whoever holds the key of this id, to take its place in the caller's
    /// transaction; `None` when the key is not kept here, or has been replaced. The one that was
    /// announced is taken, unless the key is compromised: then that may be, too.
    pub(in crate::trust) async fn replacement(
        &self,
        kid: &str,
        reason: RevocationReason,
    ) -> Result<Option<Replacement>, KeyError> {
        let mut tx = self.database.read().await?;
        let Some(old) = key::by_id(&mut tx, kid).await? else {
            return Ok(None);
        };
        if old.holder.starts_with(REPLACED) {
            return Ok(None);
        }
        let announced = key::find(&mut tx, &old.purpose, &next(kid)).await?;
        drop(tx);
        Ok(Some(match announced {
            Some(new) if reason != RevocationReason::Compromised => Replacement {
                old,
                new,
                kept: true,
            },
            _ => Replacement {
                new: self.make(&old.purpose, &old.holder).await?,
                old,
                kept: false,
            },
        }))
    }

    /// Makes the key that will take the place of this one, for others to know before it signs;
    /// gives the one that was made now or before. `None` when the key is not kept here, or has been
    /// replaced.
    pub(in crate::trust) async fn announce(
        &self,
        kid: &str,
    ) -> Result<Option<EcPublicKey>, KeyError> {
        let unhurried = RevocationReason::Superseded;
        let Some(coming) = self.replacement(kid, unhurried).await? else {
            return Ok(None);
        };
        // Only the key in force has a successor.
        if !is_in_force(&coming.old.holder) {
            return Ok(None);
        }
        if !coming.kept {
            self.keep_follower(&coming, next(kid)).await?;
        }
        public_key(&coming.new).map(Some)
    }

    /// The key that is to take a compromised one's place at a ceremony: not the one that was
    /// announced, since whoever has the key may have that, too. Prepared again soon after, it is
    /// the same one; what an old preparation left may have been taken since. `None` when the key is
    /// not kept here, or not in force.
    pub(in crate::trust) async fn instead_of(
        &self,
        kid: &str,
    ) -> Result<Option<EcPublicKey>, KeyError> {
        let mut tx = self.database.read().await?;
        let followers = key::following(&mut tx, kid).await?;
        let oldest = self.clock.now().millis().saturating_sub(PREPARED);
        let prepared = followers
            .iter()
            .find(|(_, holder, made_at)| holder.starts_with(INSTEAD) && *made_at >= oldest);
        if let Some((prepared, ..)) = prepared
            && let Some(stored) = key::by_id(&mut tx, prepared).await?
        {
            return public_key(&stored).map(Some);
        }
        drop(tx);
        let compromised = RevocationReason::Compromised;
        let coming = self.replacement(kid, compromised).await?;
        let Some(coming) = coming.filter(|coming| is_in_force(&coming.old.holder)) else {
            return Ok(None);
        };
        let holder = format!("{INSTEAD}{}", coming.new.kid);
        self.keep_follower(&coming, holder).await?;
        public_key(&coming.new).map(Some)
    }

    async fn keep_follower(&self, coming: &Replacement, holder: String) -> Result<(), KeyError> {
        let stored = StoredKey {
            holder,
            follows: Some(coming.old.kid.clone()),
            ..coming.new.clone()
        };
        let mut tx = self.database.begin().await?;
        key::insert(&mut tx, &stored, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// The keys that were made to come in this one's place and never have: whoever has the key may
    /// have them.
    pub(in crate::trust) async fn made_to_follow(
        &self,
        tx: &mut Tx,
        kid: &str,
    ) -> Result<Vec<String>, KeyError> {
        let followers = key::following(tx, kid).await?.into_iter();
        Ok(followers.map(|(kid, ..)| kid).collect())
    }

    /// The key that takes this one's place by what is published: made to follow it, and listed.
    /// `None` when this one is not in force.
    pub(in crate::trust) async fn waiting_for(
        &self,
        tx: &mut Tx,
        kid: &str,
        listed: impl Fn(&str) -> bool,
    ) -> Result<Option<Replacement>, KeyError> {
        let old = key::by_id(tx, kid).await?;
        let Some(old) = old.filter(|old| is_in_force(&old.holder)) else {
            return Ok(None);
        };
        for (follower, ..) in key::following(tx, kid).await? {
            if listed(&follower)
                && let Some(new) = key::by_id(tx, &follower).await?
            {
                let kept = true;
                return Ok(Some(Replacement { old, new, kept }));
            }
        }
        Ok(None)
    }

    /// Puts the new key in the old one's place. Others that were made for that place are ended.
    pub(in crate::trust) async fn replace(
        &self,
        tx: &mut Tx,
        replacement: &Replacement,
    ) -> Result<(), KeyError> {
        let Replacement { old, new, kept } = replacement;
        let followers = self.made_to_follow(tx, &old.kid).await?;
        let others = followers.iter().filter(|kid| **kid != new.kid);
        for kid in [&old.kid].into_iter().chain(others) {
            let holder = format!("{REPLACED}{kid}");
            key::end(tx, kid, &holder, self.clock.now()).await?;
        }
        if *kept {
            key::give(tx, &new.kid, &old.holder).await?;
        } else {
            key::insert(tx, new, self.clock.now()).await?;
        }
        Ok(())
    }

    /// What signs for this use once the replacement is in force; `None` when it is for another use.
    pub(in crate::trust) async fn signer_after(
        &self,
        replacement: &Replacement,
        key_use: KeyUse,
    ) -> Result<Option<TokenSigner>, KeyError> {
        let new = &replacement.new;
        if new.purpose != key_use.as_str() {
            return Ok(None);
        }
        self.signer_of(new.clone()).await.map(Some)
    }

    /// Says why a key that was replaced is not used any more.
    pub(in crate::trust) async fn say_why(
        &self,
        tx: &mut Tx,
        kid: &str,
        reason: RevocationReason,
    ) -> Result<(), KeyError> {
        Ok(key::say_why(tx, kid, spelled(reason)).await?)
    }

    /// Whether another key has taken the place of this one.
    pub(in crate::trust) async fn was_replaced(
        &self,
        tx: &mut Tx,
        kid: &str,
    ) -> Result<bool, KeyError> {
        let known = key::by_id(tx, kid).await?;
        Ok(known.is_some_and(|key| key.holder.starts_with(REPLACED)))
    }

    /// Says why an ended key is no longer used, unless worse is known of it already.
    pub(in crate::trust) async fn say_worse(
        &self,
        tx: &mut Tx,
        kid: &str,
        reason: RevocationReason,
    ) -> Result<(), KeyError> {
        let milder: &[RevocationReason] = match reason {
            RevocationReason::Superseded => &[],
            RevocationReason::Unspecified => &[RevocationReason::Superseded],
            RevocationReason::Compromised => {
                &[RevocationReason::Superseded, RevocationReason::Unspecified]
            }
        };
        for known in milder {
            key::change_reason(tx, kid, (spelled(*known), spelled(reason))).await?;
        }
        Ok(())
    }

    /// The registry's own former keys of this use, with the time in which they counted.
    pub(in crate::trust) async fn replaced(
        &self,
        key_use: KeyUse,
    ) -> Result<Vec<KeyLife>, KeyError> {
        let mut tx = self.database.read().await?;
        let ended = key::ended(&mut tx, key_use.as_str(), REPLACED).await?;
        let life = |key: key::EndedKey| {
            let public = EcPublicKey::from_uncompressed(&key.public_key)
                .map_err(|_| KeyError::Unreadable(key.kid.clone()))?;
            Ok(KeyLife {
                public,
                created_at: Timestamp::from_millis(key.created_at).seconds(),
                ended_at: Timestamp::from_millis(key.ended_at).seconds(),
                reason: key.end_reason.as_deref().and_then(reason),
            })
        };
        ended.into_iter().map(life).collect()
    }

    /// Every key that is or was kept here, by use and age.
    pub(crate) async fn kept(&self, tx: &mut Tx) -> Result<Vec<KeptListing>, KeyError> {
        let keys = key::list(tx).await?.into_iter().map(|key| {
            let (holder, state) = match key.holder {
                // What follows is the id of a key: these are the registry's own.
                holder if holder.starts_with(NEXT) => (String::new(), "next"),
                holder if holder.starts_with(INSTEAD) => (String::new(), "prepared"),
                holder if holder.starts_with(REPLACED) => (String::new(), "replaced"),
                holder => (holder, "active"),
            };
            KeptListing {
                purpose: key.purpose,
                kid: key.kid,
                holder,
                state,
                store: key.store,
                created_at: Timestamp::from_millis(key.created_at),
            }
        });
        Ok(keys.collect())
    }

    /// What a key is for that is kept here.
    pub(crate) async fn purpose_of(
        &self,
        tx: &mut Tx,
        kid: &str,
    ) -> Result<Option<String>, KeyError> {
        Ok(key::by_id(tx, kid).await?.map(|key| key.purpose))
    }
}

/// A key that is or was kept here.
pub(crate) struct KeptListing {
    pub(crate) purpose: String,
    pub(crate) kid: String,
    /// Empty for the registry's own.
    pub(crate) holder: String,
    /// `active`, `next`, `prepared` or `replaced`.
    pub(crate) state: &'static str,
    /// The store, spelled.
    pub(crate) store: String,
    pub(crate) created_at: Timestamp,
}

/// Whether a holder is the registry itself: the empty name, or a key of its own that is to be
/// replaced.
pub(in crate::trust) fn is_own(holder: &str) -> bool {
    holder.is_empty() || holder.starts_with(NEXT)
}

/// A key on its way into another's place.
pub(in crate::trust) struct Replacement {
    old: StoredKey,
    new: StoredKey,
    /// Whether the new one has been kept before.
    kept: bool,
}

impl Replacement {
    /// The new key's thumbprint.
    pub(in crate::trust) fn kid(&self) -> &str {
        &self.new.kid
    }
}

/// A former key.
pub(in crate::trust) struct KeyLife {
    pub(in crate::trust) public: EcPublicKey,
    /// In seconds.
    pub(in crate::trust) created_at: i64,
    /// When another took its place, in seconds.
    pub(in crate::trust) ended_at: i64,
    /// Why, if it is told here.
    pub(in crate::trust) reason: Option<RevocationReason>,
}

const fn spelled(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::Unspecified => "unspecified",
        RevocationReason::Compromised => "compromised",
        RevocationReason::Superseded => "superseded",
    }
}

fn reason(text: &str) -> Option<RevocationReason> {
    let all = [
        RevocationReason::Unspecified,
        RevocationReason::Compromised,
        RevocationReason::Superseded,
    ];
    all.into_iter().find(|reason| spelled(*reason) == text)
}

/// What comes before the id of a key that another has replaced, as its holder.
const REPLACED: &str = "replaced ";

/// What comes before the id of a key that another is to replace, as that one's holder.
const NEXT: &str = "next ";

/// What comes before a key's own id, as its holder, when it was made at a ceremony to take the place
/// of a compromised one.
const INSTEAD: &str = "instead ";

/// For how long a key that was made at one preparation serves for the next, in milliseconds.
pub(super) const PREPARED: i64 = 7 * 86_400_000;

fn is_in_force(holder: &str) -> bool {
    let others = [REPLACED, NEXT, INSTEAD];
    !others.iter().any(|name| holder.starts_with(name))
}

fn next(kid: &str) -> String {
    format!("{NEXT}{kid}")
}

//! What people decide about trust. Each decision makes the next versions of the repository, signed,
//! logged and published together, or none of them.

use std::collections::BTreeMap;

use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::trust::tuf::RoleName;
use verifier::trust::{Revocation, RevocationReason, TrustedKey};

use super::present::BY_HAND;
use crate::trust::Trust;
use crate::trust::error::TrustError;

/// From where on in the log a key is no longer believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cutoff {
    /// Everything that is in the log now stays valid.
    Now,
    /// What comes before this place stays valid, and everything in the logs before that one.
    From {
        /// Origin of the log; without it, the one that takes entries.
        log: Option<String>,
        /// The first place that is not believed.
        index: u64,
    },
    /// By log origin, what comes before this place stays valid; in logs that are not named nothing
    /// does.
    At(BTreeMap<String, u64>),
    /// Nothing that it signed stays valid.
    Nothing,
}

impl Cutoff {
    /// By log origin, as it is published.
    pub(super) fn places(
        self,
        ends: &[(String, u64)],
    ) -> Result<BTreeMap<String, u64>, TrustError> {
        let (log, index) = match self {
            Self::Now => return Ok(ends.iter().cloned().collect()),
            Self::At(places) => return Ok(places),
            Self::Nothing => return Ok(BTreeMap::new()),
            Self::From { log, index } => (log, index),
        };
        let newest = ends.last().map(|(origin, _)| origin.clone());
        let log = log.or(newest).unwrap_or_default();
        let mut places = BTreeMap::new();
        for (origin, end) in ends {
            if *origin == log {
                if index > *end {
                    return Err(TrustError::Cutoff {
                        log,
                        index,
                        end: *end,
                    });
                }
                places.insert(log, index);
                return Ok(places);
            }
            places.insert(origin.clone(), *end);
        }
        Err(TrustError::Format(format!(
            "there is no log {log}; `markedsplass log keys` shows the origins"
        )))
    }
}

impl Trust {
    /// Lists a key that is kept elsewhere, such as on a reviewer's card.
    pub(crate) async fn list_key(&self, key: TrustedKey) -> Result<(), TrustError> {
        let edit = Box::new(|draft: &mut super::plan::Draft, _: &_| draft.contents.list(key));
        self.publish(Some(edit), None).await
    }

    /// Makes the key that will take the place of this one, which goes on signing, and lists it if
    /// that can be signed here.
    pub(crate) async fn announce_key(&self, kid: &str) -> Result<String, TrustError> {
        let mut tx = self.database.read().await?;
        let services = super::publish::load(&mut tx).await?;
        drop(tx);
        let (_, files) = services.ok_or_else(not_installed)?;
        let key_use = super::contents::Contents::read(&files)?.key(kid)?.key_use;
        if key_use == KeyUse::Review {
            return Err(TrustError::Format(format!(
                "{kid} is a reviewer's; only the registry's own keys have a successor"
            )));
        }
        let next = self.keys.announce(kid).await?;
        let next = next.ok_or_else(|| {
            TrustError::Format(format!("{kid} is not in force, so that nothing follows it"))
        })?;
        // It is among the registry's keys now, and listed with them: at the next ceremony, where
        // the keys of the role are elsewhere.
        self.ensure_repository().await?;
        Ok(next.thumbprint())
    }

    /// Withdraws a key; where it is kept here, another takes its place at once.
    pub(crate) async fn revoke_key(
        &self,
        kid: &str,
        reason: RevocationReason,
        cutoff: Cutoff,
    ) -> Result<(), TrustError> {
        let what = match reason {
            RevocationReason::Superseded => "rotate",
            _ => "revoke",
        };
        let arguments = format!(" --{what} {kid}");
        self.ensure_signable(RoleName::Targets, None, &arguments)
            .await?;
        let replacement = self.keys.replacement(kid, reason).await?;
        let with_it = self.suspect(kid, reason).await?;
        let kid = kid.to_owned();
        let edit: super::publish::Edit = Box::new(move |draft, present| {
            let revocation = Revocation {
                revoked_at: present.now,
                reason,
                log_index_cutoff: cutoff.places(&present.log_end)?,
            };
            draft.contents.revoke(&kid, &with_it, &revocation)
        });
        self.publish(Some(edit), replacement.as_ref()).await
    }

    /// The keys that are withdrawn with a key for this reason: whoever has a compromised one may
    /// have those that were made to follow it, too.
    pub(super) async fn suspect(
        &self,
        kid: &str,
        reason: RevocationReason,
    ) -> Result<Vec<String>, TrustError> {
        if reason != RevocationReason::Compromised {
            return Ok(Vec::new());
        }
        let mut tx = self.database.read().await?;
        Ok(self.keys.made_to_follow(&mut tx, kid).await?)
    }

    /// Puts a new key in the place of one that is not listed by itself: the mark owner's, of the
    /// federation view, or a vendor's that is kept here. A second time it changes nothing.
    pub(crate) async fn replace_unlisted(
        &self,
        kid: &str,
        reason: RevocationReason,
    ) -> Result<(), TrustError> {
        let replacement = self.keys.replacement(kid, reason).await?;
        let mut tx = self.database.begin().await?;
        if let Some(replacement) = replacement {
            self.keys.replace(&mut tx, &replacement).await?;
            self.keys.say_why(&mut tx, kid, reason).await?;
        } else if !self.keys.was_replaced(&mut tx, kid).await? {
            return Err(TrustError::Format(format!("{kid} is not kept here")));
        } else {
            // Of a key that was replaced in good time, worse may be known now.
            self.keys.say_worse(&mut tx, kid, reason).await?;
        }
        tx.commit().await?;
        // The mark owner's key is named in the anchors.
        self.ensure_repository().await
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
        let arguments = match role {
            RoleName::Root => " --root-key PEM".to_owned(),
            RoleName::Targets => " --targets-key PEM".to_owned(),
            RoleName::Snapshot | RoleName::Timestamp => format!(" --rotate-role {role}"),
        };
        self.ensure_signable(RoleName::Root, Some(role), &arguments)
            .await?;
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
}

pub(super) fn not_installed() -> TrustError {
    TrustError::Format("there is no trust repository yet".to_owned())
}

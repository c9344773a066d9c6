//! The target files, read for editing and written for publication.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use verifier::jwk::KeyUse;
use verifier::trust::{Anchors, Denylist, Revocation, TrustedKey, TrustedKeys, files};

use crate::trust::error::TrustError;

/// What the target files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    /// The keys that sign approvals.
    pub(super) issuers: TrustedKeys,
    /// The reviewers' keys.
    pub(super) reviewers: TrustedKeys,
    /// The keys that sign status lists and status events.
    pub(super) status: TrustedKeys,
    /// The logs, the witnesses and the quorum.
    pub(super) log_policy: String,
    /// Which approvals are believed.
    pub(super) anchors: Anchors,
    /// Who is denied.
    pub(super) denylist: Denylist,
    /// The owner's leave to issue the mark.
    pub(super) delegation: Option<String>,
}

impl Contents {
    /// Nothing listed yet.
    pub(super) fn new(anchors: Anchors) -> Self {
        Self {
            issuers: TrustedKeys::default(),
            reviewers: TrustedKeys::default(),
            status: TrustedKeys::default(),
            log_policy: String::new(),
            anchors,
            denylist: Denylist::default(),
            delegation: None,
        }
    }

    pub(super) fn read(files: &BTreeMap<String, String>) -> Result<Self, TrustError> {
        Ok(Self {
            issuers: object(files, files::ISSUERS)?,
            reviewers: object(files, files::REVIEWERS)?,
            status: object(files, files::STATUS)?,
            log_policy: text(files, files::LOG_POLICY)?.to_owned(),
            anchors: object(files, files::ANCHORS)?,
            denylist: object(files, files::DENYLIST)?,
            delegation: files.get(files::DELEGATION).cloned(),
        })
    }

    pub(super) fn write(&self) -> Result<BTreeMap<String, String>, TrustError> {
        let mut all = BTreeMap::from([
            (files::ISSUERS.to_owned(), written(&self.issuers)?),
            (files::REVIEWERS.to_owned(), written(&self.reviewers)?),
            (files::STATUS.to_owned(), written(&self.status)?),
            (files::LOG_POLICY.to_owned(), self.log_policy.clone()),
            (files::ANCHORS.to_owned(), written(&self.anchors)?),
            (files::DENYLIST.to_owned(), written(&self.denylist)?),
        ]);
        if let Some(delegation) = &self.delegation {
            all.insert(files::DELEGATION.to_owned(), delegation.clone());
        }
        Ok(all)
    }

    /// Adds a key to the file of its use, unless it is there.
    pub(super) fn list(&mut self, key: TrustedKey) -> Result<(), TrustError> {
        let set = match key.key_use {
            KeyUse::Approval => &mut self.issuers,
            KeyUse::Review => &mut self.reviewers,
            KeyUse::Status | KeyUse::StatusEvent | KeyUse::StatusDigest => &mut self.status,
            KeyUse::Release | KeyUse::Delegation | KeyUse::Federation => {
                return Err(TrustError::Format(format!(
                    "keys of use {} are not listed in the trust repository",
                    key.key_use.as_str()
                )));
            }
        };
        if set.keys.iter().all(|listed| listed.kid != key.kid) {
            set.keys.push(key);
        }
        Ok(())
    }

    /// The listed key of this id.
    pub(super) fn key(&mut self, kid: &str) -> Result<&mut TrustedKey, TrustError> {
        let sets = [&mut self.issuers, &mut self.reviewers, &mut self.status];
        let mut keys = sets.into_iter().flat_map(|set| set.keys.iter_mut());
        let key = keys.find(|key| key.kid == kid);
        key.ok_or_else(|| TrustError::NotListed(kid.to_owned()))
    }

    /// The ids of the keys that are listed as withdrawn.
    pub(super) fn withdrawn(&self) -> impl Iterator<Item = &str> {
        let sets = [&self.issuers, &self.reviewers, &self.status];
        let keys = sets.into_iter().flat_map(|set| &set.keys);
        keys.filter(|key| key.revoked.is_some())
            .map(|key| key.kid.as_str())
    }

    /// Whether a key is listed, and not withdrawn.
    pub(super) fn believes(&self, kid: &str) -> bool {
        let sets = [&self.issuers, &self.reviewers, &self.status];
        let mut keys = sets.into_iter().flat_map(|set| &set.keys);
        keys.any(|key| key.kid == kid && key.revoked.is_none())
    }

    /// Withdraws a key, and with it those of these that are listed. What was withdrawn more widely
    /// before stays so.
    pub(super) fn revoke(
        &mut self,
        kid: &str,
        with_it: &[String],
        revocation: &Revocation,
    ) -> Result<(), TrustError> {
        for other in with_it {
            if let Ok(key) = self.key(other)
                && may_be(key, revocation)
            {
                key.revoked = Some(revocation.clone());
            }
        }
        let key = self.key(kid)?;
        if may_be(key, revocation) {
            key.revoked = Some(revocation.clone());
            return Ok(());
        }
        Err(TrustError::Format(format!(
            "key {kid} was withdrawn from an earlier place in the log; that cannot be taken back"
        )))
    }
}

/// Whether a key may be withdrawn like this: from no later place than before.
fn may_be(key: &TrustedKey, revocation: &Revocation) -> bool {
    let cutoffs = &revocation.log_index_cutoff;
    key.revoked.as_ref().is_none_or(|known| {
        let known = &known.log_index_cutoff;
        known.iter().all(|(origin, known)| {
            let cutoff = cutoffs.get(origin);
            cutoff.is_none_or(|cutoff| cutoff <= known)
        }) && cutoffs.keys().all(|origin| known.contains_key(origin))
    })
}

fn text<'f>(files: &'f BTreeMap<String, String>, name: &str) -> Result<&'f str, TrustError> {
    let text = files.get(name).map(String::as_str);
    text.ok_or_else(|| TrustError::Format(format!("{name} is missing")))
}

fn object<T: DeserializeOwned>(
    files: &BTreeMap<String, String>,
    name: &str,
) -> Result<T, TrustError> {
    serde_json::from_str(text(files, name)?)
        .map_err(|error| TrustError::Format(format!("{name}: {error}")))
}

/// Indented: people read these files too.
fn written<T: Serialize>(value: &T) -> Result<String, TrustError> {
    let text = serde_json::to_string_pretty(value);
    Ok(text.map_err(|error| TrustError::Format(error.to_string()))? + "\n")
}

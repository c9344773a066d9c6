//! The files of the trust repository as they are served, and all of them at once for readers in the
//! same process.

use std::collections::BTreeMap;

use foundation::store::Tx;
use verifier::TrustUpdate;
use verifier::claims::KeyRevoked;
use verifier::trust::tuf::{Held, RoleName};
use verifier::trust::{Anchors, Denylist};

use super::contents::Contents;
use super::publish::load;
use crate::trust::Trust;
use crate::trust::error::TrustError;
use crate::trust::log::{LogError, LogObstacle};
use crate::trust::resign::ListedKeys;
use crate::trust::store::repository;

impl Trust {
    /// A file by its path below `/trust/`; `None` when there is no such file.
    pub(crate) async fn repository_file(&self, path: &str) -> Result<Option<String>, TrustError> {
        let mut tx = self.database.read().await?;
        if path == "timestamp.json" {
            refuse_rolled_back(&mut tx).await?;
            return Ok(repository::newest(&mut tx, RoleName::Timestamp.as_str()).await?);
        }
        if let Some(target) = path.strip_prefix("targets/") {
            return match target.split_once('.') {
                Some((digest, name)) => Ok(repository::target(&mut tx, name, digest).await?),
                None => Ok(None),
            };
        }
        match versioned(path) {
            Some((version, role)) => {
                Ok(repository::document(&mut tx, role.as_str(), version).await?)
            }
            None => Ok(None),
        }
    }

    /// The first root document, for those who pin it; `None` before there is one.
    pub(crate) async fn first_root(&self) -> Result<Option<String>, TrustError> {
        self.repository_file("1.root.json").await
    }

    /// The first of these key ids that is not listed. One that is listed as withdrawn was listed when
    /// it signed: whether it counts is for its place in the log to say.
    pub(in crate::trust) async fn first_unlisted(
        &self,
        kids: Vec<String>,
    ) -> Result<Option<String>, TrustError> {
        let mut tx = self.database.read().await?;
        let Some((_, files)) = load(&mut tx).await? else {
            return Ok(kids.into_iter().next());
        };
        let mut contents = Contents::read(&files)?;
        let mut listed = |kid: &String| contents.key(kid).is_ok();
        Ok(kids.into_iter().find(|kid| !listed(kid)))
    }

    /// The organisations of the reviewers whose keys are or were listed, by the key's thumbprint.
    pub(crate) async fn reviewers_organisations(
        &self,
    ) -> Result<BTreeMap<String, String>, TrustError> {
        let mut tx = self.database.read().await?;
        let Some((_, files)) = load(&mut tx).await? else {
            return Ok(BTreeMap::new());
        };
        let listed = Contents::read(&files)?.reviewers.keys.into_iter();
        Ok(listed
            .filter_map(|key| Some((key.kid, key.organization_id?)))
            .collect())
    }

    /// The keys that are listed now.
    pub(crate) async fn listed_keys(&self) -> Result<ListedKeys, TrustError> {
        let mut tx = self.database.read().await?;
        let Some((_, files)) = load(&mut tx).await? else {
            return Ok(BTreeMap::new());
        };
        let contents = Contents::read(&files)?;
        let sets = [contents.issuers, contents.reviewers, contents.status];
        let keys = sets.into_iter().flat_map(|set| set.keys);
        Ok(keys
            .map(|key| (key.kid, (key.key_use, key.revoked)))
            .collect())
    }

    /// Who and what is denied now; `None` before there is a trust repository.
    pub(in crate::trust) async fn denied(&self) -> Result<Option<(Denylist, Anchors)>, TrustError> {
        let mut tx = self.database.read().await?;
        let Some((_, files)) = load(&mut tx).await? else {
            return Ok(None);
        };
        let contents = Contents::read(&files)?;
        Ok(Some((contents.denylist, contents.anchors)))
    }

    /// The log policy that EPJs go by now.
    pub(in crate::trust) async fn policy_in_force(
        &self,
        tx: &mut Tx,
    ) -> Result<String, TrustError> {
        let published = load(tx).await?;
        let (_, files) = published
            .ok_or_else(|| TrustError::Format("there is no trust repository yet".to_owned()))?;
        Ok(Contents::read(&files)?.log_policy)
    }

    /// The keys of approvals that are listed as withdrawn, by thumbprint.
    pub(in crate::trust) async fn withdrawn_issuers(
        &self,
    ) -> Result<BTreeMap<String, KeyRevoked>, TrustError> {
        let mut tx = self.database.read().await?;
        let Some((_, files)) = load(&mut tx).await? else {
            return Ok(BTreeMap::new());
        };
        let listed = Contents::read(&files)?.issuers.keys;
        let withdrawn = listed.into_iter().filter_map(|key| {
            let revoked = key.revoked?;
            let told = KeyRevoked {
                revoked_at: revoked.revoked_at,
                reason: revoked.reason,
            };
            Some((key.kid, told))
        });
        Ok(withdrawn.collect())
    }

    /// Everything for somebody who knows the root document of this version.
    pub(crate) async fn trust_update(&self, known_root: u64) -> Result<TrustUpdate, TrustError> {
        let mut tx = self.database.read().await?;
        refuse_rolled_back(&mut tx).await?;
        let published = load(&mut tx).await?;
        let (newest, files) = published
            .ok_or_else(|| TrustError::Format("there is no trust repository yet".to_owned()))?;
        let mut roots = Vec::new();
        for version in known_root.saturating_add(1)..=newest.root().document().version {
            let version = i64::try_from(version).unwrap_or(i64::MAX);
            let root = repository::document(&mut tx, RoleName::Root.as_str(), version).await?;
            roots.extend(root.map(String::into_bytes));
        }
        let bytes = |text: Option<&str>| text.unwrap_or_default().as_bytes().to_vec();
        Ok(TrustUpdate {
            roots,
            timestamp: bytes(newest.timestamp().map(Held::text)),
            snapshot: bytes(newest.snapshot().map(Held::text)),
            targets: bytes(newest.targets().map(Held::text)),
            files: files
                .into_iter()
                .map(|(name, text)| (name, text.into_bytes()))
                .collect(),
        })
    }
}

/// A timestamp that may be older than one that was out, from before the database was lost, is not
/// served: the next one is.
async fn refuse_rolled_back(tx: &mut Tx) -> Result<(), TrustError> {
    let role = RoleName::Timestamp.as_str();
    let floor = repository::floors(tx).await?.get(role).copied();
    let Some(floor) = floor else { return Ok(()) };
    let newest = repository::newest_version(tx, role).await?;
    let newest = newest.map_or(0, |(version, _)| u64::try_from(version).unwrap_or(0));
    if newest > floor {
        return Ok(());
    }
    let missing = vec!["timestamp.json".to_owned()];
    Err(LogError::from(LogObstacle::Restored { missing }).into())
}

/// `N.root.json` and the like, in the one spelling of N.
fn versioned(path: &str) -> Option<(i64, RoleName)> {
    let (number, file) = path.split_once('.')?;
    let version: i64 = number.parse().ok()?;
    let role = [RoleName::Root, RoleName::Snapshot, RoleName::Targets]
        .into_iter()
        .find(|role| file.strip_suffix(".json") == Some(role.as_str()))?;
    (version > 0 && version.to_string() == number).then_some((version, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_one_address() {
        assert_eq!(versioned("12.root.json"), Some((12, RoleName::Root)));
        assert_eq!(versioned("1.snapshot.json"), Some((1, RoleName::Snapshot)));
        for other in [
            "root.json",
            "01.root.json",
            "0.root.json",
            "+1.root.json",
            "1.timestamp.json",
            "1.root",
            "1.root.json.json",
            "",
        ] {
            assert_eq!(versioned(other), None, "{other}");
        }
    }
}

//! The trust repository of the tests: its keys, its documents and its files.

use std::collections::BTreeMap;

use verifier::TrustUpdate;
use verifier::claims::Delegation;
use verifier::jwk::KeyUse;
use verifier::trust::tuf::{
    Document, Keys, MetaFile, Role, RoleKey, Roles, Root, Snapshot, TargetFile, Targets, Timestamp,
    TimestampMeta, Unsigned,
};
use verifier::trust::{Anchors, Denylist, TrustedKey, TrustedKeys, files};

use crate::keys::EcKey;

/// What the trust repository says; each use of a key has its own file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    /// The version of every document but the root.
    pub(crate) version: u64,
    /// When the timestamp was issued.
    pub(crate) iat: i64,
    /// When the targets end.
    pub(crate) exp: i64,
    /// When snapshot and timestamp end.
    pub(crate) online: i64,
    pub(crate) keys: Vec<TrustedKey>,
    pub(crate) log_policy: String,
    pub(crate) anchors: Anchors,
    pub(crate) denylist: Denylist,
    pub(crate) delegation: Option<Delegation>,
}

/// Who signs the trust repository.
pub(crate) struct Authority {
    pub(crate) root: Vec<EcKey>,
    pub(crate) targets: Vec<EcKey>,
    pub(crate) snapshot: EcKey,
    pub(crate) timestamp: EcKey,
    pub(crate) owner: EcKey,
}

/// A signed document.
pub(crate) fn signed<D: Document>(document: &D, keys: &[&EcKey]) -> Vec<u8> {
    let unsigned = Unsigned::new(document).unwrap();
    let sign = |key: &&EcKey| {
        let id = RoleKey::p256(&key.public).id();
        (id, key.sign_der(unsigned.message()))
    };
    let signatures: Vec<_> = keys.iter().map(sign).collect();
    unsigned.assemble(&signatures).into_bytes()
}

/// A role with these keys.
pub(crate) fn role<'k>(keys: impl IntoIterator<Item = &'k EcKey>, threshold: u32) -> Role {
    let id = |key: &EcKey| RoleKey::p256(&key.public).id();
    Role {
        keyids: keys.into_iter().map(id).collect(),
        threshold,
    }
}

/// Keys by id.
pub(crate) fn key_table<'k>(keys: impl IntoIterator<Item = &'k EcKey>) -> Keys {
    let keys = keys.into_iter().map(|key| RoleKey::p256(&key.public));
    Keys(keys.map(|key| (key.id(), key)).collect())
}

impl Authority {
    /// With keys made by name.
    pub(crate) fn with_keys(key: &dyn Fn(&str) -> EcKey) -> Self {
        Self {
            root: (0..5).map(|at| key(&format!("root {at}"))).collect(),
            targets: (0..4).map(|at| key(&format!("targets {at}"))).collect(),
            snapshot: key("snapshot"),
            timestamp: key("timestamp"),
            owner: key("owner"),
        }
    }

    /// A root document with all of these keys: three of five, two of four, one, one.
    pub(crate) fn root(&self, version: u64, expires: i64) -> Root {
        let online = [&self.snapshot, &self.timestamp];
        let all = self.root.iter().chain(&self.targets).chain(online);
        Root {
            version,
            expires,
            consistent_snapshot: true,
            keys: key_table(all),
            roles: Roles {
                root: role(&self.root, 3),
                targets: role(&self.targets, 2),
                snapshot: role([&self.snapshot], 1),
                timestamp: role([&self.timestamp], 1),
            },
        }
    }

    /// The first root document.
    pub(crate) fn pinned(&self, expires: i64) -> Vec<u8> {
        let signers: Vec<_> = self.root.iter().take(3).collect();
        signed(&self.root(1, expires), &signers)
    }

    /// The files of a configuration.
    pub(crate) fn files(&self, config: &Config) -> BTreeMap<String, Vec<u8>> {
        let set = |file: &str| {
            let belongs = |key: &&TrustedKey| file == file_of(key.key_use);
            let keys = config.keys.iter().filter(belongs).cloned().collect();
            serde_json::to_vec(&TrustedKeys { keys }).unwrap()
        };
        let mut all = BTreeMap::from([
            (files::ISSUERS, set(files::ISSUERS)),
            (files::REVIEWERS, set(files::REVIEWERS)),
            (files::STATUS, set(files::STATUS)),
            (files::LOG_POLICY, config.log_policy.clone().into_bytes()),
            (files::ANCHORS, serde_json::to_vec(&config.anchors).unwrap()),
            (
                files::DENYLIST,
                serde_json::to_vec(&config.denylist).unwrap(),
            ),
        ]);
        if let Some(delegation) = &config.delegation {
            let token = self.owner.sign(delegation);
            all.insert(files::DELEGATION, token.into_bytes());
        }
        all.into_iter()
            .map(|(name, file)| (name.to_owned(), file))
            .collect()
    }

    /// The whole repository.
    pub(crate) fn update(&self, config: &Config) -> TrustUpdate {
        self.update_with(config, self.files(config))
    }

    /// The whole repository with these files.
    pub(crate) fn update_with(
        &self,
        config: &Config,
        files: BTreeMap<String, Vec<u8>>,
    ) -> TrustUpdate {
        let (version, expires) = (config.version, config.exp);
        let listed = files
            .iter()
            .map(|(name, file)| (name.clone(), TargetFile::of(file)));
        let targets = Targets {
            version,
            expires,
            targets: listed.collect(),
        };
        let signers: Vec<_> = self.targets.iter().take(2).collect();
        let targets = signed(&targets, &signers);
        let meta = MetaFile::of(version, &targets);
        let snapshot = Snapshot {
            version,
            expires: config.online,
            meta: BTreeMap::from([("targets.json".to_owned(), meta)]),
        };
        let snapshot = signed(&snapshot, &[&self.snapshot]);
        let timestamp = Timestamp {
            version,
            expires: config.online,
            issued: Some(config.iat),
            meta: TimestampMeta {
                snapshot: MetaFile::of(version, &snapshot),
            },
        };
        TrustUpdate {
            roots: Vec::new(),
            timestamp: signed(&timestamp, &[&self.timestamp]),
            snapshot,
            targets,
            files,
        }
    }
}

fn file_of(key_use: KeyUse) -> &'static str {
    match key_use {
        KeyUse::Review => files::REVIEWERS,
        KeyUse::Status | KeyUse::StatusEvent | KeyUse::StatusDigest => files::STATUS,
        _ => files::ISSUERS,
    }
}

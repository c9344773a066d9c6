//! Holders of root and targets keys that no server has, each with a file of their own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use foundation::entropy::SystemEntropy;
use registry::{Ceremony, OfflineKey, Proposal, RegistryConfig, StoreKind};
use secrecy::SecretString;
use tempfile::TempDir;
use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::RoleName;

use super::World;

/// The settings of a registry whose root and targets keys are with people.
pub(crate) fn offline() -> RegistryConfig {
    let mut config = RegistryConfig::default();
    for purpose in ["trust-root", "trust-targets"] {
        let offline = StoreKind::Offline;
        config.keys.uses.insert(purpose.to_owned(), offline);
    }
    config
}

/// The holders' machines.
pub(crate) struct Holders {
    _folder: TempDir,
    pub(crate) files: BTreeMap<RoleName, Vec<(PathBuf, EcPublicKey)>>,
}

pub(crate) fn passphrase() -> SecretString {
    SecretString::from("riktig hest batteri stift")
}

impl Holders {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (role, purpose, count) in [
            (RoleName::Root, "trust-root", 5),
            (RoleName::Targets, "trust-targets", 4),
        ] {
            for number in 0..count {
                let own = folder.path().join(format!("{purpose}-{number}"));
                let place = (own.as_path(), passphrase());
                let entropy = SystemEntropy::default();
                let made = OfflineKey::make(purpose, "Holder", place, &entropy);
                let (path, file) = made.unwrap();
                let public = file.public_key().unwrap();
                files.entry(role).or_default().push((path, public));
            }
        }
        Self {
            _folder: folder,
            files,
        }
    }

    pub(crate) fn roles(&self) -> BTreeMap<RoleName, (Vec<EcPublicKey>, u32)> {
        let keys = |role: &RoleName| -> Vec<EcPublicKey> {
            let files = self.files[role].iter();
            files.map(|(_, public)| public.clone()).collect()
        };
        [(RoleName::Root, 3), (RoleName::Targets, 2)]
            .into_iter()
            .map(|(role, threshold)| (role, (keys(&role), threshold)))
            .collect()
    }

    /// Each of these holders signs a copy of the file; gives the copies.
    pub(crate) fn signed(
        &self,
        world: &World,
        text: &str,
        who: &[(RoleName, usize)],
    ) -> Vec<Ceremony> {
        let sign = |(role, number): &(RoleName, usize)| {
            let mut copy = Ceremony::read(text.as_bytes()).unwrap();
            let (path, _) = &self.files[role][*number];
            let key = OfflineKey::open(path, passphrase()).unwrap();
            assert_eq!(copy.sign(&key, world.clock_seconds()).unwrap(), [*role]);
            copy
        };
        who.iter().map(sign).collect()
    }

    /// The registry gives its root and targets keys away to the holders.
    pub(crate) async fn take_over(&self, world: &World) {
        let proposal = Proposal {
            roles: self.roles(),
            ..Proposal::default()
        };
        self.hold(world, proposal, &BOTH).await;
    }

    /// Prepares, has enough holders sign, and publishes.
    pub(crate) async fn hold(&self, world: &World, proposal: Proposal, who: &[(RoleName, usize)]) {
        let prepared = world.registry.prepare_ceremony(proposal).await.unwrap();
        let text = prepared.write().unwrap();
        let joined = joined(self.signed(world, &text, who));
        world.registry.publish_ceremony(&joined).await.unwrap();
    }
}

pub(crate) fn joined(copies: Vec<Ceremony>) -> Ceremony {
    let mut copies = copies.into_iter();
    let mut all = copies.next().unwrap();
    for copy in copies {
        all.join(&copy).unwrap();
    }
    all
}

pub(crate) const TARGETS: [(RoleName, usize); 2] = [(RoleName::Targets, 0), (RoleName::Targets, 3)];
pub(crate) const BOTH: [(RoleName, usize); 5] = [
    (RoleName::Root, 0),
    (RoleName::Root, 2),
    (RoleName::Root, 4),
    (RoleName::Targets, 0),
    (RoleName::Targets, 3),
];

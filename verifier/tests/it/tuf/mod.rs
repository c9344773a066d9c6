//! The trust repository under attack: rollback, freeze, expiry, mixing, thresholds, key rotation,
//! and files that no honest repository serves.

mod collecting;
mod expiry;
mod files;
mod recovery;
mod rollback;
mod signatures;

use std::collections::BTreeMap;
use std::rc::Rc;

use verifier::trust::tuf::{
    Document, MetaFile, Role, RoleName, Root, Snapshot, TargetFile, Targets, Timestamp,
    TimestampMeta,
};
use verifier::{Code, Environment, LocalPolicy, TrustUpdate, Verifier};

use crate::authority::{key_table, role, signed};
use crate::support::{DAY, EcKey, NOW, World};

/// Puts something of an older repository into a newer one.
type Mix = fn(&mut TrustUpdate, &TrustUpdate);

/// A repository whose documents can be changed before they are signed.
#[derive(Clone)]
struct Repo {
    files: BTreeMap<String, Vec<u8>>,
    keys: Vec<Rc<EcKey>>,
    /// Who signs each role's documents.
    signers: BTreeMap<RoleName, Vec<Rc<EcKey>>>,
    root: Root,
    timestamp: Timestamp,
    snapshot: Snapshot,
    targets: Targets,
    /// Whether documents are named with size and digest.
    digests: bool,
    roots: Vec<Vec<u8>>,
    served: TrustUpdate,
}

impl Repo {
    /// Version 1 of everything: three of five root keys, two of four targets keys.
    fn new() -> Self {
        let world = World::new();
        let files = world.authority.files(&world.config);
        let expires = NOW + 30 * DAY;
        let mut repo = Self {
            files,
            keys: Vec::new(),
            signers: BTreeMap::new(),
            root: Root {
                version: 1,
                expires,
                consistent_snapshot: true,
                ..world.authority.root(1, expires)
            },
            timestamp: Timestamp {
                version: 1,
                expires,
                issued: None,
                meta: TimestampMeta {
                    snapshot: MetaFile::of(1, b""),
                },
            },
            snapshot: Snapshot {
                version: 1,
                expires,
                meta: BTreeMap::new(),
            },
            targets: Targets {
                version: 1,
                expires,
                targets: BTreeMap::new(),
            },
            digests: true,
            roots: Vec::new(),
            served: TrustUpdate::default(),
        };
        for (name, count, threshold) in [
            (RoleName::Root, 5, 3),
            (RoleName::Targets, 4, 2),
            (RoleName::Snapshot, 1, 1),
            (RoleName::Timestamp, 1, 1),
        ] {
            repo.set_keys(name, count, threshold);
        }
        repo.publish_root();
        repo.publish();
        repo
    }

    /// New keys for a role, of which the first `threshold` sign.
    fn set_keys(&mut self, name: RoleName, count: usize, threshold: u32) {
        let keys: Vec<_> = (0..count).map(|_| Rc::new(EcKey::new())).collect();
        let signing = keys.iter().take(threshold as usize).cloned().collect();
        self.signers.insert(name, signing);
        *self.role(name) = role(keys.iter().map(Rc::as_ref), threshold);
        self.keys.extend(keys);
    }

    fn role(&mut self, name: RoleName) -> &mut Role {
        match name {
            RoleName::Root => &mut self.root.roles.root,
            RoleName::Timestamp => &mut self.root.roles.timestamp,
            RoleName::Snapshot => &mut self.root.roles.snapshot,
            RoleName::Targets => &mut self.root.roles.targets,
        }
    }

    fn sign<D: Document>(&self, document: &D) -> Vec<u8> {
        let keys: Vec<_> = self.signers[&D::ROLE].iter().map(Rc::as_ref).collect();
        signed(document, &keys)
    }

    fn publish_root(&mut self) {
        self.root.keys = key_table(self.keys.iter().map(Rc::as_ref));
        let root = self.sign(&self.root);
        self.roots.push(root);
    }

    /// The next root document, signed by those who sign root documents now and by these.
    fn rotate_root(&mut self, also: &[Rc<EcKey>]) {
        self.root.version += 1;
        self.root.keys = key_table(self.keys.iter().map(Rc::as_ref));
        let signers = self.signers[&RoleName::Root].iter().chain(also);
        let signers: Vec<_> = signers.map(Rc::as_ref).collect();
        self.roots.push(signed(&self.root, &signers));
    }

    fn meta(&self, version: u64, bytes: &[u8]) -> MetaFile {
        if self.digests {
            return MetaFile::of(version, bytes);
        }
        MetaFile {
            version,
            length: None,
            hashes: None,
        }
    }

    /// Signs and serves targets, snapshot and timestamp as they are.
    fn publish(&mut self) {
        let listed = self.files.iter();
        self.targets.targets = listed
            .map(|(name, file)| (name.clone(), TargetFile::of(file)))
            .collect();
        let targets = self.sign(&self.targets);
        let meta = self.meta(self.targets.version, &targets);
        self.snapshot.meta.insert("targets.json".to_owned(), meta);
        let snapshot = self.sign(&self.snapshot);
        self.timestamp.meta.snapshot = self.meta(self.snapshot.version, &snapshot);
        self.served = TrustUpdate {
            roots: self.roots.clone(),
            timestamp: self.sign(&self.timestamp),
            snapshot,
            targets,
            files: self.files.clone(),
        };
    }

    /// Counts the three up and serves them.
    fn publish_next(&mut self) {
        self.timestamp.version += 1;
        self.snapshot.version += 1;
        self.targets.version += 1;
        self.publish();
    }

    /// A verifier that has read the repository as it is.
    fn verifier(&self) -> Verifier {
        let mut verifier = self.blank();
        verifier.update_trust(&self.served, NOW).unwrap();
        verifier
    }

    fn blank(&self) -> Verifier {
        Verifier::new(&self.roots[0], LocalPolicy::new(Environment::Prod)).unwrap()
    }
}

fn read(verifier: &mut Verifier, repo: &Repo, now: i64) -> Option<Code> {
    let taken = verifier.update_trust(&repo.served, now);
    taken.err().map(|error| error.code)
}

/// What becomes of the next versions after a change to the repository.
fn next(change: impl FnOnce(&mut Repo)) -> Option<Code> {
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    change(&mut repo);
    repo.publish_next();
    read(&mut verifier, &repo, NOW)
}

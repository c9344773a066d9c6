//! A newer state of the trust repository as it was fetched, and the order in which to fetch it.
//! Nothing here is believed: [`crate::Verifier::update_trust`] verifies all of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::files;
use super::tuf::{RoleName, TargetFile, Wanted, max_len};

/// The files of a trust repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustUpdate {
    /// Root documents, `N.root.json`, in order; those that are known already are passed over.
    pub roots: Vec<Vec<u8>>,
    /// `timestamp.json`.
    pub timestamp: Vec<u8>,
    /// The snapshot document that the timestamp names, `N.snapshot.json`.
    pub snapshot: Vec<u8>,
    /// The targets document that the snapshot names, `N.targets.json`.
    pub targets: Vec<u8>,
    /// The target files by name, `issuers.jwks` and so on; those that have not changed may be left
    /// out.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl TrustUpdate {
    /// Collects the files of a repository from somewhere: `read` is given a path below the
    /// repository's address, such as `timestamp.json` or `targets/….anchors.json`, and how much to
    /// read at most; it gives `None` for a file that is not there.
    pub fn collect<E>(
        known_root: u64,
        mut read: impl FnMut(&Wanted) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        let mut collection = Collection::new(known_root);
        while let Some(wanted) = collection.wanted() {
            let file = read(&wanted)?;
            collection.take(file);
        }
        Ok(collection.finish())
    }

    /// The root documents that are to be followed from this version on: all but those that say to be
    /// older.
    pub(crate) fn roots_after(&self, known: u64) -> impl Iterator<Item = &[u8]> {
        let older = move |root: &[u8]| version(root).is_some_and(|version| version <= known);
        let roots = self.roots.iter().map(Vec::as_slice);
        roots.filter(move |root| !older(root))
    }
}

/// The collecting of a [`TrustUpdate`], one file at a time, for callers who have to wait for each.
#[derive(Clone, Debug)]
pub struct Collection {
    update: TrustUpdate,
    next: Next,
}

#[derive(Clone, Debug)]
enum Next {
    Root(u64),
    Timestamp,
    Snapshot(String),
    Targets(String),
    /// Name and address of each file that is still to be fetched, the next one last.
    Files(Vec<(String, Wanted)>),
}

impl Collection {
    /// A collection for somebody who knows the root document of this version.
    pub fn new(known_root: u64) -> Self {
        Self {
            update: TrustUpdate::default(),
            next: Next::Root(known_root.saturating_add(1)),
        }
    }

    /// The file that is wanted next; `None` at the end.
    pub fn wanted(&self) -> Option<Wanted> {
        let metadata = |name: String, role| Wanted {
            name,
            max_len: max_len(role),
        };
        match &self.next {
            Next::Root(version) => Some(metadata(format!("{version}.root.json"), RoleName::Root)),
            Next::Timestamp => Some(metadata("timestamp.json".to_owned(), RoleName::Timestamp)),
            Next::Snapshot(name) => Some(metadata(name.clone(), RoleName::Snapshot)),
            Next::Targets(name) => Some(metadata(name.clone(), RoleName::Targets)),
            Next::Files(rest) => rest.last().map(|(_, wanted)| wanted.clone()),
        }
    }

    /// Gives the file that was wanted, or says that there is none.
    pub fn take(&mut self, file: Option<Vec<u8>>) {
        let next = std::mem::replace(&mut self.next, Next::Files(Vec::new()));
        self.next = match (next, file) {
            (Next::Root(version), Some(root)) if self.update.roots.len() < MAX_ROOTS => {
                self.update.roots.push(root);
                Next::Root(version.saturating_add(1))
            }
            (Next::Root(_), _) => Next::Timestamp,
            (Next::Timestamp, Some(bytes)) => {
                let next = named(&bytes, "snapshot.json").map(Next::Snapshot);
                self.update.timestamp = bytes;
                next.unwrap_or(Next::Files(Vec::new()))
            }
            (Next::Snapshot(_), Some(bytes)) => {
                let next = named(&bytes, "targets.json").map(Next::Targets);
                self.update.snapshot = bytes;
                next.unwrap_or(Next::Files(Vec::new()))
            }
            (Next::Targets(_), Some(bytes)) => {
                let next = Next::Files(addresses(&bytes));
                self.update.targets = bytes;
                next
            }
            (Next::Files(mut rest), file) => {
                if let (Some((name, _)), Some(bytes)) = (rest.pop(), file) {
                    self.update.files.insert(name, bytes);
                }
                Next::Files(rest)
            }
            // Something is missing: the verifier says so.
            (_, None) => Next::Files(Vec::new()),
        };
    }

    /// What was collected.
    pub fn finish(self) -> TrustUpdate {
        self.update
    }
}

fn parsed(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// The version that a document claims.
fn version(bytes: &[u8]) -> Option<u64> {
    parsed(bytes)?.get("signed")?.get("version")?.as_u64()
}

/// The name under which the file that is listed here is served.
fn named(bytes: &[u8], file: &str) -> Option<String> {
    let entry = parsed(bytes)?;
    let version = entry
        .get("signed")?
        .get("meta")?
        .get(file)?
        .get("version")?;
    Some(format!("{}.{file}", version.as_u64()?))
}

/// The names and addresses of our files, the last one first.
fn addresses(bytes: &[u8]) -> Vec<(String, Wanted)> {
    let document = parsed(bytes);
    let address = |name: &&str| {
        let listed = document
            .as_ref()?
            .get("signed")?
            .get("targets")?
            .get(name)?;
        let file: TargetFile = serde_json::from_value(listed.clone()).ok()?;
        let wanted = Wanted {
            name: format!("targets/{}", file.address(name, true)),
            max_len: usize::try_from(file.length).ok()?.min(files::MAX_LEN),
        };
        Some(((*name).to_owned(), wanted))
    };
    files::ALL.iter().rev().filter_map(address).collect()
}

/// The most root documents that are collected at once.
const MAX_ROOTS: usize = 256;

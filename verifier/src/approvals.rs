//! The accepted approvals by software and version. They are looked up at every launch, so by hash;
//! they are gone through in order, so that nothing that is saved or shown depends on the hash.

use std::collections::BTreeMap;

use crate::verifier::Record;

/// What is looked up by hash, and never gone through in the order of the hash.
#[expect(
    clippy::disallowed_types,
    reason = "looked up at every launch; gone through in order only"
)]
type ByHash<T> = std::collections::HashMap<String, T>;

/// Software id, then version: both looked up without making a key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Approvals(ByHash<BTreeMap<String, Record>>);

impl Approvals {
    /// The accepted approval of this version.
    pub(crate) fn get(&self, software_id: &str, software_version: &str) -> Option<&Record> {
        self.0.get(software_id)?.get(software_version)
    }

    /// Keeps an approval in place of the one of the same version.
    pub(crate) fn keep(&mut self, record: Record) {
        let versions = self.0.entry(record.approval.software_id.clone());
        let version = record.approval.software_version.clone();
        versions.or_default().insert(version, record);
    }

    /// All of them, by software id and version.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Record> {
        let ordered: BTreeMap<_, _> = self.0.iter().collect();
        ordered.into_values().flat_map(BTreeMap::values)
    }

    /// All of them, to be changed each for itself.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Record> {
        self.0.values_mut().flat_map(BTreeMap::values_mut)
    }
}

//! What was written in a sandbox as it stood when an export was asked for: the newest version of each
//! resource among the first changes of the log.

use std::collections::BTreeMap;

use super::super::FhirState;
use super::super::error::FhirError;
use super::super::overlay::{Overlay, Version, View};
use super::super::population::Entry;
use super::super::types::TypeInfo;

/// Versions by type and id.
#[derive(Debug, Default)]
pub(super) struct Snapshot(BTreeMap<&'static str, BTreeMap<String, Version>>);

impl Snapshot {
    /// What stood after so many changes.
    pub(super) fn of(view: &View, changes: usize) -> Self {
        let mut snapshot = Self::default();
        for logged in view.oldest_first().take(changes) {
            let of_type = snapshot.0.entry(logged.info.name).or_default();
            of_type.insert(logged.id.clone(), logged.version);
        }
        snapshot
    }

    /// Whether the resource was written, so that the base population's does not count.
    pub(super) fn shadows(&self, info: &TypeInfo, id: &str) -> bool {
        self.0
            .get(info.name)
            .is_some_and(|all| all.contains_key(id))
    }

    /// What was written of a type, deletions too.
    pub(super) fn of_type(&self, info: &TypeInfo) -> impl Iterator<Item = (&String, &Version)> {
        self.0.get(info.name).into_iter().flatten()
    }
}

/// The content of one version; none where it is a deletion, or was never written.
pub(super) async fn content(
    state: &FhirState,
    overlay: &Overlay,
    (info, id, number): (&'static TypeInfo, &str, i64),
) -> Result<Option<Entry>, FhirError> {
    let current = overlay.view().slot(info, id).and_then(|slot| {
        let current = slot.current.as_ref();
        current.map(|current| current.entry.clone())
    });
    if let Some(current) = current.filter(|current| current.version == number) {
        return Ok(Some(current));
    }
    let written = overlay.version(&state.database, info, id, number).await?;
    let content = written.and_then(|change| change.content);
    Ok(content.map(|content| content.entry.clone()))
}

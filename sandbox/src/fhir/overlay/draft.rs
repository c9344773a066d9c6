//! A write while it is decided: what is there, and what the write has changed of it so far.

use super::super::population::{Entry, Indexed};
use super::super::types::TypeInfo;
use super::view::{Change, Narrow, View};

/// What a write sees and changes.
#[derive(Debug)]
pub(crate) struct Draft<'v> {
    view: &'v View,
    changes: Vec<Change>,
}

/// How a resource stands.
#[derive(Clone, Debug)]
pub(crate) enum Standing {
    /// It was never written here.
    Absent,
    /// Its newest version is its deletion.
    Deleted(i64),
    Present(Box<Entry>),
}

impl Standing {
    /// The number of the newest version; 0 where there is none.
    pub(crate) fn version(&self) -> i64 {
        match self {
            Self::Absent => 0,
            Self::Deleted(version) => *version,
            Self::Present(entry) => entry.version,
        }
    }

    /// The resource, unless it is gone.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Present(entry) => Some(entry),
            Self::Absent | Self::Deleted(_) => None,
        }
    }
}

impl<'v> Draft<'v> {
    pub(super) fn new(view: &'v View) -> Self {
        Self {
            view,
            changes: Vec::new(),
        }
    }

    /// How far the changes have come.
    pub(super) fn mark(&self) -> usize {
        self.changes.len()
    }

    /// Forgets the changes after a mark.
    pub(super) fn back_to(&mut self, mark: usize) {
        self.changes.truncate(mark);
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// How a resource stands after what was changed so far. `computed` is what the base population
    /// has of it.
    pub(crate) fn standing(&self, info: &TypeInfo, id: &str, computed: Option<&Entry>) -> Standing {
        let changed = self.changes.iter().rev().find(|one| one.is_of(info, id));
        if let Some(change) = changed {
            return match &change.content {
                Some(content) => Standing::Present(Box::new(content.entry.clone())),
                None => Standing::Deleted(change.number),
            };
        }
        match self.view.slot(info, id) {
            Some(slot) => match &slot.current {
                Some(current) => Standing::Present(Box::new(current.entry.clone())),
                None => Standing::Deleted(slot.versions.last().map_or(0, |last| last.number)),
            },
            None => computed.map_or(Standing::Absent, |entry| {
                Standing::Present(Box::new(entry.clone()))
            }),
        }
    }

    /// Whether the resource was ever written here, so that the base population's does not count.
    pub(crate) fn shadows(&self, info: &TypeInfo, id: &str) -> bool {
        self.view.slot(info, id).is_some() || self.changes.iter().any(|one| one.is_of(info, id))
    }

    /// Every current resource of a type that was written, after what was changed so far, that
    /// `narrow` leaves, and perhaps more.
    pub(crate) fn written(&self, info: &TypeInfo, narrow: &Narrow<'_>) -> Vec<Indexed> {
        let changed = |id: &str| self.changes.iter().any(|one| one.is_of(info, id));
        let before = self.view.of_type(info, narrow);
        let mut all: Vec<Indexed> = before
            .filter(|one| !changed(&one.entry.id))
            .cloned()
            .collect();
        for (place, change) in self.changes.iter().enumerate() {
            let later = self.changes.get(place + 1..).unwrap_or_default();
            let last = !later.iter().any(|one| one.is_of(change.info, &change.id));
            if change.info.name == info.name && last {
                all.extend(change.content.clone());
            }
        }
        all
    }

    /// How many changes there are before this write's own, with those that are committed together with it.
    pub(crate) fn changes_before(&self) -> usize {
        self.view.changes() + self.changes.len()
    }

    /// Bytes of what is current, as it was before this write.
    pub(crate) fn bytes(&self) -> usize {
        self.view.bytes()
    }

    /// Changes a resource.
    pub(crate) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }
}

//! What is current in a sandbox's log, in memory: the newest version of every resource with its search
//! keys, and when each older one was. It holds nothing that the log does not.

use std::collections::{BTreeMap, BTreeSet};

use super::super::population::Indexed;
use super::super::subscription::{Note, is_subscription};
use super::super::types::TypeInfo;
use super::index::{Index, Lookups};
use super::log::Head;

/// The view of a log up to its head.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(super) head: Head,
    shelves: BTreeMap<&'static str, Shelf>,
    /// Everything in the order in which it was written.
    log: Vec<Logged>,
    bytes: usize,
    subscriptions: usize,
}

#[derive(Debug)]
struct Shelf {
    by_id: BTreeMap<String, u32>,
    by_patient: BTreeMap<String, BTreeSet<u32>>,
    index: Index,
    slots: Vec<Slot>,
}

/// What a search asks for that can be looked up; with nothing in it, everything is looked through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrow<'n> {
    /// Whose compartments it must be in.
    pub(crate) patients: Option<&'n BTreeSet<String>>,
    /// What must all be found of it.
    pub(crate) lookups: Vec<Lookups<'n>>,
}

impl Shelf {
    fn new(info: &TypeInfo) -> Self {
        Self {
            by_id: BTreeMap::new(),
            by_patient: BTreeMap::new(),
            index: Index::new(info),
            slots: Vec::new(),
        }
    }

    fn slot(&self, place: u32) -> Option<&Slot> {
        self.slots.get(usize::try_from(place).ok()?)
    }

    /// The places that the narrowest way leads to, in order; `None` where nothing narrows.
    fn places(&self, narrow: &Narrow<'_>) -> Option<Vec<u32>> {
        let mut best: Option<(usize, Vec<&BTreeSet<u32>>)> = narrow.patients.map(|patients| {
            let sets = patients.iter().filter_map(|one| self.by_patient.get(one));
            let sets: Vec<_> = sets.collect();
            (sets.iter().map(|set| set.len()).sum(), sets)
        });
        for lookups in &narrow.lookups {
            let most = best.as_ref().map_or(self.slots.len(), |(count, _)| *count);
            if let Some(found) = self.index.find(lookups, most) {
                best = Some(found);
            }
        }
        let (_, sets) = best?;
        let mut places: Vec<u32> = sets.iter().copied().flatten().copied().collect();
        if sets.len() > 1 {
            places.sort_unstable();
            places.dedup();
        }
        Some(places)
    }
}

/// A resource that was written.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) versions: Vec<Version>,
    /// Absent while it is deleted.
    pub(crate) current: Option<Indexed>,
}

/// One version of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version {
    pub(crate) number: i64,
    pub(crate) updated: i64,
    pub(crate) deleted: bool,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) info: &'static TypeInfo,
    pub(crate) id: String,
    pub(crate) version: Version,
}

/// A new version of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) info: &'static TypeInfo,
    pub(crate) id: String,
    pub(crate) number: i64,
    pub(crate) updated: i64,
    /// Absent where it is deleted.
    pub(crate) content: Option<Indexed>,
    /// What is kept beside a Subscription; never read from the log.
    pub(crate) note: Option<Note>,
}

impl Change {
    pub(crate) fn is_of(&self, info: &TypeInfo, id: &str) -> bool {
        self.info.name == info.name && self.id == id
    }
}

impl View {
    /// The resource with this id, if it was ever written here.
    pub(crate) fn slot(&self, info: &TypeInfo, id: &str) -> Option<&Slot> {
        let shelf = self.shelves.get(info.name)?;
        shelf.slot(*shelf.by_id.get(id)?)
    }

    /// Every current resource of a type in the order in which they came that `narrow` leaves.
    pub(crate) fn of_type<'v>(
        &'v self,
        info: &TypeInfo,
        narrow: &Narrow<'_>,
    ) -> Box<dyn Iterator<Item = &'v Indexed> + Send + 'v> {
        let Some(shelf) = self.shelves.get(info.name) else {
            return Box::new(std::iter::empty());
        };
        match shelf.places(narrow) {
            None => Box::new(shelf.slots.iter().filter_map(|slot| slot.current.as_ref())),
            Some(places) => {
                let slots = places.into_iter().filter_map(|place| shelf.slot(place));
                Box::new(slots.filter_map(|slot| slot.current.as_ref()))
            }
        }
    }

    /// Everything that was written, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Logged> {
        self.log.iter().rev()
    }

    /// Everything that was written, in its order.
    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = &Logged> {
        self.log.iter()
    }

    /// How many changes there were.
    pub(crate) fn changes(&self) -> usize {
        self.log.len()
    }

    /// Bytes of the current resources.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether somebody is to be told of changes.
    pub(super) fn has_subscriptions(&self) -> bool {
        self.subscriptions > 0
    }

    /// Takes in what the log has next.
    pub(super) fn apply(&mut self, change: Change) {
        let Change {
            info,
            id,
            number,
            updated,
            content,
            note: _,
        } = change;
        let version = Version {
            number,
            updated,
            deleted: content.is_none(),
        };
        self.head.seq += 1;
        self.log.push(Logged {
            info,
            id: id.clone(),
            version,
        });
        let shelf = self.shelves.entry(info.name);
        let shelf = shelf.or_insert_with(|| Shelf::new(info));
        let place = *shelf.by_id.entry(id).or_insert_with(|| {
            shelf.slots.push(Slot {
                versions: Vec::new(),
                current: None,
            });
            // What a sandbox may hold is far below what a place can count.
            u32::try_from(shelf.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let at = usize::try_from(place).unwrap_or(usize::MAX);
        let Some(slot) = shelf.slots.get_mut(at) else {
            return;
        };
        slot.versions.push(version);
        if is_subscription(info) {
            let (before, now) = (slot.current.is_some(), content.is_some());
            self.subscriptions = self.subscriptions + usize::from(now) - usize::from(before);
        }
        if let Some(before) = slot.current.take() {
            self.bytes = self.bytes.saturating_sub(before.entry.json.len());
            for patient in &before.entry.patients {
                if let Some(places) = shelf.by_patient.get_mut(patient) {
                    places.remove(&place);
                }
            }
            shelf.index.remove(&before.keys, place);
        }
        if let Some(now) = &content {
            self.bytes += now.entry.json.len();
            for patient in &now.entry.patients {
                let places = shelf.by_patient.entry(patient.clone()).or_default();
                places.insert(place);
            }
            shelf.index.add(&now.keys, place);
        }
        slot.current = content;
    }
}

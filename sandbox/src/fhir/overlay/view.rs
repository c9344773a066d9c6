//! What is current in a sandbox's log, in memory: the newest version of every resource with its search
//! keys, and when each older one was. It holds nothing that the log does not.

use std::collections::BTreeMap;

use super::super::population::Indexed;
use super::super::types::TypeInfo;
use super::log::Head;

/// The view of a log up to its head.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(super) head: Head,
    shelves: BTreeMap<&'static str, Shelf>,
    /// Everything in the order in which it was written.
    log: Vec<Logged>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Shelf {
    by_id: BTreeMap<String, usize>,
    by_patient: BTreeMap<String, Vec<usize>>,
    slots: Vec<Slot>,
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
        shelf.slots.get(*shelf.by_id.get(id)?)
    }

    /// Every current resource of a type in the order in which they came; those of some patients alone
    /// where patients are given.
    pub(crate) fn of_type<'v>(
        &'v self,
        info: &TypeInfo,
        patients: Option<&[String]>,
    ) -> Box<dyn Iterator<Item = &'v Indexed> + Send + 'v> {
        let Some(shelf) = self.shelves.get(info.name) else {
            return Box::new(std::iter::empty());
        };
        let Some(patients) = patients else {
            return Box::new(shelf.slots.iter().filter_map(|slot| slot.current.as_ref()));
        };
        let places = patients.iter().filter_map(|one| shelf.by_patient.get(one));
        let mut places: Vec<usize> = places.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let slots = places
            .into_iter()
            .filter_map(|place| shelf.slots.get(place));
        Box::new(slots.filter_map(|slot| slot.current.as_ref()))
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

    /// Takes in what the log has next.
    pub(super) fn apply(&mut self, change: Change) {
        let Change {
            info,
            id,
            number,
            updated,
            content,
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
        let shelf = self.shelves.entry(info.name).or_default();
        let place = *shelf.by_id.entry(id).or_insert_with(|| {
            shelf.slots.push(Slot {
                versions: Vec::new(),
                current: None,
            });
            shelf.slots.len() - 1
        });
        let Some(slot) = shelf.slots.get_mut(place) else {
            return;
        };
        slot.versions.push(version);
        if let Some(before) = slot.current.take() {
            self.bytes = self.bytes.saturating_sub(before.entry.json.len());
            for patient in &before.entry.patients {
                if let Some(places) = shelf.by_patient.get_mut(patient) {
                    places.retain(|other| *other != place);
                }
            }
        }
        if let Some(now) = &content {
            self.bytes += now.entry.json.len();
            for patient in &now.entry.patients {
                let places = shelf.by_patient.entry(patient.clone()).or_default();
                places.push(place);
            }
        }
        slot.current = content;
    }
}

//! What is written of a person: entries in the order in which they came to be, and which of them are
//! still going on.

use std::collections::BTreeMap;

use crate::names::Name;
use crate::number::Fixed;
use crate::program::{At, Class, Code, Concept, Kind, ModuleId};
use crate::time::Instant;

/// An entry's number in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryId(pub(crate) usize);

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Encounter(Class),
    Lasting(Kind),
    Procedure,
    Observation,
    Report,
    Imaging,
    Supplies,
    Vaccine,
    CauseOfDeath,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Nothing,
    Number(Fixed),
    Flag(bool),
    Text(std::sync::Arc<str>),
    Codes(Concept),
}

/// What only some entries have.
#[derive(Clone, Debug)]
pub(crate) enum Detail {
    None,
    /// How an encounter ended.
    Discharge(Code),
    /// Of each reaction in the state, how severe it is in this person.
    Reactions(Vec<Option<&'static str>>),
    /// When a prescription was renewed, and where.
    Renewals(Vec<(Instant, EntryId)>),
    /// The value, or one for each observation of a panel; for one in a report, its number there.
    Readings(Vec<Reading>, Option<usize>),
    /// The observations of a report.
    Results(Vec<EntryId>),
    /// The number of pictures in each series.
    Pictures(Vec<u32>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) sort: Sort,
    /// The state that made it; none for a wellness visit, which is the host's.
    pub(crate) at: Option<At>,
    /// The module that everybody runs in which it was made, and the state's name: what other states of
    /// that module call it.
    pub(crate) top: Option<ModuleId>,
    pub(crate) name: Option<Name>,
    pub(crate) codes: Concept,
    pub(crate) onset: Instant,
    pub(crate) start: Instant,
    pub(crate) end: Option<Instant>,
    /// False for an onset that nobody has diagnosed.
    pub(crate) recorded: bool,
    /// What it turned out to be the same as when it was diagnosed.
    pub(crate) same: Option<EntryId>,
    pub(crate) encounter: Option<EntryId>,
    pub(crate) reasons: Vec<EntryId>,
    pub(crate) detail: Detail,
}

#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) entries: Vec<Entry>,
    /// Pictures in all studies together.
    pub(super) pictures: usize,
    active: BTreeMap<(Kind, Name), EntryId>,
    /// The last observation with each code, and which of its readings.
    last: BTreeMap<Name, (EntryId, usize)>,
}

impl Record {
    pub(crate) fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.0)
    }

    pub(super) fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.get_mut(id.0)
    }

    /// The entry that stands for this one.
    pub(crate) fn resolve(&self, id: EntryId) -> EntryId {
        self.get(id).and_then(|entry| entry.same).unwrap_or(id)
    }

    pub(super) fn push(&mut self, entry: Entry) -> EntryId {
        let id = EntryId(self.entries.len());
        self.entries.push(entry);
        id
    }

    pub(super) fn active(&self, kind: Kind, code: Name) -> Option<EntryId> {
        self.active.get(&(kind, code)).copied()
    }

    /// Those of a kind that are going on.
    pub(super) fn all_active(&self, kind: Kind) -> impl Iterator<Item = EntryId> + '_ {
        let of_kind = self.active.range((kind, Name(0))..=(kind, Name(u32::MAX)));
        of_kind.map(|(_, id)| *id)
    }

    /// Puts an entry among those that go on; when one with its code does already, that one is meant.
    pub(super) fn begin(&mut self, kind: Kind, id: EntryId, at: Instant) -> EntryId {
        let code = self.get(id).and_then(|one| one.codes.first());
        let Some(code) = code.map(|code| code.name) else {
            return id;
        };
        let known = *self.active.entry((kind, code)).or_insert(id);
        if let Some(entry) = self.entries.get_mut(id.0) {
            entry.recorded = known == id;
            entry.same = (known != id).then_some(known);
            entry.start = at;
        }
        known
    }

    /// Ends an entry, once.
    pub(super) fn end(&mut self, kind: Kind, id: EntryId, at: Instant) {
        let id = self.resolve(id);
        let Some(entry) = self.entries.get_mut(id.0) else {
            return;
        };
        if entry.sort != Sort::Lasting(kind) || entry.end.is_some() {
            return;
        }
        entry.end = Some(at);
        if let Some(code) = entry.codes.first() {
            let key = (kind, code.name);
            if self.active.get(&key) == Some(&id) {
                self.active.remove(&key);
            }
        }
    }

    /// Remembers an observation under a code.
    pub(super) fn observed(&mut self, codes: &Concept, id: EntryId, reading: usize) {
        for code in codes.iter() {
            self.last.insert(code.name, (id, reading));
        }
    }

    pub(super) fn last_reading(&self, codes: &[Name]) -> Option<&Reading> {
        let found = codes.iter().filter_map(|code| self.last.get(code)).max()?;
        self.reading(*found)
    }

    pub(super) fn reading(&self, (id, number): (EntryId, usize)) -> Option<&Reading> {
        match &self.get(id)?.detail {
            Detail::Readings(readings, _) => readings.get(number),
            _ => None,
        }
    }
}

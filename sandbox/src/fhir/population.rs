//! The base population as entries that can be searched: computed when asked for, one person at a
//! time, and kept for a while. Nothing of it is in the database, and sandboxes with the same
//! settings share it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use synthetic_data::ids::{IdentifierKind, PersonIdentifier};
use synthetic_data::{
    Dataset, DatasetError, Municipality, Owner, Resource, ResourceType, Settings, fhir,
};

use serde_json::Value;

use super::keys::{Key, Keys, own_reference};
use super::period::Period;
use super::recent::Recent;
use super::types::TypeInfo;
use super::value::System;
use crate::terminology::Mounted;

/// People kept in memory, over all sandboxes: at about 0.3 MB each.
const PEOPLE_KEPT: usize = 128;
/// Datasets kept in memory.
const DATASETS_KEPT: usize = 32;
/// Up to this size a population's Patient resources are all kept, and searched at once.
pub(crate) const DIRECTORY_SIZE: u32 = 5000;
const FNR: &str = "urn:oid:2.16.578.1.12.4.1.4.1";
const D_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.2";
/// no-basis wants this very word as the system of an H-number.
const H_NUMBER: &str = "HNR";
const FH_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.3";

/// A resource that is served.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) resource_type: &'static str,
    pub(crate) id: String,
    pub(crate) version: i64,
    /// `meta.lastUpdated` in milliseconds.
    pub(crate) updated: i64,
    pub(crate) json: Bytes,
    /// The patients whose compartment it is in.
    pub(crate) patients: Vec<String>,
}

/// An entry with its search keys, shared by all that hold it: a search passes it on many times.
#[derive(Clone, Debug)]
pub(crate) struct Indexed(Arc<Held>);

#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) entry: Entry,
    pub(crate) keys: Keys,
}

impl Deref for Indexed {
    type Target = Held;

    fn deref(&self) -> &Held {
        &self.0
    }
}

impl Indexed {
    /// An entry with its keys. References below `base` are the sandbox's own.
    pub(crate) fn new(info: &TypeInfo, entry: Entry, base: &str) -> Self {
        let keys = Keys::of_bytes(info, &entry.json, base);
        Self(Arc::new(Held { entry, keys }))
    }

    /// An entry that was written: the patients whose compartment it is in are read from it.
    pub(crate) fn written(info: &TypeInfo, mut entry: Entry, base: &str) -> Self {
        let resource = serde_json::from_slice(&entry.json).unwrap_or_default();
        let keys = Keys::of(info, &resource, base);
        entry.patients = compartments(info, &entry.id, &resource, &keys, base);
        Self(Arc::new(Held { entry, keys }))
    }
}

/// The patients whose compartment a resource is in.
pub(crate) fn compartments(
    info: &TypeInfo,
    id: &str,
    resource: &Value,
    keys: &Keys,
    base: &str,
) -> Vec<String> {
    let patient = |key: &Key| match key {
        Key::Reference { resource_type, id } if resource_type == "Patient" => Some(id.clone()),
        _ => None,
    };
    let mut patients: Vec<String> = info
        .patient_parameters()
        .flat_map(|parameter| keys.get(parameter).filter_map(patient))
        .collect();
    if info.name == "Patient" {
        patients.push(id.to_owned());
    }
    // What a patient's compartment of R4 does not have is the patient's all the same when it says so.
    let holder = match info.name {
        "Binary" => Some("/securityContext/reference"),
        "Bundle" => document_subject(resource),
        _ => None,
    };
    if let Some(holder) = holder {
        let holder = resource.pointer(holder);
        let named = holder.and_then(Value::as_str);
        let named = named.and_then(|reference| own_reference(reference, base));
        patients.extend(
            named
                .filter(|(kind, _)| *kind == "Patient")
                .map(|(_, id)| id.to_owned()),
        );
    }
    patients.sort_unstable();
    patients.dedup();
    patients
}

/// Where a document says whom it is about.
fn document_subject(bundle: &Value) -> Option<&'static str> {
    let kind = bundle.get("type").and_then(Value::as_str);
    (kind == Some("document")).then_some("/entry/0/resource/subject/reference")
}

/// Entries of one type, indexed when they are first searched.
#[derive(Debug, Default)]
struct Shelf {
    entries: Vec<Entry>,
    indexed: OnceLock<Vec<Indexed>>,
}

/// All entries of one owner.
#[derive(Debug)]
pub(crate) struct Journal {
    shelves: BTreeMap<&'static str, Shelf>,
}

impl Journal {
    fn new(resources: Vec<Resource>, patient: Option<&str>) -> Self {
        let mut shelves: BTreeMap<&'static str, Shelf> = BTreeMap::new();
        for resource in resources {
            let entry = entry(resource, patient);
            shelves
                .entry(entry.resource_type)
                .or_default()
                .entries
                .push(entry);
        }
        Self { shelves }
    }

    pub(crate) fn find(&self, resource_type: &str, id: &str) -> Option<&Entry> {
        self.shelves
            .get(resource_type)?
            .entries
            .iter()
            .find(|entry| entry.id == id)
    }

    /// The entries of a type as they are served, without search keys.
    pub(crate) fn entries(&self, resource_type: &str) -> &[Entry] {
        let shelf = self.shelves.get(resource_type);
        shelf.map_or(&[], |shelf| &shelf.entries)
    }

    /// The entries of a type, in the order in which they came to be.
    pub(crate) fn of_type(&self, info: &TypeInfo) -> &[Indexed] {
        self.shelves.get(info.name).map_or(&[], |shelf| {
            shelf.indexed.get_or_init(|| {
                shelf
                    .entries
                    .iter()
                    .map(|entry| Indexed::new(info, entry.clone(), ""))
                    .collect()
            })
        })
    }
}

/// One sandbox's base population.
#[derive(Debug)]
pub(crate) struct Population {
    dataset: Dataset,
    /// Tells what is kept of this population from what is kept of others.
    number: u64,
    municipalities: Vec<Municipality>,
    practice: OnceLock<Arc<Journal>>,
    directory: OnceLock<Vec<Indexed>>,
    shared: Arc<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    people: Mutex<Recent<Drawer, Arc<Journal>>>,
    populations: Mutex<Recent<Settings, Arc<Population>>>,
    made: AtomicU64,
}

/// What is kept together: one person's journal, or one part of the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Drawer {
    population: u64,
    of_registers: bool,
    number: u32,
}

/// The populations in use; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Populations(Arc<Kept>);

impl Populations {
    /// The population with these settings.
    pub(crate) fn get(&self, settings: &Settings) -> Result<Arc<Population>, DatasetError> {
        if let Some(found) = locked(&self.0.populations).get(settings) {
            return Ok(found);
        }
        let dataset = Dataset::new(settings.clone())?.with_names(Arc::new(Mounted));
        let population = Arc::new(Population {
            municipalities: dataset.municipalities(),
            dataset,
            number: self.0.made.fetch_add(1, Ordering::Relaxed),
            practice: OnceLock::new(),
            directory: OnceLock::new(),
            shared: Arc::clone(&self.0),
        });
        let key = settings.clone();
        locked(&self.0.populations).put(key, Arc::clone(&population), DATASETS_KEPT);
        Ok(population)
    }
}

impl Population {
    pub(crate) fn size(&self) -> u32 {
        self.dataset.settings().size
    }

    /// Whether there is somebody with this index.
    pub(crate) fn has(&self, index: u32) -> bool {
        index < self.size()
    }

    /// How many parts the registers of practices and practitioners are in: one for each municipality.
    pub(crate) fn districts(&self) -> u32 {
        u32::try_from(self.municipalities.len()).unwrap_or(u32::MAX)
    }

    const fn drawer(&self, of_registers: bool, number: u32) -> Drawer {
        Drawer {
            population: self.number,
            of_registers,
            number,
        }
    }

    /// One part of the registers. Those of a single municipality are always kept; of the whole country,
    /// those that were looked at lately.
    pub(crate) fn district(&self, number: u32) -> Arc<Journal> {
        if self.municipalities.len() == 1 {
            let all = || Arc::new(Journal::new(self.dataset.practice_resources(), None));
            return Arc::clone(self.practice.get_or_init(all));
        }
        let key = self.drawer(true, number);
        if let Some(found) = locked(&self.shared.people).get(&key) {
            return found;
        }
        let place = usize::try_from(number).ok();
        let place = place.and_then(|place| self.municipalities.get(place));
        let units = place.into_iter().flat_map(|one| self.dataset.units(*one));
        let resources = units.flat_map(|unit| self.dataset.unit_resources(unit));
        let district = Arc::new(Journal::new(resources.collect(), None));
        locked(&self.shared.people).put(key, Arc::clone(&district), PEOPLE_KEPT);
        district
    }

    /// One entry of the registers.
    fn registered(&self, resource_type: &str, id: &str) -> Option<Entry> {
        if self.municipalities.len() == 1 {
            return self.district(0).find(resource_type, id).cloned();
        }
        let found = self.dataset.shared(resource_type, id);
        found.map(|resource| entry(resource, None))
    }

    /// Everything of a person, computed unless it is kept.
    pub(crate) fn journal(&self, index: u32) -> Arc<Journal> {
        let key = self.drawer(false, index);
        if let Some(found) = locked(&self.shared.people).get(&key) {
            return found;
        }
        let journal = Arc::new(self.compute(index));
        locked(&self.shared.people).put(key, Arc::clone(&journal), PEOPLE_KEPT);
        journal
    }

    /// Everything of a person, without keeping it: for walks over many people.
    pub(crate) fn compute(&self, index: u32) -> Journal {
        Journal::new(self.dataset.resources(index), Some(&format!("p{index}")))
    }

    /// A Patient resource, without the rest of the person.
    pub(crate) fn patient(&self, index: u32) -> Option<Entry> {
        let patient = format!("p{index}");
        self.dataset
            .patient(index)
            .map(|resource| entry(resource, Some(&patient)))
    }

    /// All Patient resources of a population that is small enough to keep them.
    pub(crate) fn directory(&self, info: &TypeInfo) -> Option<&[Indexed]> {
        let small = self.size() <= DIRECTORY_SIZE;
        small.then(|| {
            let all = || (0..self.size()).filter_map(|index| self.patient(index));
            self.directory
                .get_or_init(|| all().map(|entry| Indexed::new(info, entry, "")).collect())
                .as_slice()
        })
    }

    /// The entry of the base population with this type and id.
    pub(crate) fn find(&self, resource_type: &str, id: &str) -> Option<Entry> {
        match fhir::owner(resource_type, id)? {
            Owner::Practice => self.registered(resource_type, id),
            Owner::Person(index) if resource_type == ResourceType::Patient.name() => {
                self.patient(index)
            }
            Owner::Person(index) => self.journal(index).find(resource_type, id).cloned(),
        }
    }

    /// The index of the patient with this identifier: by computing, not by searching.
    pub(crate) fn index_of(&self, system: &System, value: &str) -> Option<u32> {
        let identifier: PersonIdentifier = value.parse().ok()?;
        let named = match identifier.kind() {
            IdentifierKind::Fnr => FNR,
            IdentifierKind::DNumber => D_NUMBER,
            IdentifierKind::HNumber => H_NUMBER,
            IdentifierKind::FhNumber => FH_NUMBER,
        };
        let known = match system {
            System::Any => true,
            System::Is(system) => system == named,
            System::None => false,
        };
        known.then(|| self.dataset.index_of(&identifier)).flatten()
    }
}

/// The index of the person who owns an id of a type.
pub(crate) fn person_of(resource_type: &str, id: &str) -> Option<u32> {
    match fhir::owner(resource_type, id)? {
        Owner::Person(index) => Some(index),
        Owner::Practice => None,
    }
}

fn entry(resource: Resource, patient: Option<&str>) -> Entry {
    let updated = Period::parse(&resource.last_updated).map_or(0, |period| period.start);
    Entry {
        resource_type: resource.resource_type.name(),
        id: resource.id,
        version: i64::from(resource.version),
        updated,
        json: resource.json,
        patients: patient.map(str::to_owned).into_iter().collect(),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A panic elsewhere leaves a cache whole: at worst it lacks a value.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_under_the_name_of_its_kind() {
        let settings = Settings::default_on("2026-11-21".parse().unwrap());
        let population = Populations::default().get(&settings).unwrap();
        let d_numbers = population.dataset.people();
        let d_numbers: Vec<_> = d_numbers
            .filter(|person| person.identifier.kind() == IdentifierKind::DNumber)
            .collect();
        assert!(!d_numbers.is_empty(), "a GP list has some");
        let (visitor, resident) = (&d_numbers[0], population.dataset.person(0).unwrap());
        assert_eq!(resident.identifier.kind(), IdentifierKind::Fnr);
        for (person, own, other) in [(visitor, D_NUMBER, FNR), (&resident, FNR, D_NUMBER)] {
            let value = person.identifier.to_string();
            let found = |system| population.index_of(&system, &value);
            assert_eq!(found(System::Is(own.to_owned())), Some(person.index));
            assert_eq!(found(System::Any), Some(person.index));
            assert_eq!(found(System::Is(other.to_owned())), None);
            assert_eq!(found(System::None), None);
        }
    }
}

//! Who is in a sandbox: patients, practitioners and contacts, for lists and for launches.

use std::collections::BTreeSet;

use synthetic_data::{Dataset, Person, Practitioner, ResourceType};

use super::Core;
use crate::domain::launch::{EncounterSummary, PersonSummary};
use crate::domain::sandbox::{Cast, SandboxInfo};
use crate::error::SandboxError;
use crate::store::sandboxes;

/// The most that a list gives.
pub(crate) const LIST: usize = 50;
const CANDIDATES: usize = 24;
const CAST: usize = 12;
const KEPT_CASTS: usize = 16;

impl Core {
    /// The sandbox with this name.
    pub(crate) async fn sandbox(&self, name: &str) -> Result<SandboxInfo, SandboxError> {
        let mut tx = self.database.read().await?;
        let found = sandboxes::find(&mut tx, name).await?;
        found.ok_or_else(|| SandboxError::UnknownSandbox(name.chars().take(60).collect()))
    }

    /// The people of the sandbox with this name.
    pub(crate) async fn dataset(&self, name: &str) -> Result<Dataset, SandboxError> {
        Ok(Dataset::new(self.sandbox(name).await?.settings)?)
    }
}

impl Core {
    /// Who can play in a launch that a test makes. Which patients are well documented is computed
    /// once for each dataset: it takes their whole journals.
    pub(crate) async fn cast(&self, name: &str) -> Result<Cast, SandboxError> {
        let dataset = self.dataset(name).await?;
        let key = format!("{:?}", dataset.settings());
        let kept = self
            .casts
            .lock()
            .ok()
            .and_then(|casts| casts.get(&key).cloned());
        let patients = kept.unwrap_or_else(|| well_documented(&dataset));
        if let Ok(mut casts) = self.casts.lock() {
            if casts.len() >= KEPT_CASTS {
                casts.clear();
            }
            casts.insert(key, patients.clone());
        }
        let client = self.clients(name).await?.into_iter().next();
        Ok(Cast {
            patients,
            practitioners: practitioners(&dataset)
                .into_iter()
                .map(|one| one.id)
                .collect(),
            client_id: client
                .map(|client| client.client_id)
                .ok_or_else(|| SandboxError::UnknownClient("none is registered".to_owned()))?,
        })
    }
}

fn well_documented(dataset: &Dataset) -> Vec<String> {
    let today = dataset.settings().as_of;
    let mut names = BTreeSet::new();
    let mut candidates: Vec<(usize, u32)> = dataset
        .people()
        .filter(|person| person.birth_date.age_on(today) >= 50 && names.insert(person.name.full()))
        .take(CANDIDATES)
        .map(|person| (dataset.resources(person.index).len(), person.index))
        .collect();
    candidates.sort_by(|one, other| other.cmp(one));
    let chosen = candidates.into_iter().take(CAST);
    chosen
        .filter_map(|(_, index)| dataset.person(index))
        .map(|person| person.patient_id())
        .collect()
}

/// The patients who fit every word of the search, in the order of the dataset.
pub(crate) fn patients(dataset: &Dataset, search: &str, limit: usize) -> Vec<PersonSummary> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    dataset
        .people()
        .map(|person| patient_summary(&person))
        .filter(|summary| words.iter().all(|word| fits(summary, word)))
        .take(limit)
        .collect()
}

fn fits(summary: &PersonSummary, word: &str) -> bool {
    let begins = |text: &str| text.to_lowercase().starts_with(word);
    begins(&summary.family)
        || summary.given.iter().any(|given| begins(given))
        || summary.identifier.starts_with(word)
        || summary.birth_date.starts_with(word)
        || norwegian(&summary.birth_date) == word
        || summary.id == word
}

/// A date as people here write it: 1952-02-26 is 26.02.1952.
pub(crate) fn norwegian(date: &str) -> String {
    let mut parts: Vec<&str> = date.split('-').collect();
    parts.reverse();
    parts.join(".")
}

/// The patient with this logical id.
pub(crate) fn patient(dataset: &Dataset, id: &str) -> Option<PersonSummary> {
    let index = id.strip_prefix('p')?.parse().ok()?;
    let summary = patient_summary(&dataset.person(index)?);
    (summary.id == id).then_some(summary)
}

fn patient_summary(person: &Person) -> PersonSummary {
    PersonSummary {
        id: person.patient_id(),
        family: person.name.family.to_owned(),
        given: vec![person.name.given.to_owned()],
        birth_date: person.birth_date.to_string(),
        gender: person.sex.code().to_owned(),
        identifier: person.identifier.to_string(),
        title: None,
    }
}

/// Everybody who works at the practice.
pub(crate) fn practitioners(dataset: &Dataset) -> Vec<PersonSummary> {
    dataset
        .practice()
        .practitioners
        .iter()
        .map(practitioner_summary)
        .collect()
}

fn practitioner_summary(one: &Practitioner) -> PersonSummary {
    PersonSummary {
        id: one.id.clone(),
        family: one.name.family.to_owned(),
        given: vec![one.name.given.to_owned()],
        birth_date: one.birth_date.to_string(),
        gender: one.sex.code().to_owned(),
        identifier: one.hpr.to_string(),
        title: Some(one.profession.title().to_owned()),
    }
}

/// A patient's contacts, newest first.
pub(crate) fn encounters(dataset: &Dataset, patient: &str) -> Vec<EncounterSummary> {
    let Some(index) = patient
        .strip_prefix('p')
        .and_then(|index| index.parse().ok())
    else {
        return Vec::new();
    };
    let mut found: Vec<EncounterSummary> = dataset
        .resources(index)
        .into_iter()
        .filter(|resource| resource.resource_type == ResourceType::Encounter)
        .map(|resource| encounter_summary(resource.id, &resource.json))
        .collect();
    found.sort_by(|one, other| {
        other
            .start
            .cmp(&one.start)
            .then_with(|| other.id.cmp(&one.id))
    });
    found
}

fn encounter_summary(id: String, json: &[u8]) -> EncounterSummary {
    let resource: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let text = |pointer| {
        resource
            .pointer(pointer)
            .and_then(serde_json::Value::as_str)
    };
    let kind = [
        "/reasonCode/0/text",
        "/type/0/text",
        "/type/0/coding/0/display",
        "/class/display",
    ]
    .into_iter()
    .find_map(text)
    .unwrap_or_default();
    EncounterSummary {
        start: text("/period/start").unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
        id,
    }
}

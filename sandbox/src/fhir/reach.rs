//! Whom a search is about: what its own conditions and the token together leave, so that no more
//! people are computed than can matter.

use std::collections::BTreeSet;

use fhir_r4::search::SearchParameter;

use super::condition::Resolved;
use super::criterion::Criterion;
use super::error::FhirError;
use super::permit::Permit;
use super::population::person_of;
use super::types::TypeInfo;

/// Patients whom one search may name.
const MOST_PATIENTS: usize = 100;

/// People; `None` is everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// Whose computed resources can match, by index.
    pub(crate) people: Option<BTreeSet<u32>>,
    /// Whose written resources can match, by id: theirs do not tell whose they are.
    pub(crate) written_of: Option<BTreeSet<String>>,
}

impl Reach {
    /// The reach of conditions with a token; refused when they name other patients than the token's.
    pub(crate) fn of(
        info: &TypeInfo,
        conditions: &[Resolved],
        permit: &Permit,
    ) -> Result<Self, FhirError> {
        if info.is_shared() {
            return Ok(Self::default());
        }
        let mut reach = Self::default();
        for condition in conditions {
            reach.narrow_by(info, condition);
        }
        let named = reach.written_of.clone();
        if let Some(patient) = permit.only_patient() {
            let own = BTreeSet::from([patient.to_owned()]);
            let other = named.filter(|named| named.is_disjoint(&own));
            if let Some(other) = other.as_ref().and_then(BTreeSet::first) {
                // The search names other patients and not the token's: say so, not "nothing found".
                return Err(FhirError::OtherPatient {
                    what: format!("Patient/{other}"),
                    patient: patient.to_owned(),
                });
            }
            narrow(&mut reach.people, &people(&own));
            narrow(&mut reach.written_of, &own);
        }
        if reach
            .people
            .as_ref()
            .is_some_and(|people| people.len() > MOST_PATIENTS)
        {
            return Err(FhirError::BadValue {
                name: "patient".to_owned(),
                takes: "at most 100 patients",
            });
        }
        Ok(reach)
    }

    fn narrow_by(&mut self, info: &TypeInfo, condition: &Resolved) {
        match condition {
            Resolved::Own(criterion) => self.narrow_by_own(info, criterion),
            Resolved::Filter(filter) => {
                for test in filter.necessary() {
                    self.narrow_by(info, test);
                }
            }
            Resolved::Compartment { of, id, .. } if *of == "Patient" => {
                self.narrow_to(&BTreeSet::from([id.clone()]));
            }
            Resolved::Leads { by, to } if is_of_the_patient(info, by.code) => {
                let patients = to.iter().filter(|(kind, _)| kind == "Patient");
                let patients: BTreeSet<String> = patients.map(|(_, id)| id.clone()).collect();
                if patients.len() == to.len() {
                    self.narrow_to(&patients);
                }
            }
            Resolved::Leads { by, to } if info.base.is_some() && leads_within_a_journal(by) => {
                let owners = to.iter().map(|(kind, id)| person_of(kind, id));
                // What was written may lead to it from anybody's journal; what is computed, from its own.
                let owners: BTreeSet<u32> = owners.flatten().collect();
                narrow(&mut self.people, &owners);
            }
            Resolved::Among(names) if info.base.is_some() => {
                let owners = names.iter().filter(|(kind, _)| kind == info.name);
                let owners = owners.filter_map(|(kind, id)| person_of(kind, id));
                narrow(&mut self.people, &owners.collect());
            }
            _ => {}
        }
    }

    fn narrow_by_own(&mut self, info: &TypeInfo, criterion: &Criterion) {
        let code = criterion.parameter.code;
        let Some(ids) = criterion.ids() else { return };
        let patients = || ids.iter().map(|id| (*id).to_owned()).collect();
        if is_of_the_patient(info, code) && criterion.is_only_of("Patient") {
            self.narrow_to(&patients());
        } else if code == "encounter" && info.base.is_some() {
            let owners = ids.iter().filter_map(|id| person_of("Encounter", id));
            narrow(&mut self.people, &owners.collect());
        } else if code == "_id" && info.base.is_some() {
            let owners = ids.iter().filter_map(|id| person_of(info.name, id));
            narrow(&mut self.people, &owners.collect());
        }
    }

    fn narrow_to(&mut self, patients: &BTreeSet<String>) {
        narrow(&mut self.people, &people(patients));
        narrow(&mut self.written_of, patients);
    }
}

/// Whether a parameter leads to the patient whose compartment the resource is in.
fn is_of_the_patient(info: &TypeInfo, code: &str) -> bool {
    matches!(code, "patient" | "subject")
        && info.name != "Patient"
        && info
            .patient_parameters()
            .any(|one| one.code == "patient" || one.code == "subject")
}

/// Whether a reference in a computed journal stays within it: all but those to registers do.
fn leads_within_a_journal(by: &SearchParameter) -> bool {
    let register = |name: &&str| TypeInfo::by_name(name).is_some_and(TypeInfo::is_shared);
    !by.targets.iter().any(|name| *name == "*" || register(name))
}

fn people(patients: &BTreeSet<String>) -> BTreeSet<u32> {
    let indexes = patients.iter().filter_map(|id| person_of("Patient", id));
    indexes.collect()
}

fn narrow<T: Clone + Ord>(before: &mut Option<BTreeSet<T>>, found: &BTreeSet<T>) {
    *before = Some(match before.take() {
        Some(before) => before.intersection(found).cloned().collect(),
        None => found.clone(),
    });
}

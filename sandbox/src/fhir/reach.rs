//! Whom a search is about: what its own conditions and the token together leave, so that no more
//! people are computed than can matter.

use std::collections::BTreeSet;

use super::error::FhirError;
use super::permit::Permit;
use super::population::person_of;
use super::query::Query;

/// Patients whom one search may name.
const MOST_PATIENTS: usize = 100;

/// People by index; `None` is everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// Whose computed resources can match.
    pub(crate) people: Option<BTreeSet<u32>>,
    /// Whose written resources can match: their ids and contacts do not tell whose they are.
    pub(crate) written_of: Option<BTreeSet<u32>>,
}

impl Reach {
    /// The reach of a search with a token; refused when it names other patients than the token's.
    pub(crate) fn of(query: &Query, permit: &Permit) -> Result<Self, FhirError> {
        let info = query.info;
        if info.is_shared() {
            return Ok(Self::default());
        }
        let mut reach = Self::default();
        for criterion in &query.criteria {
            let owner = match criterion.parameter.name {
                "patient" | "subject" => "Patient",
                "encounter" => "Encounter",
                "_id" if info.base.is_some() => info.name,
                _ => continue,
            };
            let Some(ids) = criterion.ids() else { continue };
            let found = ids
                .into_iter()
                .filter_map(|id| person_of(owner, id))
                .collect();
            if owner == "Patient" && info.name != "Patient" {
                narrow(&mut reach.written_of, &found);
            }
            narrow(&mut reach.people, &found);
        }
        let named = reach.written_of.clone();
        if let Some(patient) = permit.only_patient() {
            let own: BTreeSet<u32> = person_of("Patient", patient).into_iter().collect();
            if let Some(other) = named
                .as_ref()
                .filter(|named| named.is_disjoint(&own))
                .and_then(BTreeSet::first)
            {
                // The search names other patients and not the token's: say so, not "nothing found".
                let what = format!("Patient/p{other}");
                return Err(FhirError::OtherPatient {
                    what,
                    patient: patient.to_owned(),
                });
            }
            narrow(&mut reach.people, &own);
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
}

fn narrow(people: &mut Option<BTreeSet<u32>>, found: &BTreeSet<u32>) {
    *people = Some(match people.take() {
        Some(before) => before.intersection(found).copied().collect(),
        None => found.clone(),
    });
}

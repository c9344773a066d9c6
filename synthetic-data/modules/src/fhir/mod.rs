//! A life as FHIR R4. Every resource says in its `meta` that modules of the user's made it, and which,
//! so that none is taken for the population's own.

mod care;
mod clinical;
mod finding;
mod medication;
mod parts;
mod patient;

use serde_json::{Map, Value, json};

use crate::library::Library;
use crate::program::{Action, At, Kind, Program};
use crate::run::{Entry, EntryId, Life, Sort, Subject};
use crate::time::Instant;

/// The system of the tag that all resources from modules have; its code is `user-modules`.
pub const ORIGIN_SYSTEM: &str = "urn:markedsplass:origin";

/// One FHIR resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its type.
    pub resource_type: &'static str,
    /// Its logical id.
    pub id: String,
    /// All of it.
    pub json: Value,
}

impl Library {
    /// Everything of a life: the Patient, then the rest in the order in which it came to be. `patient`
    /// is the host's Patient, whose id, tags and death are written anew.
    pub fn resources(
        &self,
        life: &Life,
        subject: &Subject,
        patient: &Map<String, Value>,
    ) -> Vec<Resource> {
        let writer = Writer {
            program: &self.program,
            life,
            subject,
            end: life.death().unwrap_or(life.until),
        };
        let mut all = vec![writer.patient(patient)];
        for (row, entry) in life.record.entries.iter().enumerate() {
            if writer.shows(entry) {
                writer.write(EntryId(row), entry, &mut all);
            }
        }
        all
    }
}

/// What is written about whom.
struct Writer<'a> {
    program: &'a Program,
    life: &'a Life,
    subject: &'a Subject,
    /// Death, or the last day: nothing after it is written.
    end: Instant,
}

impl Writer<'_> {
    fn write(&self, id: EntryId, entry: &Entry, all: &mut Vec<Resource>) {
        match entry.sort {
            Sort::Encounter(class) => all.push(self.encounter(id, entry, class)),
            Sort::Lasting(Kind::Condition) => all.push(self.condition(id, entry)),
            Sort::Lasting(Kind::Allergy) => all.push(self.allergy(id, entry)),
            Sort::Lasting(Kind::Medication) => self.medication(id, entry, all),
            Sort::Lasting(Kind::CarePlan) => self.care_plan(id, entry, all),
            Sort::Lasting(Kind::Device) => all.push(self.device(id, entry)),
            Sort::Procedure => all.push(self.procedure(id, entry)),
            Sort::Observation => all.push(self.observation(id, entry)),
            Sort::CauseOfDeath => all.push(self.cause_of_death(id, entry)),
            Sort::Report => all.push(self.report(id, entry)),
            Sort::Imaging => all.push(self.imaging(id, entry)),
            Sort::Supplies => all.push(self.supply(id, entry)),
            Sort::Vaccine => all.push(self.immunization(id, entry)),
        }
    }

    /// What is in the record by the end. A death that another came before has no cause.
    fn shows(&self, entry: &Entry) -> bool {
        let died_of = entry.sort != Sort::CauseOfDeath || self.life.death() == Some(entry.start);
        entry.recorded && entry.start <= self.end && died_of
    }

    fn action(&self, at: Option<At>) -> Option<&Action> {
        Some(&self.program.state(at?)?.action)
    }

    /// When an entry ended, if it has.
    fn ended(&self, entry: &Entry) -> Option<Instant> {
        let end = entry.end.filter(|end| *end <= self.end);
        end.or_else(|| self.life.death())
    }

    /// A resource with id and meta, to which `fields` are added.
    fn resource(
        &self,
        resource_type: &'static str,
        id: String,
        at: Option<At>,
        fields: Map<String, Value>,
    ) -> Resource {
        let mut json = Map::with_capacity(fields.len() + 3);
        json.insert("resourceType".to_owned(), resource_type.into());
        json.insert("id".to_owned(), id.as_str().into());
        json.insert("meta".to_owned(), self.meta(at));
        json.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        Resource {
            resource_type,
            id,
            json: Value::Object(json),
        }
    }

    fn meta(&self, at: Option<At>) -> Value {
        let module = at.and_then(|at| self.program.module(at.module));
        let source = match module {
            Some(module) => format!("urn:markedsplass:user-module:{}", escaped(&module.path)),
            None => "urn:markedsplass:user-modules".to_owned(),
        };
        json!({"source": source, "tag": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                "code": "HTEST",
                "display": "test health data",
            },
            {
                "system": ORIGIN_SYSTEM,
                "code": "user-modules",
                "display": "made by modules that the user supplied",
            },
        ]})
    }

    /// The entry's own id; a letter for the type, then its number in the record.
    fn id(&self, letter: char, id: EntryId) -> String {
        format!("{}-{letter}{}", self.subject.id, id.0 + 1)
    }

    fn patient_reference(&self) -> Value {
        json!({"reference": format!("Patient/{}", self.subject.id)})
    }

    /// The encounter of an entry; null where it has none.
    fn encounter_reference(&self, entry: &Entry) -> Value {
        entry.encounter.map_or(
            Value::Null,
            |id| json!({"reference": format!("Encounter/{}", self.id('e', id))}),
        )
    }

    /// The conditions that something was done for; null where there are none.
    fn reasons(&self, entry: &Entry) -> Value {
        let record = &self.life.record;
        let conditions = entry.reasons.iter().filter_map(|id| {
            let id = record.resolve(*id);
            let reason = record.get(id)?;
            let known = reason.sort == Sort::Lasting(Kind::Condition) && self.shows(reason);
            known.then(|| json!({"reference": format!("Condition/{}", self.id('c', id))}))
        });
        parts::list(conditions)
    }
}

/// A module's path as a part of a URN.
fn escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => {
                escaped.push(char::from(byte));
            }
            _ => {
                escaped.push('%');
                for half in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(half), 16).unwrap_or('0');
                    escaped.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
    escaped
}

//! `MedicationRequest` and `MedicationStatement`. no-basis-Medication asks for a FEST number, which we do not have; the medicine
//! is therefore written as an ATC code in the request and in the statement itself.

use super::clinical::{coded, icpc, reference};
use super::json::Json;
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::date::{Date, Moment};
use crate::history::{Drug, Ending, Prescription, Source, Statement};

/// A prescription is good for a year.
const VALID_DAYS: i32 = 365;

/// A prescription as a `MedicationRequest`.
pub(crate) fn request(
    sheaf: &mut Sheaf,
    prescription: &Prescription,
    patient: &Subject<'_>,
    unit: &Letterhead,
    as_of: Date,
) {
    let own_id = id::of_person(
        patient.person.index,
        prescription.service,
        ResourceType::MedicationRequest,
        prescription.number,
    );
    let authored = prescription.authored;
    let expires = authored.date.plus_days(VALID_DAYS);
    let (status, revision) = status(prescription, expires, as_of);
    sheaf.write(
        ResourceType::MedicationRequest,
        own_id,
        revision,
        None,
        |json| {
            json.word("status", status);
            json.word("intent", "order");
            json.member("medicationCodeableConcept", |item| {
                medicine(item, &prescription.drug);
            });
            json.member("subject", |item| patient.refer(item));
            json.member("encounter", |item| {
                reference(
                    item,
                    patient,
                    prescription.service,
                    ResourceType::Encounter,
                    prescription.contact,
                );
            });
            json.moment("authoredOn", authored);
            if let Some(practitioner) = unit.practitioner(prescription.practitioner) {
                json.member("requester", |item| {
                    practitioner.refer(item);
                });
            }
            json.one("reasonCode", |item| icpc(item, prescription.reason));
            json.one("reasonReference", |item| {
                reference(
                    item,
                    patient,
                    prescription.service,
                    ResourceType::Condition,
                    prescription.problem,
                );
            });
            json.member("courseOfTherapyType", |item| {
                item.word("text", if prescription.course { "Kur" } else { "Fast" });
            });
            json.one("dosageInstruction", |item| {
                item.said("text", prescription.drug.dosage);
            });
            json.member("dispenseRequest", |item| {
                item.member("validityPeriod", |period| {
                    period.date("start", authored.date);
                    period.date("end", expires);
                });
            });
        },
    );
}

/// The status on a date, and the version that it makes.
fn status(prescription: &Prescription, expires: Date, as_of: Date) -> (&'static str, Revision) {
    let authored = prescription.authored;
    // What ends after it has expired, ended when it expired.
    let (status, changed) = match prescription.ended.filter(|(date, _)| *date < expires) {
        Some((date, Ending::Stopped)) => ("stopped", Some(date)),
        Some((date, Ending::Finished | Ending::Renewed)) => ("completed", Some(date)),
        None if expires <= as_of => ("completed", Some(expires)),
        None => ("active", None),
    };
    let revision = match changed {
        Some(date) if date > authored.date => Revision {
            version: 2,
            updated: Moment {
                date,
                minute: 6 * 60,
            },
        },
        _ => Revision {
            version: 1,
            updated: authored,
        },
    };
    (status, revision)
}

fn medicine(json: &mut Json, drug: &Drug) {
    json.one("coding", |coding| {
        coding.word("system", system::ATC);
        coding.word("code", drug.atc);
        coding.word("display", drug.substance);
    });
    json.said("text", &format!("{} {}", drug.substance, drug.form));
}

/// A line on a list of medicines that is not the prescriber's.
pub(crate) fn statement(
    sheaf: &mut Sheaf,
    statement: &Statement,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let kind = ResourceType::MedicationStatement;
    let own_id = id::of_person(
        patient.person.index,
        statement.service,
        kind,
        statement.number,
    );
    let revision = match statement.ended {
        Some(date) => Revision {
            version: 2,
            updated: Moment {
                date,
                minute: 23 * 60,
            },
        },
        None => Revision::first(statement.at),
    };
    sheaf.write(kind, own_id, revision, None, |json| {
        let ended = statement.ended.is_some();
        json.word("status", if ended { "completed" } else { "active" });
        json.member("category", |item| {
            let setting = match statement.source {
                Source::Person => "patientspecified",
                Source::Multidose | Source::HomeCare => "community",
            };
            coded(item, system::STATEMENT_CATEGORY, setting);
            item.said("text", source(statement.source));
        });
        json.member("medicationCodeableConcept", |item| {
            medicine(item, &statement.drug);
        });
        json.member("subject", |item| patient.refer(item));
        json.member("effectivePeriod", |period| {
            period.date("start", statement.at.date);
            if let Some(date) = statement.ended {
                period.date("end", date);
            }
        });
        json.moment("dateAsserted", statement.at);
        json.member("informationSource", |item| match statement.source {
            Source::Person => patient.refer(item),
            Source::Multidose | Source::HomeCare => {
                unit.organization(item);
            }
        });
        json.one("dosage", |item| item.said("text", statement.drug.dosage));
    });
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Multidose => "Multidose",
        Source::HomeCare => "Hjemmetjenestens legemiddelliste",
        Source::Person => "Opplyst av pasienten",
    }
}

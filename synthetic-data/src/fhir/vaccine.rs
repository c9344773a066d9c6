//! Immunization: a vaccination with the vaccine as an ATC code. There is no Norwegian base profile.

use super::clinical::reference;
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::history::Vaccination;

/// A vaccination as an Immunization.
pub(crate) fn immunization(
    sheaf: &mut Sheaf,
    one: &Vaccination,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let kind = ResourceType::Immunization;
    let own_id = id::of_person(patient.person.index, one.service, kind, one.number);
    sheaf.write(kind, own_id, Revision::first(one.at), None, |json| {
        json.word("status", "completed");
        json.member("vaccineCode", |item| {
            item.one("coding", |coding| {
                coding.code(system::ATC, one.atc);
            });
            item.said("text", one.name);
        });
        json.member("patient", |item| patient.refer(item));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, patient, one.service, kind, one.contact);
        });
        json.moment("occurrenceDateTime", one.at);
        json.flag("primarySource", true);
        if let Some(practitioner) = unit.practitioner(one.practitioner) {
            json.one("performer", |item| {
                item.member("actor", |actor| practitioner.refer(actor));
            });
        }
        json.one("protocolApplied", |item| {
            item.decimal("doseNumberPositiveInt", i32::from(one.dose), 0);
        });
    });
}

//! Immunization: a vaccination with the vaccine as an ATC code. There is no Norwegian base profile.

use super::clinical::{reference, subject};
use super::register::practitioner_reference;
use super::{Resource, ResourceType, Revision, id, system};
use crate::history::Vaccination;
use crate::people::Person;
use crate::world::Unit;

/// A vaccination as an Immunization.
pub(crate) fn immunization(one: &Vaccination, person: &Person, unit: &Unit) -> Resource {
    let kind = ResourceType::Immunization;
    let own_id = id::of_person(person.index, one.service, kind, one.number);
    Resource::write(kind, own_id, Revision::first(one.at), None, |json| {
        json.text("status", "completed");
        json.member("vaccineCode", |item| {
            item.one("coding", |coding| {
                coding.text("system", system::ATC);
                coding.text("code", one.atc);
            });
            item.text("text", one.name);
        });
        json.member("patient", |item| subject(item, person));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, person, one.service, kind, one.contact);
        });
        json.moment("occurrenceDateTime", one.at);
        json.flag("primarySource", true);
        if let Some(practitioner) = unit.practitioners.get(one.practitioner) {
            json.one("performer", |item| {
                item.member("actor", |actor| practitioner_reference(actor, practitioner));
            });
        }
        json.one("protocolApplied", |item| {
            item.decimal("doseNumberPositiveInt", i32::from(one.dose), 0);
        });
    })
}

//! `AllergyIntolerance` and Flag: what whoever treats a person must know first. no-basis wants a code of
//! FEST or SNOMED CT for the reaction, which may not be shipped; so the base resource is written.

use super::clinical::{coded, reference, subject};
use super::register::practitioner_reference;
use super::{Resource, ResourceType, Revision, id, system};
use crate::history::{Alert, Allergy};
use crate::people::Person;
use crate::world::Unit;

/// A reaction as an `AllergyIntolerance`.
pub(crate) fn allergy(allergy: &Allergy, person: &Person, unit: &Unit) -> Resource {
    let kind = ResourceType::AllergyIntolerance;
    let own_id = id::of_person(person.index, allergy.service, kind, allergy.number);
    Resource::write(kind, own_id, Revision::first(allergy.at), None, |json| {
        json.member("clinicalStatus", |item| {
            coded(item, system::ALLERGY_CLINICAL, "active");
        });
        json.member("verificationStatus", |item| {
            coded(item, system::ALLERGY_VERIFICATION, "confirmed");
        });
        json.array("category", |list| list.text_item("medication"));
        json.text("criticality", if allergy.severe { "high" } else { "low" });
        json.member("code", |code| {
            coded(code, system::ATC, allergy.atc);
            code.text("text", allergy.name);
        });
        json.member("patient", |item| subject(item, person));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, person, allergy.service, kind, allergy.contact);
        });
        json.moment("recordedDate", allergy.at);
        if let Some(practitioner) = unit.practitioners.get(allergy.practitioner) {
            json.member("recorder", |item| {
                practitioner_reference(item, practitioner);
            });
        }
        json.one("reaction", |reaction| {
            reaction.one("manifestation", |item| item.text("text", allergy.reaction));
            reaction.text("severity", if allergy.severe { "severe" } else { "mild" });
        });
    })
}

/// What everybody must see, as a Flag.
pub(crate) fn flag(alert: &Alert, person: &Person, unit: &Unit) -> Resource {
    let kind = ResourceType::Flag;
    let own_id = id::of_person(person.index, alert.service, kind, alert.number);
    Resource::write(kind, own_id, Revision::first(alert.at), None, |json| {
        json.text("status", "active");
        json.one("category", |item| {
            coded(item, system::FLAG_CATEGORY, "clinical");
            item.text("text", "Kritisk informasjon");
        });
        json.member("code", |code| code.text("text", alert.text));
        json.member("subject", |item| subject(item, person));
        json.member("period", |period| period.moment("start", alert.at));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, person, alert.service, kind, alert.contact);
        });
        if let Some(practitioner) = unit.practitioners.get(alert.practitioner) {
            json.member("author", |item| practitioner_reference(item, practitioner));
        }
    })
}

//! `AllergyIntolerance` and Flag: what whoever treats a person must know first. no-basis wants a code of
//! FEST or SNOMED CT for the reaction, which may not be shipped; so the base resource is written.

use super::clinical::{coded, reference};
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::history::{Alert, Allergy};

/// A reaction as an `AllergyIntolerance`.
pub(crate) fn allergy(
    sheaf: &mut Sheaf,
    allergy: &Allergy,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let kind = ResourceType::AllergyIntolerance;
    let own_id = id::of_person(patient.person.index, allergy.service, kind, allergy.number);
    sheaf.write(kind, own_id, Revision::first(allergy.at), None, |json| {
        json.member("clinicalStatus", |item| {
            coded(item, system::ALLERGY_CLINICAL, "active");
        });
        json.member("verificationStatus", |item| {
            coded(item, system::ALLERGY_VERIFICATION, "confirmed");
        });
        json.array("category", |list| list.text_item("medication"));
        json.word("criticality", if allergy.severe { "high" } else { "low" });
        json.member("code", |code| {
            coded(code, system::ATC, allergy.atc);
            code.said("text", allergy.name);
        });
        json.member("patient", |item| patient.refer(item));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, patient, allergy.service, kind, allergy.contact);
        });
        json.moment("recordedDate", allergy.at);
        if let Some(practitioner) = unit.practitioner(allergy.practitioner) {
            json.member("recorder", |item| {
                practitioner.refer(item);
            });
        }
        json.one("reaction", |reaction| {
            reaction.one("manifestation", |item| item.said("text", allergy.reaction));
            reaction.word("severity", if allergy.severe { "severe" } else { "mild" });
        });
    });
}

/// What everybody must see, as a Flag.
pub(crate) fn flag(sheaf: &mut Sheaf, alert: &Alert, patient: &Subject<'_>, unit: &Letterhead) {
    let kind = ResourceType::Flag;
    let own_id = id::of_person(patient.person.index, alert.service, kind, alert.number);
    sheaf.write(kind, own_id, Revision::first(alert.at), None, |json| {
        json.word("status", "active");
        json.one("category", |item| {
            coded(item, system::FLAG_CATEGORY, "clinical");
            item.said("text", "Kritisk informasjon");
        });
        json.member("code", |code| code.said("text", alert.text));
        json.member("subject", |item| patient.refer(item));
        json.member("period", |period| period.moment("start", alert.at));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, patient, alert.service, kind, alert.contact);
        });
        if let Some(practitioner) = unit.practitioner(alert.practitioner) {
            json.member("author", |item| practitioner.refer(item));
        }
    });
}

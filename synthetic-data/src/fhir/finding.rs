//! An Observation of several components: a wound as measured, a score with its items.

use super::clinical::{coded, reference, subject};
use super::json::Json;
use super::observation::amount;
use super::register::practitioner_reference;
use super::{Resource, ResourceType, Revision, id, system};
use crate::history::{Finding, Part, PartValue};
use crate::people::Person;
use crate::world::Unit;

/// A finding as an Observation.
pub(crate) fn finding(finding: &Finding, person: &Person, unit: &Unit) -> Resource {
    let kind = ResourceType::Observation;
    let own_id = id::of_person(person.index, finding.service, kind, finding.number);
    let issued = finding.at.plus_minutes(5);
    let revision = Revision::first(issued);
    Resource::write(kind, own_id, revision, None, |json| {
        json.text("status", "final");
        json.one("category", |item| {
            coded(item, system::OBSERVATION_CATEGORY, finding.category);
        });
        json.member("code", |code| named(code, finding.loinc, finding.name));
        json.member("subject", |item| subject(item, person));
        if let Some(problem) = finding.problem {
            json.one("focus", |item| {
                let kind = ResourceType::Condition;
                reference(item, person, finding.service, kind, problem);
            });
        }
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, person, finding.service, kind, finding.contact);
        });
        json.moment("effectiveDateTime", finding.at);
        json.moment("issued", issued);
        if let Some(practitioner) = unit.practitioners.get(finding.practitioner) {
            json.one("performer", |item| {
                practitioner_reference(item, practitioner);
            });
        }
        if let Some(total) = finding.total {
            json.member("valueQuantity", |item| amount(item, "{score}", 0, total));
        }
        if let Some(site) = finding.site {
            json.member("bodySite", |item| item.text("text", site));
        }
        json.array("component", |list| {
            for part in &finding.parts {
                list.item(|item| component(item, part));
            }
        });
    })
}

fn component(json: &mut Json, part: &Part) {
    json.member("code", |code| named(code, part.loinc, part.name));
    match part.value {
        Some(PartValue::Scaled {
            value,
            decimals,
            unit,
        }) => json.member("valueQuantity", |item| amount(item, unit, decimals, value)),
        Some(PartValue::Text(text)) => json.text("valueString", text),
        None => json.member("dataAbsentReason", |item| {
            coded(item, system::DATA_ABSENT, "not-performed");
        }),
    }
}

fn named(json: &mut Json, loinc: Option<&str>, name: &str) {
    if let Some(loinc) = loinc {
        coded(json, system::LOINC, loinc);
    }
    json.text("text", name);
}

//! An Observation of several components: a wound as measured, a score with its items.

use super::clinical::{coded, reference};
use super::json::Json;
use super::observation::amount;
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::history::{Finding, Part, PartValue};

/// A finding as an Observation.
pub(crate) fn finding(
    sheaf: &mut Sheaf,
    finding: &Finding,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let kind = ResourceType::Observation;
    let own_id = id::of_person(patient.person.index, finding.service, kind, finding.number);
    let issued = finding.at.plus_minutes(5);
    let revision = Revision::first(issued);
    sheaf.write(kind, own_id, revision, None, |json| {
        json.word("status", "final");
        json.one("category", |item| {
            coded(item, system::OBSERVATION_CATEGORY, finding.category);
        });
        json.member("code", |code| named(code, finding.loinc, finding.name));
        json.member("subject", |item| patient.refer(item));
        if let Some(problem) = finding.problem {
            json.one("focus", |item| {
                let kind = ResourceType::Condition;
                reference(item, patient, finding.service, kind, problem);
            });
        }
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, patient, finding.service, kind, finding.contact);
        });
        json.moment("effectiveDateTime", finding.at);
        json.moment("issued", issued);
        if let Some(practitioner) = unit.practitioner(finding.practitioner) {
            json.one("performer", |item| {
                practitioner.refer(item);
            });
        }
        if let Some(total) = finding.total {
            json.member("valueQuantity", |item| amount(item, "{score}", 0, total));
        }
        if let Some(site) = finding.site {
            json.member("bodySite", |item| item.said("text", site));
        }
        if finding.photo.is_some() {
            json.one("derivedFrom", |item| {
                let kind = ResourceType::Media;
                reference(item, patient, finding.service, kind, finding.number);
            });
        }
        json.array("component", |list| {
            for part in &finding.parts {
                list.item(|item| component(item, part));
            }
        });
    });
}

fn component(json: &mut Json, part: &Part) {
    json.member("code", |code| named(code, part.loinc, part.name));
    match part.value {
        Some(PartValue::Scaled {
            value,
            decimals,
            unit,
        }) => json.member("valueQuantity", |item| amount(item, unit, decimals, value)),
        Some(PartValue::Text(text)) => json.said("valueString", text),
        None => json.member("dataAbsentReason", |item| {
            coded(item, system::DATA_ABSENT, "not-performed");
        }),
    }
}

fn named(json: &mut Json, loinc: Option<&str>, name: &str) {
    if let Some(loinc) = loinc {
        coded(json, system::LOINC, loinc);
    }
    json.said("text", name);
}

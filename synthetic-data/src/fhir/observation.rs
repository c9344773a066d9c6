//! Observation: vital signs after HL7's vital-signs profiles, laboratory values with reference range
//! and interpretation, and scores.

use super::clinical::{coded, reference};
use super::json::Json;
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::history::{Quantity, Reading, Value};

const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";

/// A measurement as an Observation.
pub(crate) fn observation(
    sheaf: &mut Sheaf,
    reading: &Reading,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let own_id = id::of_person(
        patient.person.index,
        reading.service,
        ResourceType::Observation,
        reading.number,
    );
    let quantity = reading.what.quantity();
    let revision = Revision {
        version: 1,
        updated: reading.at.plus_minutes(5),
    };
    let profile = quantity
        .profile
        .map(|name| format!("http://hl7.org/fhir/StructureDefinition/{name}"));
    sheaf.write(
        ResourceType::Observation,
        own_id,
        revision,
        profile.as_deref(),
        |json| {
            json.word("status", "final");
            json.one("category", |item| {
                coded(item, system::OBSERVATION_CATEGORY, quantity.category.code());
            });
            json.member("code", |code| {
                codes(code, &quantity);
                code.said("text", quantity.name);
            });
            json.member("subject", |item| patient.refer(item));
            json.member("encounter", |item| {
                reference(
                    item,
                    patient,
                    reading.service,
                    ResourceType::Encounter,
                    reading.contact,
                );
            });
            json.moment("effectiveDateTime", reading.at);
            json.moment("issued", reading.at.plus_minutes(5));
            if let Some(practitioner) = unit.practitioner(reading.practitioner) {
                json.one("performer", |item| {
                    practitioner.refer(item);
                });
            }
            match reading.value {
                Value::Pressure {
                    systolic,
                    diastolic,
                } => json.array("component", |list| {
                    list.item(|item| component(item, SYSTOLIC, "Overtrykk", systolic));
                    list.item(|item| component(item, DIASTOLIC, "Undertrykk", diastolic));
                }),
                Value::Scaled(number) => scaled(json, &quantity, number, patient),
            }
        },
    );
}

fn codes(code: &mut Json, quantity: &Quantity) {
    code.array("coding", |codings| {
        codings.item(|coding| {
            coding.code(system::LOINC, quantity.loinc);
        });
        if let Some(npu) = quantity.npu {
            codings.item(|coding| {
                coding.code(system::NLK, npu);
            });
        }
        if quantity.loinc == "2708-6" {
            // HL7's profile wants 2708-6; pulse oximetry is 59408-5.
            codings.item(|coding| {
                coding.code(system::LOINC, "59408-5");
            });
        }
    });
}

fn component(json: &mut Json, loinc: &str, name: &str, value: i32) {
    json.member("code", |code| {
        coded(code, system::LOINC, loinc);
        code.said("text", name);
    });
    json.member("valueQuantity", |item| amount(item, "mm[Hg]", 0, value));
}

fn scaled(json: &mut Json, quantity: &Quantity, number: i32, patient: &Subject<'_>) {
    json.member("valueQuantity", |item| {
        amount(item, quantity.unit, quantity.decimals, number);
    });
    let Some((low, high)) = quantity.range_for(patient.person.sex) else {
        return;
    };
    let interpretation = match (low, high) {
        (Some(low), _) if number < low => "L",
        (_, Some(high)) if number > high => "H",
        _ => "N",
    };
    json.one("interpretation", |item| {
        coded(item, system::INTERPRETATION, interpretation);
    });
    json.one("referenceRange", |item| {
        for (name, limit) in [("low", low), ("high", high)] {
            if let Some(limit) = limit {
                item.member(name, |item| {
                    amount(item, quantity.unit, quantity.decimals, limit);
                });
            }
        }
    });
}

pub(super) fn amount(json: &mut Json, unit: &str, decimals: u8, value: i32) {
    json.decimal("value", value, decimals);
    let shown = shown(unit);
    if !shown.is_empty() {
        json.word("unit", shown);
    }
    json.word("system", system::UCUM);
    json.word("code", unit);
}

/// A unit as people write it.
fn shown(unit: &str) -> &str {
    match unit {
        "mm[Hg]" => "mmHg",
        "Cel" => "°C",
        "kg/m2" => "kg/m²",
        "umol/L" => "µmol/L",
        "m[IU]/L" => "mIE/L",
        "mL/min/{1.73_m2}" => "ml/min/1,73 m²",
        "{score}" => "poeng",
        "cm2" => "cm²",
        "1" => "",
        other => other,
    }
}

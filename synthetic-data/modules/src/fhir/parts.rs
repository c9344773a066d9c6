//! Parts that many resources have.

use serde_json::{Map, Value, json};

use crate::number::Fixed;
use crate::program::{Code, Concept};
use crate::run::Reading;
use crate::time::Instant;

pub(super) const UCUM: &str = "http://unitsofmeasure.org";

/// The members of an object; those that are null are left out where it is written.
pub(super) fn fields<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A list; null when nothing is in it.
pub(super) fn list(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.collect();
    if items.is_empty() {
        Value::Null
    } else {
        Value::Array(items)
    }
}

pub(super) fn coding(code: &Code) -> Value {
    if code.display.is_empty() {
        json!({"system": &*code.system, "code": &*code.text})
    } else {
        json!({"system": &*code.system, "code": &*code.text, "display": &*code.display})
    }
}

/// A coding of HL7's own.
pub(super) fn hl7(system: &str, code: &str, display: &str) -> Value {
    let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
    json!({"system": system, "code": code, "display": display})
}

/// Codes for one thing; null where there are none.
pub(super) fn concept(codes: &[Code]) -> Value {
    let Some(first) = codes.first() else {
        return Value::Null;
    };
    let codings: Vec<Value> = codes.iter().map(coding).collect();
    if first.display.is_empty() {
        json!({"coding": codings})
    } else {
        json!({"coding": codings, "text": &*first.display})
    }
}

/// Each code as a concept of its own; null where there are none.
pub(super) fn concepts(codes: &Concept) -> Value {
    list(codes.iter().map(|code| concept(std::slice::from_ref(code))))
}

pub(super) fn moment(at: Instant) -> Value {
    Value::from(at.to_string())
}

pub(super) fn optional_moment(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, moment)
}

pub(super) fn period(start: Instant, end: Option<Instant>) -> Value {
    match end {
        Some(end) => json!({"start": moment(start), "end": moment(end.max(start))}),
        None => json!({"start": moment(start)}),
    }
}

/// A number with a unit in UCUM, where it is one.
pub(super) fn quantity(number: Fixed, unit: &str) -> Value {
    let plain = unit.bytes().all(|byte| byte.is_ascii_graphic());
    match unit {
        "" => json!({"value": number.to_json()}),
        "n/a" => json!({"value": number.to_json(), "unit": unit}),
        _ if plain => {
            json!({"value": number.to_json(), "unit": unit, "system": UCUM, "code": unit})
        }
        _ => json!({"value": number.to_json(), "unit": unit}),
    }
}

/// Puts a reading where an observation or a component of one has it.
pub(super) fn read(into: &mut Map<String, Value>, reading: &Reading, unit: &str) {
    let (name, value) = match reading {
        Reading::Number(number) => ("valueQuantity", quantity(*number, unit)),
        Reading::Flag(flag) => ("valueBoolean", Value::from(*flag)),
        Reading::Text(text) if !text.trim().is_empty() => ("valueString", Value::from(text.trim())),
        Reading::Codes(codes) if !codes.is_empty() => ("valueCodeableConcept", concept(codes)),
        _ => {
            let unknown = hl7("data-absent-reason", "unknown", "Unknown");
            ("dataAbsentReason", json!({"coding": [unknown]}))
        }
    };
    into.insert(name.to_owned(), value);
}

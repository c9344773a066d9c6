//! The search keys of a resource, read from its JSON once: what each parameter of its type finds.

use std::sync::Arc;

use fhir_r4::path::Path;
use fhir_r4::search::{Kind, SearchParameter};
use serde_json::Value;

use super::amount::Amount;
use super::period::Period;
use super::types::TypeInfo;

/// One value that a parameter finds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    /// An amount, with its unit where it has one.
    Amount(Amount),
    /// The parts of a composite, each with what it finds.
    Composite(Vec<Vec<Self>>),
    /// A logical reference by identifier.
    Identifier {
        system: Option<String>,
        value: String,
    },
    /// A date or a period.
    Period(Period),
    /// A reference to a resource of this server by type and id.
    Reference { resource_type: String, id: String },
    /// A text, folded for comparison and as written.
    Text { folded: String, written: String },
    /// A code, identifier or flag.
    Token {
        system: Option<String>,
        code: String,
        /// What it is called, folded.
        display: Option<String>,
    },
    /// An identifier under its type, for `:of-type`.
    Typed {
        system: Option<String>,
        code: String,
        value: String,
    },
    /// An address that is compared as a whole.
    Uri(String),
}

/// All keys of a resource, each under its parameter's place among those of the type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(Arc<[(u16, Key)]>);

impl Keys {
    /// Reads the keys of a resource. References below `base` count as this server's own.
    pub(crate) fn of(info: &TypeInfo, resource: &Value, base: &str) -> Self {
        let mut keys = Vec::new();
        for parameter in info.parameters() {
            let before = keys.len();
            find(parameter, resource, base, &mut |key| {
                keys.push((parameter.index, key));
            });
            if keys.len() == before && parameter.code == "deceased" && info.name == "Patient" {
                // Who is not said to be dead is searched as living (R4 Patient, search parameters).
                keys.push((parameter.index, code("false")));
            }
        }
        Self(keys.into())
    }

    /// Reads the keys of a resource's bytes; none when they are no JSON.
    pub(crate) fn of_bytes(info: &TypeInfo, json: &[u8], base: &str) -> Self {
        serde_json::from_slice(json)
            .map_or_else(|_| Self::default(), |value| Self::of(info, &value, base))
    }

    /// Every key with the place of its parameter.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &Key)> {
        self.0.iter().map(|(place, key)| (*place, key))
    }

    /// What a parameter finds.
    pub(crate) fn get(&self, parameter: &SearchParameter) -> impl Iterator<Item = &Key> {
        let index = parameter.index;
        // They were found parameter by parameter, in the order of the places.
        let from = self.0.partition_point(|(place, _)| *place < index);
        let found = self.0.get(from..).unwrap_or_default().iter();
        found
            .take_while(move |(place, _)| *place == index)
            .map(|(_, key)| key)
    }
}

fn find(parameter: &SearchParameter, resource: &Value, base: &str, found: &mut dyn FnMut(Key)) {
    if parameter.kind == Kind::Composite {
        for holder in &parameter.on {
            holder.visit(resource, &mut |element| {
                let part = |kind, paths: &[Path]| {
                    let mut keys = Vec::new();
                    for path in paths {
                        read(kind, path, element, base, &mut |key| keys.push(key));
                    }
                    keys
                };
                let parts = parameter.parts.iter();
                let parts: Vec<Vec<Key>> = parts.map(|one| part(one.kind, &one.paths)).collect();
                if parts.iter().all(|keys| !keys.is_empty()) {
                    found(Key::Composite(parts));
                }
            });
        }
        return;
    }
    for path in &parameter.paths {
        read(parameter.kind, path, resource, base, found);
    }
}

fn read(kind: Kind, path: &Path, resource: &Value, base: &str, found: &mut dyn FnMut(Key)) {
    path.visit(resource, &mut |value| match kind {
        Kind::Date => dates(value, found),
        Kind::Number | Kind::Quantity => {
            if let Some(amount) = Amount::of_value(value) {
                found(Key::Amount(amount));
            }
        }
        Kind::Reference => references(value, path.target(), base, found),
        Kind::String => texts(value, found),
        Kind::Token if path.leaf() == "exists" => found(code("true")),
        Kind::Token => tokens(value, found),
        Kind::Uri => {
            if let Some(text) = value.as_str() {
                found(Key::Uri(text.to_owned()));
            }
        }
        Kind::Composite | Kind::Special => {}
    });
}

fn code(code: &str) -> Key {
    Key::Token {
        system: None,
        code: code.to_owned(),
        display: None,
    }
}

/// A date, a Period, or a Timing by its events and bounds.
fn dates(value: &Value, found: &mut dyn FnMut(Key)) {
    if let Some(period) = Period::of_value(value) {
        return found(Key::Period(period));
    }
    let events = value.get("event").and_then(Value::as_array);
    let bounds = value.pointer("/repeat/boundsPeriod");
    for one in events.into_iter().flatten().chain(bounds) {
        if let Some(period) = Period::of_value(one) {
            found(Key::Period(period));
        }
    }
}

fn references(value: &Value, only: Option<&str>, base: &str, found: &mut dyn FnMut(Key)) {
    // A canonical or uri stands as plain text.
    let written = value.as_str().or_else(|| value.get("reference")?.as_str());
    let own = written.and_then(|written| own_reference(written, base));
    match (written, own) {
        (_, Some((resource_type, id))) if only.is_none_or(|only| only == resource_type) => {
            found(Key::Reference {
                resource_type: resource_type.to_owned(),
                id: id.to_owned(),
            });
        }
        (Some(written), None) if only.is_none() => found(Key::Uri(written.to_owned())),
        _ => {}
    }
    let identifier = value.get("identifier");
    if let Some(identifier) = identifier.filter(|_| only.is_none_or(|only| is_of(value, only)))
        && let Some(value) = text(identifier, "value")
    {
        found(Key::Identifier {
            system: text(identifier, "system"),
            value,
        });
    }
}

/// A logical reference says its type, or may be of any.
fn is_of(reference: &Value, only: &str) -> bool {
    let named = reference.get("type").and_then(Value::as_str);
    named.is_none_or(|named| named == only)
}

/// Type and id of a reference that leads to this server: relative, or below its base.
pub(crate) fn own_reference<'a>(reference: &'a str, base: &str) -> Option<(&'a str, &'a str)> {
    let relative = reference
        .strip_prefix(base)
        .filter(|_| !base.is_empty())
        .map_or(reference, |rest| rest.trim_start_matches('/'));
    if relative.contains("://") {
        return None;
    }
    split_reference(relative)
}

/// Type and id of a reference, relative or absolute, with or without a version.
pub(crate) fn split_reference(reference: &str) -> Option<(&str, &str)> {
    let current = reference
        .split_once("/_history/")
        .map_or(reference, |(current, _)| current);
    let (rest, id) = current.rsplit_once('/')?;
    let resource_type = rest.rsplit_once('/').map_or(rest, |(_, last)| last);
    (!id.is_empty() && resource_type.starts_with(|first: char| first.is_ascii_uppercase()))
        .then_some((resource_type, id))
}

/// A text, or every text of a `HumanName` or an Address.
fn texts(value: &Value, found: &mut dyn FnMut(Key)) {
    match value {
        Value::String(text) => found(Key::Text {
            folded: folded(text),
            written: text.clone(),
        }),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => {
            let own = members
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "use" | "type" | "period" | "id"))
                .filter(|(name, _)| name.as_str() != "extension" && !name.starts_with('_'));
            for (_, member) in own {
                texts(member, found);
            }
        }
        _ => {}
    }
}

fn tokens(value: &Value, found: &mut dyn FnMut(Key)) {
    match value {
        Value::Bool(flag) => found(code(&flag.to_string())),
        Value::String(text) => found(code(text)),
        Value::Object(_) => object(value, found),
        _ => {}
    }
}

/// A Coding, `CodeableConcept`, Identifier or `ContactPoint`: told apart by what they hold.
fn object(value: &Value, found: &mut dyn FnMut(Key)) {
    let display = text(value, "display").or_else(|| text(value, "text"));
    let display = display.map(|text| folded(&text));
    let codings = value.get("coding").and_then(Value::as_array);
    for coding in codings.into_iter().flatten() {
        let own = text(coding, "display").map(|text| folded(&text));
        if let Some(code) = text(coding, "code") {
            found(Key::Token {
                system: text(coding, "system"),
                code,
                display: own.or_else(|| display.clone()),
            });
        }
    }
    let code = text(value, "code").or_else(|| text(value, "value"));
    if let Some(code) = code {
        typed(value, &code, found);
        found(Key::Token {
            system: text(value, "system"),
            code,
            display,
        });
    } else if let (None, Some(_)) = (codings, &display) {
        // Words without a code are found by them all the same.
        found(Key::Token {
            system: None,
            code: String::new(),
            display,
        });
    }
}

fn typed(identifier: &Value, value: &str, found: &mut dyn FnMut(Key)) {
    let codings = identifier.pointer("/type/coding").and_then(Value::as_array);
    for coding in codings.into_iter().flatten() {
        if let Some(code) = text(coding, "code") {
            found(Key::Typed {
                system: text(coding, "system"),
                code,
                value: value.to_owned(),
            });
        }
    }
}

fn text(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(Value::as_str).map(str::to_owned)
}

/// A text as search compares it: lower case, without the accents that names carry at random. The
/// letters æ, ø and å are letters of their own and stay.
pub(crate) fn folded(text: &str) -> String {
    let plain = |letter: char| match letter {
        'á' | 'à' | 'â' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'č' | 'ç' => 'c',
        'đ' => 'd',
        'ŋ' | 'ñ' => 'n',
        'š' => 's',
        'ŧ' => 't',
        'ž' => 'z',
        'ä' => 'æ',
        'ö' => 'ø',
        other => other,
    };
    text.chars()
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: &str = "http://here/demo/fhir";

    fn found(kind: &str, parameter: &str, resource: &Value) -> Vec<Key> {
        let info = TypeInfo::by_name(kind).unwrap();
        let keys = Keys::of(info, resource, BASE);
        let parameter = info.parameter(parameter).unwrap();
        keys.get(parameter).cloned().collect()
    }

    #[test]
    fn references_are_read_in_every_form_and_only_our_own_are_ours() {
        for reference in [
            "Patient/p1",
            "http://here/demo/fhir/Patient/p1",
            "Patient/p1/_history/2",
        ] {
            let own = own_reference(reference, BASE);
            assert_eq!(own, Some(("Patient", "p1")), "{reference}");
        }
        for reference in [
            "p1",
            "#p1",
            "urn:uuid:0",
            "Patient/",
            "/p1",
            "http://elsewhere/fhir/Patient/p1",
        ] {
            assert_eq!(own_reference(reference, BASE), None, "{reference}");
        }
    }

    #[test]
    fn keys_are_found_through_arrays() {
        let resource = json!({"id": "o", "component": [
            {"code": {"coding": [{"system": "s", "code": "1"}]}}, {"code": {"coding": [{"code": "2"}]}}],
            "subject": {"reference": "Patient/p1", "identifier": {"system": "i", "value": "v"}}});
        assert_eq!(found("Observation", "component-code", &resource).len(), 2);
        assert_eq!(found("Observation", "patient", &resource).len(), 2);
        assert_eq!(found("Observation", "_id", &resource), [code("o")]);
        let foreign = json!({"subject": {"reference": "http://elsewhere/fhir/Patient/p1"}});
        assert_eq!(found("Observation", "patient", &foreign), []);
        assert!(matches!(
            found("Observation", "subject", &foreign).as_slice(),
            [Key::Uri(_)]
        ));
    }

    #[test]
    fn a_composite_keeps_its_parts_together() {
        let part = |code: &str, value: i64| json!({"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value}});
        let resource = json!({"component": [part("8480-6", 140), part("8462-4", 90)]});
        let keys = found("Observation", "component-code-value-quantity", &resource);
        assert_eq!(keys.len(), 2, "{keys:?}");
        let without = json!({"component": [{"code": {"coding": [{"code": "8480-6"}]}}]});
        assert_eq!(
            found("Observation", "component-code-value-quantity", &without),
            []
        );
    }

    #[test]
    fn who_is_not_said_to_be_dead_lives() {
        for (patient, expected) in [
            (json!({}), "false"),
            (json!({"deceasedBoolean": false}), "false"),
            (json!({"deceasedBoolean": true}), "true"),
            (json!({"deceasedDateTime": "2026-01-01"}), "true"),
        ] {
            assert_eq!(found("Patient", "deceased", &patient), [code(expected)]);
        }
    }

    #[test]
    fn every_text_of_a_name_is_one() {
        let patient =
            json!({"name": [{"use": "official", "family": "Ås", "given": ["Kari", "Mo"]}]});
        assert_eq!(found("Patient", "name", &patient).len(), 3);
    }
}

//! The search keys of a resource, read from its JSON once: what each of its type's parameters finds.

use serde_json::Value;

use super::parameter::{Kind, Parameter, TypeInfo};
use super::period::Period;

/// One value that a parameter finds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    /// A logical reference by identifier.
    Identifier {
        system: Option<String>,
        value: String,
    },
    /// A date or a period.
    Period(Period),
    /// A reference by type and id.
    Reference { resource_type: String, id: String },
    /// A text, folded for comparison and as written.
    Text { folded: String, written: String },
    /// A code, identifier or flag.
    Token {
        system: Option<String>,
        code: String,
    },
    /// An address that is compared as a whole.
    Uri(String),
}

/// All keys of a resource, each under its parameter's name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(Vec<(&'static str, Key)>);

impl Keys {
    /// Reads the keys of a resource.
    pub(crate) fn of(info: &TypeInfo, resource: &Value) -> Self {
        let mut keys = Vec::new();
        for parameter in info.all_parameters() {
            for path in parameter.paths {
                walk(resource, path, &mut |value| {
                    read(parameter, value, &mut |key| {
                        keys.push((parameter.name, key));
                    });
                });
            }
        }
        Self(keys)
    }

    /// Reads the keys of a resource's bytes; none when they are no JSON.
    pub(crate) fn of_bytes(info: &TypeInfo, json: &[u8]) -> Self {
        serde_json::from_slice(json)
            .map_or_else(|_| Self::default(), |value| Self::of(info, &value))
    }

    /// What a parameter finds.
    pub(crate) fn get(&self, parameter: &str) -> impl Iterator<Item = &Key> {
        self.0
            .iter()
            .filter(move |(name, _)| *name == parameter)
            .map(|(_, key)| key)
    }
}

/// Visits every value at a path of member names, through arrays.
pub(crate) fn walk<'v>(value: &'v Value, path: &str, visit: &mut dyn FnMut(&'v Value)) {
    if let Value::Array(items) = value {
        for item in items {
            walk(item, path, visit);
        }
        return;
    }
    match path.split_once('.') {
        _ if path.is_empty() => visit(value),
        Some((member, rest)) => {
            if let Some(inner) = value.get(member) {
                walk(inner, rest, visit);
            }
        }
        None => {
            if let Some(inner) = value.get(path) {
                walk(inner, "", visit);
            }
        }
    }
}

fn read(parameter: &Parameter, value: &Value, found: &mut dyn FnMut(Key)) {
    match parameter.kind {
        Kind::Date => {
            if let Some(period) = Period::of_value(value) {
                found(Key::Period(period));
            }
        }
        Kind::Reference => references(value, found),
        Kind::String => {
            if let Some(text) = value.as_str() {
                found(Key::Text {
                    folded: folded(text),
                    written: text.to_owned(),
                });
            }
        }
        Kind::Token => tokens(value, found),
        Kind::Uri => {
            if let Some(text) = value.as_str() {
                found(Key::Uri(text.to_owned()));
            }
        }
    }
}

fn references(value: &Value, found: &mut dyn FnMut(Key)) {
    let reference = value.get("reference").and_then(Value::as_str);
    if let Some((resource_type, id)) = reference.and_then(split_reference) {
        found(Key::Reference {
            resource_type: resource_type.to_owned(),
            id: id.to_owned(),
        });
    }
    if let Some(identifier) = value.get("identifier")
        && let Some(value) = text(identifier, "value")
    {
        found(Key::Identifier {
            system: text(identifier, "system"),
            value,
        });
    }
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

fn tokens(value: &Value, found: &mut dyn FnMut(Key)) {
    match value {
        Value::Bool(flag) => found(Key::Token {
            system: None,
            code: flag.to_string(),
        }),
        Value::String(code) => found(Key::Token {
            system: None,
            code: code.clone(),
        }),
        Value::Object(_) => {
            if let Some(Value::Array(codings)) = value.get("coding") {
                for coding in codings {
                    tokens(coding, found);
                }
            }
            if let Some(code) = text(value, "code").or_else(|| text(value, "value")) {
                found(Key::Token {
                    system: text(value, "system"),
                    code,
                });
            }
        }
        _ => {}
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

    #[test]
    fn references_are_read_in_every_form() {
        for reference in [
            "Patient/p1",
            "http://x/demo/fhir/Patient/p1",
            "Patient/p1/_history/2",
        ] {
            assert_eq!(
                split_reference(reference),
                Some(("Patient", "p1")),
                "{reference}"
            );
        }
        for reference in ["p1", "#p1", "urn:uuid:0", "Patient/", "/p1"] {
            assert_eq!(split_reference(reference), None, "{reference}");
        }
    }

    #[test]
    fn keys_are_found_through_arrays() {
        let info = TypeInfo::by_name("Observation").unwrap();
        let resource = json!({"id": "o", "component": [
            {"code": {"coding": [{"system": "s", "code": "1"}]}}, {"code": {"coding": [{"code": "2"}]}}],
            "subject": {"reference": "Patient/p1", "identifier": {"system": "i", "value": "v"}}});
        let keys = Keys::of(info, &resource);
        assert_eq!(keys.get("component-code").count(), 2);
        assert_eq!(keys.get("patient").count(), 2);
        assert_eq!(
            keys.get("_id").next(),
            Some(&Key::Token {
                system: None,
                code: "o".to_owned()
            })
        );
    }
}

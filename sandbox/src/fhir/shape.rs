//! How much of a resource is answered: `_summary` and `_elements` (R4 §3.1.1.5.8 and .9). What is cut
//! is tagged SUBSETTED, so that nobody takes it for the whole.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::population::Entry;
use super::query::Shape;
use super::types::TypeInfo;

/// A shape, ready to be given to resources.
pub(crate) struct Shaping<'s>(&'s Shape);

impl<'s> Shaping<'s> {
    pub(crate) fn new(shape: &'s Shape) -> Self {
        Self(shape)
    }

    /// The resource in this shape.
    pub(crate) fn of(&self, entry: &Entry) -> Bytes {
        if *self.0 == Shape::Full {
            return entry.json.clone();
        }
        let (Some(info), Ok(Value::Object(members))) = (
            TypeInfo::by_name(entry.resource_type),
            serde_json::from_slice(&entry.json),
        ) else {
            return entry.json.clone();
        };
        let mut kept: Map<String, Value> = members
            .into_iter()
            .filter(|(name, _)| self.keeps(info, name))
            .collect();
        tag(&mut kept);
        Bytes::from(Value::Object(kept).to_string())
    }

    fn keeps(&self, info: &TypeInfo, member: &str) -> bool {
        // The extensions of a primitive go with it.
        let name = member.strip_prefix('_').unwrap_or(member);
        let property = || fhir_r4::structure::property(info.name, name);
        let mandatory = || {
            matches!(name, "resourceType" | "id" | "meta")
                || property().is_some_and(|property| property.is_required)
        };
        match self.0 {
            Shape::Full => true,
            Shape::Data => name != "text",
            Shape::Text => name == "text" || mandatory(),
            Shape::Summary => {
                name == "resourceType" || property().is_some_and(|property| property.in_summary)
            }
            Shape::Elements(wanted) => {
                mandatory() || wanted.iter().any(|element| is_element(element, info, name))
            }
        }
    }
}

/// `status`, `Observation.status`, or `value` for `valueQuantity`.
fn is_element(element: &str, info: &TypeInfo, member: &str) -> bool {
    let own = match element.split_once('.') {
        Some((name, rest)) if name == info.name => rest,
        _ => element,
    };
    let own = own.split('.').next().unwrap_or(own);
    let choice = |rest: &str| rest.starts_with(|first: char| first.is_ascii_uppercase());
    own == member || member.strip_prefix(own).is_some_and(choice)
}

fn tag(members: &mut Map<String, Value>) {
    let meta = members.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else {
        return;
    };
    let tags = meta.entry("tag").or_insert_with(|| json!([]));
    if let Some(tags) = tags.as_array_mut() {
        tags.push(json!({
            "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
            "code": "SUBSETTED",
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(shape: &Shape) -> Value {
        let json = json!({"resourceType": "Observation", "id": "o", "meta": {"versionId": "1"},
            "text": {"status": "generated"}, "status": "final", "_status": {"id": "s"}, "code": {"text": "x"},
            "valueQuantity": {"value": 5}, "note": [{"text": "long"}]});
        let entry = Entry {
            resource_type: "Observation",
            id: "o".to_owned(),
            version: 1,
            updated: 0,
            json: Bytes::from(json.to_string()),
            patients: Vec::new(),
        };
        serde_json::from_slice(&Shaping::new(shape).of(&entry)).unwrap()
    }

    fn members(shape: &Shape) -> Vec<String> {
        shaped(shape).as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn each_shape_keeps_what_it_names_and_what_is_mandatory() {
        let basis = ["resourceType", "id", "meta"];
        let with = |more: &[&'static str]| [&basis[..], more].concat();
        assert_eq!(
            members(&Shape::Summary),
            with(&["status", "_status", "code", "valueQuantity"])
        );
        assert_eq!(
            members(&Shape::Text),
            with(&["text", "status", "_status", "code"])
        );
        assert_eq!(
            members(&Shape::Data),
            with(&["status", "_status", "code", "valueQuantity", "note"])
        );
        let wanted = Shape::Elements(vec!["value".to_owned(), "Observation.note".to_owned()]);
        assert_eq!(
            members(&wanted),
            with(&["status", "_status", "code", "valueQuantity", "note"])
        );
    }

    #[test]
    fn what_is_cut_says_so_and_what_is_whole_does_not() {
        assert_eq!(
            shaped(&Shape::Summary)["meta"]["tag"][0]["code"],
            "SUBSETTED"
        );
        assert_eq!(shaped(&Shape::Full)["meta"], json!({"versionId": "1"}));
    }
}

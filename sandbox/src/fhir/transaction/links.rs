//! References within a transaction: `fullUrl`s and conditional references become what they lead to.
//! Only whole texts are replaced, as they stand in the JSON; nothing else of a resource changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::error::FhirError;
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::bad;

/// Texts that are replaced, with what stands in their place.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<String, String>);

impl Links {
    pub(super) fn add(&mut self, from: &str, to: String) {
        self.0.insert(from.to_owned(), to);
    }

    /// The JSON with every text that is linked replaced. Where a version is named it goes.
    pub(super) fn follow(&self, json: &str) -> String {
        let mut out = String::with_capacity(json.len());
        let mut rest = json;
        while let Some(start) = rest.find('"') {
            let (before, from) = rest.split_at(start);
            out.push_str(before);
            let end = end_of_text(from);
            let (text, after) = from.split_at(end);
            let inner = text.trim_matches('"');
            match self.0.get(inner) {
                Some(to) => {
                    out.push('"');
                    out.push_str(to);
                    out.push('"');
                }
                None => out.push_str(text),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// The length of the JSON text that begins here, quotation marks and all.
fn end_of_text(from: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in from.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    from.len()
}

impl Room {
    /// Looks up the conditional references of a resource (`Patient?identifier=…`).
    pub(super) async fn conditional_references(
        &self,
        place: usize,
        resource: &Value,
        links: &mut Links,
    ) -> Result<(), FhirError> {
        let mut found = BTreeSet::new();
        gather(resource, &mut found);
        for reference in found {
            let Some((name, condition)) = reference.split_once('?') else {
                continue;
            };
            let Some(info) = TypeInfo::by_name(name) else {
                continue;
            };
            let selector = self.selector(info, condition).await?;
            let one = self.overlay().await?.look(|draft| selector.one(draft))?;
            let one = one.ok_or_else(|| bad(place, format!("no {name} fits {reference}")))?;
            links.add(&reference, format!("{name}/{}", one.id));
        }
        Ok(())
    }
}

fn gather(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" && text.contains('?') => {
                        found.insert(text.clone());
                    }
                    other => gather(other, found),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_whole_texts_are_replaced() {
        let mut links = Links::default();
        links.add("urn:uuid:1", "Patient/p".to_owned());
        let json =
            r#"{"reference":"urn:uuid:1","text":"see urn:uuid:1","a":"\"urn:uuid:1","b":1.0}"#;
        assert_eq!(
            links.follow(json),
            r#"{"reference":"Patient/p","text":"see urn:uuid:1","a":"\"urn:uuid:1","b":1.0}"#
        );
    }

    proptest! {
        #[test]
        fn without_links_nothing_changes(json in "\\PC{0,80}") {
            prop_assert_eq!(Links::default().follow(&json), json);
        }
    }
}

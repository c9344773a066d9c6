//! Entrances for the fuzzer to the document and to what keeps secrets out of it.

use serde_json::Value;

use super::document::Document;
use super::learn::secrets_of;
use super::scrub::{PREFIX, marker};
use super::tape::Tape;
use crate::fuzzing::events;

/// A document: what is taken is printed as it was written, and what is refused says where.
pub fn evidence(bytes: &[u8]) {
    match Document::parse(bytes) {
        Ok(document) => assert!(document.print().is_ok_and(|printed| printed == bytes)),
        Err(error) => assert!(error.line >= 1, "{error}"),
    }
}

/// Occurrences, a line each, recorded in order: no secret that any of them shows openly is left in
/// what is read from the tape.
pub fn scrubbing(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let tape = Tape::new(1000);
    let mut secrets = Vec::new();
    for event in events(text) {
        secrets.extend(secrets_of(&event.what));
        tape.push(event.what);
    }
    // Short ones would strike innocent text and are replaced as parameters alone; a mark in place of
    // another secret may hold what happens to be a third one's text.
    let marks: Vec<String> = secrets
        .iter()
        .map(|secret| marker(secret.kind, &secret.value))
        .collect();
    secrets.retain(|secret| {
        let value = secret.value.as_str();
        value.len() >= 16
            && !value.contains(PREFIX)
            && !marks
                .iter()
                .any(|mark| mark.contains(value) || value.contains(mark.as_str()))
    });
    let read = serde_json::to_value(tape.events());
    assert!(read.is_ok());
    for text in read.iter().flat_map(texts) {
        for secret in &secrets {
            assert!(!text.contains(&secret.value), "{secret:?} in {text:?}");
        }
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

//! Entrances for the fuzzer to what the FHIR server reads: searches, bodies and conditions.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use bytes::Bytes;
use foundation::Timestamp;
use serde_json::Value;

use super::body::Incoming;
use super::condition::Condition;
use super::criterion::Surroundings;
use super::flaws;
use super::handler::{acceptable, pairs, prefers};
use super::keys::{Key, Keys};
use super::population::Entry;
use super::query::{Position, Query, Target};
use super::selector::Precondition;
use super::types::TypeInfo;
use super::value::System;

/// A search as `Type?query`, and on the lines after it a resource that it is held against. Its
/// address, and that of a later page, ask for the same again.
pub fn search(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (address, resource) = text.split_once('\n').unwrap_or((text, ""));
    let (name, query) = address.split_once('?').unwrap_or((address, ""));
    let (Some(info), Ok(asked)) = (TypeInfo::by_name(name), pairs(query.as_bytes())) else {
        return;
    };
    let keys = Keys::of_bytes(info, resource.as_bytes(), Here.base());
    for strict in [true, false] {
        let Ok(query) = Query::parse(Target::of_type(info), asked.clone(), strict, &Here) else {
            continue;
        };
        assert!((1..=500).contains(&query.count));
        for condition in query.conditions.iter().flatten() {
            if let Condition::Filter(filter) = condition {
                assert!((1..=32).contains(&filter.tests().len()));
            }
            let Condition::Own(criterion) = condition else {
                continue;
            };
            assert_eq!(criterion.fits(&keys), criterion.clone().fits(&keys));
            assert!(
                criterion
                    .ids()
                    .is_none_or(|ids| ids.len() <= criterion.wanted.len())
            );
            drop(criterion.identifiers());
        }
        same_again(info, &query, None);
        same_again(
            info,
            &query,
            Some(Position {
                drawer: u32::MAX,
                offset: 40,
            }),
        );
    }
}

fn same_again(info: &'static TypeInfo, query: &Query, at: Option<Position>) {
    let address = query.address("", at);
    let text = address.split_once('?').map_or("", |(_, text)| text);
    let target = Target::of_type(info);
    let again = pairs(text.as_bytes()).and_then(|asked| Query::parse(target, asked, true, &Here));
    assert!(
        again.is_ok_and(|again| {
            (
                &again.conditions,
                &again.sort,
                &again.includes,
                &again.shape,
            ) == (
                &query.conditions,
                &query.sort,
                &query.includes,
                &query.shape,
            ) && again.pairs == query.pairs
                && (again.count, again.number_only) == (query.count, query.number_only)
                && at.is_none_or(|at| again.from == at)
        }),
        "{address}"
    );
}

/// A write: the media type, a line break, and the body. What is taken is kept under the server's id
/// and version, and can be searched.
pub fn write(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let media = parts.next().unwrap_or_default();
    let content = parts.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    if let Ok(media) = HeaderValue::from_bytes(media)
        && !media.is_empty()
    {
        headers.insert(header::CONTENT_TYPE, media);
    }
    for info in TypeInfo::all() {
        let Ok(incoming) = Incoming::read(info, &headers, content) else {
            continue;
        };
        drop(incoming.check());
        drop(flaws::shape(info, &incoming.value));
        let stamped = incoming.stamped("r-1", 3, Timestamp::from_millis(0));
        let kept: Result<Value, _> = serde_json::from_slice(&stamped);
        assert!(kept.is_ok_and(|kept| {
            kept.get("resourceType").and_then(Value::as_str) == Some(info.name)
                && kept.pointer("/meta/versionId").and_then(Value::as_str) == Some("3")
        }));
        let keys = Keys::of_bytes(info, &stamped, Here.base());
        let id = info
            .parameter("_id")
            .map(|id| keys.get(id).cloned().collect());
        let own = Key::Token {
            system: None,
            code: "r-1".to_owned(),
            display: None,
        };
        assert_eq!(id, Some(vec![own]));
    }
}

/// Headers, each on a line as `name: value`: a condition that holds for one version holds for no
/// other, and none but `If-None-Match` holds for what is not there.
pub fn preconditions(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(parts.next().unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let Some(info) = TypeInfo::by_name("Binary") else {
        return;
    };
    assert_eq!(
        prefers(&headers, "handling=strict"),
        prefers(&headers.clone(), "handling=strict")
    );
    drop(acceptable(&headers, ""));
    let precondition = Precondition::of(&headers);
    let holds = |version| {
        let before = Entry {
            resource_type: info.name,
            id: "r-1".to_owned(),
            version,
            updated: 0,
            json: Bytes::new(),
            patients: Vec::new(),
        };
        precondition.check(info, "r-1", Some(&before)).is_ok()
    };
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let (if_match, if_none_match) = (text(header::IF_MATCH), text(header::IF_NONE_MATCH));
    if if_match.is_some_and(|tag| tag != "*") {
        assert!(!(holds(3) && holds(4)));
    }
    if if_none_match == Some("*") {
        assert!(!holds(3));
    }
    assert_eq!(
        precondition.check(info, "r-1", None).is_ok(),
        if_match.is_none()
    );
}

struct Here;

impl Surroundings for Here {
    fn base(&self) -> &'static str {
        "http://here/demo/fhir"
    }

    fn patient_with(&self, _system: &System, value: &str) -> Option<String> {
        (value == "42").then(|| "p7".to_owned())
    }
}

//! Notifications and answers about them as Bundles: the status first, as Parameters, then what happened.

use bytes::Bytes;
use foundation::{Entropy, Timestamp};
use serde_json::{Value, json};

use super::super::population::Entry;
use super::PROFILES;
use super::store::{Event, Subscriber};
use super::topic::Action;

/// Why a Bundle is sent or answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Handshake,
    Heartbeat,
    EventNotification,
    QueryStatus,
    QueryEvent,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Heartbeat => "heartbeat",
            Self::EventNotification => "event-notification",
            Self::QueryStatus => "query-status",
            Self::QueryEvent => "query-event",
        }
    }
}

/// An event, with the resource as it was then where it is told.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) event: Event,
    /// Whether the subscription may say what it happened to.
    pub(crate) opened: bool,
    pub(crate) resource: Option<Entry>,
}

impl Happened {
    /// An event of which nothing is told but that it was.
    pub(crate) fn bare(event: Event) -> Self {
        Self {
            event,
            opened: false,
            resource: None,
        }
    }
}

/// What a notification is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notice<'n> {
    pub(crate) base: &'n str,
    pub(crate) subscriber: &'n Subscriber,
    pub(crate) topic: Option<&'n str>,
    pub(crate) kind: Kind,
}

impl Notice<'_> {
    /// How the subscription stands, as Parameters. `number` is how many events there were.
    pub(crate) fn status(&self, number: i64, events: &[Happened]) -> Value {
        let (base, one) = (self.base, self.subscriber);
        let mut parameters = vec![
            json!({"name": "subscription", "valueReference": {"reference": format!("{base}/Subscription/{}", one.id)}}),
        ];
        if let Some(topic) = self.topic {
            parameters.push(json!({"name": "topic", "valueCanonical": topic}));
        }
        parameters.push(json!({"name": "status", "valueCode": one.status.as_str()}));
        parameters.push(json!({"name": "type", "valueCode": self.kind.as_str()}));
        // R4 has no integers of 64 bits.
        parameters.push(
            json!({"name": "events-since-subscription-start", "valueString": number.to_string()}),
        );
        parameters.extend(events.iter().map(|one| self.event(one)));
        if let Some(reason) = &one.reason {
            parameters.push(json!({"name": "error", "valueCodeableConcept": {"text": reason}}));
        }
        json!({
            "resourceType": "Parameters",
            "meta": {"profile": [format!("{PROFILES}backport-subscription-status-r4")]},
            "parameter": parameters,
        })
    }

    fn event(&self, happened: &Happened) -> Value {
        let event = &happened.event;
        let mut parts = vec![
            json!({"name": "event-number", "valueString": event.number.to_string()}),
            json!({"name": "timestamp", "valueInstant": Timestamp::from_millis(event.at).rfc3339()}),
        ];
        if happened.opened {
            let reference = json!({"reference": self.address(event)});
            parts.push(json!({"name": "focus", "valueReference": reference}));
        }
        json!({"name": "notification-event", "part": parts})
    }

    fn address(&self, event: &Event) -> String {
        format!("{}/{}/{}", self.base, event.info.name, event.id)
    }

    /// The Bundle of a notification, or of an answer about events.
    pub(crate) fn bundle(
        &self,
        number: i64,
        events: &[Happened],
        (now, entropy): (Timestamp, &dyn Entropy),
    ) -> Bytes {
        let status = self.status(number, events);
        let asked = format!("{}/Subscription/{}/$status", self.base, self.subscriber.id);
        let first = json!({
            "fullUrl": unique(entropy),
            "resource": status,
            "request": {"method": "GET", "url": asked},
            "response": {"status": "200"},
        });
        let mut bundle = format!(
            r#"{{"resourceType":"Bundle","meta":{{"profile":["{PROFILES}backport-subscription-notification-r4"]}},"type":"history","timestamp":"{}","entry":[{first}"#,
            now.rfc3339()
        );
        for happened in events.iter().filter(|one| one.opened) {
            bundle.push(',');
            bundle.push_str(&self.entry(happened));
        }
        bundle.push_str("]}");
        Bytes::from(bundle)
    }

    fn entry(&self, happened: &Happened) -> String {
        let event = &happened.event;
        let (name, id) = (event.info.name, &event.id);
        let (method, url, status) = match event.action {
            Action::Create => ("POST", name.to_owned(), "201"),
            Action::Update => ("PUT", format!("{name}/{id}"), "200"),
            Action::Delete => ("DELETE", format!("{name}/{id}"), "204"),
        };
        let request = json!({"method": method, "url": url});
        let at = Timestamp::from_millis(event.at).rfc3339();
        let response = json!({"status": status, "etag": format!("W/\"{}\"", event.version), "lastModified": at});
        let resource = match &happened.resource {
            // As its bytes: decimals stay as they were written.
            Some(entry) => format!(r#""resource":{},"#, String::from_utf8_lossy(&entry.json)),
            None => String::new(),
        };
        let address = Value::from(self.address(event));
        format!(r#"{{"fullUrl":{address},{resource}"request":{request},"response":{response}}}"#)
    }
}

/// The answer of `$status`: one Parameters for each subscription.
pub(crate) fn statuses(all: Vec<Value>, base: &str, entropy: &dyn Entropy) -> Value {
    let total = all.len();
    let entries = all.into_iter().map(|mut status| {
        let address = unique(entropy);
        // What a search finds has an id, also what is made for the answer.
        if let Some(members) = status.as_object_mut() {
            let id = address.trim_start_matches("urn:uuid:");
            members.insert("id".to_owned(), id.into());
        }
        json!({"fullUrl": address, "resource": status, "search": {"mode": "match"}})
    });
    let entries: Vec<Value> = entries.collect();
    let url = format!("{base}/Subscription/$status");
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "total": total,
        "link": [{"relation": "self", "url": url}]});
    if let Some(members) = bundle.as_object_mut().filter(|_| total > 0) {
        members.insert("entry".to_owned(), entries.into());
    }
    bundle
}

/// A random UUID (RFC 9562, version 4) as a URN.
fn unique(entropy: &dyn Entropy) -> String {
    let mut bits = u128::from_be_bytes(foundation::entropy::bytes::<16>(entropy));
    bits = bits & !(0xf << 76) | (0x4 << 76);
    bits = bits & !(0b11 << 62) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts = parts.map(|range| hex.get(range).unwrap_or_default().to_owned());
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use foundation::testing;

    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        let urn = unique(&*testing::entropy());
        let parts: Vec<&str> = urn.strip_prefix("urn:uuid:").unwrap().split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('4'));
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']));
    }
}

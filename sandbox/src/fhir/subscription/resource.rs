//! The Subscription resource as it is kept: with the status that the server gives it, a tag that says
//! whose it is, and without the values of its headers, which are secrets of the endpoint.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use serde_json::{Value, json};
use verifier::scope::Permission;

use super::super::body::{Incoming, refuse};
use super::super::criterion::{Criterion, Surroundings};
use super::super::error::{FhirError, Flaw};
use super::super::overlay::{Change, Draft, Head, Narrow, revise};
use super::super::population::{Entry, Indexed};
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::plan::{Plan, pair};
use super::store::{Note, Status};

/// The system of the tag that says which client a Subscription is of.
const OWNER: &str = "urn:markedsplass:subscriber";
/// What stands for the value of a header.
const MASK: &str = "********";
/// Why a subscription does not go on in a copy.
const COPIED: &str = "it came with a copy of a sandbox; write it again to have it here";
/// Subscriptions in one sandbox: each write is held against each.
const MOST: usize = 100;

/// Whether resources of the type are subscriptions.
pub(crate) fn is_subscription(info: &TypeInfo) -> bool {
    info.name == "Subscription"
}

/// The condition that a Subscription is of a client: it tells where a client is reached, so nobody else
/// reads or changes it, whatever their scopes.
pub(crate) fn of_client(
    info: &TypeInfo,
    client_id: &str,
    around: &dyn Surroundings,
) -> Option<Criterion> {
    let mut escaped = String::new();
    for letter in client_id.chars() {
        if matches!(letter, '\\' | ',' | '|' | '$') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    Criterion::parse(info, "_tag", &format!("{OWNER}|{escaped}"), around).ok()
}

impl Room {
    /// A Subscription as it is kept, and what is kept beside it. Anything else stays as it came.
    pub(crate) fn subscribed(
        &self,
        incoming: Incoming,
    ) -> Result<(Incoming, Option<Note>), FhirError> {
        if !is_subscription(incoming.info) {
            return Ok((incoming, None));
        }
        let given = incoming.value.get("status").and_then(Value::as_str);
        // Whether it works is for the server to say: a client asks for it, or ends it.
        let status = match given {
            Some("off") => Status::Off,
            _ => Status::Requested,
        };
        let plan = Plan::read(&incoming.value, self).map_err(FhirError::Invalid)?;
        let now = self.state.clock.now().millis();
        if status != Status::Off && plan.end.is_some_and(|end| end <= now) {
            refuse(vec![Flaw {
                at: "Subscription.end".to_owned(),
                detail: "Subscription.end is over.".to_owned(),
            }])?;
        }
        // A subscription is a search that goes on, whose findings are read.
        self.permit(plan.info, Permission::Search)?;
        self.permit(plan.info, Permission::Read)?;
        let note = Note::Asked {
            grant: Box::new((*self.grant).clone()),
            headers: plan.headers,
            status,
        };
        let (info, mut value) = (incoming.info, incoming.value);
        dress(&mut value, status, None);
        tag(&mut value, &self.grant.client_id);
        mask(&mut value);
        let incoming = Incoming::parse(info, value.to_string().as_bytes())?;
        Ok((incoming, Some(note)))
    }

    /// Moves a Subscription on, unless its client has changed it since this version. True where it was.
    pub(crate) async fn move_on(
        &self,
        before: &Entry,
        status: Status,
        reason: Option<String>,
    ) -> Result<bool, FhirError> {
        let info = TypeInfo::by_name(before.resource_type).ok_or(FhirError::Interrupted)?;
        let mut value: Value = serde_json::from_slice(&before.json).unwrap_or_default();
        dress(&mut value, status, reason.as_deref());
        let incoming = Incoming::parse(info, value.to_string().as_bytes())?;
        let (id, seen, now) = (before.id.clone(), before.version, self.state.clock.now());
        let base = self.tenant.base.clone();
        self.write(move |draft| {
            let standing = draft.standing(info, &id, None);
            if standing.entry().is_none_or(|entry| entry.version != seen) {
                return Ok(false);
            }
            let version = seen + 1;
            let entry = Entry {
                resource_type: info.name,
                id: id.clone(),
                version,
                updated: now.millis(),
                json: incoming.stamped(&id, version, now).into(),
                patients: Vec::new(),
            };
            draft.change(Change {
                info,
                id,
                number: version,
                updated: entry.updated,
                content: Some(Indexed::written(info, entry, &base)),
                note: Some(Note::Moved { status, reason }),
            });
            Ok(true)
        })
        .await
    }
}

/// Ends the subscriptions that a sandbox's log brings from a snapshot or another sandbox: what was asked
/// for there is not asked for here, and the endpoint knows nothing of it.
pub(crate) async fn end_those_of_another(
    tx: &mut Tx,
    sandbox: &str,
    head: Head,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(info) = TypeInfo::by_name("Subscription") else {
        return Ok(());
    };
    let ended = move |id: &str, content: &[u8], version: i64| {
        let mut value: Value = serde_json::from_slice(content).ok()?;
        let status = value.get("status").and_then(Value::as_str);
        if status == Some(Status::Off.as_str()) {
            return None;
        }
        dress(&mut value, Status::Off, Some(COPIED));
        let incoming = Incoming::parse(info, value.to_string().as_bytes()).ok()?;
        Some(incoming.stamped(id, version, now))
    };
    revise(tx, sandbox, (head, now.millis()), info, ended).await
}

/// Refuses one subscription too many.
pub(crate) fn room_for_another(draft: &Draft<'_>, info: &TypeInfo) -> Result<(), FhirError> {
    if is_subscription(info) && draft.written(info, &Narrow::default()).len() >= MOST {
        return Err(FhirError::Crowded(MOST));
    }
    Ok(())
}

fn dress(value: &mut Value, status: Status, error: Option<&str>) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    members.insert("status".to_owned(), status.as_str().into());
    match error {
        Some(error) => members.insert("error".to_owned(), error.into()),
        None => members.shift_remove("error"),
    };
}

fn tag(value: &mut Value, client_id: &str) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    let meta = members.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else {
        return;
    };
    let tags = meta.entry("tag").or_insert_with(|| json!([]));
    if let Some(tags) = tags.as_array_mut() {
        tags.retain(|tag| tag.get("system").and_then(Value::as_str) != Some(OWNER));
        tags.push(json!({"system": OWNER, "code": client_id}));
    }
}

fn mask(value: &mut Value) {
    let headers = value.pointer_mut("/channel/header");
    for header in headers.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some((name, _)) = header.as_str().and_then(pair) {
            *header = format!("{name}: {MASK}").into();
        }
    }
}

/// Headers as a client sends them, where a value that stands masked is the one that was there.
pub(crate) fn unmasked(given: &[String], old: &[String]) -> Vec<String> {
    let value_of = |wanted: &str| {
        let mut old = old.iter().filter_map(|header| pair(header));
        let found = old.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value)
    };
    let read = given.iter().filter_map(|header| pair(header));
    let all = read.filter_map(|(name, value)| match value {
        MASK => value_of(name).map(|value| format!("{name}: {value}")),
        value => Some(format!("{name}: {value}")),
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_header_keeps_its_value() {
        let mut value = json!({"channel": {"header": ["Authorization: Bearer secret", "X-A:1"]}});
        mask(&mut value);
        assert_eq!(
            value["channel"]["header"],
            json!(["Authorization: ********", "X-A: ********"])
        );
        let text = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let old = text(&["Authorization: Bearer secret", "X-A: 1"]);
        let given = text(&["authorization: ********", "X-A: 2", "X-B: ********"]);
        assert_eq!(
            unmasked(&given, &old),
            text(&["authorization: Bearer secret", "X-A: 2"])
        );
    }

    #[test]
    fn a_tag_of_somebody_else_is_replaced() {
        let mut value =
            json!({"meta": {"tag": [{"system": OWNER, "code": "other"}, {"code": "mine"}]}});
        tag(&mut value, "app");
        assert_eq!(
            value["meta"]["tag"],
            json!([{"code": "mine"}, {"system": OWNER, "code": "app"}])
        );
    }
}

//! Subscriptions on every database there is, with an endpoint that answers what the test says and turns
//! that are had when the test says.

mod access;
mod delivery;
mod judged;
mod operation;
mod socket;
mod topic;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::*;
use crate::notifications::{NotSent, Notification, NotificationSink};

const HOOK: &str = "https://app.example/hook";
const OBSERVATION: &str = "urn:markedsplass:topic:Observation-change";
const EXTENSION: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
const PROFILE: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription";

/// Endpoints that keep what they get, and answer 200 unless they are told otherwise.
#[derive(Debug, Default)]
pub(in crate::fhir) struct Endpoint {
    received: Mutex<Vec<Notification>>,
    answers: Mutex<VecDeque<Result<u16, NotSent>>>,
}

#[async_trait]
impl NotificationSink for Endpoint {
    async fn send(&self, notification: Notification) -> Result<u16, NotSent> {
        self.received.lock().unwrap().push(notification);
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or(Ok(200))
    }
}

impl Endpoint {
    fn answer(&self, answers: impl IntoIterator<Item = Result<u16, NotSent>>) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// What came since it was asked the last time.
    fn came(&self) -> Vec<Notification> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    /// The same as the Bundles that they hold.
    fn notices(&self) -> Vec<Notice> {
        self.came().iter().map(Notice::of).collect()
    }
}

/// A notification by topic, read.
#[derive(Debug)]
struct Notice {
    bundle: Value,
}

impl Notice {
    fn of(notification: &Notification) -> Self {
        assert_eq!(notification.method, "POST");
        Self::read(&notification.body)
    }

    fn read(body: &[u8]) -> Self {
        let bundle: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(bundle["resourceType"], "Bundle");
        assert_eq!(bundle["type"], "history");
        let first = &bundle["entry"][0];
        assert_eq!(first["resource"]["resourceType"], "Parameters");
        assert!(first["fullUrl"].as_str().unwrap().starts_with("urn:uuid:"));
        assert!(
            first["request"]["url"]
                .as_str()
                .unwrap()
                .ends_with("/$status")
        );
        Self { bundle }
    }

    fn parameters(&self, name: &str) -> Vec<&Value> {
        let all = self.bundle["entry"][0]["resource"]["parameter"].as_array();
        let all = all.unwrap().iter();
        all.filter(|one| one["name"] == name).collect()
    }

    fn parameter(&self, name: &str) -> &str {
        let one = self.parameters(name)[0].as_object().unwrap();
        let value = one.iter().find(|(name, _)| name.starts_with("value"));
        let value = value.unwrap().1;
        value.as_str().unwrap_or_else(|| {
            let reference = value["reference"].as_str();
            reference.or_else(|| value["text"].as_str()).unwrap()
        })
    }

    fn kind(&self) -> &str {
        self.parameter("type")
    }

    /// The numbers of its events.
    fn numbers(&self) -> Vec<i64> {
        let events = self.parameters("notification-event");
        let numbers = events.iter().map(|event| {
            assert_eq!(event["part"][0]["name"], "event-number");
            event["part"][0]["valueString"].as_str().unwrap().parse()
        });
        numbers.map(Result::unwrap).collect()
    }

    /// What its events happened to.
    fn foci(&self) -> Vec<String> {
        let parts = self.parameters("notification-event").into_iter();
        let parts = parts.flat_map(|event| event["part"].as_array().unwrap());
        let foci = parts.filter(|part| part["name"] == "focus");
        let foci = foci.map(|part| part["valueReference"]["reference"].as_str().unwrap());
        foci.map(|one| one.strip_prefix(&format!("{BASE}/")).unwrap().to_owned())
            .collect()
    }

    /// What stands beside its status.
    fn entries(&self) -> &[Value] {
        &self.bundle["entry"].as_array().unwrap()[1..]
    }
}

impl World {
    /// Has the turns that are due until none is.
    async fn turns(&self) {
        for _ in 0..50 {
            let due = self.state.due(100).await.unwrap();
            if due.is_empty() {
                return;
            }
            for (sandbox, id) in due {
                let Some(subscriber) = self.state.take(&sandbox, &id).await.unwrap() else {
                    continue;
                };
                self.state
                    .turn(self.tenant(), subscriber, true)
                    .await
                    .unwrap();
            }
        }
        panic!("something is due without end");
    }

    /// Lets time go, and has the turns.
    async fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.turns().await;
    }

    /// The same database after a restart: nothing that was in memory is there.
    fn restarted(mut self) -> Self {
        self.state = FhirState::new(
            self.state.database.clone(),
            self.clock.clone(),
            testing::entropy(),
            (
                super::super::Overlays::default(),
                self.state.outward.clone(),
            ),
        );
        self
    }
}

/// A subscription by topic to a rest-hook.
fn by_topic(topic: &str, content: &str, filters: &[&str]) -> Value {
    let filters: Vec<Value> = filters
        .iter()
        .map(|filter| json!({"url": format!("{EXTENSION}filter-criteria"), "valueString": filter}))
        .collect();
    let mut subscription = json!({
        "resourceType": "Subscription",
        "meta": {"profile": [PROFILE]},
        "status": "requested",
        "reason": "Prøve",
        "criteria": topic,
        "channel": {
            "type": "rest-hook",
            "endpoint": HOOK,
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": format!("{EXTENSION}payload-content"), "valueCode": content}]},
        },
    });
    if !filters.is_empty() {
        subscription["_criteria"] = json!({"extension": filters});
    }
    subscription
}

/// A subscription by search, as R4 has it.
fn by_search(criteria: &str, payload: Option<&str>) -> Value {
    let mut subscription = json!({
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Prøve",
        "criteria": criteria,
        "channel": {"type": "rest-hook", "endpoint": HOOK},
    });
    if let Some(payload) = payload {
        subscription["channel"]["payload"] = payload.into();
    }
    subscription
}

fn with_extension(mut subscription: Value, name: &str, member: &str, value: u64) -> Value {
    let extension = json!({"url": format!("{EXTENSION}{name}"), member: value});
    match subscription["channel"]["extension"].as_array_mut() {
        Some(all) => all.push(extension),
        None => subscription["channel"]["extension"] = json!([extension]),
    }
    subscription
}

fn observation(patient: &str, code: &str) -> Value {
    json!({
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": format!("Patient/{patient}")},
        "valueQuantity": {"value": 5, "unit": "mmol/l"},
    })
}

impl App<'_> {
    /// Creates a resource, and gives its id.
    async fn made(&self, resource: &Value) -> String {
        let kind = resource["resourceType"].as_str().unwrap();
        let answer = self.post(kind, resource).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// How a subscription stands, by its resource and by `$status`, which must agree.
    async fn standing(&self, id: &str) -> (String, Option<String>) {
        let resource = self.get(&format!("Subscription/{id}")).await.json();
        let status = self.status_of(id).await;
        assert_eq!(status["status"], resource["status"]);
        assert_eq!(status.get("error"), resource.get("error"));
        let error = resource["error"].as_str().map(str::to_owned);
        (resource["status"].as_str().unwrap().to_owned(), error)
    }

    /// The parameters of `$status`.
    async fn status_of(&self, id: &str) -> Value {
        let answer = self.get(&format!("Subscription/{id}/$status")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let bundle = answer.json();
        assert_eq!(bundle["type"], "searchset");
        let mut read = serde_json::Map::new();
        for one in bundle["entry"][0]["resource"]["parameter"]
            .as_array()
            .unwrap()
        {
            let members = one.as_object().unwrap();
            let value = members.iter().find(|(name, _)| name.starts_with("value"));
            let value = value.unwrap().1;
            let value = value.get("text").unwrap_or(value).clone();
            read.insert(one["name"].as_str().unwrap().to_owned(), value);
        }
        read.into()
    }
}

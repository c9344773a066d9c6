//! Subscriptions: by topic, as R5 has them and HL7's backport 1.1 brings them to R4, and by search, as R4
//! has them. What was written is in the log; a turn ([`turn`]) looks through what is new there for one
//! subscription, numbers what it asks for, and tells its endpoint. Nothing of it happens while a write
//! waits for its answer.
//!
//! Each subscription holds the grant of the token that asked for it, and tells nothing beyond.

mod lens;
mod notice;
mod operation;
mod plan;
mod resource;
mod send;
mod store;
mod topic;
mod turn;
mod wanted;
pub(crate) mod websocket;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::notifications::NotificationSink;
use crate::service::recorder::Recorder;

pub(super) use operation::routes;
pub(crate) use resource::{end_those_of_another, is_subscription, of_client, room_for_another};
pub(crate) use store::{Note, clear, keep, sweep};
pub(super) use websocket::address as websocket_address;

/// What the backport's profiles and extensions begin with.
const PROFILES: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
/// The same of extensions of a Subscription.
const EXTENSION: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
/// The profile of a Subscription by topic.
pub(super) const PROFILE: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription";
/// The backport itself.
pub(super) const GUIDE: &str = "http://hl7.org/fhir/uv/subscriptions-backport/ImplementationGuide/hl7.fhir.uv.subscriptions-backport";

/// Where notifications leave.
#[derive(Clone, Debug)]
pub(crate) struct Outward {
    sink: Arc<dyn NotificationSink>,
    recorder: Recorder,
    /// Rises when events were found, for the sockets of this process.
    found: watch::Sender<u64>,
}

impl Outward {
    pub(crate) fn new(sink: Arc<dyn NotificationSink>, recorder: Recorder) -> Self {
        Self {
            sink,
            recorder,
            found: watch::Sender::default(),
        }
    }
}

/// The topics, as the `CapabilityStatement` names them on Subscription.
pub(super) fn topics() -> Vec<Value> {
    let url = format!("{PROFILES}capabilitystatement-subscriptiontopic-canonical");
    let named = topic::Topic::all();
    named
        .map(|topic| json!({"url": url, "valueCanonical": topic.url}))
        .collect()
}

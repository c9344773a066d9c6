//! One notification to an endpoint, and what the traffic of the sandbox shows of it.

use std::collections::BTreeSet;

use bytes::Bytes;
use foundation::Timestamp;
use url::Url;

use super::Outward;
use super::notice::Happened;
use super::plan::pair;
use super::store::Subscriber;
use crate::domain::exchange::{Exchange, Pair, Surface};
use crate::notifications::{NotSent, Notification};
use crate::service::recorder::Answered;
use std::time::Duration;

/// What is sent.
#[derive(Debug)]
pub(super) struct Message<'m> {
    pub(super) method: &'static str,
    pub(super) address: Url,
    pub(super) body: Bytes,
    pub(super) events: &'m [Happened],
}

/// Why an endpoint was not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: String,
    /// It will not be otherwise the next time.
    pub(super) is_final: bool,
}

impl Outward {
    /// Sends, and records that it was sent.
    pub(super) async fn send(
        &self,
        to: &Subscriber,
        message: Message<'_>,
        timeout: Duration,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut headers = vec![(
            "content-type".to_owned(),
            "application/fhir+json".to_owned(),
        )];
        if message.body.is_empty() {
            headers.clear();
        }
        let own = to.headers.iter().filter_map(|header| pair(header));
        headers.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let exchange = exchange(to, &message, now);
        let sent = self.sink.send(Notification {
            method: message.method,
            address: message.address.to_string(),
            headers,
            body: message.body,
            timeout,
        });
        let (status, told) = outcome(sent.await);
        let error = told.as_ref().err().map(|failure| failure.reason.clone());
        if let Some(place) = self.recorder.place(&to.sandbox) {
            place.record(Answered {
                sandbox: to.sandbox.clone(),
                size: 1024,
                read: Box::new(move || Exchange {
                    status,
                    error,
                    ..exchange
                }),
            });
        }
        told
    }
}

fn outcome(sent: Result<u16, NotSent>) -> (u16, Result<(), Failure>) {
    match sent {
        Ok(status @ 200..=299) => (status, Ok(())),
        Ok(status) => {
            let reason = format!("the endpoint answered {status}");
            // An endpoint that is gone says so.
            let is_final = status == 410;
            (status, Err(Failure { reason, is_final }))
        }
        Err(error) => {
            let is_final = matches!(error, NotSent::Refused(_));
            let reason = error.to_string();
            (0, Err(Failure { reason, is_final }))
        }
    }
}

fn exchange(to: &Subscriber, message: &Message<'_>, now: Timestamp) -> Exchange {
    let resources = message.events.iter().filter(|one| one.opened);
    let resources = resources.map(|one| format!("{}/{}", one.event.info.name, one.event.id));
    let entries = message
        .events
        .iter()
        .filter_map(|one| one.resource.as_ref());
    let patients: BTreeSet<String> = entries.flat_map(|one| one.patients.clone()).collect();
    Exchange {
        seq: 0,
        at: now,
        surface: Surface::Notification,
        method: message.method.to_owned(),
        // The query of an endpoint may be its secret.
        path: format!(
            "{}{}",
            message.address.origin().ascii_serialization(),
            message.address.path()
        ),
        query: Vec::new(),
        request_headers: vec![Pair::new("subscription", to.id.as_str())],
        form: Vec::new(),
        status: 0,
        response_headers: Vec::new(),
        error: None,
        resources: resources.collect(),
        patients: patients.into_iter().collect(),
        scope_granted: None,
        client_id: Some(to.grant.client_id.clone()),
        launch: None,
        missed: 0,
    }
}

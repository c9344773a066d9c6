//! How notifications of the sandboxes' FHIR servers leave: the binary fills it in, with the guard that it
//! puts before every request to a stranger's address.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// Carries notifications to the endpoints of subscriptions.
#[async_trait]
pub trait NotificationSink: Send + Sync + fmt::Debug {
    /// Sends one, and gives the status that the endpoint answers. No redirect is followed.
    async fn send(&self, notification: Notification) -> Result<u16, NotSent>;
}

/// A notification on its way.
#[derive(Clone)]
pub struct Notification {
    /// `POST`, or `PUT` where a resource is put on the endpoint as on a server.
    pub method: &'static str,
    /// The address, http or https.
    pub address: String,
    /// What the client asked to be sent with it: names and values that are those of headers.
    pub headers: Vec<(String, String)>,
    /// FHIR as JSON; empty where nothing is told but that something happened.
    pub body: Bytes,
    /// How long the endpoint may take.
    pub timeout: Duration,
}

impl fmt::Debug for Notification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers are secrets of the endpoint, and so may its address be.
        let size = self.body.len();
        write!(formatter, "Notification({}, {size} bytes)", self.method)
    }
}

/// Why a notification did not reach its endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The address is one that is never sent to.
    #[error("{0}")]
    Refused(String),
    /// Nobody answered.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

//! Batches and transactions (R4 §3.1.0.11). Each entry of a batch is a request of its own. The writes
//! of a transaction have one turn together: all are kept or none, and references between its entries
//! by `fullUrl` lead to what they became.

mod batch;
mod entry;
mod links;
mod plan;

use axum::http::HeaderMap;
use serde_json::Value;

use super::error::FhirError;
use super::room::Room;
use entry::{Asked, BundleKind};

/// Entries of one Bundle.
const MOST_ENTRIES: usize = 5000;

impl Room {
    /// Carries out a Bundle and gives the Bundle of answers.
    pub(crate) async fn bundle(
        &self,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Vec<u8>, FhirError> {
        let (kind, entries) = entry::read(content)?;
        if entries.len() > MOST_ENTRIES {
            return Err(FhirError::BadBundle {
                entry: MOST_ENTRIES + 1,
                reason: format!("a Bundle may have {MOST_ENTRIES} entries"),
            });
        }
        let representation = super::handler::prefers(headers, "return=representation");
        let (name, answers) = match kind {
            BundleKind::Batch => ("batch-response", self.batch(headers, &entries).await?),
            BundleKind::Transaction => (
                "transaction-response",
                self.transaction(headers, &entries, representation).await?,
            ),
        };
        Ok(bundle_of(name, &answers))
    }
}

/// The answer to one entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// A resource as JSON.
    pub(crate) resource: Option<Vec<u8>>,
    /// An `OperationOutcome` as JSON.
    pub(crate) outcome: Option<Vec<u8>>,
}

fn bundle_of(name: &str, answers: &[Answer]) -> Vec<u8> {
    let mut out = format!(r#"{{"resourceType":"Bundle","type":"{name}""#).into_bytes();
    let mut opening = r#","entry":["#;
    for answer in answers {
        out.extend_from_slice(opening.as_bytes());
        opening = ",";
        out.push(b'{');
        if let Some(resource) = &answer.resource {
            out.extend_from_slice(br#""resource":"#);
            out.extend_from_slice(resource);
            out.push(b',');
        }
        let status = answer.status;
        out.extend_from_slice(format!(r#""response":{{"status":"{status}""#).as_bytes());
        for (member, value) in [
            ("location", &answer.location),
            ("etag", &answer.etag),
            ("lastModified", &answer.last_modified),
        ] {
            if let Some(value) = value {
                let value = Value::from(value.as_str());
                out.extend_from_slice(format!(r#","{member}":{value}"#).as_bytes());
            }
        }
        if let Some(outcome) = &answer.outcome {
            out.extend_from_slice(br#","outcome":"#);
            out.extend_from_slice(outcome);
        }
        out.extend_from_slice(b"}}");
    }
    if opening == "," {
        out.push(b']');
    }
    out.push(b'}');
    out
}

fn bad(place: usize, reason: impl Into<String>) -> FhirError {
    FhirError::BadBundle {
        entry: place + 1,
        reason: reason.into(),
    }
}

impl Asked {
    /// The address without its query.
    fn path(&self) -> &str {
        self.url
            .split_once('?')
            .map_or(&*self.url, |(path, _)| path)
    }

    /// The query of the address.
    fn query(&self) -> Option<&str> {
        self.url.split_once('?').map(|(_, query)| query)
    }
}

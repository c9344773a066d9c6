//! A Bundle as it comes in: what each entry asks for, with its resource as it was written.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::error::FhirError;

/// How a Bundle is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BundleKind {
    Batch,
    Transaction,
}

#[derive(Debug, Deserialize)]
struct Incoming {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    entry: Vec<Entry>,
}

/// One entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(default)]
    pub(crate) full_url: Option<String>,
    #[serde(default)]
    pub(crate) resource: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) request: Option<Asked>,
}

/// What an entry asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) if_match: Option<String>,
    #[serde(default)]
    pub(crate) if_none_match: Option<String>,
    #[serde(default)]
    pub(crate) if_none_exist: Option<String>,
}

/// Reads a Bundle that is to be carried out.
pub(super) fn read(content: &[u8]) -> Result<(BundleKind, Vec<Entry>), FhirError> {
    let bundle: Incoming =
        serde_json::from_slice(content).map_err(|error| FhirError::BadBody(error.to_string()))?;
    if bundle.resource_type != "Bundle" {
        return Err(FhirError::BadBody("it is no Bundle".to_owned()));
    }
    let kind = match bundle.kind.as_str() {
        "batch" => BundleKind::Batch,
        "transaction" => BundleKind::Transaction,
        other => {
            let other: String = other.chars().take(40).collect();
            let reason =
                format!("a Bundle of type {other} is not carried out; send batch or transaction");
            return Err(FhirError::BadBody(reason));
        }
    };
    Ok((kind, bundle.entry))
}

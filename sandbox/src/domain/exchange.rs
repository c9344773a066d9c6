//! One request that a sandbox answered, as evidence: chosen headers only, secrets replaced by marks.

use foundation::Timestamp;
use serde::{Deserialize, Serialize};

/// A recorded request with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Rises with time within a sandbox.
    #[serde(default)]
    pub seq: i64,
    /// When it was answered.
    pub at: Timestamp,
    /// Which part of the sandbox answered.
    pub surface: Surface,
    /// HTTP method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// The query.
    pub query: Vec<Pair>,
    /// Chosen request headers.
    pub request_headers: Vec<Pair>,
    /// The form of a form post.
    pub form: Vec<Pair>,
    /// HTTP status.
    pub status: u16,
    /// Chosen response headers.
    pub response_headers: Vec<Pair>,
    /// The OAuth error code, or the code of the first issue of an OperationOutcome.
    pub error: Option<String>,
    /// Resources in the request or the answer, as `Type/id`.
    pub resources: Vec<String>,
    /// Logical ids of the patients whom they are about.
    pub patients: Vec<String>,
    /// The scopes of the access token in use, or those just granted.
    pub scope_granted: Option<String>,
    /// The client, where known.
    pub client_id: Option<String>,
    /// The secret mark of the launch it belongs to, where known.
    pub launch: Option<String>,
    /// How many exchanges just before this one were not recorded, because more came than could be.
    #[serde(default, skip_serializing_if = "is_none")]
    pub missed: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_none(missed: &u64) -> bool {
    *missed == 0
}

/// What a handler knows about the exchange that it answers; travels as a response extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) client_id: Option<String>,
    pub(crate) launch: Option<String>,
    pub(crate) scope: Option<String>,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Pair {
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// Which part of a sandbox answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// `.well-known/smart-configuration` and `.well-known/openid-configuration`.
    Discovery,
    /// The authorization endpoint and its pages.
    Authorization,
    /// The token endpoint.
    Token,
    /// Token introspection.
    Introspection,
    /// Token revocation.
    Revocation,
    /// The key set.
    Keys,
    /// The `CapabilityStatement`.
    Metadata,
    /// Any other FHIR interaction.
    Fhir,
    /// A notification that was sent to an endpoint; its path is the endpoint's address.
    Notification,
    /// Pages of the EPJ and everything else.
    Other,
}

impl Surface {
    /// The part that answers this path (with the sandbox's name first).
    pub(crate) fn of(path: &str) -> Self {
        let rest = path
            .trim_start_matches('/')
            .split_once('/')
            .map_or("", |(_, rest)| rest);
        match rest {
            "fhir/metadata" => Self::Metadata,
            "auth/token" => Self::Token,
            "auth/introspect" => Self::Introspection,
            "auth/revoke" => Self::Revocation,
            "auth/jwks" => Self::Keys,
            _ if rest.starts_with("fhir/.well-known/") => Self::Discovery,
            _ if rest.starts_with("fhir/") || rest == "fhir" => Self::Fhir,
            _ if rest.starts_with("auth/") => Self::Authorization,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_tells_the_surface() {
        for (path, surface) in [
            (
                "/demo/fhir/.well-known/smart-configuration",
                Surface::Discovery,
            ),
            ("/demo/fhir/metadata", Surface::Metadata),
            ("/demo/fhir/Patient/p1", Surface::Fhir),
            ("/demo/fhir", Surface::Fhir),
            ("/demo/auth/authorize", Surface::Authorization),
            ("/demo/auth/login", Surface::Authorization),
            ("/demo/auth/token", Surface::Token),
            ("/demo/auth/jwks", Surface::Keys),
            ("/demo/", Surface::Other),
            ("/", Surface::Other),
        ] {
            assert_eq!(Surface::of(path), surface, "{path}");
        }
    }
}

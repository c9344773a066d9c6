//! The manifest of one version: how it is started and what it may do. Its shape is the JSON Schema
//! `schemas/version.json`; what is read here has passed it.

use serde::{Deserialize, Serialize};
use verifier::jwk::JwkSet;

use super::app::LocalText;

/// The manifest of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionManifest {
    /// Semantic Versioning 2.0.
    pub software_version: String,
    /// SMART EHR launch address: a path in the bundle, or an https address when hosted.
    pub launch_uri: String,
    /// Exact redirect addresses, or paths in the bundle.
    pub redirect_uris: Vec<String>,
    /// The most that the app asks for.
    pub scope: String,
    /// Hosts (with port, if another than 443) that it contacts besides the FHIR server.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// OAuth grant types.
    #[serde(default = "authorization_code")]
    pub grant_types: Vec<String>,
    /// How it authenticates at the token endpoint.
    #[serde(default = "public_client")]
    pub token_endpoint_auth_method: String,
    /// Whether its tokens are bound with `DPoP` (RFC 9449).
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// Keys of a confidential client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// What is new.
    pub changes: LocalText,
}

impl VersionManifest {
    /// True when the launch address is a path in the bundle.
    pub fn is_bundled(&self) -> bool {
        self.launch_uri.starts_with('/')
    }
}

fn authorization_code() -> Vec<String> {
    vec!["authorization_code".to_owned()]
}

fn public_client() -> String {
    "none".to_owned()
}

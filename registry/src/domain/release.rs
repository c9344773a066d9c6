//! A release: the exact content of one version, named by the digest of a small document that lists
//! what it is made of; and the addresses that follow from it.

use std::collections::BTreeSet;

use foundation::Digest;
use serde::{Deserialize, Serialize};
pub use verifier::claims::ContentLevel;
use verifier::uri::WebUri;

use super::manifest::VersionManifest;
use crate::config::RegistryConfig;

/// What a version is made of. Field order is part of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ReleaseDocument<'a> {
    format: &'static str,
    software_id: &'a str,
    software_version: &'a str,
    manifest: Digest,
    bundle: Option<Digest>,
    integrity: Option<Digest>,
}

impl<'a> ReleaseDocument<'a> {
    /// The document about a version.
    pub(crate) const fn new(
        software_id: &'a str,
        software_version: &'a str,
        manifest: Digest,
        bundle: Option<Digest>,
        integrity: Option<Digest>,
    ) -> Self {
        Self {
            format: "markedsplass-release/1",
            software_id,
            software_version,
            manifest,
            bundle,
            integrity,
        }
    }

    /// The bytes that are hashed.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// The addresses of a version, absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Where an EHR starts it.
    pub launch_uri: String,
    /// Where authorization servers send the browser back.
    pub redirect_uris: Vec<String>,
    /// The origins of those addresses.
    pub origins: Vec<String>,
}

impl Addresses {
    /// The addresses that a manifest means, with paths under the origin of its bundle.
    pub(crate) fn of(
        manifest: &VersionManifest,
        bundle: Option<&Digest>,
        config: &RegistryConfig,
    ) -> Self {
        let base = bundle.map(|digest| config.app_origin(&digest.label()));
        let absolute = |address: &str| match &base {
            Some(base) if address.starts_with('/') => format!("{base}{address}"),
            _ => address.to_owned(),
        };
        let launch_uri = absolute(&manifest.launch_uri);
        let redirect_uris: Vec<String> = manifest
            .redirect_uris
            .iter()
            .map(|uri| absolute(uri))
            .collect();
        let origins: BTreeSet<String> = std::iter::once(&launch_uri)
            .chain(&redirect_uris)
            .filter_map(|uri| WebUri::parse(uri, config.environment).ok())
            .map(|uri| uri.origin().to_owned())
            .collect();
        Self {
            launch_uri,
            redirect_uris,
            origins: origins.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_document_has_one_spelling() {
        let digest = Digest::of(b"x");
        let bytes = ReleaseDocument::new("no.eksempel.app", "1.0.0", digest, None, None)
            .bytes()
            .unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            format!(
                "{{\"format\":\"markedsplass-release/1\",\"software_id\":\"no.eksempel.app\",\
                 \"software_version\":\"1.0.0\",\"manifest\":\"{digest}\",\"bundle\":null,\
                 \"integrity\":null}}"
            )
        );
    }
}

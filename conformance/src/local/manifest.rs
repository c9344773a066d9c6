//! The members of the two manifests that a run needs. The registry's schemas say what else they
//! must hold; a run does not refuse what only the registry cares for.

use serde::Deserialize;
use url::Url;

use super::LocalError;
use crate::domain::subject::AppUnderTest;

/// From `app.json`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    software_id: String,
    languages: Vec<String>,
}

/// From `version.json`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Version {
    #[serde(rename = "software_version")]
    number: String,
    launch_uri: String,
    redirect_uris: Vec<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default = "public_client")]
    token_endpoint_auth_method: String,
    #[serde(default)]
    jwks: Option<serde_json::Value>,
}

impl Version {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, LocalError> {
        parse("version.json", bytes)
    }

    /// The app as a run knows it. `base` is where a bundle is served; a hosted app has addresses
    /// that are absolute by themselves.
    pub(super) fn app(self, entry: &Entry, base: Option<&Url>) -> Result<AppUnderTest, LocalError> {
        let absolute = |text: &str| {
            Url::options()
                .base_url(base)
                .parse(text)
                .map_err(|error| LocalError::Manifest {
                    name: "version.json",
                    reason: format!("the address {text:?}: {error}"),
                })
        };
        let launch = absolute(&self.launch_uri)?;
        let redirects: Vec<Url> = self
            .redirect_uris
            .iter()
            .map(|text| absolute(text))
            .collect::<Result<_, _>>()?;
        let mut origins: Vec<String> = redirects
            .iter()
            .chain([&launch])
            .map(|url| url.origin().ascii_serialization())
            .collect();
        origins.sort();
        origins.dedup();
        Ok(AppUnderTest {
            app: entry.software_id.clone(),
            version: self.number,
            launch_url: launch.into(),
            redirect_uris: redirects.into_iter().map(String::from).collect(),
            scope: self.scope,
            hosts: self.hosts,
            origins,
            languages: entry.languages.clone(),
            token_endpoint_auth_method: self.token_endpoint_auth_method,
            jwks: self.jwks,
        })
    }
}

impl Entry {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, LocalError> {
        parse("app.json", bytes)
    }
}

fn parse<T: for<'de> Deserialize<'de>>(name: &'static str, bytes: &[u8]) -> Result<T, LocalError> {
    serde_json::from_slice(bytes).map_err(|error| LocalError::Manifest {
        name,
        reason: error.to_string(),
    })
}

fn public_client() -> String {
    "none".to_owned()
}

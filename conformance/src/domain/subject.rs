//! What is checked: an app as its manifest describes it, and the registered version it belongs to.

use async_trait::async_trait;
use foundation::Digest;
use serde::{Deserialize, Serialize};
use url::Url;

/// An app as a run needs to know it. Every address is absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppUnderTest {
    /// Reverse-DNS name (`software_id`).
    pub app: String,
    /// Version (`software_version`).
    pub version: String,
    /// Where a launch goes (`launch_uri`).
    pub launch_url: String,
    /// Where an authorization may return to.
    pub redirect_uris: Vec<String>,
    /// Declared scopes, separated by spaces.
    pub scope: String,
    /// Hosts that the app says it contacts besides the FHIR server.
    pub hosts: Vec<String>,
    /// Origins that are the app's own.
    pub origins: Vec<String>,
    /// BCP 47 tags of its languages.
    pub languages: Vec<String>,
    /// How it authenticates at the token endpoint (`none`, `private_key_jwt` …).
    pub token_endpoint_auth_method: String,
    /// Its public keys, where it has any.
    pub jwks: Option<serde_json::Value>,
}

/// Why an app cannot be checked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// The launch URL cannot be visited.
    #[error("the launch URL {0:?} is no absolute http or https address")]
    LaunchUrl(String),
    /// An origin is none.
    #[error("{0:?} is no origin such as https://app.example.no")]
    Origin(String),
    /// Nothing to return to.
    #[error("the app declares no redirect URI")]
    NoRedirect,
}

impl AppUnderTest {
    /// Refuses an app that no run could open.
    pub(crate) fn validate(&self) -> Result<(), AppError> {
        let absolute = |text: &str| {
            Url::parse(text)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        };
        if absolute(&self.launch_url).is_none() {
            return Err(AppError::LaunchUrl(self.launch_url.clone()));
        }
        if self.redirect_uris.is_empty() {
            return Err(AppError::NoRedirect);
        }
        match self.origins.iter().find(|text| absolute(text).is_none()) {
            Some(origin) => Err(AppError::Origin(origin.clone())),
            None => Ok(()),
        }
    }
}

/// A registered version, as the registry knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Identifier of the app entry.
    pub app: String,
    /// The version.
    pub version: String,
    /// Digest of exactly what would be approved.
    pub release: Digest,
    /// Organisation number of the vendor.
    pub organisation: String,
    /// True when everybody may see the version, its report and its evidence.
    pub published: bool,
    /// True while the vendor may still have it checked (not frozen, not withdrawn).
    pub open: bool,
    /// How to run it.
    pub app_under_test: AppUnderTest,
}

/// Where subjects come from: the registry.
#[async_trait]
pub trait Subjects: Send + Sync {
    /// The version `version` of the app entry `app`.
    async fn find(&self, app: &str, version: &str) -> Result<Option<Subject>, SubjectsError>;
}

/// The registry did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registry did not answer: {0}")]
pub struct SubjectsError(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> AppUnderTest {
        AppUnderTest {
            app: "no.example.app".to_owned(),
            version: "1.0.0".to_owned(),
            launch_url: "https://app.example.no/launch".to_owned(),
            redirect_uris: vec!["https://app.example.no/".to_owned()],
            scope: "launch openid".to_owned(),
            hosts: Vec::new(),
            origins: vec!["https://app.example.no".to_owned()],
            languages: vec!["nb".to_owned()],
            token_endpoint_auth_method: "none".to_owned(),
            jwks: None,
        }
    }

    #[test]
    fn an_app_that_cannot_be_opened_is_refused() {
        assert_eq!(app().validate(), Ok(()));
        for launch_url in ["", "launch.html", "javascript:alert(1)", "file:///x"] {
            let app = AppUnderTest {
                launch_url: launch_url.to_owned(),
                ..app()
            };
            assert!(matches!(app.validate(), Err(AppError::LaunchUrl(_))));
        }
        let without = AppUnderTest {
            redirect_uris: Vec::new(),
            ..app()
        };
        assert_eq!(without.validate(), Err(AppError::NoRedirect));
    }
}

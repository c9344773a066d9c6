//! The sandbox's section of the configuration. Every field has a default; `validate` runs at start.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use synthetic_data::{Dataset, DatasetError, Date, Settings};
use url::Url;
use verifier::claims::ContentLevel;

/// Settings of the sandbox room.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxConfig {
    /// Address under which browsers and apps reach the sandbox, without a slash at the end.
    pub public_url: String,
    /// Lifetime of SMART access tokens in seconds (SMART 2.2 recommends at most 3600).
    pub access_token_seconds: u32,
    /// Lifetime of authorization codes in seconds, at most 60.
    pub code_seconds: u32,
    /// How long a launch can be picked up by its app, in seconds.
    pub launch_seconds: u32,
    /// How long an `online_access` refresh works after the login, in seconds.
    pub online_seconds: u32,
    /// How long an unused `offline_access` refresh token works, in seconds.
    pub offline_seconds: u32,
    /// Seed of the demo sandbox's people.
    pub demo_seed: u64,
    /// Number of people in the demo sandbox.
    pub demo_size: u32,
    /// Four-digit municipality where the demo sandbox's people live.
    pub demo_municipality: String,
    /// Folder with terminology that may not be shipped (FHIR JSON and tables); empty for none.
    pub terminology: PathBuf,
    /// Origins of apps that the EPJ page may show in a frame, in the words of a Content Security
    /// Policy; `http://*.apps.localhost:8082` by default.
    pub frame_sources: Vec<String>,
    /// Whether the EPJ has status lists pushed to it; otherwise it only polls.
    pub status_push: bool,
    /// How many seconds the EPJ waits before it fetches a status list that was not pushed, 1 to 300.
    pub status_poll_seconds: u32,
    /// The weakest binding of content that the EPJ launches: `origin`, `manifest` or `bundle`.
    pub min_content_level: ContentLevel,
    /// How many sandboxes an organisation may have at a time.
    pub sandboxes_per_organisation: u32,
    /// The HelseID simulator.
    pub helseid: HelseIdConfig,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:8081".to_owned(),
            access_token_seconds: 3600,
            code_seconds: 60,
            launch_seconds: 600,
            online_seconds: 8 * 3600,
            offline_seconds: 90 * 24 * 3600,
            demo_seed: 1,
            demo_size: synthetic_data::DEFAULT_SIZE,
            demo_municipality: "3405".to_owned(),
            terminology: PathBuf::new(),
            frame_sources: vec!["http://*.apps.localhost:8082".to_owned()],
            status_push: true,
            status_poll_seconds: 300,
            min_content_level: ContentLevel::Origin,
            sandboxes_per_organisation: 50,
            helseid: HelseIdConfig::default(),
        }
    }
}

/// Settings of the HelseID simulator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HelseIdConfig {
    /// The clients that may log people in.
    pub clients: Vec<HelseIdClient>,
    /// Lifetime of its access tokens in seconds.
    pub access_token_seconds: u32,
}

impl Default for HelseIdConfig {
    fn default() -> Self {
        Self {
            clients: vec![HelseIdClient::default()],
            access_token_seconds: 600,
        }
    }
}

/// A client of the HelseID simulator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HelseIdClient {
    /// Its identifier.
    pub client_id: String,
    /// Where a login may return to, compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Where a logout may return to, compared byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
    /// Public keys (a JWK Set) for `private_key_jwt`; without them the client is public.
    pub jwks: Option<serde_json::Value>,
}

impl Default for HelseIdClient {
    fn default() -> Self {
        Self {
            client_id: "markedsplass-portal".to_owned(),
            redirect_uris: vec!["http://localhost:8080/logg-inn/retur".to_owned()],
            post_logout_redirect_uris: vec!["http://localhost:8080/".to_owned()],
            jwks: None,
        }
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sandbox.{field}: {reason}")]
pub struct ConfigError {
    /// The setting.
    pub field: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl SandboxConfig {
    /// How long the EPJ waits before it fetches a status list that was not pushed.
    pub(crate) fn poll(&self) -> Duration {
        Duration::from_secs(u64::from(self.status_poll_seconds))
    }

    /// Checks what types cannot say.
    pub fn validate(&self) -> Result<(), ConfigError> {
        web_address("public_url", &self.public_url)?;
        if self.public_url.ends_with('/') || self.public_url.contains('?') {
            return Err(refuse(
                "public_url",
                "must have no slash at the end and no query",
            ));
        }
        if self.code_seconds == 0 || self.code_seconds > 60 {
            return Err(refuse("code_seconds", "must be from 1 to 60"));
        }
        for (field, value) in [
            ("access_token_seconds", self.access_token_seconds),
            ("launch_seconds", self.launch_seconds),
            ("online_seconds", self.online_seconds),
            ("offline_seconds", self.offline_seconds),
            (
                "helseid.access_token_seconds",
                self.helseid.access_token_seconds,
            ),
        ] {
            if value == 0 {
                return Err(refuse(field, "must be at least 1"));
            }
        }
        self.check_people()?;
        if !(1..=300).contains(&self.status_poll_seconds) {
            return Err(refuse("status_poll_seconds", "must be from 1 to 300"));
        }
        for source in &self.frame_sources {
            if source.contains([';', ',', ' ', '\n']) || source.is_empty() {
                return Err(refuse(
                    "frame_sources",
                    "each must be one source expression of a CSP",
                ));
            }
        }
        for client in &self.helseid.clients {
            for uri in client
                .redirect_uris
                .iter()
                .chain(&client.post_logout_redirect_uris)
            {
                web_address("helseid.clients", uri)?;
            }
            let readable = |jwks| serde_json::from_value::<jsonwebtoken::jwk::JwkSet>(jwks).is_ok();
            if !client.jwks.clone().is_none_or(readable) {
                return Err(refuse("helseid.clients.jwks", "is no JWK Set"));
            }
        }
        Ok(())
    }

    /// The demo sandbox's people must exist on some day.
    fn check_people(&self) -> Result<(), ConfigError> {
        let Some(day) = Date::new(2026, 1, 1) else {
            return Ok(());
        };
        let settings = Settings {
            seed: self.demo_seed,
            size: self.demo_size,
            municipality: self.demo_municipality.clone(),
            ..Settings::default_on(day)
        };
        match Dataset::new(settings) {
            Ok(_) => Ok(()),
            Err(error) => {
                let field = match error {
                    DatasetError::Municipality { .. } => "demo_municipality",
                    DatasetError::Size { .. } => "demo_size",
                    _ => "demo_seed",
                };
                Err(refuse(field, &error.to_string()))
            }
        }
    }
}

fn web_address(field: &str, text: &str) -> Result<(), ConfigError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        _ => Err(refuse(field, "must be an http or https address")),
    }
}

fn refuse(field: &str, reason: &str) -> ConfigError {
    ConfigError {
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_mistakes_are_named() {
        assert_eq!(SandboxConfig::default().validate(), Ok(()));
        let wrong = |change: fn(&mut SandboxConfig)| {
            let mut config = SandboxConfig::default();
            change(&mut config);
            config.validate().unwrap_err().field
        };
        assert_eq!(
            wrong(|c| c.public_url = "localhost".to_owned()),
            "public_url"
        );
        assert_eq!(wrong(|c| c.public_url.push('/')), "public_url");
        assert_eq!(wrong(|c| c.code_seconds = 61), "code_seconds");
        assert_eq!(wrong(|c| c.demo_size = 0), "demo_size");
        assert_eq!(
            wrong(|c| c.demo_municipality = "9999".to_owned()),
            "demo_municipality"
        );
        assert_eq!(
            wrong(|c| c.status_poll_seconds = 301),
            "status_poll_seconds"
        );
        assert_eq!(
            wrong(|c| c.frame_sources = vec!["a; script-src *".to_owned()]),
            "frame_sources"
        );
    }
}

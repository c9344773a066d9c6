//! The portal's section of the configuration.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::service::oidc::origin;

/// Settings of the pages and of the login.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PortalConfig {
    /// Where browsers find the portal; the login returns below it.
    pub public_url: String,
    /// Where people find the sandbox, for links.
    pub sandbox_url: String,
    /// OpenID issuer that people log in with; its discovery document is below it.
    pub issuer: String,
    /// Client id of the portal at the issuer.
    pub client_id: String,
    /// Secret of the portal at the issuer; none for a public client.
    pub client_secret: Option<SecretString>,
    /// Scopes to ask the issuer for, separated by spaces.
    pub scope: String,
    /// How long a login lasts, in minutes.
    pub session_minutes: u32,
    /// Reads templates from this folder at every page, for designers; embedded ones when unset.
    pub templates: Option<PathBuf>,
    /// A line that stands on top of every page, such as what kind of environment this is.
    pub notice: Option<Notice>,
}

/// A line on top of every page, in each language.
#[derive(Clone, Debug, Default, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Bokmål.
    pub nb: String,
    /// Nynorsk.
    pub nn: String,
    /// English.
    pub en: String,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("portal.{setting}: {reason}")]
pub struct PortalConfigError {
    /// Name of the setting.
    pub setting: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:8080".to_owned(),
            sandbox_url: "http://localhost:8081".to_owned(),
            issuer: "http://localhost:8081/helseid".to_owned(),
            client_id: "markedsplass-portal".to_owned(),
            client_secret: None,
            scope: "openid profile".to_owned(),
            session_minutes: 480,
            templates: None,
            notice: None,
        }
    }
}

impl PortalConfig {
    /// Checks every setting; the first that cannot be used is told.
    pub fn validate(&self) -> Result<(), PortalConfigError> {
        let refused = |setting, reason: &str| PortalConfigError {
            setting,
            reason: reason.to_owned(),
        };
        for (setting, text) in [
            ("public_url", &self.public_url),
            ("sandbox_url", &self.sandbox_url),
            ("issuer", &self.issuer),
        ] {
            let url = Url::parse(text).map_err(|error| refused(setting, &error.to_string()))?;
            if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
                return Err(refused(setting, "must be an http or https URL"));
            }
        }
        if self.public_url.ends_with('/') || self.sandbox_url.ends_with('/') {
            return Err(refused(
                "public_url",
                "must not end with a slash, nor sandbox_url",
            ));
        }
        if self.client_id.trim().is_empty() {
            return Err(refused("client_id", "must not be empty"));
        }
        if !self.scope.split_whitespace().any(|scope| scope == "openid") {
            return Err(refused("scope", "must contain openid"));
        }
        if !(5..=1440).contains(&self.session_minutes) {
            return Err(refused("session_minutes", "must be between 5 and 1440"));
        }
        Ok(())
    }

    /// True when cookies must not travel in the clear.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https:")
    }

    /// Where the issuer sends the browser back to.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}/logg-inn/retur", self.public_url)
    }

    /// The origin of the issuer, as policies write it.
    pub(crate) fn issuer_origin(&self) -> Option<String> {
        origin(&self.issuer)
    }

    pub(crate) fn secret(&self) -> Option<&str> {
        self.client_secret.as_ref().map(ExposeSecret::expose_secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_right_and_each_wrong_setting_is_named() {
        assert_eq!(PortalConfig::default().validate(), Ok(()));
        let wrong = |change: fn(&mut PortalConfig)| {
            let mut config = PortalConfig::default();
            change(&mut config);
            config.validate().unwrap_err().setting
        };
        assert_eq!(wrong(|c| c.issuer = "helseid".into()), "issuer");
        assert_eq!(wrong(|c| c.public_url = "file:///x".into()), "public_url");
        assert_eq!(wrong(|c| c.public_url.push('/')), "public_url");
        assert_eq!(wrong(|c| c.client_id.clear()), "client_id");
        assert_eq!(wrong(|c| c.scope = "profile".into()), "scope");
        assert_eq!(wrong(|c| c.session_minutes = 0), "session_minutes");
    }
}

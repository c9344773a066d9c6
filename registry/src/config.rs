//! Settings of the registry. Addresses are settings too: nothing else spells one.

mod keys;
mod log;

use serde::{Deserialize, Serialize};
use verifier::uri::{Environment, WebUri};

pub use keys::{KeysConfig, Pkcs11Config, StoreKind};
pub use log::{LogConfig, WitnessConfig};

/// Settings of the registry.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegistryConfig {
    /// Address of the portal and the API, without a slash at the end.
    pub public_url: String,
    /// Address of uploaded apps; `{label}` stands for the label of the bundle's digest.
    pub apps_url: String,
    /// Origins of the sandboxes and EPJs that uploaded apps may contact and be framed by.
    pub epj_origins: Vec<String>,
    /// Where approvals made here may be used: `test`, `pilot` or `prod`. Only `test` allows plain
    /// http on localhost.
    pub environment: Environment,
    /// The largest archive taken, in bytes.
    pub max_packed_bytes: u64,
    /// The largest content of an archive, in bytes.
    pub max_unpacked_bytes: u64,
    /// How many files an archive may have.
    pub max_files: usize,
    /// How many times smaller than its content an archive may be.
    pub max_ratio: u64,
    /// How many archives are unpacked at the same time.
    pub uploads_at_once: usize,
    /// For how many days an API token is valid at most.
    pub max_token_days: u32,
    /// The versioned address of what apps are reviewed against.
    pub criteria: String,
    /// The entity id of who owns the trust mark, an address.
    pub mark_owner: String,
    /// The transparency log and its witnesses.
    pub log: LogConfig,
    /// Where private keys are.
    pub keys: KeysConfig,
}

impl Default for RegistryConfig {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:8080".to_owned(),
            apps_url: "http://{label}.apps.localhost:8082".to_owned(),
            epj_origins: vec!["http://localhost:8081".to_owned()],
            environment: Environment::Test,
            max_packed_bytes: 50 * 1024 * 1024,
            max_unpacked_bytes: 200 * 1024 * 1024,
            max_files: 10_000,
            max_ratio: 100,
            uploads_at_once: 4,
            max_token_days: 365,
            criteria: "http://localhost:8080/krav/v0".to_owned(),
            mark_owner: "http://localhost:8080/merkeeier".to_owned(),
            log: LogConfig::default(),
            keys: KeysConfig::default(),
        }
    }
}

impl RegistryConfig {
    /// Says in one line what is wrong with the settings, if anything is.
    pub fn validate(&self) -> Result<(), String> {
        self.check_origin("registry.public_url", &self.public_url)?;
        if self.apps_url.matches("{label}").count() != 1 {
            return Err("registry.apps_url must contain {label} exactly once".to_owned());
        }
        self.check_origin("registry.apps_url", &self.app_origin("label"))?;
        for origin in &self.epj_origins {
            self.check_origin("registry.epj_origins", origin)?;
        }
        if WebUri::parse(&self.criteria, self.environment).is_err() {
            return Err("registry.criteria must be an https address".to_owned());
        }
        if WebUri::parse(&self.mark_owner, self.environment).is_err() {
            return Err("registry.mark_owner must be an https address".to_owned());
        }
        for (setting, value) in [
            ("max_packed_bytes", self.max_packed_bytes),
            ("max_unpacked_bytes", self.max_unpacked_bytes),
            ("max_files", self.max_files as u64),
            ("max_ratio", self.max_ratio),
            ("uploads_at_once", self.uploads_at_once as u64),
            ("max_token_days", u64::from(self.max_token_days)),
        ] {
            if value == 0 {
                return Err(format!("registry.{setting} must be at least 1"));
            }
        }
        self.log.validate()?;
        self.keys.validate()?;
        if self.log.witnesses.is_empty() && !self.is_test() {
            return Err(
                "registry.log.witnesses must list witnesses outside the test environment: without \
                 them no EPJ accepts an approval"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn check_origin(&self, setting: &str, origin: &str) -> Result<(), String> {
        match WebUri::parse(origin, self.environment) {
            Ok(uri) if uri.is_origin() => Ok(()),
            _ => Err(format!(
                "{setting} must be scheme, host and port without a path (https; http only on \
                 localhost in the test environment), not {origin}"
            )),
        }
    }

    /// The origin of an uploaded app.
    pub(crate) fn app_origin(&self, label: &str) -> String {
        self.apps_url.replace("{label}", label)
    }

    /// The app's entity id: one per app, the same for all its versions.
    pub(crate) fn entity_id(&self, software_id: &str) -> String {
        format!("{}/apps/{software_id}", self.public_url)
    }

    /// True when plain http on localhost is allowed.
    pub(crate) fn is_test(&self) -> bool {
        self.environment == Environment::Test
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_a_wrong_address_is_named() {
        assert_eq!(RegistryConfig::default().validate(), Ok(()));
        let wrong = RegistryConfig {
            apps_url: "http://apps.localhost:8082".to_owned(),
            ..RegistryConfig::default()
        };
        assert!(wrong.validate().unwrap_err().contains("registry.apps_url"));
        let endless = RegistryConfig {
            max_ratio: 0,
            ..RegistryConfig::default()
        };
        assert!(endless.validate().unwrap_err().contains("max_ratio"));
        let public = RegistryConfig {
            environment: Environment::Prod,
            ..RegistryConfig::default()
        };
        assert!(
            public
                .validate()
                .unwrap_err()
                .contains("registry.public_url")
        );
    }
}

//! Settings of keys: where the private part of each is made and stays.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use verifier::jwk::KeyUse;

/// Settings of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeysConfig {
    /// Where keys are made that `uses` does not name: `database`, `files` or `pkcs11`.
    pub store: StoreKind,
    /// By use, where its keys are made: `approval = "pkcs11"`. Keys that were made before stay
    /// where they are until they are replaced.
    pub uses: BTreeMap<String, StoreKind>,
    /// The folder of key files; without it, `keys` in the data folder.
    pub folder: Option<PathBuf>,
    /// File with the passphrase of key files; without one they are encrypted with the
    /// installation's secret.
    pub passphrase_file: Option<PathBuf>,
    /// Instead of the file: the environment variable with the passphrase.
    pub passphrase_variable: Option<String>,
    /// The token.
    pub pkcs11: Pkcs11Config,
}

/// A PKCS#11 token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pkcs11Config {
    /// The module that came with the token: a shared library.
    pub module: Option<PathBuf>,
    /// The token's label.
    pub token: String,
    /// File with the user's PIN.
    pub pin_file: Option<PathBuf>,
    /// Instead of the file: the environment variable with the PIN.
    pub pin_variable: Option<String>,
}

/// A place for private keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// In the database, sealed with the installation's secret.
    #[default]
    Database,
    /// In encrypted files.
    Files,
    /// In a PKCS#11 token.
    Pkcs11,
    /// With people, who bring signatures: for the keys of the roles `root` and `targets` alone.
    Offline,
}

impl StoreKind {
    const ALL: [Self; 4] = [Self::Database, Self::Files, Self::Pkcs11, Self::Offline];

    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Files => "files",
            Self::Pkcs11 => "pkcs11",
            Self::Offline => "offline",
        }
    }

    /// The store spelled `text`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl KeysConfig {
    /// Says in one line what is wrong, if anything is.
    pub(crate) fn validate(&self) -> Result<(), String> {
        if self.store == StoreKind::Offline {
            return Err("registry.keys.store cannot be offline: name the uses that are".to_owned());
        }
        for (purpose, store) in &self.uses {
            if !purposes().any(|known| known == purpose) {
                let known: Vec<_> = purposes().collect();
                return Err(format!(
                    "registry.keys.uses.{purpose}: no such use; there are {}",
                    known.join(", ")
                ));
            }
            if *store == StoreKind::Offline && !OFFLINE.contains(&purpose.as_str()) {
                return Err(format!(
                    "registry.keys.uses.{purpose}: only {} can be kept off line",
                    OFFLINE.join(" and ")
                ));
            }
            if *store == StoreKind::Pkcs11 && purpose == "log-ml-dsa-44" {
                return Err(format!(
                    "registry.keys.uses.{purpose}: no token keeps ML-DSA keys; choose database or \
                     files"
                ));
            }
        }
        let uses = self.uses.values().chain([&self.store]);
        if uses.into_iter().any(|store| *store == StoreKind::Pkcs11) && self.pkcs11.module.is_none()
        {
            return Err("registry.keys.pkcs11.module must name the token's module".to_owned());
        }
        let pkcs11 = &self.pkcs11;
        if pkcs11.module.is_some() && pkcs11.pin_file.is_none() && pkcs11.pin_variable.is_none() {
            return Err(
                "registry.keys.pkcs11 needs pin_file or pin_variable: where the PIN is".to_owned(),
            );
        }
        Ok(())
    }
}

/// Everything that a key can be for.
fn purposes() -> impl Iterator<Item = &'static str> {
    KeyUse::ALL.into_iter().map(KeyUse::as_str).chain(OTHERS)
}

/// What keys are for that sign no tokens.
const OTHERS: [&str; 6] = [
    "log-ed25519",
    "log-ml-dsa-44",
    "trust-root",
    "trust-targets",
    "trust-snapshot",
    "trust-timestamp",
];
/// Whose keys may be with people.
const OFFLINE: [&str; 2] = ["trust-root", "trust-targets"];

#[cfg(test)]
mod tests {
    use super::*;

    fn with(purpose: &str, store: StoreKind) -> KeysConfig {
        KeysConfig {
            uses: BTreeMap::from([(purpose.to_owned(), store)]),
            ..KeysConfig::default()
        }
    }

    #[test]
    fn a_wrong_choice_is_named() {
        assert_eq!(KeysConfig::default().validate(), Ok(()));
        assert_eq!(with("trust-root", StoreKind::Offline).validate(), Ok(()));
        assert_eq!(with("approval", StoreKind::Files).validate(), Ok(()));
        let module = KeysConfig {
            pkcs11: Pkcs11Config {
                module: Some("/usr/lib/token.so".into()),
                ..Pkcs11Config::default()
            },
            ..with("approval", StoreKind::Pkcs11)
        };
        for (config, says) in [
            (with("approvals", StoreKind::Files), "no such use"),
            (with("approval", StoreKind::Offline), "off line"),
            (with("log-ml-dsa-44", StoreKind::Pkcs11), "ML-DSA"),
            (with("approval", StoreKind::Pkcs11), "pkcs11.module"),
            (module, "pin_file"),
            (
                KeysConfig {
                    store: StoreKind::Offline,
                    ..KeysConfig::default()
                },
                "keys.store",
            ),
        ] {
            let said = config.validate().unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn every_store_has_one_spelling() {
        for kind in StoreKind::ALL {
            assert_eq!(StoreKind::parse(kind.as_str()), Some(kind));
        }
    }
}

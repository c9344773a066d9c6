//! Which keys are made where, by the settings, and where each that was made is.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use foundation::Entropy;
use pkcs11::{Token, TokenSettings};
use secrecy::SecretString;

use super::files::KeyFiles;
use super::hardware::TokenKeys;
use super::key_file::FileSecret;
use super::sealed::SealedKeys;
use super::{KeyStore, KeyStoreError, LOG_ML_DSA_44};
use crate::config::{KeysConfig, StoreKind};

/// The secrets that open the stores, as whoever starts the program has read them.
#[derive(Clone, Debug)]
pub struct KeySecrets {
    /// The installation's secret, which seals keys in the database.
    pub secret: SecretString,
    /// What encrypts key files; without it the installation's secret does.
    pub passphrase: Option<SecretString>,
    /// The PIN of the PKCS#11 token.
    pub pin: Option<SecretString>,
    /// The folder of key files, where the settings name none.
    pub folder: PathBuf,
}

/// Every store of keys that is set up; cheap to clone.
#[derive(Clone)]
pub struct KeyStores(Arc<Stores>);

struct Stores {
    config: KeysConfig,
    database: Arc<dyn KeyStore>,
    files: Option<Arc<dyn KeyStore>>,
    token: Option<Arc<dyn KeyStore>>,
}

impl fmt::Debug for KeyStores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyStores").field(&self.0.config).finish()
    }
}

impl KeyStores {
    /// All keys in the database, sealed with this secret.
    pub(in crate::trust) fn in_database(
        secret: &SecretString,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        Ok(Self(Arc::new(Stores {
            config: KeysConfig::default(),
            database: Arc::new(SealedKeys::new(secret, entropy)?),
            files: None,
            token: None,
        })))
    }

    /// The stores of the settings. A token is opened now: what is wrong with it is better known at
    /// the start than at the first signature.
    pub fn open(
        config: &KeysConfig,
        secrets: KeySecrets,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        let KeySecrets {
            secret,
            passphrase,
            pin,
            folder,
        } = secrets;
        let token = match (&config.pkcs11.module, pin) {
            (None, _) => None,
            (Some(module), Some(pin)) => {
                let token = Token::open(TokenSettings {
                    module: module.clone(),
                    label: config.pkcs11.token.clone(),
                    pin,
                })?;
                Some(Arc::new(TokenKeys(Arc::new(token))) as Arc<dyn KeyStore>)
            }
            (Some(_), None) => {
                return Err(KeyStoreError::Missing {
                    purpose: "any use".to_owned(),
                    store: StoreKind::Pkcs11.as_str(),
                    setting: "pkcs11.pin_file",
                });
            }
        };
        let folder = config.folder.clone().unwrap_or(folder);
        let file_secret = passphrase.map_or_else(
            || FileSecret::Random(secret.clone()),
            FileSecret::Passphrase,
        );
        let files = KeyFiles::new(&folder, file_secret, Arc::clone(&entropy));
        Ok(Self(Arc::new(Stores {
            config: config.clone(),
            database: Arc::new(SealedKeys::new(&secret, entropy)?),
            files: Some(Arc::new(files)),
            token,
        })))
    }

    /// Where the next key for this is made.
    pub(in crate::trust) fn kind_for(&self, purpose: &str) -> StoreKind {
        let config = &self.0.config;
        match config.uses.get(purpose) {
            Some(kind) => *kind,
            // No token keeps one: unless told otherwise, it stays in the database.
            None if purpose == LOG_ML_DSA_44 && config.store == StoreKind::Pkcs11 => {
                StoreKind::Database
            }
            None => config.store,
        }
    }

    /// A store, for a key that is for this.
    pub(in crate::trust) fn store(
        &self,
        kind: StoreKind,
        purpose: &str,
    ) -> Result<Arc<dyn KeyStore>, KeyStoreError> {
        let missing = |setting| KeyStoreError::Missing {
            purpose: purpose.to_owned(),
            store: kind.as_str(),
            setting,
        };
        match kind {
            StoreKind::Database => Ok(Arc::clone(&self.0.database)),
            StoreKind::Files => self.0.files.clone().ok_or_else(|| missing("folder")),
            StoreKind::Pkcs11 => self.0.token.clone().ok_or_else(|| missing("pkcs11.module")),
            StoreKind::Offline => Err(KeyStoreError::Offline(purpose.to_owned())),
        }
    }
}

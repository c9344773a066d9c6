//! Where private keys are, and what signs with them: sealed in the database, in encrypted files, or
//! in a PKCS#11 token that does not let them out. What is signed is not known here.

mod der;
mod error;
mod files;
mod hardware;
mod key_file;
mod patience;
mod sealed;
mod software;
mod stores;

use std::fmt;
use std::sync::Arc;

use foundation::Digest;
use verifier::jwk::EcPublicKey;

pub(super) use self::der::ecdsa_der;
pub use self::error::KeyStoreError;
pub use self::key_file::{KeyFile, OfflineKey};
pub use self::stores::{KeySecrets, KeyStores};

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// ECDSA over SHA-256 on P-256.
    P256,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ML-DSA-44 (FIPS 204).
    MlDsa44,
}

/// What the keys are for that sign the checkpoints of logs.
pub(super) const LOG_ED25519: &str = "log-ed25519";
pub(super) const LOG_ML_DSA_44: &str = "log-ml-dsa-44";

impl KeyKind {
    /// The kind of key that is for this.
    pub(super) fn of(purpose: &str) -> Self {
        match purpose {
            LOG_ED25519 => Self::Ed25519,
            LOG_ML_DSA_44 => Self::MlDsa44,
            _ => Self::P256,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "ES256",
            Self::Ed25519 => "Ed25519",
            Self::MlDsa44 => "ML-DSA-44",
        }
    }

    /// The key's id: the RFC 7638 thumbprint, or the digest of keys that have none here.
    fn id(self, public: &[u8]) -> Result<String, KeyStoreError> {
        match self {
            Self::P256 => {
                let key = EcPublicKey::from_uncompressed(public);
                Ok(key.map_err(|_| KeyStoreError::Unusable)?.thumbprint())
            }
            Self::Ed25519 | Self::MlDsa44 => Ok(Digest::of(public).hex()),
        }
    }
}

/// A private key that can sign now, wherever it is.
pub(super) trait Signer: Send + Sync + fmt::Debug {
    /// Signs: 64 bytes (r and s of ECDSA over SHA-256, or Ed25519), or 2420 of ML-DSA-44.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyStoreError>;
}

/// A place for private keys. It may take its time: making and opening keys is not for the threads
/// that others wait on.
pub(super) trait KeyStore: Send + Sync + fmt::Debug {
    /// Makes a key that is for this and stays here.
    fn make(&self, purpose: &str, holder: &str) -> Result<MadeKey, KeyStoreError>;

    /// What signs with a key that was made here.
    fn signer(&self, key: &KeptKey) -> Result<Arc<dyn Signer>, KeyStoreError>;
}

/// A key that was made.
#[derive(Clone, Debug)]
pub(super) struct MadeKey {
    pub(super) kid: String,
    pub(super) public: Vec<u8>,
    /// What the database keeps of it beside: nothing when it is kept elsewhere.
    pub(super) sealed: Vec<u8>,
}

/// A key that was made before.
#[derive(Clone, Debug)]
pub(super) struct KeptKey {
    pub(super) kid: String,
    pub(super) purpose: String,
    pub(super) public: Vec<u8>,
    pub(super) sealed: Vec<u8>,
}

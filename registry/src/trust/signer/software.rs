//! Keys whose private part is in memory while they are used.

use std::fmt;

use foundation::signing::{Algorithm, Seed, SigningKey};
use foundation::{Entropy, entropy};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

use super::{KeyKind, KeyStoreError, Signer};

/// The private part of a new key: PKCS #8 of a P-256 key, or a seed.
pub(super) struct Private(pub(super) Vec<u8>);

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private")
    }
}

/// A key in memory.
pub(super) enum Software {
    P256(EcdsaKeyPair, SystemRandom),
    Seeded(SigningKey),
}

impl fmt::Debug for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Software")
    }
}

impl Software {
    /// A new key. ring draws the randomness of P-256 keys itself: it takes no other.
    pub(super) fn make(kind: KeyKind, source: &dyn Entropy) -> Result<Private, KeyStoreError> {
        if kind == KeyKind::P256 {
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new());
            let pkcs8 = pkcs8.map_err(|_| KeyStoreError::Unusable)?;
            return Ok(Private(pkcs8.as_ref().to_vec()));
        }
        let seed: Seed = entropy::bytes(source);
        Ok(Private(seed.to_vec()))
    }

    /// The key with this private part.
    pub(super) fn read(kind: KeyKind, private: &[u8]) -> Result<Self, KeyStoreError> {
        let algorithm = match kind {
            KeyKind::P256 => {
                let random = SystemRandom::new();
                let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pair = EcdsaKeyPair::from_pkcs8(algorithm, private, &random);
                return Ok(Self::P256(
                    pair.map_err(|_| KeyStoreError::Unusable)?,
                    random,
                ));
            }
            KeyKind::Ed25519 => Algorithm::Ed25519,
            KeyKind::MlDsa44 => Algorithm::MlDsa44,
        };
        let seed = Seed::try_from(private).map_err(|_| KeyStoreError::Unusable)?;
        let key = SigningKey::from_seed(algorithm, &seed);
        Ok(Self::Seeded(key.map_err(|_| KeyStoreError::Unusable)?))
    }

    /// The public part.
    pub(super) fn public(&self) -> Vec<u8> {
        match self {
            Self::P256(pair, _) => pair.public_key().as_ref().to_vec(),
            Self::Seeded(key) => key.public_key().to_vec(),
        }
    }
}

impl Signer for Software {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        match self {
            Self::P256(pair, random) => {
                let signature = pair.sign(random, message);
                let signature = signature.map_err(|_| KeyStoreError::Unusable)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Seeded(key) => key.sign(message).map_err(|_| KeyStoreError::Unusable),
        }
    }
}

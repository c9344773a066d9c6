//! Keys that sign checkpoints: Ed25519 and ML-DSA-44, each made from a seed of 32 bytes that the
//! caller draws and keeps sealed. What is signed, and how it is written down, is not known here.

use std::fmt;

use aws_lc_rs::signature::{KeyPair as _, ML_DSA_44_SIGNING, PqdsaKeyPair};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// The seed of a key.
pub type Seed = [u8; 32];

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ML-DSA-44 (FIPS 204), pure, with an empty context.
    MlDsa44,
}

/// A key could not be made or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing key could not be made or used")]
pub struct SigningFailed;

/// A private key, in memory only.
pub struct SigningKey(Pair);

enum Pair {
    Ed25519(Ed25519KeyPair),
    MlDsa44(PqdsaKeyPair),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.algorithm())
    }
}

impl SigningKey {
    /// The key that this seed gives: the same each time.
    pub fn from_seed(algorithm: Algorithm, seed: &Seed) -> Result<Self, SigningFailed> {
        let pair = match algorithm {
            Algorithm::Ed25519 => {
                Pair::Ed25519(Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| SigningFailed)?)
            }
            Algorithm::MlDsa44 => Pair::MlDsa44(
                PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, seed).map_err(|_| SigningFailed)?,
            ),
        };
        Ok(Self(pair))
    }

    /// Which algorithm it signs with.
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Pair::Ed25519(_) => Algorithm::Ed25519,
            Pair::MlDsa44(_) => Algorithm::MlDsa44,
        }
    }

    /// The public key: 32 or 1312 bytes.
    pub fn public_key(&self) -> &[u8] {
        match &self.0 {
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
            Pair::MlDsa44(pair) => pair.public_key().as_ref(),
        }
    }

    /// Signs: 64 or 2420 bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        match &self.0 {
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::MlDsa44(pair) => {
                let mut signature = vec![0; ML_DSA_44_SIGNING.signature_len()];
                let length = pair
                    .sign(message, &mut signature)
                    .map_err(|_| SigningFailed)?;
                signature.truncate(length);
                Ok(signature)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_key_and_its_signatures_have_the_standard_length() {
        for (algorithm, public, signature) in [
            (Algorithm::Ed25519, 32, 64),
            (Algorithm::MlDsa44, 1312, 2420),
        ] {
            let key = |seed| SigningKey::from_seed(algorithm, &[seed; 32]).unwrap();
            assert_eq!(key(1).public_key(), key(1).public_key());
            assert_ne!(key(1).public_key(), key(2).public_key());
            assert_eq!(key(1).public_key().len(), public);
            assert_eq!(key(1).sign(b"x").unwrap().len(), signature);
            assert!(!format!("{:?}", key(1)).contains('['));
        }
    }

    #[test]
    fn the_ed25519_key_is_that_of_rfc_8032() {
        // §7.1, test 1: secret key, public key.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let bytes = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let seed: Seed = bytes(seed).try_into().unwrap();
        let key = SigningKey::from_seed(Algorithm::Ed25519, &seed).unwrap();
        assert_eq!(key.public_key(), bytes(public));
    }
}

//! Private keys at rest: AES-256-GCM under a key derived from a secret and a label, bound to the name
//! of what is sealed, so that a sealed key cannot be passed off as another.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use secrecy::{ExposeSecret, SecretString};

use crate::Entropy;

/// Seals and opens private keys.
#[derive(Clone)]
pub struct Sealer(LessSafeKey);

/// Sealed bytes that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sealed key cannot be opened: it was sealed with another secret, or changed; \
     give the secret that it was made with"
)]
pub struct CannotOpen;

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// A sealer for this secret (RFC 5869 with the label as salt): one label per kind of keys.
    pub fn new(label: &str, secret: &SecretString) -> Result<Self, CannotOpen> {
        let salt = Salt::new(HKDF_SHA256, label.as_bytes());
        let extracted = salt.extract(secret.expose_secret().as_bytes());
        let expanded = extracted
            .expand(&[b"AES-256-GCM"], &AES_256_GCM)
            .map_err(|_| CannotOpen)?;
        Ok(Self(LessSafeKey::new(UnboundKey::from(expanded))))
    }

    /// Seals `plain` as the private part of what is called `name`.
    pub fn seal(
        &self,
        name: &str,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, CannotOpen> {
        let nonce = crate::entropy::bytes::<NONCE_LEN>(entropy);
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| CannotOpen)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed under `name`.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut buffer = rest.to_vec();
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut buffer)
            .map_err(|_| CannotOpen)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;

    use super::*;

    fn sealer(secret: &str) -> Sealer {
        Sealer::new("tests", &SecretString::from(secret.to_owned())).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_under_the_same_name_and_secret_only() {
        let sealed = sealer("one")
            .seal("a", b"key", &*testing::entropy())
            .unwrap();
        assert_eq!(sealer("one").open("a", &sealed).unwrap(), b"key");
        assert_eq!(sealer("one").open("b", &sealed), Err(CannotOpen));
        assert_eq!(sealer("two").open("a", &sealed), Err(CannotOpen));
        let other = Sealer::new("other", &SecretString::from("one")).unwrap();
        assert_eq!(other.open("a", &sealed), Err(CannotOpen));
        assert!(!sealed.windows(3).any(|window| window == b"key"));
    }

    #[test]
    fn every_changed_byte_is_seen() {
        let sealed = sealer("one")
            .seal("a", b"key", &*testing::entropy())
            .unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(
                sealer("one").open("a", &changed),
                Err(CannotOpen),
                "{index}"
            );
        }
        assert_eq!(sealer("one").open("a", b"short"), Err(CannotOpen));
    }
}

//! Keys in a PKCS#11 token. ML-DSA has no place in one yet, so a log's second key stays elsewhere.

use std::sync::Arc;

use pkcs11::{Curve, Token};

use super::{KeptKey, KeyKind, KeyStore, KeyStoreError, MadeKey, Signer, patience};

#[derive(Debug)]
pub(super) struct TokenKeys(pub(super) Arc<Token>);

impl KeyStore for TokenKeys {
    fn make(&self, purpose: &str, _holder: &str) -> Result<MadeKey, KeyStoreError> {
        let public = self.0.make(curve(purpose)?, purpose)?;
        Ok(MadeKey {
            kid: KeyKind::of(purpose).id(&public)?,
            public,
            sealed: Vec::new(),
        })
    }

    fn signer(&self, key: &KeptKey) -> Result<Arc<dyn Signer>, KeyStoreError> {
        Ok(Arc::new(TokenSigner {
            token: Arc::clone(&self.0),
            curve: curve(&key.purpose)?,
            public: key.public.clone(),
        }))
    }
}

/// A key in the token.
#[derive(Debug)]
struct TokenSigner {
    token: Arc<Token>,
    curve: Curve,
    public: Vec<u8>,
}

impl Signer for TokenSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        let (token, curve) = (Arc::clone(&self.token), self.curve);
        let (public, message) = (self.public.clone(), message.to_vec());
        patience::in_time(move || Ok(token.sign(curve, &public, &message)?))
    }
}

fn curve(purpose: &str) -> Result<Curve, KeyStoreError> {
    match KeyKind::of(purpose) {
        KeyKind::P256 => Ok(Curve::P256),
        KeyKind::Ed25519 => Ok(Curve::Ed25519),
        KeyKind::MlDsa44 => Err(KeyStoreError::Kind {
            store: "PKCS#11 token",
            purpose: purpose.to_owned(),
        }),
    }
}

//! What signs with the keys: tokens, checkpoints, documents of roles.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use verifier::claims::Claims;
use verifier::jwk::EcPublicKey;
use verifier::jws::{self, Header};

use super::KeyError;
use crate::trust::repository::RoleSigner;
use crate::trust::signer::{KeyStoreError, Signer, ecdsa_der};

/// A P-256 key that signs tokens of one type.
pub(crate) struct TokenSigner {
    pub(super) kid: String,
    pub(super) public: EcPublicKey,
    pub(super) signer: Arc<dyn Signer>,
}

impl TokenSigner {
    /// Signs claims: the exact compact JWS.
    pub(crate) fn sign<C: Claims + Serialize>(&self, claims: &C) -> Result<String, KeyError> {
        let header = Header::new(C::TYPE, self.kid.as_str());
        let input = jws::signing_input(&header, &serde_json::to_vec(claims)?);
        let signature = self.signer.sign(input.as_bytes())?;
        let signature = signature.as_slice().try_into();
        let signature = signature.map_err(|_| KeyStoreError::Unusable)?;
        Ok(jws::assemble(&input, signature))
    }

    /// The RFC 7638 thumbprint of the key.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key.
    pub(crate) const fn public(&self) -> &EcPublicKey {
        &self.public
    }
}

/// A key that signs the checkpoints of a log.
pub(crate) struct LogKey {
    pub(in crate::trust) public: Vec<u8>,
    pub(in crate::trust) signer: Arc<dyn Signer>,
}

/// A P-256 key that signs documents of one role.
pub(super) struct RoleKeyPair {
    pub(super) public: EcPublicKey,
    pub(super) signer: Arc<dyn Signer>,
}

impl fmt::Debug for RoleKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.public.fmt(f)
    }
}

impl RoleSigner for RoleKeyPair {
    fn public_key(&self) -> &EcPublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(ecdsa_der(&self.signer.sign(message)?)?)
    }
}

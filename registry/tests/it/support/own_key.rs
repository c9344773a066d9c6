//! Keys that the registry does not have: a vendor's or a reviewer's own.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use verifier::jwk::EcPublicKey;
use verifier::jws::{self, Header, TokenType};

/// A P-256 key.
pub(crate) struct OwnKey {
    pair: EcdsaKeyPair,
    pub(crate) public: EcPublicKey,
}

impl OwnKey {
    pub(crate) fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let public = EcPublicKey::from_uncompressed(pair.public_key().as_ref()).unwrap();
        Self { pair, public }
    }

    pub(crate) fn kid(&self) -> String {
        self.public.thumbprint()
    }

    pub(crate) fn jwk(&self) -> Value {
        json!(self.public.to_jwk())
    }

    /// The compact JWS of these claims.
    pub(crate) fn sign(&self, typ: TokenType, claims: &Value) -> String {
        let input =
            jws::signing_input(&Header::new(typ, self.kid()), claims.to_string().as_bytes());
        let signature = self
            .pair
            .sign(&SystemRandom::new(), input.as_bytes())
            .unwrap();
        jws::assemble(&input, signature.as_ref().try_into().unwrap())
    }
}

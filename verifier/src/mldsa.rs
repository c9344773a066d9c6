//! ML-DSA-44 (FIPS 204, pure, empty context): the check of one signature. `aws-lc-rs` does it on
//! native targets; where no C library goes (WebAssembly) `ml-dsa` does. Nothing is signed here.

/// Bytes of a public key: the seed of the matrix, and the high bits of the vector t.
pub const PUBLIC_KEY_LEN: usize = 1312;
/// Bytes of a signature.
pub const SIGNATURE_LEN: usize = 2420;

/// Whether the signature of `message` was made with the private part of `public_key`. Anything of
/// another length is not.
pub fn verifies(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    public_key.len() == PUBLIC_KEY_LEN
        && signature.len() == SIGNATURE_LEN
        && implementation::verifies(public_key, message, signature)
}

/// Whether anybody can sign for this key: the vector t is zero (known from Wycheproof's
/// `ZeroPublicKey`). A verifier of signatures does not notice; who takes a key in must.
pub fn is_hollow(public_key: &[u8]) -> bool {
    public_key.iter().skip(SEED_LEN).all(|byte| *byte == 0)
}

const SEED_LEN: usize = 32;

#[cfg(not(target_arch = "wasm32"))]
mod implementation {
    use aws_lc_rs::signature::{ML_DSA_44, UnparsedPublicKey};

    pub(super) fn verifies(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ML_DSA_44, public_key)
            .verify(message, signature)
            .is_ok()
    }
}

#[cfg(target_arch = "wasm32")]
mod implementation {
    use ml_dsa::{EncodedVerifyingKey, MlDsa44, Signature, VerifyingKey};

    pub(super) fn verifies(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = EncodedVerifyingKey::<MlDsa44>::try_from(public_key) else {
            return false;
        };
        let Ok(signature) = Signature::<MlDsa44>::try_from(signature) else {
            return false;
        };
        VerifyingKey::<MlDsa44>::decode(&key).verify_with_context(message, &[], &signature)
    }
}

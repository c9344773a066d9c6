//! ML-DSA-44 (FIPS 204, pure, empty context): the shape of keys and signatures, and the check of one.
//! Nothing is signed here.

use crate::crypto;

/// Bytes of a public key: the seed of the matrix, and the high bits of the vector t.
pub const PUBLIC_KEY_LEN: usize = 1312;
/// Bytes of a signature.
pub const SIGNATURE_LEN: usize = 2420;

/// Whether the signature of `message` was made with the private part of `public_key`. Anything of
/// another length is not.
pub fn verifies(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    public_key.len() == PUBLIC_KEY_LEN
        && signature.len() == SIGNATURE_LEN
        && crypto::ml_dsa_44(public_key, message, signature)
}

/// Whether anybody can sign for this key: the vector t is zero (known from Wycheproof's
/// `ZeroPublicKey`). A verifier of signatures does not notice; who takes a key in must.
pub fn is_hollow(public_key: &[u8]) -> bool {
    public_key.iter().skip(SEED_LEN).all(|byte| *byte == 0)
}

const SEED_LEN: usize = 32;

//! The primitives in pure Rust, by `RustCrypto` and dalek, for targets without a C compiler.

use ed25519_dalek::Verifier as _;
use ml_dsa::MlDsa44;
use sha2::Digest as _;

pub(crate) fn sha512(bytes: &[u8]) -> [u8; 64] {
    sha2::Sha512::digest(bytes).into()
}

/// ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each (RFC 7518 §3.4).
pub(crate) fn p256_fixed(point: &[u8; 65], message: &[u8], signature: &[u8]) -> bool {
    p256::ecdsa::Signature::from_slice(signature)
        .is_ok_and(|signature| p256(point, message, &signature))
}

/// ECDSA on P-256 with SHA-256; the signature is DER (RFC 5480 §2.1.1).
pub(crate) fn p256_asn1(point: &[u8; 65], message: &[u8], signature: &[u8]) -> bool {
    p256::ecdsa::Signature::from_der(signature)
        .is_ok_and(|signature| p256(point, message, &signature))
}

fn p256(point: &[u8; 65], message: &[u8], signature: &p256::ecdsa::Signature) -> bool {
    p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
        .is_ok_and(|key| key.verify(message, signature).is_ok())
}

/// Ed25519 (RFC 8032).
pub(crate) fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = ed25519_dalek::VerifyingKey::try_from(key) else {
        return false;
    };
    ed25519_dalek::Signature::from_slice(signature)
        .is_ok_and(|signature| key.verify(message, &signature).is_ok())
}

/// No RSA here: the trust repository's keys are P-256, and a key that cannot be checked counts for
/// nothing, like one of an unknown type.
pub(crate) const fn rsa_pss_sha256(_: &[u8], _: &[u8], _: &[u8]) -> bool {
    false
}

/// ML-DSA-44 (FIPS 204), pure, with an empty context.
pub(crate) fn ml_dsa_44(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = ml_dsa::EncodedVerifyingKey::<MlDsa44>::try_from(key) else {
        return false;
    };
    let Ok(signature) = ml_dsa::Signature::<MlDsa44>::try_from(signature) else {
        return false;
    };
    ml_dsa::VerifyingKey::<MlDsa44>::decode(&key).verify_with_context(message, &[], &signature)
}

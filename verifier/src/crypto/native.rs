//! The primitives by `ring`, and ML-DSA-44 by `aws-lc-rs`.

use aws_lc_rs::signature as aws;
use ring::digest::{SHA512, digest};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, RSA_PSS_2048_8192_SHA256,
    UnparsedPublicKey, VerificationAlgorithm,
};

pub(crate) fn sha512(bytes: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    out.copy_from_slice(digest(&SHA512, bytes).as_ref());
    out
}

/// ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each (RFC 7518 §3.4).
pub(crate) fn p256_fixed(point: &[u8; 65], message: &[u8], signature: &[u8]) -> bool {
    fits(&ECDSA_P256_SHA256_FIXED, point, message, signature)
}

/// ECDSA on P-256 with SHA-256; the signature is DER (RFC 5480 §2.1.1).
pub(crate) fn p256_asn1(point: &[u8; 65], message: &[u8], signature: &[u8]) -> bool {
    fits(&ECDSA_P256_SHA256_ASN1, point, message, signature)
}

/// Ed25519 (RFC 8032).
pub(crate) fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    fits(&ED25519, key, message, signature)
}

/// RSASSA-PSS with SHA-256 and 2048 to 8192 bits; the key is PKCS #1 (RFC 8017).
pub(crate) fn rsa_pss_sha256(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    fits(&RSA_PSS_2048_8192_SHA256, key, message, signature)
}

/// ML-DSA-44 (FIPS 204), pure, with an empty context.
pub(crate) fn ml_dsa_44(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    aws::UnparsedPublicKey::new(&aws::ML_DSA_44, key)
        .verify(message, signature)
        .is_ok()
}

fn fits(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .is_ok()
}

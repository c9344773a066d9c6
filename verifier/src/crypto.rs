//! The primitives that verification stands on: SHA-2, ECDSA on P-256, Ed25519, ML-DSA-44, RSA-PSS.
//! Only checks are made here, nothing is signed; what is signed, and by whom, is not known here.
//!
//! Native targets use `ring` and `aws-lc-rs`. Where no C compiler goes (WebAssembly), pure Rust does
//! the same ([`portable`]); the tests hold both against each other. SHA-256 is in pure Rust on both.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(any(test, target_arch = "wasm32"))]
mod portable;
mod sha256;
#[cfg(test)]
mod tests;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{ed25519, ml_dsa_44, p256_asn1, p256_fixed, rsa_pss_sha256, sha512};
#[cfg(target_arch = "wasm32")]
pub(crate) use portable::{ed25519, ml_dsa_44, p256_asn1, p256_fixed, rsa_pss_sha256, sha512};
pub(crate) use sha256::{Sha256, sha256};

//! Signing keys in a PKCS#11 token: made in the token, not extractable, found by the digest of their
//! public part. What they sign, and for whom, is not known here. The module is loaded at run time.

#![forbid(unsafe_code)]

mod error;
mod point;
mod sessions;
mod token;

pub use error::TokenError;
pub use token::{Curve, Token, TokenSettings};

//! What can go wrong between us and a token, each with a stable code and what to do.

use std::path::PathBuf;

use cryptoki::error::Error;

/// Why a token does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The module cannot be loaded.
    #[error(
        "token-module: the PKCS#11 module {} cannot be loaded: {reason}; give the path of the \
         module that came with the token", .path.display()
    )]
    Module {
        /// Its path.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// No token with this label is inserted.
    #[error("token-label-missing: no token is labelled {0}; insert it, or correct the label")]
    Missing(String),
    /// Several tokens have this label.
    #[error("token-ambiguous: {0} tokens are labelled {1}; give each a label of its own")]
    Ambiguous(usize, String),
    /// The PIN is wrong, or locked.
    #[error(
        "token-pin: the token does not take the PIN: {0}; correct it before it is locked, or have \
         it unlocked, and start again: it is not tried a second time"
    )]
    Pin(String),
    /// The token has no key with this digest.
    #[error(
        "token-key-missing: the token has no private key {0}; insert the token that it was made in"
    )]
    KeyMissing(String),
    /// The public key is not a point of the curve.
    #[error(
        "token-key-format: the token gives a public key that cannot be read; use another token"
    )]
    KeyFormat,
    /// Anything else.
    #[error("token-failed: the token does not do its work: {0}; see that it is inserted and free")]
    Failed(Error),
}

impl TokenError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Module { .. } => "token-module",
            Self::Missing(_) => "token-label-missing",
            Self::Ambiguous(..) => "token-ambiguous",
            Self::Pin(_) => "token-pin",
            Self::KeyMissing(_) => "token-key-missing",
            Self::KeyFormat => "token-key-format",
            Self::Failed(_) => "token-failed",
        }
    }
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

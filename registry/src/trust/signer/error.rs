//! What can go wrong where keys are, each with a stable code and what to do.

use std::path::PathBuf;

use foundation::sealing::CannotOpen;

/// Why a key store does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The secret is not the one that the key was sealed with.
    #[error("key-secret: {0}")]
    Sealed(#[from] CannotOpen),
    /// A key could not be made or used.
    #[error(
        "key-unusable: a key could not be made or used; try again, and replace it if that does not help"
    )]
    Unusable,
    /// The settings name a store that is not set up.
    #[error(
        "key-store-missing: keys for {purpose} are to be in the store {store}, which is not set up; \
         set registry.keys.{setting}"
    )]
    Missing {
        /// What the key is for.
        purpose: String,
        /// The store.
        store: &'static str,
        /// The setting that sets it up.
        setting: &'static str,
    },
    /// The keys of this use are not on this machine.
    #[error(
        "key-offline: the keys for {0} are kept off line; bring their signatures with \
         `markedsplass keys prepare`"
    )]
    Offline(String),
    /// A store cannot keep keys of this kind.
    #[error("key-kind: a {store} cannot keep keys for {purpose}; choose another store for them")]
    Kind {
        /// The store.
        store: &'static str,
        /// What the key is for.
        purpose: String,
    },
    /// Others may read the file.
    #[error("key-file-mode: others may read {}; make it its owner's alone (chmod 600)", .0.display())]
    Mode(PathBuf),
    /// A key file is not one, or was changed.
    #[error("key-file-format: {} is no key file, or was changed: {reason}; restore it from its backup", .path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A key file cannot be read or written.
    #[error("key-file: {}: {source}; see that the folder exists and is yours", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The passphrase is too short to protect a key.
    #[error("key-passphrase: a passphrase needs at least {0} characters; choose a longer one")]
    Passphrase(usize),
    /// The token failed.
    #[error(transparent)]
    Token(#[from] pkcs11::TokenError),
    /// The token does not answer.
    #[error("token-silent: the token does not answer; see that it is reachable, and try again")]
    Silent,
    /// The work was cut short.
    #[error("key-interrupted: the program is stopping; nothing was signed")]
    Interrupted,
}

impl KeyStoreError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Sealed(_) => "key-secret",
            Self::Unusable => "key-unusable",
            Self::Missing { .. } => "key-store-missing",
            Self::Offline(_) => "key-offline",
            Self::Kind { .. } => "key-kind",
            Self::Mode(_) => "key-file-mode",
            Self::Format { .. } => "key-file-format",
            Self::File { .. } => "key-file",
            Self::Passphrase(_) => "key-passphrase",
            Self::Token(error) => error.code(),
            Self::Silent => "token-silent",
            Self::Interrupted => "key-interrupted",
        }
    }
}

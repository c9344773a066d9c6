//! Keys in encrypted files of one folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foundation::Entropy;

use super::key_file::{FileSecret, KeyFile};
use super::{KeptKey, KeyStore, KeyStoreError, MadeKey, Signer};

#[derive(Debug)]
pub(super) struct KeyFiles {
    folder: PathBuf,
    secret: FileSecret,
    entropy: Arc<dyn Entropy>,
}

impl KeyFiles {
    pub(super) fn new(folder: &Path, secret: FileSecret, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            folder: folder.to_owned(),
            secret,
            entropy,
        }
    }
}

impl KeyStore for KeyFiles {
    fn make(&self, purpose: &str, holder: &str) -> Result<MadeKey, KeyStoreError> {
        let file = KeyFile::make((purpose, holder), &self.secret, &*self.entropy)?;
        let path = file.write(&self.folder)?;
        // Read back: a key that cannot be opened again is not to be relied on.
        let file = KeyFile::read(&path)?;
        file.open(&path, &self.secret)?;
        Ok(MadeKey {
            public: file.public_bytes().ok_or(KeyStoreError::Unusable)?,
            kid: file.kid,
            sealed: Vec::new(),
        })
    }

    fn signer(&self, key: &KeptKey) -> Result<Arc<dyn Signer>, KeyStoreError> {
        let path = self.folder.join(KeyFile::name(&key.purpose, &key.kid));
        let file = KeyFile::read(&path)?;
        if file.purpose != key.purpose || file.kid != key.kid {
            return Err(KeyStoreError::Format {
                path,
                reason: "it holds another key".to_owned(),
            });
        }
        file.open(&path, &self.secret)
    }
}

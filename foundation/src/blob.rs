//! Bytes kept under their own SHA-256: write once, verified at every read.
//!
//! On a local disk a write is synced before it is acknowledged.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::Digest;
use crate::error::{Describe, Fault};

/// A failure of the blob store.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// What is stored under a digest has another digest: the disk or somebody changed it.
    #[error("the stored bytes of {0} have changed")]
    Corrupt(Digest),
    /// The folder cannot be used.
    #[error("the blob folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    /// Nothing is stored under this digest.
    #[error("nothing is stored under {0}")]
    Missing(Digest),
    /// The store failed.
    #[error("the blob store failed: {0}")]
    Store(#[from] object_store::Error),
}

impl Describe for BlobError {
    fn fault(&self) -> Fault {
        Fault::internal()
    }
}

/// A handle to the store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// A store in a folder, which is made when missing.
    pub fn in_folder(folder: &Path) -> Result<Self, BlobError> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// A store that is gone with the process, for tests.
    pub fn in_memory() -> Self {
        Self(Arc::new(InMemory::new()))
    }

    /// Stores `bytes`; storing the same bytes again changes nothing.
    pub async fn put(&self, bytes: impl Into<Bytes>) -> Result<Digest, BlobError> {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        if !self.contains(&digest).await? {
            self.0.put(&key(&digest), PutPayload::from(bytes)).await?;
        }
        Ok(digest)
    }

    /// The bytes stored under `digest`, checked against it.
    pub async fn get(&self, digest: &Digest) -> Result<Bytes, BlobError> {
        let bytes = match self.0.get(&key(digest)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Err(BlobError::Missing(*digest)),
            Err(error) => return Err(error.into()),
        };
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(BlobError::Corrupt(*digest))
        }
    }

    /// True when something is stored under `digest`.
    pub async fn contains(&self, digest: &Digest) -> Result<bool, BlobError> {
        match self.0.head(&key(digest)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Two levels of folders keep each small.
fn key(digest: &Digest) -> Key {
    let hex = digest.hex();
    let (first, rest) = hex.split_at(2);
    Key::from(format!("{first}/{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_read_back_and_tampering_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let digest = blobs.put("hello").await.unwrap();
        assert_eq!(blobs.put("hello").await.unwrap(), digest);
        assert_eq!(blobs.get(&digest).await.unwrap(), "hello");

        let file = folder.path().join(key(&digest).as_ref());
        std::fs::write(file, "hullo").unwrap();
        assert!(matches!(
            blobs.get(&digest).await,
            Err(BlobError::Corrupt(_))
        ));
    }

    #[tokio::test]
    async fn an_unknown_digest_is_missing() {
        let blobs = Blobs::in_memory();
        let absent = Digest::of(b"absent");
        assert!(matches!(
            blobs.get(&absent).await,
            Err(BlobError::Missing(_))
        ));
        assert!(!blobs.contains(&absent).await.unwrap());
    }
}

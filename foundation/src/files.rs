//! Files under names of their own, as any static server would serve them: what is published and
//! verifies itself. Content that is known by its digest is kept in [`crate::blob`].
//!
//! A write replaces the whole file at once; on a local disk it is synced before it is acknowledged.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::error::{Describe, Fault};

/// A failure of the file store.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The folder cannot be used.
    #[error("the folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    /// The store failed.
    #[error("the file store failed: {0}")]
    Store(#[from] object_store::Error),
}

impl Describe for FileError {
    fn fault(&self) -> Fault {
        Fault::internal()
    }
}

/// A handle to the store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Files(Arc<dyn ObjectStore>);

impl Files {
    /// A store in a folder, which is made when missing.
    pub fn in_folder(folder: &Path) -> Result<Self, FileError> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// A store that is gone with the process, for tests.
    pub fn in_memory() -> Self {
        Self(Arc::new(InMemory::new()))
    }

    /// Writes a file, in the place of one that is there.
    pub async fn put(&self, path: &str, bytes: impl Into<Bytes>) -> Result<(), FileError> {
        let payload = PutPayload::from(bytes.into());
        self.0.put(&Key::from(path), payload).await?;
        Ok(())
    }

    /// The file, if there is one.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, FileError> {
        match self.0.get(&Key::from(path)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// True when there is such a file.
    pub async fn contains(&self, path: &str) -> Result<bool, FileError> {
        match self.0.head(&Key::from(path)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The folders at the top, in order.
    pub async fn folders(&self) -> Result<Vec<String>, FileError> {
        let listed = self.0.list_with_delimiter(None).await?;
        let mut folders: Vec<_> = listed
            .common_prefixes
            .into_iter()
            .map(|folder| folder.to_string())
            .collect();
        folders.sort();
        Ok(folders)
    }

    /// The files below a folder, in order.
    pub async fn below(&self, folder: &str) -> Result<Vec<String>, FileError> {
        let listed = self.0.list(Some(&Key::from(folder)));
        let found: Vec<_> = listed.try_collect().await?;
        let mut paths: Vec<_> = found
            .into_iter()
            .map(|file| file.location.to_string())
            .collect();
        paths.sort();
        Ok(paths)
    }

    /// Removes a file; one that is not there is removed already.
    pub async fn remove(&self, path: &str) -> Result<(), FileError> {
        match self.0.delete(&Key::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_where_its_name_says() {
        let folder = tempfile::tempdir().unwrap();
        for files in [Files::in_folder(folder.path()).unwrap(), Files::in_memory()] {
            assert_eq!(files.get("log/tile/0/000.p/3").await.unwrap(), None);
            files.put("log/tile/0/000.p/3", "abc").await.unwrap();
            files.put("log/tile/0/000.p/3", "abd").await.unwrap();
            files.put("log/tile/0/x001/000", "z").await.unwrap();
            let read = files.get("log/tile/0/000.p/3").await.unwrap();
            assert_eq!(read.as_deref(), Some(b"abd".as_slice()));
            assert_eq!(files.folders().await.unwrap(), ["log"]);
            let below = files.below("log/tile/0").await.unwrap();
            assert_eq!(below, ["log/tile/0/000.p/3", "log/tile/0/x001/000"]);
            files.remove("log/tile/0/000.p/3").await.unwrap();
            files.remove("log/tile/0/000.p/3").await.unwrap();
            assert!(!files.contains("log/tile/0/000.p/3").await.unwrap());
        }
        let path = folder.path().join("log/tile/0/x001/000");
        assert_eq!(std::fs::read(path).unwrap(), b"z");
    }
}

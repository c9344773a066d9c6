//! What the agent knows, on disk: one file in a folder of its own, replaced as a whole and only when
//! it changes. A lock on the folder keeps a second agent out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder, held for as long as this lives.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// What stands in the file.
    content: Option<String>,
    _lock: File,
}

/// A state folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    #[error("{0} is in use by another agent")]
    InUse(PathBuf),
    #[error("{0}: {1}")]
    Folder(PathBuf, io::Error),
}

impl Store {
    /// Takes the folder into use; it is made when missing, readable by its owner alone.
    pub(crate) fn open(folder: &Path) -> Result<Self, StateError> {
        let failed = |error| StateError::Folder(folder.to_owned(), error);
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
        made.map_err(failed)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(folder.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StateError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let content = match fs::read_to_string(folder.join(FILE)) {
            Ok(content) => Some(content),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        Ok(Self {
            folder: folder.to_owned(),
            content,
            _lock: lock,
        })
    }

    /// What was saved last.
    pub(crate) fn content(&self) -> Option<&str> {
        self.content.as_deref()
    }

    /// Saves this if it is something else than was saved last; true when it was written.
    pub(crate) fn save(&mut self, content: String) -> io::Result<bool> {
        if self.content.as_ref() == Some(&content) {
            return Ok(false);
        }
        let beside = self.folder.join(NEW);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, self.folder.join(FILE))?;
        File::open(&self.folder)?.sync_all()?;
        self.content = Some(content);
        Ok(true)
    }
}

const FILE: &str = "state.json";
const NEW: &str = "state.json.new";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn what_was_saved_is_there_and_the_same_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("epj-agent");
        let mut store = Store::open(&folder).unwrap();
        assert_eq!(store.content(), None);
        assert!(store.save("one".to_owned()).unwrap());
        let written = fs::metadata(folder.join(FILE)).unwrap();
        assert_eq!(written.permissions().mode() & 0o777, 0o600);
        assert!(!store.save("one".to_owned()).unwrap());
        assert_eq!(
            fs::metadata(folder.join(FILE)).unwrap().ino(),
            written.ino()
        );
        // What a crash left of the next one is of no consequence.
        fs::write(folder.join(NEW), "tw").unwrap();
        drop(store);
        let mut store = Store::open(&folder).unwrap();
        assert_eq!(store.content(), Some("one"));
        assert!(store.save("two".to_owned()).unwrap());
        assert!(!folder.join(NEW).exists());
    }

    #[test]
    fn a_folder_has_one_agent() {
        let folder = tempfile::tempdir().unwrap();
        let first = Store::open(folder.path()).unwrap();
        let second = Store::open(folder.path());
        assert!(matches!(second, Err(StateError::InUse(_))));
        drop(first);
        assert!(Store::open(folder.path()).is_ok());
    }
}

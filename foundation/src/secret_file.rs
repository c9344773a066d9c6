//! Files that are made once and read by their owner alone: secrets, and keys sealed under them. What a
//! file holds is not known here.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Makes the file with these bytes, and its folder, unless it is there; says whether it was made here.
/// A crash at any moment leaves the whole file or none, and of two who make it at once one wins.
pub fn make_once(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let beside = beside(path);
    // What a crash has left may be open to others.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // A link is made under the final name only when nothing is there, unlike a rename.
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    let made = match linked {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
        Err(error) => return Err(error),
    };
    File::open(folder)?.sync_all()?;
    Ok(made)
}

/// What is being written: one for each process, so that two do not write into one.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    PathBuf::from(beside)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_made_whole_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("secret");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A crash before has left this beside it.
        std::fs::write(beside(&path), "a longer one, half writ").unwrap();
        assert!(make_once(&path, b"first").unwrap());
        assert!(!make_once(&path, b"second").unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "nothing is left beside it");
    }
}

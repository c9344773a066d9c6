//! An app's files with its manifests: from a folder, from an archive, or from parts.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use zip::ZipArchive;

use super::LocalError;
use super::manifest::{Entry, Version};
use crate::domain::subject::AppUnderTest;

/// An app that is not registered anywhere.
#[derive(Clone, Debug)]
pub struct Package {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) entry: Entry,
    pub(super) version: Version,
}

impl Package {
    /// Reads a folder, or an archive, that holds `app.json` and `version.json` beside the files.
    pub fn read(path: &Path) -> Result<Self, LocalError> {
        let mut files = if path.is_dir() {
            folder(path)?
        } else {
            let bytes = fs::read(path).map_err(|source| unreadable(path, source))?;
            archive(&bytes)?
        };
        let entry = files
            .remove("app.json")
            .ok_or(LocalError::ManifestMissing("app.json"))?;
        let version = files
            .remove("version.json")
            .ok_or(LocalError::ManifestMissing("version.json"))?;
        Ok(Self {
            files,
            entry: Entry::parse(&entry)?,
            version: Version::parse(&version)?,
        })
    }

    /// From the parts of an upload: both manifests and the archive.
    pub fn from_parts(entry: &[u8], version: &[u8], bundle: &[u8]) -> Result<Self, LocalError> {
        Ok(Self {
            files: archive(bundle)?,
            entry: Entry::parse(entry)?,
            version: Version::parse(version)?,
        })
    }

    /// A hosted app: its manifests alone, with absolute addresses.
    pub fn hosted(entry: &[u8], version: &[u8]) -> Result<AppUnderTest, LocalError> {
        Version::parse(version)?.app(&Entry::parse(entry)?, None)
    }
}

fn folder(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, LocalError> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = waiting.pop() {
        let entries = fs::read_dir(&folder).map_err(|source| unreadable(&folder, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| unreadable(&folder, source))?;
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|source| unreadable(&path, source))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                waiting.push((path, format!("{name}/")));
            } else if kind.is_file() {
                let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
                files.insert(name, bytes);
            }
        }
    }
    Ok(files)
}

fn archive(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, LocalError> {
    let refused = |error: &dyn std::fmt::Display| LocalError::Archive(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| refused(&error))?;
    if archive.len() > MOST_FILES {
        return Err(refused(&"it holds more than 5000 files"));
    }
    let mut files = BTreeMap::new();
    let mut left = MOST_BYTES;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|error| refused(&error))?;
        if !file.is_file() {
            continue;
        }
        let name = file.name().map_err(|error| refused(&error))?.into_owned();
        let mut content = Vec::new();
        // One byte more than is left tells a file that is too large from one that just fits.
        file.by_ref()
            .take(left + 1)
            .read_to_end(&mut content)
            .map_err(|error| refused(&error))?;
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        left = left
            .checked_sub(size)
            .ok_or_else(|| refused(&"unpacked it is larger than 100 MiB"))?;
        files.insert(name, content);
    }
    Ok(files)
}

fn unreadable(path: &Path, source: std::io::Error) -> LocalError {
    LocalError::Read {
        path: path.to_owned(),
        source,
    }
}

const MOST_BYTES: u64 = 100 * 1024 * 1024;
const MOST_FILES: usize = 5000;

/// Folders of a vendor's own tree that are never part of an app.
const SKIPPED: [&str; 2] = [".git", "node_modules"];

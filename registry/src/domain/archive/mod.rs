//! Reading uploaded archives (zip) that may have been made to harm. The reader is strict where
//! others are lenient: whatever two readers could see differently is refused. Nothing is written
//! to a disk, and nothing is allocated before its declared size was held against the limits.
//!
//! PKWARE APPNOTE 6.3.10 names the fields; zip64 is refused, since nothing within the limits
//! needs it.

mod content;
mod directory;
mod error;
mod local;
mod name;
mod number;

use bytes::Bytes;
use foundation::Digest;

pub(crate) use error::{ArchiveError, Rule};

use crate::config::RegistryConfig;

/// What an archive may be at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of the archive.
    pub(crate) packed: u64,
    /// Bytes of its content.
    pub(crate) unpacked: u64,
    /// Files.
    pub(crate) files: usize,
    /// How many times larger than the archive its content may be.
    pub(crate) ratio: u64,
}

impl Limits {
    /// The configured limits.
    pub(crate) const fn of(config: &RegistryConfig) -> Self {
        Self {
            packed: config.max_packed_bytes,
            unpacked: config.max_unpacked_bytes,
            files: config.max_files,
            ratio: config.max_ratio,
        }
    }
}

/// A file of an archive that was read and found in order.
#[derive(Clone, Debug)]
pub(crate) struct File {
    name: String,
    digest: Digest,
    packed: content::Packed,
}

impl File {
    /// Its path, without a slash at the beginning.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Digest of its content.
    pub(crate) const fn digest(&self) -> Digest {
        self.digest
    }

    /// Size of its content.
    pub(crate) const fn size(&self) -> u64 {
        self.packed.size
    }
}

/// An archive in which everything is in order.
#[derive(Debug)]
pub(crate) struct Archive {
    bytes: Bytes,
    files: Vec<File>,
}

impl Archive {
    /// Reads all of an archive, content included; the first broken rule ends it.
    pub(crate) fn read(bytes: Bytes, limits: &Limits) -> Result<Self, ArchiveError> {
        let directory = directory::read(&bytes, limits)?;
        let names = directory.entries.iter().map(|entry| entry.name.as_str());
        name::check_together(names)?;
        check_sizes(&directory.entries, bytes.len() as u64, limits)?;
        let ranges = local::check(&bytes, &directory)?;
        let mut files = Vec::with_capacity(directory.entries.len());
        for (entry, range) in directory.entries.into_iter().zip(ranges) {
            let packed = content::Packed {
                range,
                deflated: entry.method == directory::DEFLATED,
                size: u64::from(entry.size),
                crc: entry.crc,
            };
            let digest = packed
                .digest(&bytes)
                .map_err(|rule| rule.about(&entry.name))?;
            if !entry.is_folder() {
                files.push(File {
                    name: entry.name,
                    digest,
                    packed,
                });
            }
        }
        if files.is_empty() {
            return Err(Rule::Empty.about(""));
        }
        Ok(Self { bytes, files })
    }

    /// Its files, in the order of its directory.
    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The content of the file with this number.
    pub(crate) fn content(&self, index: usize) -> Result<Vec<u8>, ArchiveError> {
        let file = self.files.get(index).ok_or_else(|| Rule::Empty.about(""))?;
        file.packed
            .content(&self.bytes)
            .map_err(|rule| rule.about(&file.name))
    }

    /// The archive itself.
    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }
}

fn check_sizes(
    entries: &[directory::Entry],
    packed: u64,
    limits: &Limits,
) -> Result<(), ArchiveError> {
    let mut total: u64 = 0;
    for entry in entries {
        let size = u64::from(entry.size);
        total = total.saturating_add(size);
        if total > limits.unpacked {
            return Err(Rule::TooLarge.about(&entry.name));
        }
        // The floor keeps short texts of repeated characters from looking like bombs.
        let compressed = u64::from(entry.packed_size).max(RATIO_FLOOR);
        if size > compressed.saturating_mul(limits.ratio) {
            return Err(Rule::Ratio.about(&entry.name));
        }
    }
    if total > packed.max(RATIO_FLOOR).saturating_mul(limits.ratio) {
        return Err(Rule::Ratio.about(""));
    }
    Ok(())
}

const RATIO_FLOOR: u64 = 1024;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod name_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod writer;

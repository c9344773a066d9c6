//! An app from a folder or an archive, served on loopback for one examination: what `check PATH`
//! needs. Uploading, freezing and the unpacking rules of a release are the registry's.

mod manifest;
mod package;
mod serve;

use std::path::PathBuf;

pub use package::Package;
pub use serve::LocalApp;

/// Why an app on disk cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A manifest is missing.
    #[error("{0} is missing; it stands beside index.html, or is given by itself")]
    ManifestMissing(&'static str),
    /// A manifest cannot be read.
    #[error("{name} cannot be read: {reason}")]
    Manifest {
        /// Its file name.
        name: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Where.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The archive is no archive, or larger than an upload may be.
    #[error("the archive cannot be used: {0}")]
    Archive(String),
    /// No port could be had.
    #[error("the app cannot be served on this machine: {0}")]
    Serve(std::io::Error),
}

impl LocalError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ManifestMissing(_) => "manifest-missing",
            Self::Manifest { .. } => "manifest-invalid",
            Self::Read { .. } => "path-unreadable",
            Self::Archive(_) => "archive-invalid",
            Self::Serve(_) => "app-not-served",
        }
    }
}

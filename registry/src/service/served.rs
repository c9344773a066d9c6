//! The files of uploaded apps, as their origins serve them.

use bytes::Bytes;
use foundation::Digest;

use super::Registry;
use crate::domain::version::VersionState;
use crate::error::RegistryError;
use crate::store;
use crate::store::version::Version;

/// A file of an uploaded app.
#[derive(Clone, Debug)]
pub(crate) struct ServedFile {
    pub(crate) bytes: Bytes,
    pub(crate) digest: Digest,
    pub(crate) media_type: String,
    /// Hosts that the app declared.
    pub(crate) hosts: Vec<String>,
}

/// What an origin has at a path.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A file.
    File(ServedFile),
    /// No such file, or no such app.
    Nothing,
    /// The app was revoked or withdrawn.
    Gone,
}

impl Registry {
    /// What the origin of `bundle` has at `path`.
    pub(crate) async fn served(&self, bundle: &Digest, path: &str) -> Result<Found, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let versions = store::version::with_bundle(&mut tx, bundle).await?;
        if versions.is_empty() {
            return Ok(Found::Nothing);
        }
        let Some(version) = governing(versions) else {
            return Ok(Found::Gone);
        };
        let path = if path.ends_with('/') {
            format!("{path}index.html")
        } else {
            path.to_owned()
        };
        let Some(file) = store::bundle::file(&mut tx, bundle, &path).await? else {
            return Ok(Found::Nothing);
        };
        drop(tx);
        Ok(Found::File(ServedFile {
            bytes: self.parts().blobs.get(&file.digest).await?,
            digest: file.digest,
            media_type: file.media_type,
            hosts: version.manifest.hosts,
        }))
    }
}

/// The version whose manifest governs what a bundle may do: an approved one before the newest, so
/// that a draft with the same bytes cannot widen what an approved version may contact.
fn governing(versions: Vec<Version>) -> Option<Version> {
    versions
        .into_iter()
        .filter(|version| {
            !matches!(
                version.state,
                VersionState::Revoked | VersionState::Withdrawn
            )
        })
        .max_by_key(|version| (version.state.is_public(), version.created_at))
}

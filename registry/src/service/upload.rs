//! Taking a version: manifest and archive are read and checked whole, then everything is written in
//! one transaction. Files are stored under their digests first, which harms nothing when it ends
//! there.

use bytes::Bytes;
use foundation::access::Actor;
use foundation::store::Tx;
use foundation::{Digest, Timestamp};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::versions::VersionView;
use super::{Registry, apps, progress};
use crate::domain::archive::{Archive, Limits};
use crate::domain::checks;
use crate::domain::history::Acted;
use crate::domain::integrity::{FileEntry, Integrity, media_type};
use crate::domain::manifest::VersionManifest;
use crate::domain::release::ReleaseDocument;
use crate::domain::schema;
use crate::domain::version::VersionState;
use crate::error::RegistryError;
use crate::store;
use crate::store::bundle::NewBundle;
use crate::store::version::Version;

/// What a vendor uploads.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The version's manifest, JSON.
    pub manifest: Bytes,
    /// The archive; none when the app is hosted by its vendor.
    pub bundle: Option<Bytes>,
    /// The integrity manifest of an app that its vendor hosts; none when it is bound to its address
    /// alone.
    pub integrity: Option<Bytes>,
}

/// What came of an upload.
#[derive(Clone, Debug, PartialEq)]
pub enum Uploaded {
    /// A new version.
    Created(VersionView),
    /// Exactly this was uploaded before.
    Unchanged(VersionView),
}

/// A bundle that was read and stored.
struct Stored {
    digest: Digest,
    integrity_digest: Digest,
    integrity: Integrity,
    size: u64,
}

impl Registry {
    /// Refuses whoever may not upload to this app, before any of the upload is read.
    pub async fn may_upload(&self, actor: &Actor, software_id: &str) -> Result<(), RegistryError> {
        let mut tx = self.parts().database.read().await?;
        apps::own(&mut tx, actor, software_id).await.map(|_| ())
    }

    /// Takes a version of one of the actor's apps.
    pub async fn upload(
        &self,
        actor: &Actor,
        software_id: &str,
        upload: Upload,
    ) -> Result<Uploaded, RegistryError> {
        self.may_upload(actor, software_id).await?;
        // A closed semaphore cannot be: nobody closes it.
        let _permit = self.uploads().acquire().await.ok();
        let manifest: VersionManifest = schema::VERSION
            .read(&upload.manifest)
            .map_err(|findings| RegistryError::invalid("manifest-invalid", findings))?;
        let mut findings =
            checks::version::check(&manifest, upload.bundle.is_some(), self.config());
        let archive = match &upload.bundle {
            Some(bundle) => Some(self.read_archive(bundle.clone()).await?),
            None => None,
        };
        if let Some((_, integrity)) = &archive {
            findings.extend(checks::version::check_paths(&manifest, integrity));
        }
        if let Some(integrity) = &upload.integrity {
            findings.extend(checks::version::check_hosted(&manifest, integrity));
        }
        if !findings.is_empty() {
            return Err(RegistryError::invalid("manifest-invalid", findings));
        }
        let published = match upload.integrity {
            Some(integrity) => Some(self.parts().blobs.put(integrity).await?),
            None => None,
        };
        let stored = match archive {
            Some((archive, integrity)) => Some(self.store_bundle(archive, integrity).await?),
            None => None,
        };
        let manifest_digest = self.parts().blobs.put(upload.manifest).await?;
        let version = self.version_of(
            actor,
            software_id,
            (manifest, manifest_digest),
            stored.as_ref(),
            published,
        )?;
        self.keep(actor, version, stored).await
    }

    async fn read_archive(&self, bundle: Bytes) -> Result<(Archive, Integrity), RegistryError> {
        let limits = Limits::of(self.config());
        if bundle.len() as u64 > limits.packed {
            return Err(RegistryError::TooLarge {
                part: "bundle",
                limit: limits.packed,
            });
        }
        let read = tokio::task::spawn_blocking(move || {
            let archive = Archive::read(bundle, &limits)?;
            let mut integrity = Integrity::default();
            for file in archive.files() {
                let path = format!("/{}", file.name());
                let entry = FileEntry {
                    sha256: file.digest(),
                    size: file.size(),
                    media_type: media_type(&path),
                };
                integrity.files.insert(path, entry);
            }
            Ok((archive, integrity))
        });
        match read.await {
            Ok(outcome) => outcome,
            Err(error) => Err(super::ports::PortError(error.to_string()).into()),
        }
    }

    async fn store_bundle(
        &self,
        archive: Archive,
        integrity: Integrity,
    ) -> Result<Stored, RegistryError> {
        let blobs = &self.parts().blobs;
        let archive = std::sync::Arc::new(archive);
        let puts = (0..archive.files().len()).map(|index| {
            let archive = std::sync::Arc::clone(&archive);
            async move {
                let read = tokio::task::spawn_blocking(move || archive.content(index)).await;
                let content =
                    read.map_err(|error| super::ports::PortError(error.to_string()))??;
                blobs.put(content).await.map_err(RegistryError::from)
            }
        });
        stream::iter(puts)
            .buffer_unordered(FILES_AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
        let bytes = archive.bytes();
        Ok(Stored {
            size: bytes.len() as u64,
            digest: blobs.put(bytes).await?,
            integrity_digest: blobs.put(integrity.bytes()?).await?,
            integrity,
        })
    }

    fn version_of(
        &self,
        actor: &Actor,
        software_id: &str,
        (manifest, manifest_digest): (VersionManifest, Digest),
        stored: Option<&Stored>,
        published: Option<Digest>,
    ) -> Result<Version, RegistryError> {
        let bundle = stored.map(|stored| stored.digest);
        let integrity = stored.map_or(published, |stored| Some(stored.integrity_digest));
        let document = ReleaseDocument::new(
            software_id,
            &manifest.software_version,
            manifest_digest,
            bundle,
            integrity,
        );
        Ok(Version {
            release: Digest::of(&document.bytes()?),
            software_id: software_id.to_owned(),
            software_version: manifest.software_version.clone(),
            manifest,
            manifest_digest,
            bundle,
            integrity,
            size: stored.map(|stored| stored.size),
            state: VersionState::Draft,
            round: 0,
            entry: None,
            verdict: None,
            release_jws: None,
            approval: None,
            created_by: actor.person.clone(),
            created_at: self.parts().clock.now(),
            submitted_at: None,
            approved_at: None,
            expires_at: None,
        })
    }

    async fn keep(
        &self,
        actor: &Actor,
        version: Version,
        stored: Option<Stored>,
    ) -> Result<Uploaded, RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        // Two versions at once would each be the highest.
        store::app::lock(&mut tx, &version.software_id).await?;
        apps::own(&mut tx, actor, &version.software_id).await?;
        let (id, number) = (&version.software_id, &version.software_version);
        if let Some(existing) = store::version::find(&mut tx, id, number).await? {
            return self.same(&version, existing);
        }
        monotone(&mut tx, &version).await?;
        if let Some(stored) = &stored {
            keep_bundle(&mut tx, version.created_at, id, stored).await?;
        }
        if !store::version::insert(&mut tx, &version).await? {
            // Somebody was faster; what they wrote is visible now.
            let existing = store::version::find(&mut tx, id, number).await?;
            return self.same(&version, existing.ok_or(RegistryError::Raced)?);
        }
        progress::begin(self, &mut tx, &version, &Acted::from(actor)).await?;
        tx.commit().await?;
        Ok(Uploaded::Created(self.view(version)))
    }

    fn same(&self, version: &Version, existing: Version) -> Result<Uploaded, RegistryError> {
        if existing.release == version.release {
            Ok(Uploaded::Unchanged(self.view(existing)))
        } else {
            Err(RegistryError::VersionReused)
        }
    }
}

async fn monotone(tx: &mut Tx, version: &Version) -> Result<(), RegistryError> {
    let versions = store::version::of(tx, &version.software_id).await?;
    let highest = versions
        .iter()
        .filter_map(|existing| super::versions::precedence(&existing.software_version))
        .max();
    match (
        highest,
        super::versions::precedence(&version.software_version),
    ) {
        (Some(highest), Some(this)) if this <= highest => Err(RegistryError::invalid(
            "manifest-invalid",
            vec![checks::version::not_monotone(&highest.to_string())],
        )),
        _ => Ok(()),
    }
}

async fn keep_bundle(
    tx: &mut Tx,
    now: Timestamp,
    software_id: &str,
    stored: &Stored,
) -> Result<(), RegistryError> {
    let bundle = NewBundle {
        digest: stored.digest,
        software_id,
        integrity_digest: stored.integrity_digest,
        size: stored.size,
        integrity: &stored.integrity,
    };
    store::bundle::insert(tx, now, &bundle).await?;
    let owner = store::bundle::owner(tx, &stored.digest).await?;
    if owner.as_deref() == Some(software_id) {
        Ok(())
    } else {
        Err(RegistryError::BundleOfAnotherApp)
    }
}

/// How many files of one archive are written at the same time.
const FILES_AT_ONCE: usize = 8;

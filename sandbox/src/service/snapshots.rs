//! Snapshots of a sandbox, going back to them, and sandboxes made from others. None of it copies what was
//! written: a log goes on from another (`fhir::overlay::parts`).

use super::Core;
use crate::domain::sandbox::{SandboxInfo, is_name};
use crate::domain::snapshot::{MOST_SNAPSHOTS, NewClone, Snapshot};
use crate::error::SandboxError;
use crate::fhir::{self, Head};
use crate::store::snapshots::Place;
use crate::store::{clients, sandboxes, snapshots};
use foundation::store::Tx;

impl Core {
    /// Takes a snapshot of what was written, and of the sandbox's today.
    pub(crate) async fn take_snapshot(
        &self,
        sandbox: &str,
        name: &str,
    ) -> Result<Snapshot, SandboxError> {
        if !is_name(name) {
            return Err(SandboxError::BadSnapshotName(
                name.chars().take(60).collect(),
            ));
        }
        let mut tx = self.database.begin().await?;
        let info = sandboxes::hold(&mut tx, sandbox).await?;
        let info = info.ok_or_else(|| SandboxError::UnknownSandbox(sandbox.to_owned()))?;
        if snapshots::all(&mut tx, sandbox).await?.len() >= MOST_SNAPSHOTS {
            return Err(SandboxError::Snapshots(MOST_SNAPSHOTS));
        }
        let head = fhir::hold(&mut tx, sandbox).await?;
        let place = Place {
            head,
            snapshot: Snapshot {
                name: name.to_owned(),
                changes: head.map_or(0, |head| head.seq),
                as_of: info.settings.as_of,
                created_at: self.now(),
            },
        };
        if !snapshots::insert(&mut tx, sandbox, &place).await? {
            return Err(SandboxError::SnapshotTaken(name.to_owned()));
        }
        tx.commit().await?;
        Ok(place.snapshot)
    }

    /// The snapshots of a sandbox, oldest first.
    pub(crate) async fn snapshots(&self, sandbox: &str) -> Result<Vec<Snapshot>, SandboxError> {
        let mut tx = self.database.read().await?;
        found(&mut tx, sandbox).await?;
        Ok(snapshots::all(&mut tx, sandbox).await?)
    }

    /// Removes a snapshot.
    pub(crate) async fn delete_snapshot(
        &self,
        sandbox: &str,
        name: &str,
    ) -> Result<(), SandboxError> {
        let mut tx = self.database.begin().await?;
        found(&mut tx, sandbox).await?;
        if !snapshots::delete(&mut tx, sandbox, name).await? {
            return Err(SandboxError::UnknownSnapshot(name.to_owned()));
        }
        self.collect_soon(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a sandbox what it was at a snapshot. Tokens, launches and traffic end as at a reset; clients
    /// and snapshots stay.
    pub(crate) async fn restore(&self, sandbox: &str, name: &str) -> Result<(), SandboxError> {
        self.recorder.flush().await;
        let mut tx = self.database.begin().await?;
        found(&mut tx, sandbox).await?;
        let place = held(&mut tx, sandbox, name).await?;
        let (as_of, head) = (place.snapshot.as_of, place.head);
        self.wipe(&mut tx, sandbox, as_of).await?;
        self.fill(&mut tx, sandbox, head).await?;
        tx.commit().await?;
        self.forget(sandbox);
        Ok(())
    }

    /// Makes a sandbox from another: the same people, clients and rules, and what was written there until
    /// now or until a snapshot. Tokens, launches, traffic, keys and snapshots are its own.
    pub(crate) async fn clone_sandbox(
        &self,
        of: &str,
        new: NewClone,
    ) -> Result<SandboxInfo, SandboxError> {
        let name = self.name(new.name)?;
        let mut tx = self.database.begin().await?;
        let source = found(&mut tx, of).await?;
        let (as_of, head) = match &new.snapshot {
            None => (source.settings.as_of, fhir::hold(&mut tx, of).await?),
            Some(snapshot) => {
                let place = held(&mut tx, of, snapshot).await?;
                (place.snapshot.as_of, place.head)
            }
        };
        let title = if new.title.is_empty() {
            source.title.clone()
        } else {
            new.title
        };
        let made = SandboxInfo {
            name,
            title,
            owner: new.owner,
            settings: synthetic_data::Settings {
                as_of,
                ..source.settings
            },
            validation: source.validation,
            created_at: self.now(),
            expires_at: self.end(new.lifetime),
        };
        self.add(&mut tx, &made).await?;
        clients::copy(&mut tx, of, &made.name).await?;
        self.fill(&mut tx, &made.name, head).await?;
        tx.commit().await?;
        Ok(made)
    }

    async fn fill(
        &self,
        tx: &mut Tx,
        sandbox: &str,
        from: Option<Head>,
    ) -> Result<(), SandboxError> {
        if let Some(from) = from {
            fhir::go_on_from(tx, sandbox, from, (self.now(), &*self.entropy)).await?;
        }
        Ok(())
    }
}

async fn found(tx: &mut Tx, sandbox: &str) -> Result<SandboxInfo, SandboxError> {
    let found = sandboxes::find(tx, sandbox).await?;
    found.ok_or_else(|| SandboxError::UnknownSandbox(sandbox.to_owned()))
}

async fn held(tx: &mut Tx, sandbox: &str, name: &str) -> Result<Place, SandboxError> {
    let place = snapshots::hold(tx, sandbox, name).await?;
    place.ok_or_else(|| SandboxError::UnknownSnapshot(name.to_owned()))
}

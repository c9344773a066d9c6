//! Making, resetting and deleting sandboxes. A sandbox is one row: its people are computed.

use std::time::Duration;

use foundation::store::{StoreError, Tx};
use synthetic_data::Settings;

use super::Core;
use crate::domain::exchange::Exchange;
use crate::domain::sandbox::{DEMO, NewSandbox, SandboxInfo, is_name};
use crate::error::SandboxError;
use crate::store::{documents, exchanges, grants, launches, sandboxes};

impl Core {
    /// Makes a sandbox.
    pub(crate) async fn create(&self, new: NewSandbox) -> Result<SandboxInfo, SandboxError> {
        let name = self.name(new.name)?;
        let defaults = Settings::default_on(self.today()?);
        let settings = Settings {
            seed: new.seed.unwrap_or(defaults.seed),
            size: new.size.unwrap_or(defaults.size),
            municipality: new
                .municipality
                .unwrap_or_else(|| defaults.municipality.clone()),
            ..defaults
        };
        // Refuses what cannot be computed, before it is kept.
        synthetic_data::Dataset::new(settings.clone())?;
        let title = if new.title.is_empty() {
            name.clone()
        } else {
            new.title
        };
        let sandbox = SandboxInfo {
            name,
            title,
            owner: new.owner,
            settings,
            validation: new.validation,
            created_at: self.now(),
            expires_at: self.end(new.lifetime),
        };
        let mut tx = self.database.begin().await?;
        self.add(&mut tx, &sandbox).await?;
        tx.commit().await?;
        Ok(sandbox)
    }

    /// Adds a sandbox, if its owner may have one more.
    pub(super) async fn add(&self, tx: &mut Tx, sandbox: &SandboxInfo) -> Result<(), SandboxError> {
        if let Some(owner) = &sandbox.owner {
            let most = self.config.sandboxes_per_organisation;
            if sandboxes::owned(tx, owner).await? >= i64::from(most) {
                return Err(SandboxError::Sandboxes(most));
            }
        }
        if !sandboxes::insert(tx, sandbox).await? {
            return Err(SandboxError::NameTaken(sandbox.name.clone()));
        }
        Ok(())
    }

    /// Makes the demo sandbox unless it is there.
    pub(crate) async fn ensure_demo(&self) -> Result<(), SandboxError> {
        let new = NewSandbox {
            name: Some(DEMO.to_owned()),
            title: "Demo".to_owned(),
            owner: None,
            seed: Some(self.config.demo_seed),
            size: Some(self.config.demo_size),
            municipality: Some(self.config.demo_municipality.clone()),
            ..NewSandbox::default()
        };
        match self.create(new).await {
            Ok(_) | Err(SandboxError::NameTaken(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Every sandbox.
    pub(crate) async fn sandboxes(&self) -> Result<Vec<SandboxInfo>, SandboxError> {
        let mut tx = self.database.read().await?;
        Ok(sandboxes::all(&mut tx).await?)
    }

    /// Forgets what was written and done in a sandbox; clients stay, and its today is today.
    pub(crate) async fn reset(&self, name: &str) -> Result<(), SandboxError> {
        let today = self.today()?;
        self.recorder.flush().await;
        let mut tx = self.database.begin().await?;
        if sandboxes::find(&mut tx, name).await?.is_none() {
            return Err(SandboxError::UnknownSandbox(name.to_owned()));
        }
        self.wipe(&mut tx, name, today).await?;
        tx.commit().await?;
        self.forget(name);
        Ok(())
    }

    /// Takes everything but its clients and snapshots from a sandbox, and moves its today.
    pub(super) async fn wipe(
        &self,
        tx: &mut Tx,
        name: &str,
        as_of: synthetic_data::Date,
    ) -> Result<(), StoreError> {
        grants::clear(tx, name).await?;
        launches::clear(tx, name).await?;
        exchanges::clear(tx, name).await?;
        documents::clear(tx, name).await?;
        crate::fhir::clear(tx, name).await?;
        self.collect_soon(tx).await?;
        sandboxes::set_as_of(tx, name, as_of).await
    }

    /// Has what is kept in memory of a sandbox read again.
    pub(super) fn forget(&self, name: &str) {
        self.overlays.forget(name);
        self.admissions.forget();
    }

    /// What was asked of a sandbox after `after`, oldest first.
    pub(crate) async fn traffic(
        &self,
        sandbox: &str,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Exchange>, SandboxError> {
        self.recorder.flush().await;
        self.sandbox(sandbox).await?;
        let mut tx = self.database.read().await?;
        Ok(exchanges::after(&mut tx, sandbox, after, limit).await?)
    }

    /// Deletes a sandbox with everything in it.
    pub(crate) async fn delete(&self, name: &str) -> Result<(), SandboxError> {
        if name == DEMO {
            return Err(SandboxError::DemoStays);
        }
        let mut tx = self.database.begin().await?;
        if sandboxes::find(&mut tx, name).await?.is_none() {
            return Err(SandboxError::UnknownSandbox(name.to_owned()));
        }
        sandboxes::delete(&mut tx, name).await?;
        self.collect_soon(&mut tx).await?;
        tx.commit().await?;
        self.forget(name);
        Ok(())
    }

    fn today(&self) -> Result<synthetic_data::Date, SandboxError> {
        let today = self.now().date().to_string();
        today.parse().map_err(|_| SandboxError::Stored("date"))
    }

    /// The name that was asked for, or one that is made up.
    pub(super) fn name(&self, asked: Option<String>) -> Result<String, SandboxError> {
        let name = asked.unwrap_or_else(|| self.made_up_name());
        if is_name(&name) {
            Ok(name)
        } else {
            Err(SandboxError::BadName(name.chars().take(60).collect()))
        }
    }

    /// When what is made now for some seconds ends.
    pub(super) fn end(&self, lifetime: Option<u32>) -> Option<foundation::Timestamp> {
        let seconds = u64::from(lifetime?);
        Some(self.now().plus(Duration::from_secs(seconds)))
    }

    /// 80 random bits: the name of a sandbox is not a secret, but nobody stumbles on it.
    fn made_up_name(&self) -> String {
        let random = foundation::entropy::bytes::<10>(&*self.entropy);
        format!(
            "s-{}",
            data_encoding::BASE32_NOPAD
                .encode(&random)
                .to_ascii_lowercase()
        )
    }
}

//! Making, resetting and deleting sandboxes. A sandbox is one row: its people are computed.

use std::time::Duration;

use synthetic_data::Settings;

use super::Core;
use crate::domain::exchange::Exchange;
use crate::domain::sandbox::{DEMO, NewSandbox, SandboxInfo, is_name};
use crate::error::SandboxError;
use crate::store::{documents, exchanges, grants, launches, sandboxes};

impl Core {
    /// Makes a sandbox.
    pub(crate) async fn create(&self, new: NewSandbox) -> Result<SandboxInfo, SandboxError> {
        let name = new.name.unwrap_or_else(|| self.made_up_name());
        if !is_name(&name) {
            return Err(SandboxError::BadName(name.chars().take(60).collect()));
        }
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
            expires_at: new
                .lifetime
                .map(|seconds| self.now().plus(Duration::from_secs(seconds.into()))),
        };
        let mut tx = self.database.begin().await?;
        if !sandboxes::insert(&mut tx, &sandbox).await? {
            return Err(SandboxError::NameTaken(sandbox.name));
        }
        tx.commit().await?;
        Ok(sandbox)
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
        grants::clear(&mut tx, name).await?;
        launches::clear(&mut tx, name).await?;
        exchanges::clear(&mut tx, name).await?;
        documents::clear(&mut tx, name).await?;
        crate::fhir::clear(&mut tx, name).await?;
        sandboxes::set_as_of(&mut tx, name, today).await?;
        tx.commit().await?;
        self.overlays.forget(name);
        self.admissions.forget();
        Ok(())
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
        tx.commit().await?;
        self.overlays.forget(name);
        self.admissions.forget();
        Ok(())
    }

    fn today(&self) -> Result<synthetic_data::Date, SandboxError> {
        let today = self.now().date().to_string();
        today.parse().map_err(|_| SandboxError::Stored("date"))
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

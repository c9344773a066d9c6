//! Sharing a sandbox with other organisations: they use it, and its owner alone changes what it is.

use synthetic_data::ids::OrgNr;

use super::Core;
use crate::domain::sandbox::SandboxInfo;
use crate::error::SandboxError;
use crate::store::{sandboxes, shares};

impl Core {
    /// Lets an organisation use a sandbox.
    pub(crate) async fn share(&self, sandbox: &str, with: &str) -> Result<(), SandboxError> {
        if with.parse::<OrgNr>().is_err() {
            return Err(SandboxError::BadOrganisation(
                with.chars().take(60).collect(),
            ));
        }
        let mut tx = self.database.begin().await?;
        if sandboxes::hold(&mut tx, sandbox).await?.is_none() {
            return Err(SandboxError::UnknownSandbox(sandbox.to_owned()));
        }
        let others = shares::of_sandbox(&mut tx, sandbox).await?;
        if others.len() >= MOST_SHARES && !others.iter().any(|one| one == with) {
            return Err(SandboxError::Shares(MOST_SHARES));
        }
        shares::insert(&mut tx, sandbox, with, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Ends it.
    pub(crate) async fn unshare(&self, sandbox: &str, with: &str) -> Result<(), SandboxError> {
        let mut tx = self.database.begin().await?;
        if !shares::delete(&mut tx, sandbox, with).await? {
            return Err(SandboxError::NotShared(with.chars().take(60).collect()));
        }
        Ok(tx.commit().await?)
    }

    /// Organisation numbers with which a sandbox is shared.
    pub(crate) async fn shares(&self, sandbox: &str) -> Result<Vec<String>, SandboxError> {
        let mut tx = self.database.read().await?;
        Ok(shares::of_sandbox(&mut tx, sandbox).await?)
    }

    /// Whether a sandbox is shared with an organisation.
    pub(crate) async fn is_shared(&self, sandbox: &str, with: &str) -> Result<bool, SandboxError> {
        let shares = self.shares(sandbox).await?;
        Ok(shares.iter().any(|one| one == with))
    }

    /// The sandboxes that an organisation owns or may use.
    pub(crate) async fn sandboxes_of(
        &self,
        organisation: &str,
    ) -> Result<Vec<SandboxInfo>, SandboxError> {
        let mut tx = self.database.read().await?;
        let shared = shares::with(&mut tx, organisation).await?;
        let mut all = sandboxes::all(&mut tx).await?;
        all.retain(|one| one.owner.as_deref() == Some(organisation) || shared.contains(&one.name));
        Ok(all)
    }
}

/// Organisations with which a sandbox may be shared.
const MOST_SHARES: usize = 50;

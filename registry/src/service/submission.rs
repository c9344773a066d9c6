//! Sending a version to review: it must have passed the check of exactly its bytes; the entry, the
//! verdict and the vendor's signature are frozen with it.

use foundation::access::Actor;
use foundation::error::Finding;

use super::ports::{Outcome, Verdict};
use super::versions::VersionView;
use super::{Registry, apps, progress};
use crate::domain::history::Acted;
use crate::domain::version::Event;
use crate::error::RegistryError;
use crate::store;
use crate::store::version::Frozen;

impl Registry {
    /// Submits a version of one of the actor's apps.
    pub async fn submit(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
    ) -> Result<VersionView, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let app = apps::own(&mut tx, actor, software_id).await?;
        let mut found = store::version::find(&mut tx, software_id, version)
            .await?
            .ok_or(RegistryError::VersionUnknown)?;
        found.state.after(Event::Submitted)?;
        // A resubmission freezes the entry as it is now.
        found.entry = None;
        let subject = self.subject_of(&mut tx, &app, &found).await?;
        drop(tx);

        let verdict = self.passed(&found.release).await?;
        let release_jws = self.parts().signing.release(&subject).await?;

        let mut tx = self.parts().database.begin().await?;
        store::version::lock(&mut tx, software_id, version).await?;
        let current = store::version::find(&mut tx, software_id, version)
            .await?
            .filter(|current| current.state == found.state && current.round == found.round)
            .ok_or(RegistryError::Raced)?;
        let frozen = Frozen {
            entry: &subject.entry,
            verdict: &verdict,
            release_jws: &release_jws,
            at: self.parts().clock.now(),
        };
        store::version::freeze(&mut tx, &current, &frozen).await?;
        let by = Acted::from(actor);
        progress::record(self, &mut tx, &current, Event::Submitted, &by, "").await?;
        let (_, submitted) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        tx.commit().await?;
        Ok(self.view(submitted))
    }

    async fn passed(&self, release: &foundation::Digest) -> Result<Verdict, RegistryError> {
        let verdict = self
            .parts()
            .verdicts
            .latest(release)
            .await?
            .ok_or(RegistryError::CheckMissing)?;
        if verdict.passed {
            return Ok(verdict);
        }
        let failed = verdict
            .results
            .iter()
            .filter(|result| result.outcome == Outcome::Failed);
        let findings = failed.map(|result| Finding {
            code: "requirement-failed".to_owned(),
            pointer: result.id.clone(),
            detail: format!("{} is not met.", result.id),
            remedy: format!("Read the finding in check {}.", verdict.check),
        });
        Err(RegistryError::CheckFailed {
            findings: findings.collect(),
        })
    }
}

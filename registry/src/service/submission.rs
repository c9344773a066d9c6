//! Sending a version to review: it must have passed the check of exactly its bytes; the entry, the
//! verdict and the vendor's signature are frozen with it.

use foundation::access::Actor;
use foundation::error::Finding;
use foundation::store::Tx;
use serde::Deserialize;
use serde_json::Value;

use super::ports::{Outcome, Subject, Verdict};
use super::versions::VersionView;
use super::{Registry, apps, progress};
use crate::domain::history::Acted;
use crate::domain::version::Event;
use crate::error::RegistryError;
use crate::store;
use crate::store::version::{Frozen, Version};

/// A submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionRequest {
    /// The exact `app-release+jwt`, from a vendor that has a key of its own.
    #[serde(default)]
    pub release: Option<String>,
}

impl Registry {
    /// What the vendor of a version signs before it submits it, when it has a key of its own.
    pub async fn release_claims(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
    ) -> Result<Value, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let (_, subject) = self.to_submit(&mut tx, actor, software_id, version).await?;
        Ok(self.parts().signing.release_claims(&subject)?)
    }

    /// Submits a version of one of the actor's apps, with the release that the vendor signed if it
    /// has a key of its own.
    pub async fn submit(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
        request: SubmissionRequest,
    ) -> Result<VersionView, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let (found, subject) = self.to_submit(&mut tx, actor, software_id, version).await?;
        drop(tx);

        let verdict = self.passed(&found.release).await?;
        self.require_served(&found).await?;
        let signing = &self.parts().signing;
        let (release_jws, once) = match request.release {
            Some(jws) => {
                let once = signing.accept_release(&jws, &subject).await?;
                (jws, Some(once))
            }
            None => (signing.release(&subject).await?, None),
        };

        let mut tx = self.parts().database.begin().await?;
        store::version::lock(&mut tx, software_id, version).await?;
        let current = store::version::find(&mut tx, software_id, version)
            .await?
            .filter(|current| current.state == found.state && current.round == found.round)
            .ok_or(RegistryError::Raced)?;
        if let Some(once) = once {
            self.trust().spend(&mut tx, &once.jti, once.exp).await?;
        }
        let frozen = Frozen {
            entry: &subject.entry,
            verdict: &verdict,
            release_jws: &release_jws,
            at: self.parts().clock.now(),
        };
        store::version::freeze(&mut tx, &current, &frozen).await?;
        self.note_served(&mut tx, &current).await?;
        let by = Acted::from(actor);
        progress::record(self, &mut tx, &current, Event::Submitted, &by, "").await?;
        let (_, submitted) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        tx.commit().await?;
        Ok(self.view(submitted))
    }

    /// The version, when it can be submitted, and what it would be frozen as.
    async fn to_submit(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        software_id: &str,
        version: &str,
    ) -> Result<(Version, Subject), RegistryError> {
        let app = apps::own(tx, actor, software_id).await?;
        let mut found = store::version::find(tx, software_id, version)
            .await?
            .ok_or(RegistryError::VersionUnknown)?;
        found.after(Event::Submitted)?;
        // A resubmission freezes the entry as it is now.
        found.entry = None;
        let subject = self.subject_of(tx, &app, &found).await?;
        Ok((found, subject))
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

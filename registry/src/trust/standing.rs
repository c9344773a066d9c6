//! Carries a change of an approval's standing: logged as an event first, witnessed, then made true
//! in the status list and visible in the same transaction.

use verifier::claims::{StatusEvent, StatusListReference};
use verifier::jwk::KeyUse;
use verifier::status::StatusValue;

use super::Trust;
use super::desk::reviewer_id;
use super::error::TrustError;
use crate::domain::version::VersionState;
use crate::service::Registry;
use crate::service::carry::{StandingCase, StandingJob};

impl Trust {
    /// Carries one change as far as it goes; nothing is left to do when it returns.
    pub(crate) async fn change_standing(
        &self,
        registry: &Registry,
        job: &StandingJob,
    ) -> Result<(), TrustError> {
        let events = self.keys.token_signer(KeyUse::StatusEvent, "").await?;
        let mut tx = self.database.begin().await?;
        let Some(case) = registry.standing_case(&mut tx, &job.standing).await? else {
            return Ok(());
        };
        let to = value(case.to)?;
        let event = events.sign(&self.event(&case, to)?)?;
        drop(tx);
        let key = format!("status:{}", job.standing);
        self.log.add(&key, event.as_bytes()).await?;

        let signer = self.status_signer().await?;
        let mut tx = self.database.begin().await?;
        self.set_status(&mut tx, &case.approval.jti, to, &signer)
            .await?;
        registry.apply_standing(&mut tx, &job.standing).await?;
        Ok(tx.commit().await?)
    }

    fn event(&self, case: &StandingCase, to: StatusValue) -> Result<StatusEvent, TrustError> {
        let decider = case.by.last().map_or("", |acted| acted.person.as_str());
        Ok(StatusEvent {
            iss: self.config.public_url.clone(),
            iat: self.clock.now().seconds(),
            jti: case.approval.jti.clone(),
            status_list: StatusListReference {
                idx: case.approval.status_index,
                uri: case.approval.status_uri.clone(),
            },
            from: value(case.from)?,
            to,
            reason: case.reason.clone(),
            actor: reviewer_id(&self.config, decider),
        })
    }
}

/// What a version's state is in its status list.
fn value(state: VersionState) -> Result<StatusValue, TrustError> {
    match state {
        VersionState::Approved => Ok(StatusValue::Valid),
        VersionState::Suspended => Ok(StatusValue::Suspended),
        VersionState::Revoked => Ok(StatusValue::Invalid),
        other => Err(TrustError::Format(format!(
            "a version that is {} has no status",
            other.as_str()
        ))),
    }
}

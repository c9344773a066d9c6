//! Carries a change of an approval's standing: logged as an event first, then made true in the status
//! list and visible in the same transaction. What makes an approval count again waits for the
//! witnesses; what stops it does not, or whoever can hold up a witness could keep an app running.

use verifier::claims::{StatusEvent, StatusListReference};
use verifier::jwk::KeyUse;
use verifier::status::StatusValue;

use super::Trust;
use super::desk::{reviewer_id, vendor_id};
use super::error::TrustError;
use crate::domain::history::Acted;
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
        self.log.sequence(&key, event.as_bytes()).await?;

        match self.log.publish().await {
            Ok(_) => {}
            Err(error) if to != StatusValue::Valid => {
                tracing::warn!(%error, "a status event is logged, but not witnessed yet");
            }
            Err(error) => return Err(error.into()),
        }

        let signer = self.status_signer().await?;
        let mut tx = self.database.begin().await?;
        self.set_status(&mut tx, &case.approval.jti, to, &signer)
            .await?;
        registry.apply_standing(&mut tx, &job.standing).await?;
        tx.commit().await?;
        self.feed.nudge();
        Ok(())
    }

    fn event(&self, case: &StandingCase, to: StatusValue) -> Result<StatusEvent, TrustError> {
        let mut voices = case.by.iter().rev();
        let actor = voices.next();
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
            cause: case.cause,
            reason: case.reason.clone(),
            actor: actor.map_or_else(String::new, |by| self.party(by, &case.vendor)),
            proposer: voices.next().map(|by| self.party(by, &case.vendor)),
        })
    }

    /// Who acted, as the log names them: a vendor by its organisation, a reviewer by a pseudonym.
    fn party(&self, by: &Acted, vendor: &str) -> String {
        if by.is_monitor() {
            format!("{}/monitor", self.config.public_url)
        } else if by.organisation == vendor {
            vendor_id(&self.config, vendor)
        } else {
            reviewer_id(&self.config, &by.person)
        }
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

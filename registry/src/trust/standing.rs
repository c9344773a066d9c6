//! Carries a change of a version's standing: logged as events first, then made true in the status
//! lists and visible in the same transaction. It is about every approval of the version that is out,
//! also those that another has followed: EPJs may go by any of them. What makes an approval count
//! again waits for the witnesses; what stops it does not, or whoever can hold up a witness could keep
//! an app running.

use std::collections::BTreeSet;

use foundation::store::Tx;
use verifier::claims::{Approval, StatusEvent, StatusListReference};
use verifier::jwk::KeyUse;
use verifier::status::StatusValue;

use super::Trust;
use super::desk::{reviewer_id, unverified, vendor_id};
use super::error::TrustError;
use super::issue::entry_key;
use super::store::log as rows;
use super::store::status::{self, Given};
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
        let mut logged = BTreeSet::new();
        for _ in 0..ROUNDS {
            let mut tx = self.database.begin().await?;
            let Some(case) = registry.standing_case(&mut tx, &job.standing).await? else {
                return Ok(tx.commit().await?);
            };
            let to = value(case.to)?;
            let changes = changes(&mut tx, &case, to).await?;
            // The log writes in a transaction of its own.
            drop(tx);
            self.log_events(job, &case, &changes, to).await?;
            logged.extend(changes.into_iter().map(|given| given.jti));
            if self.make_true(registry, job, &logged).await? {
                self.feed.nudge();
                return Ok(());
            }
        }
        Err(TrustError::Overtaken(job.standing.clone()))
    }

    /// Logs what changes, one event for each approval, and shows it to the witnesses.
    async fn log_events(
        &self,
        job: &StandingJob,
        case: &StandingCase,
        changes: &[Given],
        to: StatusValue,
    ) -> Result<(), TrustError> {
        let events = self.keys.token_signer(KeyUse::StatusEvent, "").await?;
        for given in changes {
            let event = events.sign(&self.event(case, given, to))?;
            let key = format!("status:{}:{}", job.standing, given.jti);
            self.log.sequence(&key, event.as_bytes()).await?;
        }
        match self.log.publish().await {
            Ok(_) => Ok(()),
            Err(error) if to != StatusValue::Valid => {
                tracing::warn!(%error, "a status event is logged, but not witnessed yet");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes true and visible what was logged; false when another approval was published meanwhile,
    /// which is to be logged first.
    async fn make_true(
        &self,
        registry: &Registry,
        job: &StandingJob,
        logged: &BTreeSet<String>,
    ) -> Result<bool, TrustError> {
        let signer = self.status_signer().await?;
        let mut tx = self.database.begin().await?;
        let Some(case) = registry.standing_case(&mut tx, &job.standing).await? else {
            tx.commit().await?;
            return Ok(true);
        };
        let to = value(case.to)?;
        let changes = changes(&mut tx, &case, to).await?;
        if !changes.iter().all(|given| logged.contains(&given.jti)) {
            return Ok(false);
        }
        let mut lists = BTreeSet::new();
        for given in changes {
            status::set(&mut tx, &given.jti, to).await?;
            lists.insert(given.list);
        }
        for list in lists {
            self.reissue(&mut tx, list, &signer).await?;
        }
        registry.apply_standing(&mut tx, &job.standing).await?;
        tx.commit().await?;
        Ok(true)
    }

    fn event(&self, case: &StandingCase, given: &Given, to: StatusValue) -> StatusEvent {
        let mut voices = case.by.iter().rev();
        let actor = voices.next();
        StatusEvent {
            iss: self.config.public_url.clone(),
            iat: self.clock.now().seconds(),
            jti: given.jti.clone(),
            status_list: StatusListReference {
                idx: given.position.try_into().unwrap_or(0),
                uri: self.status_uri(given.list),
            },
            from: given.value,
            to,
            cause: case.cause,
            reason: case.reason.clone(),
            actor: actor.map_or_else(String::new, |by| self.party(by, &case.vendor)),
            proposer: voices.next().map(|by| self.party(by, &case.vendor)),
        }
    }

    /// Records which version each approval is of that was published and followed by another when that
    /// was not recorded yet: the log has it.
    pub(crate) async fn name_approvals(&self) -> Result<(), TrustError> {
        let mut tx = self.database.begin().await?;
        for jti in status::nameless(&mut tx).await? {
            let Some((log, place)) = rows::find(&mut tx, &entry_key(&jti)).await? else {
                continue;
            };
            let entry = rows::entries(&mut tx, &log, place, 1).await?.pop();
            let text = entry.and_then(|entry| String::from_utf8(entry).ok());
            let approval = text.and_then(|text| unverified::<Approval>(&text).ok());
            if let Some(approval) = approval {
                let version = (
                    approval.software_id.as_str(),
                    approval.software_version.as_str(),
                );
                status::name(&mut tx, &jti, version).await?;
            }
        }
        Ok(tx.commit().await?)
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

/// The approvals that the decision changes. One that was never issued stays so: what would make it
/// valid finds the version in its new state.
async fn changes(
    tx: &mut Tx,
    case: &StandingCase,
    to: StatusValue,
) -> Result<Vec<Given>, TrustError> {
    let version = (case.software_id.as_str(), case.software_version.as_str());
    let mut given = status::of_version(tx, version, &case.approval).await?;
    given.retain(|given| given.value != StatusValue::NotIssued && given.value.may_become(to));
    Ok(given)
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

/// How often another approval may be published while events are logged before others have their turn.
const ROUNDS: usize = 8;

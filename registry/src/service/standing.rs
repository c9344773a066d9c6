//! Suspending, reinstating, revoking and withdrawing: who decides, and the hand-over of what is
//! decided. An approval's standing changes when it is logged, not when it is decided.

use foundation::access::Actor;
use foundation::id;
use foundation::jobs::{self, NewJob};
use foundation::store::Tx;
use serde::{Deserialize, Serialize};

use super::carry::{STANDING, StandingJob};
use super::{Registry, progress};
use crate::domain::history::Acted;
use crate::domain::standing::{self, Action, NotYours};
use crate::domain::version::VersionState;
use crate::error::{RegistryError, StandingRefusal};
use crate::store;
use crate::store::standing::{Progress, Standing};
use crate::store::version::Version;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingRequest {
    /// The action.
    pub action: Action,
    /// Why; those concerned will read it.
    #[serde(default)]
    pub reason: String,
}

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StandingOutcome {
    /// The action.
    pub action: Action,
    /// `done`, `decided` (it is being logged and published) or `needs-another-reviewer`.
    pub progress: &'static str,
    /// The version's state at this moment.
    pub state: VersionState,
}

impl Registry {
    /// Decides about a version's standing.
    pub async fn change_standing(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
        request: StandingRequest,
    ) -> Result<StandingOutcome, RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        store::version::lock(&mut tx, software_id, version).await?;
        let (app, found) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        standing::may(request.action, actor, &app.orgnr).map_err(|refusal| {
            RegistryError::Standing(match refusal {
                NotYours::ReviewersOnly => StandingRefusal::ReviewersOnly,
                NotYours::VendorOnly => StandingRefusal::VendorOnly,
                NotYours::Conflict => StandingRefusal::Conflict,
            })
        })?;
        let action = request.action;
        found.state.after(action.event())?;
        if request.reason.trim().is_empty() {
            return Err(RegistryError::ReasonMissing);
        }
        let (progress, state) = if action == Action::Withdraw {
            let by = Acted::from(actor);
            let state =
                progress::record(self, &mut tx, &found, action.event(), &by, &request.reason)
                    .await?;
            ("done", state)
        } else if self.agree(&mut tx, actor, &found, &request).await? {
            ("decided", found.state)
        } else {
            ("needs-another-reviewer", found.state)
        };
        tx.commit().await?;
        Ok(StandingOutcome {
            action,
            progress,
            state,
        })
    }

    /// Adds the actor's voice; true when enough agree and the decision was handed over.
    async fn agree(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        version: &Version,
        request: &StandingRequest,
    ) -> Result<bool, RegistryError> {
        let now = self.parts().clock.now();
        let open =
            store::standing::open(tx, &version.software_id, &version.software_version).await?;
        if open
            .iter()
            .any(|standing| standing.progress == Progress::Decided)
        {
            return Err(RegistryError::Standing(StandingRefusal::InProgress));
        }
        let gathering = open
            .into_iter()
            .find(|standing| standing.action == request.action);
        let decision = match gathering {
            Some(gathering) => gathering,
            None => self.open_standing(tx, version, request).await?,
        };
        let voices = store::standing::voices(tx, &decision.id).await?;
        if voices.iter().any(|voice| voice.person == actor.person) {
            return Err(RegistryError::Standing(StandingRefusal::SamePerson));
        }
        if voices
            .iter()
            .any(|voice| voice.organisation == actor.organisation)
        {
            return Err(RegistryError::Standing(StandingRefusal::SameOrganisation));
        }
        let by = Acted::from(actor);
        store::standing::insert_voice(tx, &decision.id, &by, &request.reason, now).await?;
        if voices.len().saturating_add(1) < request.action.voices() {
            return Ok(false);
        }
        store::standing::advance(tx, &decision.id, Progress::Decided, now).await?;
        self.enqueue_standing(tx, &decision.id).await?;
        Ok(true)
    }

    async fn open_standing(
        &self,
        tx: &mut Tx,
        version: &Version,
        request: &StandingRequest,
    ) -> Result<Standing, RegistryError> {
        let parts = self.parts();
        let standing = Standing {
            id: id::generate("std", &*parts.clock, &*parts.entropy),
            software_id: version.software_id.clone(),
            software_version: version.software_version.clone(),
            action: request.action,
            progress: Progress::Gathering,
            reason: request.reason.clone(),
            created_at: parts.clock.now(),
        };
        match store::standing::insert(tx, &standing).await {
            Err(error) if error.is_duplicate() => Err(RegistryError::Raced),
            outcome => {
                outcome?;
                Ok(standing)
            }
        }
    }

    async fn enqueue_standing(&self, tx: &mut Tx, standing: &str) -> Result<(), RegistryError> {
        let parts = self.parts();
        let job = NewJob {
            kind: STANDING,
            key: Some(standing.to_owned()),
            payload: serde_json::to_value(StandingJob {
                standing: standing.to_owned(),
            })?,
            run_at: parts.clock.now(),
        };
        Ok(jobs::enqueue(tx, &*parts.clock, &*parts.entropy, job).await?)
    }
}

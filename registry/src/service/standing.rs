//! Suspending, reinstating, revoking and withdrawing: who decides, and the hand-over of what is
//! decided. An approval's standing changes when it is logged, not when it is decided.

use foundation::access::Actor;
use foundation::jobs::{self, NewJob};
use foundation::store::Tx;
use foundation::{Timestamp, id};
use serde::{Deserialize, Serialize};
use verifier::claims::StatusCause;

use super::carry::{STANDING, StandingJob};
use super::versions::is_insider;
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
    /// The proposal that this agrees to; without it, whichever waits.
    #[serde(default)]
    pub confirms: Option<String>,
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
    /// The decision's identifier, for whoever confirms it; none when it took effect at once.
    pub id: Option<String>,
}

/// A decision that is not carried out yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StandingView {
    /// Its identifier.
    pub id: String,
    /// The action.
    pub action: Action,
    /// `gathering` (another reviewer is needed) or `decided` (it is being logged and published).
    pub progress: &'static str,
    /// What led to it.
    pub cause: StatusCause,
    /// Why.
    pub reason: String,
    /// Who agreed so far, first to last.
    pub by: Vec<Acted>,
    /// When it was proposed.
    pub created_at: Timestamp,
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
        found.after(action.event())?;
        if request.reason.trim().is_empty() {
            return Err(RegistryError::ReasonMissing);
        }
        let by = Acted::from(actor);
        let outcome = if action == Action::Withdraw {
            let state =
                progress::record(self, &mut tx, &found, action.event(), &by, &request.reason)
                    .await?;
            StandingOutcome {
                action,
                progress: "done",
                state,
                id: None,
            }
        } else {
            let (id, enough) = self
                .agree(&mut tx, &by, &found, &request, StatusCause::Decision)
                .await?;
            StandingOutcome {
                action,
                progress: if enough {
                    "decided"
                } else {
                    "needs-another-reviewer"
                },
                state: found.state,
                id: Some(id),
            }
        };
        tx.commit().await?;
        Ok(outcome)
    }

    /// The decisions about a version that are not carried out yet, oldest first; for its vendor,
    /// reviewers and the operator.
    pub async fn standings(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
    ) -> Result<Vec<StandingView>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let (app, found) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        if !is_insider(actor, &app) {
            return Err(RegistryError::VersionUnknown);
        }
        let open =
            store::standing::open(&mut tx, &found.software_id, &found.software_version).await?;
        let mut views = Vec::with_capacity(open.len());
        for standing in open {
            views.push(StandingView {
                by: store::standing::voices(&mut tx, &standing.id).await?,
                id: standing.id,
                action: standing.action,
                progress: standing.progress.as_str(),
                cause: standing.cause,
                reason: standing.reason,
                created_at: standing.created_at,
            });
        }
        Ok(views)
    }

    /// Adds a voice; gives the decision, and true when enough agree and it was handed over.
    pub(super) async fn agree(
        &self,
        tx: &mut Tx,
        by: &Acted,
        version: &Version,
        request: &StandingRequest,
        cause: StatusCause,
    ) -> Result<(String, bool), RegistryError> {
        let now = self.parts().clock.now();
        let (id, number) = (&version.software_id, &version.software_version);
        let open = store::standing::open(tx, id, number).await?;
        if open
            .iter()
            .any(|standing| standing.progress == Progress::Decided)
        {
            return Err(RegistryError::Standing(StandingRefusal::InProgress));
        }
        let gathering = open
            .into_iter()
            .find(|standing| standing.action == request.action);
        let proposed = gathering.as_ref().map(|standing| &standing.id);
        if request.confirms.is_some() && request.confirms.as_ref() != proposed {
            return Err(RegistryError::Standing(StandingRefusal::ProposalGone));
        }
        let decision = match gathering {
            Some(gathering) => gathering,
            None => self.open_standing(tx, version, request, cause).await?,
        };
        let voices = store::standing::voices(tx, &decision.id).await?;
        if voices.iter().any(|voice| voice.person == by.person) {
            return Err(RegistryError::Standing(StandingRefusal::SamePerson));
        }
        if voices
            .iter()
            .any(|voice| voice.organisation == by.organisation)
        {
            return Err(RegistryError::Standing(StandingRefusal::SameOrganisation));
        }
        store::standing::insert_voice(tx, &decision.id, by, &request.reason, now).await?;
        if voices.len().saturating_add(1) < request.action.voices() {
            return Ok((decision.id, false));
        }
        store::standing::advance(tx, &decision.id, Progress::Decided, now).await?;
        self.enqueue_standing(tx, &decision.id).await?;
        Ok((decision.id, true))
    }

    async fn open_standing(
        &self,
        tx: &mut Tx,
        version: &Version,
        request: &StandingRequest,
        cause: StatusCause,
    ) -> Result<Standing, RegistryError> {
        let parts = self.parts();
        let standing = Standing {
            id: id::generate("std", &*parts.clock, &*parts.entropy),
            software_id: version.software_id.clone(),
            software_version: version.software_version.clone(),
            action: request.action,
            progress: Progress::Gathering,
            cause,
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

    /// Hands a decision over to be carried out; done once, however often.
    pub(super) async fn enqueue_standing(
        &self,
        tx: &mut Tx,
        standing: &str,
    ) -> Result<(), RegistryError> {
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

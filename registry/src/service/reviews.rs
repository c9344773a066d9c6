//! Reviews: the queue, and a reviewer's decision with every rule that may refuse it.

use foundation::access::Actor;
use foundation::jobs::{self, NewJob};
use foundation::store::{StoreError, Tx};
use foundation::{Timestamp, id};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use verifier::claims::{Decision, ReviewRole, StatusCause};

use super::carry::{APPROVE, ApprovalJob};
use super::ports::ReviewCase;
use super::standing::StandingRequest;
use super::versions::{VersionView, is_insider};
use super::{Registry, progress};
use crate::domain::history::Acted;
use crate::domain::review::{self, Consequence, Offered, Refusal, Standing};
use crate::domain::standing::Action;
use crate::domain::version::{Event, VersionState};
use crate::error::{RegistryError, ReviewRefusal, StandingRefusal};
use crate::store;
use crate::store::app::App;
use crate::store::review::Review;
use crate::store::version::Version;

/// A decision: made at the desk here, or signed elsewhere.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ReviewRequest {
    /// A JWS that the reviewer signed with a key of their own.
    Signed {
        /// The exact JWS.
        jws: String,
        /// Why; needed when it sends the version back.
        #[serde(default)]
        reason: String,
    },
    /// To be signed with the reviewer's desk key.
    Desk {
        /// The decision.
        decision: Decision,
        /// In which capacity.
        role: ReviewRole,
        /// Why; needed when it sends the version back.
        #[serde(default)]
        reason: String,
    },
}

/// A review that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewView {
    /// Its identifier.
    pub id: String,
    /// Which submission it is about.
    pub round: i64,
    /// Who reviewed.
    pub reviewer: Acted,
    /// In which capacity.
    pub role: ReviewRole,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// The exact JWS.
    pub jws: String,
    /// When.
    pub decided_at: Timestamp,
}

/// A version that waits for reviewers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueueItem {
    /// Bokmål name of the app.
    pub name: String,
    /// Organisation number of the vendor.
    pub vendor: String,
    /// Name of the vendor.
    pub vendor_name: String,
    /// The version.
    pub version: VersionView,
    /// Reviews of this round so far.
    pub reviews: Vec<ReviewView>,
    /// True when the asking reviewer is of the vendor's own organisation and must leave it.
    pub own: bool,
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        Self {
            id: review.id,
            round: review.round,
            reviewer: Acted {
                person: review.subject,
                name: review.name,
                organisation: review.orgnr,
            },
            role: review.role,
            decision: review.decision,
            reason: review.reason,
            jws: review.jws,
            decided_at: review.decided_at,
        }
    }
}

impl Registry {
    /// What waits for reviewers, longest first.
    pub async fn review_queue(&self, actor: &Actor) -> Result<Vec<QueueItem>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let mut waiting =
            store::version::in_states(&mut tx, &[VersionState::Submitted, VersionState::Issuing])
                .await?;
        waiting.sort_by_key(|version| version.submitted_at);
        let mut queue = Vec::new();
        for version in waiting {
            let Some(app) = store::app::find(&mut tx, &version.software_id).await? else {
                continue;
            };
            let vendor = self.vendor(&mut tx, &app.orgnr).await?;
            let reviews = of_round(&mut tx, &version).await?;
            queue.push(QueueItem {
                name: version.entry.as_ref().unwrap_or(&app.entry).name.nb.clone(),
                own: app.orgnr == actor.organisation,
                vendor: app.orgnr,
                vendor_name: vendor.name,
                version: self.view(version),
                reviews: reviews.into_iter().map(ReviewView::from).collect(),
            });
        }
        Ok(queue)
    }

    /// The reviews of a version in every round; for its vendor, reviewers and the operator.
    pub async fn reviews(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
    ) -> Result<Vec<ReviewView>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let (app, version) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        if !is_insider(actor, &app) {
            return Err(RegistryError::VersionUnknown);
        }
        let reviews = store::review::of(&mut tx, software_id, &version.software_version).await?;
        Ok(reviews.into_iter().map(ReviewView::from).collect())
    }

    /// What a reviewer with a card signs to decide so; refused as the decision itself would be.
    pub async fn review_claims(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
        offered: (Decision, ReviewRole),
    ) -> Result<Value, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let (app, found) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        self.consequence(&mut tx, actor, &app, &found, offered)
            .await?;
        let (decision, role) = offered;
        let case = self.case(&mut tx, &app, &found, decision, role).await?;
        Ok(self.parts().signing.review_claims(actor, &case)?)
    }

    /// Records a reviewer's decision; gives it with the version's new state.
    pub async fn review(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
        request: ReviewRequest,
    ) -> Result<(ReviewView, VersionState), RegistryError> {
        let (decision, role, reason) = match &request {
            ReviewRequest::Signed { jws, reason } => {
                let (decision, role) = self.parts().signing.offered(jws)?;
                (decision, role, reason.clone())
            }
            ReviewRequest::Desk {
                decision,
                role,
                reason,
            } => (*decision, *role, reason.clone()),
        };
        if decision == Decision::Reject && reason.trim().is_empty() {
            return Err(RegistryError::ReasonMissing);
        }
        let mut tx = self.parts().database.read().await?;
        let (app, found) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        self.consequence(&mut tx, actor, &app, &found, (decision, role))
            .await?;
        let case = self.case(&mut tx, &app, &found, decision, role).await?;
        drop(tx);

        let jws = match request {
            ReviewRequest::Signed { jws, .. } => {
                self.parts().signing.accept(actor, &jws, &case).await?;
                jws
            }
            ReviewRequest::Desk { .. } => self.parts().signing.review(actor, &case).await?,
        };
        let review = Review {
            id: id::generate("rev", &*self.parts().clock, &*self.parts().entropy),
            round: found.round,
            subject: actor.person.clone(),
            orgnr: actor.organisation.clone(),
            name: actor.name.clone(),
            role,
            decision,
            reason,
            jws,
            decided_at: self.parts().clock.now(),
        };
        self.record_review(actor, &found, review).await
    }

    async fn record_review(
        &self,
        actor: &Actor,
        reviewed: &Version,
        review: Review,
    ) -> Result<(ReviewView, VersionState), RegistryError> {
        let (software_id, number) = (&reviewed.software_id, &reviewed.software_version);
        let mut tx = self.parts().database.begin().await?;
        // Two reviewers at once would each see the other missing.
        store::version::lock(&mut tx, software_id, number).await?;
        let (app, current) = self.seen(&mut tx, Some(actor), software_id, number).await?;
        // The signature is about one submission: another one needs another review.
        if current.round != reviewed.round {
            return Err(RegistryError::Raced);
        }
        let offered = (review.decision, review.role);
        let consequence = self
            .consequence(&mut tx, actor, &app, &current, offered)
            .await?;
        store::review::insert(&mut tx, software_id, number, &review)
            .await
            .map_err(raced)?;
        let event = match consequence {
            Consequence::Endorsed => Event::Endorsed,
            Consequence::Accepted => Event::Accepted,
            Consequence::Returned => Event::Returned,
        };
        let by = Acted::from(actor);
        let state = progress::record(self, &mut tx, &current, event, &by, &review.reason).await?;
        if consequence == Consequence::Accepted {
            self.enqueue_approval(&mut tx, software_id, number).await?;
        }
        if consequence == Consequence::Returned && current.approval.is_some() {
            self.suspend_returned(&mut tx, &current, &by, &review.reason)
                .await?;
        }
        tx.commit().await.map_err(raced)?;
        Ok((review.into(), state))
    }

    /// A reviewer has sent a version back whose approval is out: it is suspended by the same decision,
    /// since nobody has said that it may go on. One reviewer is enough for that, and two can lift it.
    async fn suspend_returned(
        &self,
        tx: &mut Tx,
        version: &Version,
        by: &Acted,
        reason: &str,
    ) -> Result<(), RegistryError> {
        let request = StandingRequest {
            action: Action::Suspend,
            reason: reason.to_owned(),
            confirms: None,
        };
        let cause = StatusCause::Decision;
        match self.agree(tx, by, version, &request, cause).await {
            // Somebody has stopped it at this moment: nothing else can be decided meanwhile.
            Ok(_) | Err(RegistryError::Standing(StandingRefusal::InProgress)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Hands an accepted version over to be signed and published; done once, however often.
    pub(super) async fn enqueue_approval(
        &self,
        tx: &mut Tx,
        software_id: &str,
        number: &str,
    ) -> Result<(), RegistryError> {
        let parts = self.parts();
        let job = NewJob {
            kind: APPROVE,
            key: Some(format!("{software_id}/{number}")),
            payload: serde_json::to_value(ApprovalJob {
                software_id: software_id.to_owned(),
                software_version: number.to_owned(),
            })?,
            run_at: parts.clock.now(),
        };
        Ok(jobs::enqueue(tx, &*parts.clock, &*parts.entropy, job).await?)
    }

    /// What the offered review leads to, or why it is refused.
    async fn consequence(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        app: &App,
        version: &Version,
        (decision, role): (Decision, ReviewRole),
    ) -> Result<Consequence, RegistryError> {
        let person = store::organisation::find_person(tx, &actor.person, &actor.organisation)
            .await?
            .ok_or(RegistryError::PersonUnknown)?;
        let standing: Vec<Standing> = of_round(tx, version)
            .await?
            .into_iter()
            .map(|review| Standing {
                subject: review.subject,
                orgnr: review.orgnr,
                role: review.role,
            })
            .collect();
        let offered = Offered {
            subject: &actor.person,
            orgnr: &actor.organisation,
            role,
            decision,
            capacities: &person.review_roles,
        };
        version.after(Event::Endorsed)?;
        review::decide(&app.orgnr, &standing, &offered).map_err(|refusal| {
            RegistryError::Review(match refusal {
                Refusal::Conflict => ReviewRefusal::Conflict,
                Refusal::WrongCapacity => ReviewRefusal::WrongCapacity,
                Refusal::SamePerson => ReviewRefusal::SamePerson,
                Refusal::SameOrganisation => ReviewRefusal::SameOrganisation,
                Refusal::RoleTaken => ReviewRefusal::RoleTaken,
            })
        })
    }

    async fn case(
        &self,
        tx: &mut Tx,
        app: &App,
        version: &Version,
        decision: Decision,
        role: ReviewRole,
    ) -> Result<ReviewCase, RegistryError> {
        // Both are written with every submission.
        let (Some(release_jws), Some(verdict)) =
            (version.release_jws.clone(), version.verdict.clone())
        else {
            return Err(RegistryError::CheckMissing);
        };
        Ok(ReviewCase {
            subject: self.subject_of(tx, app, version).await?,
            release_jws,
            verdict,
            criteria: self.config().criteria.clone(),
            decision,
            role,
        })
    }
}

async fn of_round(tx: &mut Tx, version: &Version) -> Result<Vec<Review>, RegistryError> {
    let mut reviews =
        store::review::of(tx, &version.software_id, &version.software_version).await?;
    reviews.retain(|review| review.round == version.round);
    Ok(reviews)
}

/// Two reviewers at the same moment: the table's keys let one through.
fn raced(error: StoreError) -> RegistryError {
    if error.is_duplicate() {
        RegistryError::Raced
    } else {
        error.into()
    }
}

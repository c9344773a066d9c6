//! The seam to the trust half: what it needs to sign, log and publish a decision, and the two steps
//! that make its result visible. Both are safe to take twice.

use foundation::Timestamp;
use foundation::store::Tx;
use serde::{Deserialize, Serialize};
use verifier::claims::{Decision, StatusCause};

use super::Registry;
use super::ports::{Subject, Verdict};
use super::progress;
use crate::domain::history::Acted;
use crate::domain::version::{Event, VersionState};
use crate::error::RegistryError;
use crate::store;
use crate::store::standing::Progress;

/// Kind of the job that carries an approval through; its payload is an [`ApprovalJob`].
pub(crate) const APPROVE: &str = "registry.approve";

/// Kind of the job that carries a change of standing through; its payload is a [`StandingJob`].
pub(crate) const STANDING: &str = "registry.status";

/// Payload of [`APPROVE`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ApprovalJob {
    pub(crate) software_id: String,
    pub(crate) software_version: String,
}

/// Payload of [`STANDING`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StandingJob {
    pub(crate) standing: String,
}

/// An approval that both reviewers have signed for.
#[derive(Clone, Debug)]
pub(crate) struct ApprovalCase {
    /// The release as it was submitted.
    pub(crate) subject: Subject,
    /// The vendor's signed release.
    pub(crate) release_jws: String,
    /// The approving reviews of this round, in the order they came.
    pub(crate) reviews: Vec<String>,
    /// The verdict that it was submitted with.
    pub(crate) verdict: Verdict,
    /// The approval of the highest lower version, if one is in force.
    pub(crate) supersedes: Option<String>,
    /// The id of the approval that is out already, and is to be followed by another.
    pub(crate) published: Option<String>,
}

/// What was published of an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The approval's `jti`.
    pub jti: String,
    /// The exact approval.
    pub jws: String,
    /// Its ticket (`c2sp.org/tlog-proof@v1`).
    pub ticket: String,
    /// Which status list it is in.
    pub status_uri: String,
    /// Where in that list.
    pub status_index: u64,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A change of standing that was decided.
#[derive(Clone, Debug)]
pub(crate) struct StandingCase {
    pub(crate) software_id: String,
    pub(crate) software_version: String,
    pub(crate) to: VersionState,
    /// What led to it.
    pub(crate) cause: StatusCause,
    pub(crate) reason: String,
    /// Who agreed, first to last.
    pub(crate) by: Vec<Acted>,
    /// Organisation number of the app's vendor.
    pub(crate) vendor: String,
    /// The id of the approval that was published last. Those before it follow the same decision.
    pub(crate) approval: String,
}

impl Registry {
    /// The case of a version in this state, issuing or approved; `None` when it is not in it (any
    /// more).
    pub(crate) async fn approval_case(
        &self,
        tx: &mut Tx,
        (software_id, software_version): (&str, &str),
        state: VersionState,
    ) -> Result<Option<ApprovalCase>, RegistryError> {
        let Some(app) = store::app::find(tx, software_id).await? else {
            return Ok(None);
        };
        let version = store::version::find(tx, software_id, software_version).await?;
        let Some(version) = version.filter(|found| found.state == state) else {
            return Ok(None);
        };
        let (Some(release_jws), Some(verdict)) =
            (version.release_jws.clone(), version.verdict.clone())
        else {
            return Ok(None);
        };
        let reviews = store::review::of(tx, software_id, software_version).await?;
        Ok(Some(ApprovalCase {
            subject: self.subject_of(tx, &app, &version).await?,
            release_jws,
            reviews: reviews
                .into_iter()
                .filter(|review| {
                    review.round == version.round && review.decision == Decision::Approve
                })
                .map(|review| review.jws)
                .collect(),
            verdict,
            published: version.approval.map(|published| published.jti),
            supersedes: superseded(tx, software_id, software_version).await?,
        }))
    }

    /// Keeps a version from other writers until the transaction ends. To be done before a status list
    /// is written, or two would wait for each other.
    pub(crate) async fn keep_version(
        &self,
        tx: &mut Tx,
        (software_id, software_version): (&str, &str),
    ) -> Result<(), RegistryError> {
        Ok(store::version::lock(tx, software_id, software_version).await?)
    }

    /// Makes an approval visible that is logged, witnessed and valid in its status list.
    pub(crate) async fn publish_approval(
        &self,
        tx: &mut Tx,
        software_id: &str,
        software_version: &str,
        published: &Published,
    ) -> Result<(), RegistryError> {
        self.keep_version(tx, (software_id, software_version))
            .await?;
        let version = store::version::find(tx, software_id, software_version)
            .await?
            .ok_or(RegistryError::VersionUnknown)?;
        if version.approval.as_ref() == Some(published) {
            return Ok(());
        }
        let by = Acted::registry();
        store::version::publish(tx, &version, published).await?;
        let event = match version.state {
            VersionState::Approved => Event::Resigned,
            _ => Event::Approved,
        };
        progress::record(self, tx, &version, event, &by, "").await?;
        Ok(())
    }

    /// The case of a decided change of standing, with the version kept from other writers; `None`
    /// when nothing of it is left to be carried out.
    pub(crate) async fn standing_case(
        &self,
        tx: &mut Tx,
        standing: &str,
    ) -> Result<Option<StandingCase>, RegistryError> {
        let Some(found) = store::standing::find(tx, standing).await? else {
            return Ok(None);
        };
        store::version::lock(tx, &found.software_id, &found.software_version).await?;
        // Read within the lock: whoever had it may have carried this out.
        let found = store::standing::find(tx, standing).await?;
        let Some(decided) = found.filter(|found| found.progress == Progress::Decided) else {
            return Ok(None);
        };
        let version = store::version::find(tx, &decided.software_id, &decided.software_version)
            .await?
            .ok_or(RegistryError::VersionUnknown)?;
        let Ok(to) = version.after(decided.action.event()) else {
            // It came about in another way, or cannot any more: nothing else waits behind it.
            let state = version.state.as_str();
            tracing::warn!(standing, state, "a decision has nothing left to change");
            let now = self.parts().clock.now();
            store::standing::advance(tx, standing, Progress::Lapsed, now).await?;
            return Ok(None);
        };
        let app = store::app::find(tx, &decided.software_id)
            .await?
            .ok_or(RegistryError::AppUnknown)?;
        let approval = version.approval.ok_or(RegistryError::ApprovalMissing)?;
        Ok(Some(StandingCase {
            to,
            cause: decided.cause,
            vendor: app.orgnr,
            by: store::standing::voices(tx, standing).await?,
            approval: approval.jti,
            reason: decided.reason,
            software_id: decided.software_id,
            software_version: decided.software_version,
        }))
    }

    /// Makes a change of standing visible that is logged and stands in the status list.
    pub(crate) async fn apply_standing(
        &self,
        tx: &mut Tx,
        standing: &str,
    ) -> Result<(), RegistryError> {
        let now = self.parts().clock.now();
        let found = store::standing::find(tx, standing).await?;
        let Some(decided) = found.filter(|found| found.progress == Progress::Decided) else {
            return Ok(());
        };
        store::version::lock(tx, &decided.software_id, &decided.software_version).await?;
        let version = store::version::find(tx, &decided.software_id, &decided.software_version)
            .await?
            .ok_or(RegistryError::VersionUnknown)?;
        let voices = store::standing::voices(tx, standing).await?;
        let by = voices.last().cloned().unwrap_or_else(Acted::registry);
        progress::record(
            self,
            tx,
            &version,
            decided.action.event(),
            &by,
            &decided.reason,
        )
        .await?;
        store::standing::advance(tx, standing, Progress::Applied, now).await?;
        store::standing::lapse(tx, &decided.software_id, &decided.software_version).await?;
        self.notify_of_standing(tx, &decided, &by).await
    }
}

/// The approval in force of the highest version below this one.
async fn superseded(
    tx: &mut Tx,
    software_id: &str,
    software_version: &str,
) -> Result<Option<String>, RegistryError> {
    let this = super::versions::precedence(software_version);
    let versions = store::version::of(tx, software_id).await?;
    let lower = versions
        .into_iter()
        .filter(|version| version.state == VersionState::Approved)
        .filter(|version| super::versions::precedence(&version.software_version) < this)
        .max_by_key(|version| super::versions::precedence(&version.software_version));
    Ok(lower
        .and_then(|version| version.approval)
        .map(|published| published.jti))
}

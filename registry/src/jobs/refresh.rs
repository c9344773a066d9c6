//! Every five minutes: the status lists anew, whatever was decided and is not carried out, and of the
//! trust repository what is due (`registry.refresh`). Each run orders the next, under a key of its
//! own, so that there is one chain however many processes there are. A watch in each process mends the
//! chain and makes up for a run that does not come, so that no list grows old while a process lives.

use std::time::Duration;

use async_trait::async_trait;
use foundation::Timestamp;
use foundation::jobs::{Handler, Job, JobError, NewJob, enqueue};
use foundation::store::StoreError;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::hosted;
use crate::error::RegistryError;
use crate::service::Registry;
use crate::trust::TTL;
use crate::trust::log::LogError;

/// The kind of job.
pub(crate) const REFRESH: &str = "registry.refresh";

pub(crate) struct Refresh(pub(crate) Registry);

#[async_trait]
impl Handler for Refresh {
    async fn run(&self, _job: Job) -> Result<(), JobError> {
        // The next is ordered first: a failure of this one must not end the chain.
        order_next(&self.0).await?;
        let trust = self.0.trust();
        // The lists first: what comes after them may have to wait for witnesses. Nothing keeps what
        // comes after it from its turn.
        let done: [Result<(), RegistryError>; 6] = [
            trust
                .refresh_status(Duration::ZERO)
                .await
                .map_err(Into::into),
            self.0.resume().await,
            self.0.promote_keys().await,
            trust.ensure_repository().await.map_err(Into::into),
            trust.log_status_digests().await.map_err(Into::into),
            trust.log.renew().await.map_err(Into::into),
        ];
        let failed: Vec<_> = done
            .into_iter()
            .filter_map(Result::err)
            .filter(|error| !waits_for_people(error))
            .map(|error| error.to_string())
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(JobError::Retry(failed.join("; ")))
    }
}

/// A closed log takes nothing until its successor is started: trying again does not help.
const fn waits_for_people(error: &RegistryError) -> bool {
    matches!(error, RegistryError::Log(LogError::Frozen))
}

/// Orders the refresh of the next five minutes, once.
pub(crate) async fn order_next(registry: &Registry) -> Result<(), StoreError> {
    let parts = registry.parts();
    let slot = parts.clock.now().seconds().div_euclid(PERIOD) + 1;
    let job = NewJob {
        kind: REFRESH,
        key: Some(slot.to_string()),
        payload: json!({}),
        run_at: Timestamp::from_seconds(slot * PERIOD),
    };
    let mut tx = parts.database.begin().await?;
    enqueue(&mut tx, &*parts.clock, &*parts.entropy, job).await?;
    tx.commit().await
}

/// Looks after the lists' age until `stop`.
pub(crate) async fn watch(registry: Registry, stop: CancellationToken) {
    let mut beat = interval(WATCH);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = look(&registry).await {
            tracing::error!(%error, "the status lists may grow old");
        }
    }
}

/// One look: the next refresh and the next round of the monitor are ordered, and no list is older than it may be.
pub(crate) async fn look(registry: &Registry) -> Result<(), RegistryError> {
    order_next(registry).await?;
    hosted::order_next(registry).await?;
    Ok(registry.trust().refresh_status(OVERDUE).await?)
}

/// As often as readers are told to ask, in seconds.
const PERIOD: i64 = TTL;
/// A list is fresh for five minutes and one of grace; here half of the grace is gone.
const OVERDUE: Duration = Duration::from_secs(330);
/// How often is looked.
const WATCH: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use verifier::verifier::SKEW;

    use super::*;
    use crate::http::MINUTE;

    #[test]
    fn a_list_is_fresh_until_the_next_is_out_and_no_longer_than_six_minutes() {
        let fresh = TTL + SKEW;
        assert!(fresh <= 360, "what the book promises by polling");
        let mended = OVERDUE + WATCH;
        assert!(mended < Duration::from_secs(fresh.unsigned_abs()));
        assert_eq!(
            MINUTE,
            format!("public, max-age={SKEW}"),
            "a cache keeps no list past the grace"
        );
    }
}

//! Every five minutes: the status list anew, and of the trust repository what is due
//! (`registry.refresh`). Each run orders the next, under a key of its own, so that there is one
//! chain however many processes there are.

use async_trait::async_trait;
use foundation::Timestamp;
use foundation::jobs::{Handler, Job, JobError, NewJob, enqueue};
use foundation::store::StoreError;
use serde_json::json;

use crate::service::Registry;
use crate::trust::error::TrustError;

/// The kind of job.
pub(crate) const REFRESH: &str = "registry.refresh";

pub(crate) struct Refresh(pub(crate) Registry);

#[async_trait]
impl Handler for Refresh {
    async fn run(&self, _job: Job) -> Result<(), JobError> {
        // The next is ordered first: a failure of this one must not end the chain.
        order_next(&self.0).await?;
        let trust = self.0.trust();
        let refreshed = async {
            trust.ensure_repository().await?;
            trust.refresh_status().await?;
            Ok::<_, TrustError>(trust.log.renew().await?)
        };
        refreshed
            .await
            .map_err(|error| JobError::Retry(error.to_string()))
    }
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

/// Five minutes, in seconds.
const PERIOD: i64 = 300;

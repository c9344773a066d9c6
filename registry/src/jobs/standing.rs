//! Carries a change of standing through (`registry.status`).

use std::time::Duration;

use async_trait::async_trait;
use foundation::jobs::{Handler, Job, JobError, Patience};

use crate::service::Registry;

pub(crate) struct ChangeStanding(pub(crate) Registry);

#[async_trait]
impl Handler for ChangeStanding {
    async fn run(&self, job: Job) -> Result<(), JobError> {
        let payload = serde_json::from_value(job.payload)
            .map_err(|error| JobError::Fatal(error.to_string()))?;
        let changed = self.0.trust().change_standing(&self.0, &payload).await;
        changed.map_err(|error| JobError::Retry(error.to_string()))
    }

    fn patience(&self) -> Patience {
        Patience::Endless(LONGEST)
    }
}

/// A suspension reaches EPJs within seconds of the moment when the log takes it.
const LONGEST: Duration = Duration::from_secs(10);

//! Carries an approval through (`registry.approve`).

use std::time::Duration;

use async_trait::async_trait;
use foundation::jobs::{Handler, Job, JobError, Patience};

use crate::service::Registry;

pub(crate) struct Approve(pub(crate) Registry);

#[async_trait]
impl Handler for Approve {
    async fn run(&self, job: Job) -> Result<(), JobError> {
        let payload = serde_json::from_value(job.payload)
            .map_err(|error| JobError::Fatal(error.to_string()))?;
        let issued = self.0.trust().issue(&self.0, &payload).await;
        issued.map_err(|error| JobError::Retry(error.to_string()))
    }

    fn patience(&self) -> Patience {
        Patience::Endless(LONGEST)
    }
}

/// A ceremony that an approval waits for may be weeks away.
const LONGEST: Duration = Duration::from_mins(1);

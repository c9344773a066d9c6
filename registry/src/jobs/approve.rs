//! Carries an approval through (`registry.approve`).

use async_trait::async_trait;
use foundation::jobs::{Handler, Job, JobError};

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
}

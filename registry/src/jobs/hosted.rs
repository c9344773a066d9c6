//! Every fifteen minutes: a look at each hosted app that is bound by a manifest, and a minute later
//! another at those that served something else (`registry.hosted`).

use async_trait::async_trait;
use foundation::Timestamp;
use foundation::jobs::{Handler, Job, JobError, NewJob, enqueue};
use foundation::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::domain::hosted::CONFIRM;
use crate::error::RegistryError;
use crate::service::Registry;

/// The kind of job.
pub(crate) const HOSTED: &str = "registry.hosted";

pub(crate) struct LookAtHosted(pub(crate) Registry);

#[derive(Serialize, Deserialize)]
struct Payload {
    only_doubted: bool,
}

#[async_trait]
impl Handler for LookAtHosted {
    async fn run(&self, job: Job) -> Result<(), JobError> {
        let payload: Payload = serde_json::from_value(job.payload)
            .map_err(|error| JobError::Fatal(error.to_string()))?;
        // The next is ordered first: a failure of this one must not end the chain.
        order_next(&self.0).await?;
        let looked = async {
            if self.0.watch_hosted(payload.only_doubted).await? {
                let soon = self.0.parts().clock.now().plus(CONFIRM);
                order(&self.0, soon, true).await?;
            }
            Ok::<_, RegistryError>(())
        };
        let looked = looked.await;
        looked.map_err(|error| JobError::Retry(error.to_string()))
    }
}

/// Orders the look of the next fifteen minutes, once.
pub(crate) async fn order_next(registry: &Registry) -> Result<(), StoreError> {
    let now = registry.parts().clock.now().seconds();
    let next = (now.div_euclid(PERIOD) + 1) * PERIOD;
    order(registry, Timestamp::from_seconds(next), false).await
}

async fn order(registry: &Registry, at: Timestamp, only_doubted: bool) -> Result<(), StoreError> {
    let parts = registry.parts();
    let job = NewJob {
        kind: HOSTED,
        key: Some(format!("{} {only_doubted}", at.seconds())),
        payload: serde_json::json!(Payload { only_doubted }),
        run_at: at,
    };
    let mut tx = parts.database.begin().await?;
    enqueue(&mut tx, &*parts.clock, &*parts.entropy, job).await?;
    tx.commit().await
}

/// Fifteen minutes, in seconds.
const PERIOD: i64 = 900;

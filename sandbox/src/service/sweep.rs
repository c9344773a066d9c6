//! Forgets what has served its time.

use std::time::Duration;

use foundation::jobs::{NewJob, enqueue};
use foundation::store::{StoreError, Tx};

use super::Core;
use crate::store::{
    assertions, exchanges, grants, helseid, interactions, launches, sandboxes, tokens,
};

impl Core {
    /// Deletes sandboxes at their end, expired secrets a day after theirs, and traffic after thirty
    /// days.
    pub(crate) async fn sweep(&self) -> Result<u64, StoreError> {
        let ended = self.now().minus(Duration::from_hours(24));
        let old = self.now().minus(Duration::from_hours(720));
        let mut tx = self.database.begin().await?;
        let mut gone = sandboxes::sweep(&mut tx, self.now()).await?;
        gone += tokens::sweep(&mut tx, ended).await?;
        gone += grants::sweep(&mut tx, ended).await?;
        gone += launches::sweep(&mut tx, ended).await?;
        gone += interactions::sweep(&mut tx, ended).await?;
        gone += assertions::sweep(&mut tx, ended).await?;
        gone += helseid::sweep(&mut tx, ended).await?;
        gone += exchanges::sweep(&mut tx, old).await?;
        gone += crate::fhir::sweep(&mut tx, self.now()).await?;
        tx.commit().await?;
        self.admissions.forget();
        self.collect().await?;
        Ok(gone)
    }

    /// Has the logs that nobody reads any more removed, once the caller's transaction is over.
    pub(super) async fn collect_soon(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let job = NewJob {
            kind: COLLECT,
            key: Some(COLLECT.to_owned()),
            payload: serde_json::Value::Null,
            run_at: self.now(),
        };
        enqueue(tx, &*self.clock, &*self.entropy, job).await
    }

    /// Removes the logs that nobody reads, each in a transaction of its own so that writers wait for one
    /// at most.
    pub(crate) async fn collect(&self) -> Result<(), StoreError> {
        loop {
            let mut tx = self.database.begin().await?;
            let found = crate::fhir::collect(&mut tx).await?;
            tx.commit().await?;
            if !found {
                return Ok(());
            }
        }
    }
}

/// The job that removes logs that nobody reads.
pub(crate) const COLLECT: &str = "sandbox.collect";

//! Forgets what has served its time.

use std::time::Duration;

use foundation::store::StoreError;

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
        Ok(gone)
    }
}

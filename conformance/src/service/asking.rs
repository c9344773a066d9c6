//! Writes the news of a running check and wakes those who follow it.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Conformance;
use crate::domain::check::CheckId;
use crate::report::RequirementResult;
use crate::runner::{News, Observer};
use crate::store;

/// Hears a run and writes its news down.
pub(crate) struct Writer {
    pub(crate) room: Conformance,
    pub(crate) check: CheckId,
}

#[async_trait]
impl Observer for Writer {
    async fn hear(&self, news: News) {
        let (kind, data) = spelled(&news);
        if let Err(error) = self.room.tell(&self.check, kind, &data).await {
            // The check goes on; only its watchers see less.
            tracing::warn!(%error, check = %self.check, "news of a check was lost");
        }
    }
}

impl Conformance {
    pub(crate) async fn tell(
        &self,
        check: &CheckId,
        kind: &str,
        data: &Value,
    ) -> Result<(), foundation::store::StoreError> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.database.begin().await?;
        store::progress::append(&mut tx, check, now, kind, data).await?;
        tx.commit().await?;
        self.wake(check);
        Ok(())
    }

    /// Nobody may be following, which is no failure.
    pub(crate) fn wake(&self, check: &CheckId) {
        self.news.send(check.clone()).unwrap_or_default();
    }
}

fn spelled(news: &News) -> (&'static str, Value) {
    match news {
        News::Step { id, title, number } => {
            ("step", json!({"id": id, "title": title, "number": number}))
        }
        News::Action { name, done } => ("action", json!({"name": name, "done": done})),
        News::Finding(result) => ("finding", finding(result)),
    }
}

/// What a watcher needs of a result; the whole is in the report.
pub(crate) fn finding(result: &RequirementResult) -> Value {
    json!({
        "requirement": result.id,
        "title": result.title,
        "severity": result.severity,
        "outcome": result.outcome,
        "observed": result.observed,
        "remedy": result.remedy,
    })
}

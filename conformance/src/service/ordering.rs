//! Starts checks: who may, when, and only one at a time for a version.

use std::time::Duration;

use foundation::access::{Actor, Role};
use foundation::jobs::{NewJob, enqueue};
use serde_json::json;

use super::{Conformance, may_see};
use crate::domain::check::{Check, CheckId, CheckState};
use crate::domain::subject::Subject;
use crate::error::ConformanceError;
use crate::jobs::check::KIND;
use crate::store;
use crate::store::check::Ending;

impl Conformance {
    /// Starts a check of a version; it runs as a durable job.
    pub async fn start(
        &self,
        actor: &Actor,
        app: &str,
        version: &str,
    ) -> Result<Check, ConformanceError> {
        let subject = self.parts.subjects.find(app, version).await?;
        let subject = subject.ok_or(ConformanceError::UnknownVersion)?;
        may_start(actor, &subject)?;
        subject.app_under_test.validate()?;
        self.give_up_lost(&subject).await?;
        let parts = &self.parts;
        let id = CheckId::new(&*parts.clock, &*parts.entropy);
        match self.insert(actor, &subject, &id).await {
            Err(ConformanceError::Store(error)) if error.is_duplicate() => {
                Err(self.already(&subject).await?)
            }
            other => other,
        }
    }

    async fn insert(
        &self,
        actor: &Actor,
        subject: &Subject,
        id: &CheckId,
    ) -> Result<Check, ConformanceError> {
        let parts = &self.parts;
        let now = parts.clock.now();
        let job = NewJob {
            kind: KIND,
            key: Some(id.to_string()),
            payload: json!({"check": id}),
            run_at: now,
        };
        let mut tx = parts.database.begin().await?;
        if let Some(other) =
            store::check::unfinished(&mut tx, &subject.app, &subject.version).await?
        {
            return Err(ConformanceError::Running(other.id));
        }
        store::check::insert(&mut tx, id, subject, &actor.person, now).await?;
        store::progress::append(&mut tx, id, now, "waiting", &json!({})).await?;
        enqueue(&mut tx, &*parts.clock, &*parts.entropy, job).await?;
        let check = store::check::find(&mut tx, id).await?;
        tx.commit().await?;
        check.ok_or(ConformanceError::Unknown)
    }

    async fn already(&self, subject: &Subject) -> Result<ConformanceError, ConformanceError> {
        let mut tx = self.parts.database.read().await?;
        let other = store::check::unfinished(&mut tx, &subject.app, &subject.version).await?;
        Ok(other.map_or(ConformanceError::Unknown, |other| {
            ConformanceError::Running(other.id)
        }))
    }

    /// A check whose job was lost for good must not bar its version for ever.
    async fn give_up_lost(&self, subject: &Subject) -> Result<(), ConformanceError> {
        let parts = &self.parts;
        let now = parts.clock.now();
        let most = Duration::from_secs(parts.config.total_seconds * 10 + 900);
        let mut tx = parts.database.begin().await?;
        let other = store::check::unfinished(&mut tx, &subject.app, &subject.version).await?;
        if let Some(other) = other
            && now.since(other.started_at.unwrap_or(other.created_at)) > most
        {
            let ending = Ending {
                state: CheckState::Broken,
                code: Some("check-lost".to_owned()),
                suite: None,
                evidence: None,
                report: None,
            };
            store::check::end(&mut tx, &other.id, &ending, now).await?;
            let news = json!({"state": "broken", "code": "check-lost"});
            store::progress::append(&mut tx, &other.id, now, "finished", &news).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

fn may_start(actor: &Actor, subject: &Subject) -> Result<(), ConformanceError> {
    if actor.is(Role::Operator) {
        return Ok(());
    }
    if !actor.is(Role::Vendor) || actor.organisation != subject.organisation {
        // A version that is not public does not exist for others.
        return Err(
            if subject.published || may_see(actor, &subject.organisation) {
                ConformanceError::NotYours
            } else {
                ConformanceError::UnknownVersion
            },
        );
    }
    if subject.open {
        Ok(())
    } else {
        Err(ConformanceError::Closed {
            app: subject.app.clone(),
            version: subject.version.clone(),
        })
    }
}

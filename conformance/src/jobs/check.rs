//! The job `conformance.check`. A worker that is killed leaves the check running; the next one
//! begins it again from the start, with a stage of its own, so nothing half done is ever judged.

use std::sync::Arc;

use async_trait::async_trait;
use foundation::jobs::{Handler, Job, JobError};
use foundation::store::StoreError;
use serde_json::json;

use crate::Conformance;
use crate::domain::check::{Check, CheckId, CheckState};
use crate::domain::subject::Subject;
use crate::runner::{Assignment, RunError, Runner};
use crate::service::asking::Writer;
use crate::service::examine::{Examination, carry_out};
use crate::store;
use crate::store::check::Ending;

/// The job's kind.
pub(crate) const KIND: &str = "conformance.check";

/// Carries checks out.
pub(crate) struct CheckJob {
    room: Conformance,
}

impl CheckJob {
    pub(crate) fn new(room: Conformance) -> Self {
        Self { room }
    }

    async fn begin(&self, id: &CheckId) -> Result<Option<(Check, Subject)>, StoreError> {
        let parts = &self.room.parts;
        let now = parts.clock.now();
        let mut tx = parts.database.begin().await?;
        if !store::check::begin(&mut tx, id, now).await? {
            return Ok(None);
        }
        let check = store::check::find(&mut tx, id).await?;
        let subject = store::check::subject(&mut tx, id).await?;
        let attempt = check.as_ref().map_or(0, |check| check.attempt);
        let news = json!({"attempt": attempt});
        store::progress::append(&mut tx, id, now, "started", &news).await?;
        tx.commit().await?;
        self.room.wake(id);
        Ok(check.zip(subject))
    }

    async fn carry_out(
        &self,
        check: &Check,
        subject: Subject,
        job: &Job,
    ) -> Result<Examination, RunError> {
        let parts = &self.room.parts;
        let config = &parts.config;
        let suite = self.room.suite().await?;
        let runner = Runner {
            director: Arc::new(suite.clone()),
            stage: Arc::clone(&parts.stage),
            observer: Arc::new(Writer {
                room: self.room.clone(),
                check: check.id.clone(),
            }),
            limits: config.limits(),
            chromium: config.chromium.clone(),
            allow_local: config.allow_local_addresses,
            cancelled: job.cancelled.clone(),
        };
        let assignment = Assignment {
            run: format!("{}-{}", check.id, check.attempt),
            release: Some(subject.release),
            app: subject.app_under_test,
            started_at: parts.clock.now(),
        };
        carry_out(&runner, &suite, &assignment).await
    }

    /// Keeps what the run gave, and only then says that the check is finished.
    async fn keep(&self, id: &CheckId, examination: &Examination) -> Result<(), JobError> {
        let parts = &self.room.parts;
        let retry = |error: &dyn std::fmt::Display| JobError::Retry(error.to_string());
        let mut pictures = Vec::new();
        for (_, bytes) in &examination.pictures {
            let digest = parts.blobs.put(bytes.clone()).await;
            pictures.push(digest.map_err(|error| retry(&error))?);
        }
        let evidence = parts.blobs.put(examination.evidence.clone()).await;
        let report = examination.report.json().map_err(|error| retry(&error))?;
        let report = parts.blobs.put(report).await;
        let state = if examination.report.passed {
            CheckState::Passed
        } else {
            CheckState::Failed
        };
        let ending = Ending {
            state,
            code: examination.report.interrupted.clone(),
            suite: Some(examination.report.suite.digest),
            evidence: Some(evidence.map_err(|error| retry(&error))?),
            report: Some(report.map_err(|error| retry(&error))?),
        };
        let now = parts.clock.now();
        let mut tx = parts.database.begin().await?;
        if store::check::end(&mut tx, id, &ending, now).await? {
            for digest in &pictures {
                store::attachment::insert(&mut tx, id, digest).await?;
            }
            let news = json!({
                "state": state,
                "code": ending.code,
                "counts": examination.report.counts,
            });
            store::progress::append(&mut tx, id, now, "finished", &news).await?;
        }
        tx.commit().await?;
        self.room.wake(id);
        Ok(())
    }

    async fn give_up(&self, check: &Check, error: &RunError) -> Result<(), JobError> {
        let again = matches!(error, RunError::Cancelled)
            || (error.is_passing() && check.attempt < self.room.parts.config.attempts);
        let now = self.room.parts.clock.now();
        let mut tx = self.room.parts.database.begin().await?;
        if again {
            store::check::wait_again(&mut tx, &check.id).await?;
            let news = json!({"code": error.code()});
            store::progress::append(&mut tx, &check.id, now, "waiting", &news).await?;
        } else {
            let ending = Ending {
                state: CheckState::Broken,
                code: Some(error.code().to_owned()),
                suite: None,
                evidence: None,
                report: None,
            };
            store::check::end(&mut tx, &check.id, &ending, now).await?;
            let news =
                json!({"state": "broken", "code": error.code(), "detail": error.to_string()});
            store::progress::append(&mut tx, &check.id, now, "finished", &news).await?;
        }
        tx.commit().await?;
        self.room.wake(&check.id);
        tracing::warn!(%error, check = %check.id, again, "a check could not be carried out");
        if again {
            Err(JobError::Retry(error.to_string()))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Handler for CheckJob {
    async fn run(&self, job: Job) -> Result<(), JobError> {
        let id: CheckId = job
            .payload
            .get("check")
            .and_then(|id| id.as_str())
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| JobError::Fatal("the job names no check".to_owned()))?;
        let permit = tokio::select! {
            permit = self.room.permits.acquire() => permit,
            () = job.cancelled.cancelled() => return Err(JobError::Retry("stopped".to_owned())),
        };
        let Some((check, subject)) = self.begin(&id).await? else {
            return Ok(());
        };
        let outcome = self.carry_out(&check, subject, &job).await;
        drop(permit);
        match outcome {
            Ok(examination) => self.keep(&id, &examination).await,
            Err(error) => self.give_up(&check, &error).await,
        }
    }
}

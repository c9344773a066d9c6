//! The loop that claims jobs and runs their handlers, keeping the lease while they run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::queue::{self, Claimed, Ending};
use crate::store::{Database, Engine, StoreError};
use crate::{Clock, Entropy, Timestamp};

/// A job that is being run.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its identifier.
    pub id: String,
    /// What the handler needs to know.
    pub payload: serde_json::Value,
    /// 1 at the first run.
    pub attempt: i64,
    /// Cancelled when the process stops or the lease is lost.
    pub cancelled: CancellationToken,
}

/// Why a run did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may succeed later.
    #[error("{0}")]
    Retry(String),
    /// It never will.
    #[error("{0}")]
    Fatal(String),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// How long jobs of one kind are tried that may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// A few times within half a minute. Right where whoever ordered the job orders it again.
    Limited,
    /// Until it succeeds, at most this long after the last time. Right for what somebody has decided:
    /// no outage undoes a decision.
    Endless(Duration),
}

/// What runs the jobs of one kind. It must be safe to run twice.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Runs `job`.
    async fn run(&self, job: Job) -> Result<(), JobError>;

    /// How long its jobs are tried.
    fn patience(&self) -> Patience {
        Patience::Limited
    }
}

/// Claims and runs jobs until it is told to stop.
#[derive(Clone)]
pub struct Worker {
    database: Database,
    clock: Arc<dyn Clock>,
    owner: String,
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    permits: Arc<Semaphore>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("kinds", &self.handlers.keys())
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker that runs at most `parallel` jobs at a time.
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
        parallel: usize,
    ) -> Self {
        let owner = crate::id::generate("worker", &*clock, entropy);
        Self {
            database,
            clock,
            owner,
            handlers: BTreeMap::new(),
            permits: Arc::new(Semaphore::new(parallel)),
        }
    }

    /// Runs jobs of `kind` with `handler`.
    #[must_use]
    pub fn on(mut self, kind: &'static str, handler: impl Handler + 'static) -> Self {
        self.handlers.insert(kind, Arc::new(handler));
        self
    }

    /// Works until `stop`; then waits for the running jobs, which are told to stop too.
    pub async fn run(self, stop: CancellationToken) {
        if let Err(error) = self.recover().await {
            tracing::error!(%error, "orphaned jobs could not be recovered");
        }
        let running = TaskTracker::new();
        while !stop.is_cancelled() {
            match self.start_one(&running, &stop).await {
                Ok(true) => {}
                Ok(false) => pause(&stop, POLL).await,
                Err(error) => {
                    tracing::error!(%error, "the job queue cannot be read");
                    pause(&stop, Duration::from_secs(2)).await;
                }
            }
        }
        running.close();
        running.wait().await;
    }

    /// Runs every job that is due now, one after the other, for tests that own the clock.
    pub async fn run_due(&self) -> Result<usize, StoreError> {
        let mut ran = 0;
        while let Some(claimed) = self.claim().await? {
            self.clone()
                .carry_out(claimed, CancellationToken::new())
                .await;
            ran += 1;
        }
        Ok(ran)
    }

    async fn recover(&self) -> Result<(), StoreError> {
        if self.database.engine() == Engine::Sqlite {
            let mut tx = self.database.begin().await?;
            let released = queue::release_all(&mut tx, &self.kinds()).await?;
            tx.commit().await?;
            if released > 0 {
                tracing::info!(released, "jobs of a stopped process will run again");
            }
        }
        Ok(())
    }

    async fn start_one(
        &self,
        running: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<bool, StoreError> {
        let permit = tokio::select! {
            permit = Arc::clone(&self.permits).acquire_owned() => permit,
            () = stop.cancelled() => return Ok(false),
        };
        let (Ok(permit), Some(claimed)) = (permit, self.claim().await?) else {
            return Ok(false);
        };
        let worker = self.clone();
        let cancelled = stop.child_token();
        running.spawn(async move {
            worker.carry_out(claimed, cancelled).await;
            drop(permit);
        });
        Ok(true)
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.handlers.keys().copied().collect()
    }

    async fn claim(&self) -> Result<Option<Claimed>, StoreError> {
        let mut tx = self.database.begin().await?;
        let claimed =
            queue::claim(&mut tx, &self.kinds(), &self.owner, self.clock.now(), LEASE).await?;
        let depth = queue::depth(&mut tx).await?;
        tx.commit().await?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float; queues are short"
        )]
        metrics::gauge!("markedsplass_jobs_unfinished").set(depth as f64);
        Ok(claimed)
    }

    async fn carry_out(self, claimed: Claimed, cancelled: CancellationToken) {
        let Some(handler) = self.handlers.get(claimed.kind.as_str()).cloned() else {
            return;
        };
        let job = Job {
            id: claimed.id.clone(),
            payload: serde_json::from_str(&claimed.payload).unwrap_or_default(),
            attempt: claimed.attempts,
            cancelled: cancelled.clone(),
        };
        let patience = handler.patience();
        let mut work = tokio::spawn(async move { handler.run(job).await });
        let outcome = tokio::select! {
            outcome = &mut work => outcome.unwrap_or_else(|error| Err(JobError::Retry(error.to_string()))),
            () = self.keep_lease(&claimed.id) => {
                cancelled.cancel();
                // Somebody else runs it by now: two at once would undo each other's steps.
                if timeout(GRACE, &mut work).await.is_err() {
                    work.abort();
                }
                return;
            }
        };
        let now = self.clock.now();
        let ending = match outcome {
            Ok(()) => Ending::Done,
            // A stop is nobody's fault: the job is due again at once.
            Err(error) if cancelled.is_cancelled() => Ending::Retry {
                at: now,
                error: error.to_string(),
            },
            Err(error) => failed(claimed.attempts, error, patience, now),
        };
        if let Err(error) = self.record(&claimed, now, ending).await {
            tracing::error!(%error, job = claimed.id, "the end of a job could not be recorded");
        }
    }

    /// Returns only when the lease is lost.
    async fn keep_lease(&self, id: &str) {
        let mut beat = interval(LEASE / 3);
        loop {
            beat.tick().await;
            match self.renew(id).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, job = id, "a lease could not be renewed"),
            }
        }
    }

    async fn renew(&self, id: &str) -> Result<bool, StoreError> {
        let mut tx = self.database.begin().await?;
        let until = self.clock.now().plus(LEASE);
        let kept = queue::renew(&mut tx, id, &self.owner, until).await?;
        tx.commit().await?;
        Ok(kept)
    }

    async fn record(
        &self,
        claimed: &Claimed,
        now: Timestamp,
        ending: Ending,
    ) -> Result<(), StoreError> {
        let (job, kind, attempt) = (&claimed.id, &claimed.kind, claimed.attempts);
        match &ending {
            Ending::Failed { error } => {
                tracing::error!(job, kind, error, "a job failed for good");
            }
            Ending::Retry { error, .. } if attempt >= MAX_ATTEMPTS => {
                tracing::warn!(job, kind, attempt, error, "a job waits for something");
            }
            Ending::Retry { .. } | Ending::Done => {}
        }
        let mut tx = self.database.begin().await?;
        queue::finish(&mut tx, &claimed.id, &self.owner, now, ending).await?;
        tx.commit().await
    }
}

/// What follows when a run did not succeed.
fn failed(attempts: i64, error: JobError, patience: Patience, now: Timestamp) -> Ending {
    let pause = backoff(attempts);
    match (error, patience) {
        (JobError::Retry(error), Patience::Endless(longest)) => Ending::Retry {
            at: now.plus(pause.min(longest)),
            error,
        },
        (JobError::Retry(error), Patience::Limited) if attempts < MAX_ATTEMPTS => Ending::Retry {
            at: now.plus(pause),
            error,
        },
        (JobError::Retry(error) | JobError::Fatal(error), _) => Ending::Failed { error },
    }
}

async fn pause(stop: &CancellationToken, duration: Duration) {
    tokio::select! {
        () = sleep(duration) => {}
        () = stop.cancelled() => {}
    }
}

/// 2, 4, 8 … seconds, at most ten minutes.
fn backoff(attempt: i64) -> Duration {
    let exponent = u32::try_from(attempt.clamp(1, 10)).unwrap_or(10);
    Duration::from_secs(2_u64.pow(exponent).min(600))
}

const LEASE: Duration = Duration::from_secs(15);
/// How often a job with limited patience is run.
const MAX_ATTEMPTS: i64 = 5;
/// How long a job may take to stop after its lease was lost.
const GRACE: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(200);

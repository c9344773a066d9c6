//! Carries a run out: asks the suite what to do next, does it in the browser and at the stage,
//! records, and asks again until the suite has seen enough or a limit is met.
//!
//! What the records mean is the suite's business; where they are kept is the service's.

mod error;
mod limits;
mod perform;
mod progress;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use foundation::{Digest, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use error::RunError;
pub(crate) use limits::{Interruption, Limits};
pub use progress::{News, Observer, Silent};

use self::perform::Performance;
use crate::browser::{Browser, Guard};
use crate::domain::stage::{OpenStage, Stage, StageError};
use crate::domain::subject::AppUnderTest;
use crate::evidence::{Document, Preamble, Tape};
use crate::suite::wit::{Action, Evidence, Header, Occurrence};
use crate::suite::{Suite, SuiteError};

/// What leads a run: a suite, or a test's own list of actions.
#[async_trait]
pub(crate) trait Director: Send + Sync {
    /// Digest of what leads.
    fn digest(&self) -> Digest;
    /// Its name and version.
    fn name(&self) -> (String, String);
    /// What to do next; empty when the run is finished.
    async fn next(&self, evidence: Evidence) -> Result<Vec<Action>, SuiteError>;
}

#[async_trait]
impl Director for Suite {
    fn digest(&self) -> Digest {
        Self::digest(self)
    }

    fn name(&self) -> (String, String) {
        let description = self.description();
        (description.id.clone(), description.version.clone())
    }

    async fn next(&self, evidence: Evidence) -> Result<Vec<Action>, SuiteError> {
        Ok(Self::next(self, Arc::new(evidence)).await?.value)
    }
}

/// What a run needs.
pub(crate) struct Runner {
    pub(crate) director: Arc<dyn Director>,
    pub(crate) stage: Arc<dyn Stage>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) limits: Limits,
    pub(crate) chromium: Option<PathBuf>,
    pub(crate) allow_local: bool,
    pub(crate) cancelled: CancellationToken,
}

/// What is run.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    /// Names the run at the stage.
    pub(crate) run: String,
    pub(crate) release: Option<Digest>,
    pub(crate) app: AppUnderTest,
    pub(crate) started_at: Timestamp,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) document: Document,
    /// Pictures by their digest.
    pub(crate) pictures: Vec<(Digest, Vec<u8>)>,
}

impl Runner {
    /// Carries the run out; the stage and the browser are gone when this returns.
    pub(crate) async fn run(&self, assignment: &Assignment) -> Result<Recording, RunError> {
        assignment.app.validate()?;
        let open = self.stage.open(&assignment.run, &assignment.app).await?;
        let recorded = tokio::select! {
            recorded = self.on(&open, assignment) => recorded,
            () = self.cancelled.cancelled() => Err(RunError::Cancelled),
        };
        if let Err(error) = self.stage.close(&open.id).await {
            tracing::warn!(%error, run = assignment.run, "a stage could not be closed");
        }
        recorded
    }

    async fn on(&self, open: &OpenStage, assignment: &Assignment) -> Result<Recording, RunError> {
        let app = &assignment.app;
        let guard = Guard::new(&open.origins, &app.origins, &app.hosts);
        let pins = guard.pinned(self.allow_local).await?;
        let tape = Tape::new(self.limits.events);
        let browser =
            Browser::start(self.chromium.as_deref(), guard.clone(), &pins, tape.clone()).await?;
        let header = header(open, app, browser.version());
        let mut performance = Performance::new(self, &browser, open, guard, tape.clone());
        let driven = self.drive(&mut performance, &header).await;
        let ended = performance.end().await;
        let pictures = performance.into_pictures();
        browser.end().await;
        let interrupted = driven?;
        ended?;
        let (suite_id, suite_version) = self.director.name();
        let preamble = Preamble {
            format: crate::evidence::FORMAT.to_owned(),
            release: assignment.release,
            suite: self.director.digest(),
            suite_id,
            suite_version,
            started_at: assignment.started_at,
            header,
        };
        let document = Document {
            preamble,
            events: tape.events(),
            interrupted: interrupted.map(|limit| limit.code().to_owned()),
        };
        Ok(Recording { document, pictures })
    }

    /// Asks and acts until the suite is content or a limit is met.
    async fn drive(
        &self,
        performance: &mut Performance<'_>,
        header: &Header,
    ) -> Result<Option<Interruption>, RunError> {
        let began = Instant::now();
        let mut done = 0_usize;
        loop {
            performance.pull_traffic().await?;
            let evidence = Evidence {
                header: header.clone(),
                events: performance.tape().events(),
            };
            let actions = self.director.next(evidence).await?;
            if actions.is_empty() {
                return Ok(None);
            }
            for action in &actions {
                if let Some(limit) = self.met(performance, done, began) {
                    return Ok(Some(limit));
                }
                let remaining = self.limits.total.saturating_sub(began.elapsed());
                performance
                    .perform(action, remaining.min(self.limits.action))
                    .await?;
                done += 1;
            }
        }
    }

    fn met(
        &self,
        performance: &Performance<'_>,
        done: usize,
        began: Instant,
    ) -> Option<Interruption> {
        let limits = &self.limits;
        if done >= limits.actions {
            Some(Interruption::Actions)
        } else if began.elapsed() >= limits.total {
            Some(Interruption::Time)
        } else if performance.tape().is_full() {
            Some(Interruption::Events)
        } else if performance.received() > limits.received {
            Some(Interruption::Received)
        } else {
            None
        }
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("director", &self.director.name())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

fn header(open: &OpenStage, app: &AppUnderTest, browser: &str) -> Header {
    Header {
        app: app.app.clone(),
        version: app.version.clone(),
        client_id: open.client_id.clone(),
        launch_url: app.launch_url.clone(),
        redirect_uris: app.redirect_uris.clone(),
        scope: app.scope.clone(),
        hosts: app.hosts.clone(),
        origins: app.origins.clone(),
        stage_origins: open.origins.clone(),
        languages: app.languages.clone(),
        browser: browser.to_owned(),
    }
}

/// Records what the stage answered since the last time.
async fn record_traffic(
    stage: &dyn Stage,
    open: &OpenStage,
    tape: &Tape,
    after: &mut i64,
) -> Result<(), StageError> {
    for exchange in stage.traffic(&open.id, *after).await? {
        *after = (*after).max(exchange.seq);
        tape.push(Occurrence::Exchange(exchange.record()));
    }
    Ok(())
}

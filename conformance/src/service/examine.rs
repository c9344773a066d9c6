//! A check without a registry or a database: for a vendor's own build, on the command line.

use std::sync::Arc;

use foundation::{Clock, Digest};
use tokio_util::sync::CancellationToken;

use crate::config::ConformanceConfig;
use crate::domain::stage::Stage;
use crate::domain::subject::AppUnderTest;
use crate::report::Report;
use crate::runner::{Assignment, News, Observer, RunError, Runner};
use crate::suite::{Limits, SMART_APP, Suite, Suites};

/// What a check gave.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The report.
    pub report: Report,
    /// The evidence document, which `replay` takes.
    pub evidence: Vec<u8>,
    /// Pictures by their digest.
    pub pictures: Vec<(Digest, Vec<u8>)>,
}

/// Checks `app` on `stage` and tells `observer` how it goes.
pub async fn examine(
    config: &ConformanceConfig,
    clock: &dyn Clock,
    stage: Arc<dyn Stage>,
    observer: Arc<dyn Observer>,
    app: AppUnderTest,
) -> Result<Examination, RunError> {
    let suite = Suites::new(Limits::default())?.load(SMART_APP).await?;
    let runner = Runner {
        director: Arc::new(suite.clone()),
        stage,
        observer,
        limits: config.limits(),
        chromium: config.chromium.clone(),
        allow_local: config.allow_local_addresses,
        cancelled: CancellationToken::new(),
    };
    let assignment = Assignment {
        run: "examination".to_owned(),
        release: None,
        app,
        started_at: clock.now(),
    };
    carry_out(&runner, &suite, &assignment).await
}

/// Runs, judges and tells the findings.
pub(crate) async fn carry_out(
    runner: &Runner,
    suite: &Suite,
    assignment: &Assignment,
) -> Result<Examination, RunError> {
    let recording = runner.run(assignment).await?;
    let evidence = recording.document.print()?;
    let report = Report::of(suite, recording.document, Digest::of(&evidence)).await?;
    for result in &report.results {
        let news = News::Finding(Box::new(result.clone()));
        runner.observer.hear(news).await;
    }
    Ok(Examination {
        report,
        evidence,
        pictures: recording.pictures,
    })
}

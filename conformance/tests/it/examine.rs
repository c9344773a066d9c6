//! One check in full: the embedded suite, a real browser, a small app; judged, kept, and judged again
//! from the evidence.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use conformance::{
    ConformanceConfig, EvidenceError, EvidenceProblem, News, Observer, Outcome, ReplayError,
    Report, embedded_suite, examine, replay,
};
use foundation::language::Language;
use foundation::testing::clock;

use crate::epj::{APP, Epj};
use crate::world::{has_chromium, served, turn};

#[derive(Default)]
struct Heard(Mutex<Vec<News>>);

#[async_trait]
impl Observer for Heard {
    async fn hear(&self, news: News) {
        self.0.lock().unwrap().push(news);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_checked_and_the_verdict_is_found_again() {
    let _turn = turn().await;
    if !has_chromium() {
        return;
    }
    let epj = Epj::start().await;
    let app = served(&epj).await;
    APP.lock().unwrap().clone_from(&app.app.launch_url);
    let heard = Arc::new(Heard::default());
    let config = ConformanceConfig {
        allow_local_addresses: true,
        ..ConformanceConfig::default()
    };
    let began = Instant::now();
    let observer: Arc<dyn Observer> = heard.clone();
    let clock = clock();
    let examined = examine(
        &config,
        &*clock,
        Arc::new(epj.clone()),
        observer,
        app.app.clone(),
    )
    .await
    .unwrap();
    let report = &examined.report;
    println!(
        "a full check: {:?}, {} bytes of evidence, {} pictures, {:?}",
        began.elapsed(),
        examined.evidence.len(),
        examined.pictures.len(),
        report.counts
    );
    for result in report
        .results
        .iter()
        .filter(|result| result.outcome != Outcome::Fulfilled)
    {
        println!("{} {:?}: {}", result.id, result.outcome, result.observed.en);
    }
    assert_eq!(report.interrupted, None);
    assert!(report.passed && report.counts.blocking == 0);
    assert_eq!(epj.counts(), (1, 1));

    let again = replay(&examined.evidence, embedded_suite()).await.unwrap();
    assert_eq!(again.json().unwrap(), report.json().unwrap());
    assert_eq!(&Report::parse(&report.json().unwrap()).unwrap(), report);

    let news = heard.0.lock().unwrap().clone();
    let findings = news.iter().filter(|news| matches!(news, News::Finding(_)));
    assert_eq!(findings.count(), report.results.len());
    assert!(
        news.iter()
            .any(|news| matches!(news, News::Step { number: 1, .. }))
    );

    let junit = report.junit(Language::Nb);
    assert_eq!(junit.matches("<testcase ").count(), report.results.len());
    spoiled(&examined.evidence).await;
}

/// Evidence that was tampered with is never judged.
async fn spoiled(evidence: &[u8]) {
    let truncated = evidence.strip_suffix(b"}\n").unwrap();
    let error = replay(truncated, embedded_suite()).await.unwrap_err();
    assert!(matches!(
        error,
        ReplayError::Evidence(EvidenceError {
            problem: EvidenceProblem::Truncated,
            ..
        })
    ));
    let other = replay(evidence, b"another component").await.unwrap_err();
    assert!(matches!(other, ReplayError::OtherSuite { .. }));
}

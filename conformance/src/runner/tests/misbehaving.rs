//! Pages, suites and browsers that misbehave: each run ends, says why, and leaves nothing behind.

use std::time::Instant;

use super::*;
use crate::browser::BrowserError;

/// Asks for the same actions for ever.
struct Endless(Vec<Action>);

#[async_trait]
impl Director for Endless {
    fn digest(&self) -> Digest {
        Digest::of(b"endless")
    }

    fn name(&self) -> (String, String) {
        ("endless".to_owned(), "1.0.0".to_owned())
    }

    async fn next(&self, _evidence: Evidence) -> Result<Vec<Action>, SuiteError> {
        Ok(self.0.clone())
    }
}

/// Kills the browser when it is asked for the second time.
struct Killer(Mutex<usize>);

#[async_trait]
impl Director for Killer {
    fn digest(&self) -> Digest {
        Digest::of(b"killer")
    }

    fn name(&self) -> (String, String) {
        ("killer".to_owned(), "1.0.0".to_owned())
    }

    async fn next(&self, _evidence: Evidence) -> Result<Vec<Action>, SuiteError> {
        let mut asked = self.0.lock().unwrap();
        *asked += 1;
        if *asked == 1 {
            return Ok(arrive());
        }
        for pid in browsers() {
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        }
        Ok(vec![Action::Snapshot, Action::Snapshot])
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_loop_is_broken() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let script = Script::of([arrive(), vec![Action::Snapshot]]);
    let began = Instant::now();
    let recording = run(&site, "/alerts", script, limits()).await.unwrap();
    println!("alert loop: {:?}", began.elapsed());
    let dialogs = all(&recording, |what| match what {
        Occurrence::Dialog(dialog) => Some(dialog.message.clone()),
        _ => None,
    });
    assert!((1..=20).contains(&dialogs.len()), "{}", dialogs.len());
    assert!(dialogs.iter().all(|message| message == "nei"));
    assert!(began.elapsed() < Duration::from_mins(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_loop_is_a_failed_navigation() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let recording = run(&site, "/loop", Script::of([arrive()]), limits())
        .await
        .unwrap();
    let messages = all(&recording, |what| match what {
        Occurrence::ActionFailed(failure) => Some((failure.code.clone(), failure.message.clone())),
        _ => None,
    });
    let wanted = (
        "navigation-failed".to_owned(),
        "net::ERR_TOO_MANY_REDIRECTS".to_owned(),
    );
    assert_eq!(messages, [wanted]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_never_rests_and_one_that_never_answers_end_in_time() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let script = Script::of([arrive(), vec![Action::Snapshot]]);
    let recording = run(&site, "/restless", script, limits()).await.unwrap();
    let settled = all(&recording, |what| match what {
        Occurrence::Settled(settled) => Some(settled.quiet),
        _ => None,
    });
    assert_eq!(settled, [false]);
    assert_eq!(snapshots(&recording).len(), 1);

    let busy = Script::of([arrive(), vec![Action::Snapshot, Action::RunAxe]]);
    let short = Limits {
        action: Duration::from_secs(3),
        ..limits()
    };
    let began = Instant::now();
    let recording = run(&site, "/busy", busy, short).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_mins(1),
        "{:?}",
        began.elapsed()
    );
    // A slow machine may fail the launch too; these two cannot be done.
    let failed = failures(&recording);
    for action in ["snapshot", "run-axe"] {
        let timed_out = (action.to_owned(), "timed-out".to_owned());
        assert!(failed.contains(&timed_out), "{failed:?}");
    }
}

/// How a page came to rest, and its text then.
async fn rest(site: &Site, path: &'static str) -> (bool, u32, String) {
    let settle = Action::AwaitSettled(30_000);
    let actions = vec![
        Action::Open(viewport(1280)),
        launch(),
        settle,
        Action::Snapshot,
    ];
    let recording = run(site, path, Script::of([actions]), limits())
        .await
        .unwrap();
    let settled = all(&recording, |what| match what {
        Occurrence::Settled(settled) => Some((settled.quiet, settled.waited_ms)),
        _ => None,
    });
    let text = snapshots(&recording).pop().unwrap().text;
    (settled[0].0, settled[0].1, text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stage_is_waited_for_and_what_hangs_elsewhere_is_not() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let (quiet, waited, text) = rest(&site, "/waits").await;
    assert!(quiet && waited >= 5_000, "{waited}");
    assert!(text.contains("Ferdig"), "{text}");

    let (quiet, _, text) = rest(&site, "/hangs").await;
    assert!(quiet && text.contains("Henger"), "{text}");

    // What a document that is gone has asked for, nobody waits for.
    let (quiet, _, text) = rest(&site, "/leaves").await;
    assert!(quiet && text.contains("Ingenting er lagret."), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_50_megabytes_is_recorded_by_its_beginning() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let script = Script::of([arrive(), vec![Action::Snapshot]]);
    let began = Instant::now();
    let recording = run(&site, "/huge", script, limits()).await.unwrap();
    println!("50 MB page: {:?}", began.elapsed());
    let printed = recording.document.print().unwrap();
    assert!(printed.len() < 1 << 20, "{}", printed.len());
    let small = Limits {
        received: 1 << 20,
        ..limits()
    };
    let script = Script::of([arrive(), vec![Action::Snapshot]]);
    let recording = run(&site, "/huge", script, small).await.unwrap();
    assert_eq!(
        recording.document.interrupted.as_deref(),
        Some("limit-received")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_actions_and_endless_noise_meet_their_limits() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let few = Limits {
        actions: 5,
        ..limits()
    };
    let endless = Arc::new(Endless(vec![Action::Open(viewport(800))]));
    let recording = run(&site, "/plain", endless, few).await.unwrap();
    assert_eq!(
        recording.document.interrupted.as_deref(),
        Some("limit-actions")
    );

    let hasty = Limits {
        actions: 10_000,
        total: Duration::from_secs(3),
        ..limits()
    };
    let waiting = Arc::new(Endless(vec![Action::AwaitSettled(60_000)]));
    let began = Instant::now();
    let recording = run(&site, "/plain", waiting, hasty).await.unwrap();
    assert_eq!(
        recording.document.interrupted.as_deref(),
        Some("limit-time")
    );
    assert!(began.elapsed() < Duration::from_mins(1));

    let silent = Limits {
        events: 300,
        ..limits()
    };
    let script = Script::of([arrive(), arrive()]);
    let recording = run(&site, "/noisy", script, silent).await.unwrap();
    assert_eq!(
        recording.document.interrupted.as_deref(),
        Some("limit-events")
    );
    assert_eq!(recording.document.events.len(), 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_dies_ends_the_run_without_a_verdict() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let killer = Arc::new(Killer(Mutex::new(0)));
    let error = run(&site, "/plain", killer, limits()).await.unwrap_err();
    assert!(
        matches!(error, RunError::Browser(BrowserError::Gone)),
        "{error}"
    );
    assert!(error.is_passing());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_the_run_at_once() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let stop = CancellationToken::new();
    let later = stop.clone();
    let cancelled = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        later.cancel();
        Instant::now()
    });
    let waiting = Arc::new(Endless(arrive()));
    let run = run_stopped(&site, waiting, stop).await;
    assert!(matches!(run, Err(RunError::Cancelled)));
    let since = cancelled.await.unwrap().elapsed();
    assert!(since < Duration::from_secs(30), "{since:?}");
}

async fn run_stopped(
    site: &Site,
    director: Arc<dyn Director>,
    stop: CancellationToken,
) -> Result<Recording, RunError> {
    let closed = Arc::new(Mutex::new(0));
    let runner = Runner {
        director,
        stage: Arc::new(SiteStage {
            origin: site.origin.clone(),
            path: "/plain",
            closed: Arc::clone(&closed),
        }),
        observer: Arc::new(Silent),
        limits: limits(),
        chromium: None,
        allow_local: true,
        cancelled: stop,
    };
    let assignment = Assignment {
        run: "run".to_owned(),
        release: None,
        app: app(site),
        started_at: foundation::testing::START,
    };
    let recorded = runner.run(&assignment).await;
    assert_eq!(*closed.lock().unwrap(), 1);
    no_browser_survives().await;
    recorded
}

#[tokio::test]
async fn a_private_address_is_refused_unless_it_is_allowed() {
    let site = site::site().await;
    let runner = Runner {
        director: Script::of([]),
        stage: Arc::new(SiteStage {
            origin: "http://127.0.0.2:1".to_owned(),
            path: "/",
            closed: Arc::default(),
        }),
        observer: Arc::new(Silent),
        limits: limits(),
        chromium: None,
        allow_local: false,
        cancelled: CancellationToken::new(),
    };
    let assignment = Assignment {
        run: "run".to_owned(),
        release: None,
        app: app(&site),
        started_at: foundation::testing::START,
    };
    let error = runner.run(&assignment).await.unwrap_err();
    assert_eq!(error.code(), "address-private");
}

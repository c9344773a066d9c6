//! Runs in a real browser: what a person could do to a page, and every way in which a page, a suite
//! or the browser itself can misbehave. Skipped with a message where no Chromium is installed.

mod behaving;
mod misbehaving;
mod site;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use foundation::Digest;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};
use tokio_util::sync::CancellationToken;

use self::site::Site;
use super::{Assignment, Director, Limits, Recording, RunError, Runner, Silent};
use crate::domain::stage::{Exchange, LaunchSpec, Launched, OpenStage, Stage, StageError, StageId};
use crate::domain::subject::AppUnderTest;
use crate::suite::SuiteError;
use crate::suite::wit::{self, Action, Evidence, Occurrence};

/// Browsers are heavy; one at a time, so that figures mean something.
static TURN: AsyncMutex<()> = AsyncMutex::const_new(());

async fn turn() -> Option<MutexGuard<'static, ()>> {
    if crate::browser::find(None).is_err() {
        println!("skipped: no Chromium is installed");
        return None;
    }
    Some(TURN.lock().await)
}

/// Gives one list of actions after the other.
struct Script(Mutex<VecDeque<Vec<Action>>>);

impl Script {
    fn of(lists: impl IntoIterator<Item = Vec<Action>>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(lists.into_iter().collect())))
    }
}

#[async_trait]
impl Director for Script {
    fn digest(&self) -> Digest {
        Digest::of(b"script")
    }

    fn name(&self) -> (String, String) {
        ("script".to_owned(), "1.0.0".to_owned())
    }

    async fn next(&self, _evidence: Evidence) -> Result<Vec<Action>, SuiteError> {
        Ok(self.0.lock().unwrap().pop_front().unwrap_or_default())
    }
}

/// A stage that launches into the test site and answers nothing itself.
struct SiteStage {
    origin: String,
    path: &'static str,
    closed: Arc<Mutex<usize>>,
}

#[async_trait]
impl Stage for SiteStage {
    async fn open(&self, run: &str, _app: &AppUnderTest) -> Result<OpenStage, StageError> {
        Ok(OpenStage {
            id: StageId(run.to_owned()),
            origins: vec![self.origin.clone()],
            client_id: "client".to_owned(),
        })
    }

    async fn launch(&self, _stage: &StageId, _spec: &LaunchSpec) -> Result<Launched, StageError> {
        Ok(Launched {
            url: format!("{}{}", self.origin, self.path),
            iss: format!("{}/fhir", self.origin),
            launch: "launch-value-0123456789".to_owned(),
            patient: None,
            user: None,
            encounter: None,
        })
    }

    async fn traffic(&self, _stage: &StageId, _after: i64) -> Result<Vec<Exchange>, StageError> {
        Ok(Vec::new())
    }

    async fn close(&self, _stage: &StageId) -> Result<(), StageError> {
        *self.closed.lock().unwrap() += 1;
        Ok(())
    }
}

fn limits() -> Limits {
    Limits {
        actions: 60,
        action: Duration::from_secs(10),
        total: Duration::from_mins(1),
        events: 20_000,
        received: 256 << 20,
    }
}

/// Lets a director loose on a page of the test site.
async fn run(
    site: &Site,
    path: &'static str,
    director: Arc<dyn Director>,
    limits: Limits,
) -> Result<Recording, RunError> {
    run_until(site, path, director, limits, CancellationToken::new()).await
}

async fn run_until(
    site: &Site,
    path: &'static str,
    director: Arc<dyn Director>,
    limits: Limits,
    cancelled: CancellationToken,
) -> Result<Recording, RunError> {
    let closed = Arc::new(Mutex::new(0));
    let runner = Runner {
        director,
        stage: Arc::new(SiteStage {
            origin: site.origin.clone(),
            path,
            closed: Arc::clone(&closed),
        }),
        observer: Arc::new(Silent),
        limits,
        chromium: None,
        allow_local: true,
        cancelled,
    };
    let assignment = Assignment {
        run: "run".to_owned(),
        release: None,
        app: app(site),
        started_at: foundation::testing::START,
    };
    let recorded = runner.run(&assignment).await;
    assert_eq!(*closed.lock().unwrap(), 1, "the stage is always closed");
    no_browser_survives().await;
    recorded
}

fn app(site: &Site) -> AppUnderTest {
    AppUnderTest {
        app: "no.example.app".to_owned(),
        version: "1.0.0".to_owned(),
        launch_url: format!("{}/plain", site.origin),
        redirect_uris: vec![format!("{}/plain", site.origin)],
        scope: "launch".to_owned(),
        hosts: Vec::new(),
        origins: vec![site.origin.clone(), site.other.clone()],
        languages: vec!["nb".to_owned()],
        token_endpoint_auth_method: "none".to_owned(),
        jwks: None,
    }
}

/// The browser of a run is killed with it, and gone soon after.
async fn no_browser_survives() {
    let began = std::time::Instant::now();
    while !browsers().is_empty() && began.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(browsers(), Vec::<i32>::new(), "no browser survives its run");
}

/// The browsers that this process started and that still live. Other tests have children too.
fn browsers() -> Vec<i32> {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
            if !command.is_ok_and(|command| command.contains("--user-data-dir=")) {
                return false;
            }
            let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
                return false;
            };
            let fields: Vec<&str> = status
                .rsplit_once(')')
                .map(|(_, rest)| rest.split_whitespace().collect())
                .unwrap_or_default();
            fields.get(1) == Some(&own.as_str()) && fields.first() != Some(&"Z")
        })
        .collect()
}

fn viewport(width: u32) -> wit::Viewport {
    wit::Viewport { width, height: 800 }
}

fn launch() -> Action {
    Action::Launch(wit::LaunchSpec {
        patient: 0,
        practitioner: 0,
        encounter: false,
        behaviour: wit::Behaviour {
            deny: false,
            state: wit::StateBehaviour::Untouched,
            token_lifetime: None,
            expire_after: None,
            grant: None,
            fhir_fault: None,
            patient_name: None,
        },
    })
}

/// Opens a page, launches and waits for rest.
fn arrive() -> Vec<Action> {
    vec![
        Action::Open(viewport(1280)),
        launch(),
        Action::AwaitSettled(8000),
    ]
}

fn snapshots(recording: &Recording) -> Vec<wit::Snapshot> {
    all(recording, |what| match what {
        Occurrence::Snapshot(snapshot) => Some(snapshot.clone()),
        _ => None,
    })
}

fn failures(recording: &Recording) -> Vec<(String, String)> {
    all(recording, |what| match what {
        Occurrence::ActionFailed(failure) => Some((failure.action.clone(), failure.code.clone())),
        _ => None,
    })
}

fn all<T>(recording: &Recording, pick: impl Fn(&Occurrence) -> Option<T>) -> Vec<T> {
    let events = recording.document.events.iter();
    events.filter_map(|event| pick(&event.what)).collect()
}

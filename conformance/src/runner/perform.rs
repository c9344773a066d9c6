//! Carries single actions out. What cannot be done is recorded as such and the run goes on; only a
//! browser or a stage that is gone ends it.

use std::time::Duration;

use foundation::Digest;
use url::Url;

use super::progress::News;
use super::{RunError, Runner, record_traffic};
use crate::browser::{ActError, Browser, BrowserError, Guard, Navigation, Page};
use crate::domain::stage::{LaunchSpec, OpenStage, StageError};
use crate::evidence::{Secret, SecretKind, Tape};
use crate::suite::wit::{
    Act, Action, ActionFailure, LaunchSpec as WantedLaunch, Occurrence, Picture, Step, Viewport,
};

/// A run in progress.
pub(super) struct Performance<'a> {
    runner: &'a Runner,
    browser: &'a Browser,
    open: &'a OpenStage,
    guard: Guard,
    tape: Tape,
    page: Option<Page>,
    in_step: bool,
    steps: usize,
    traffic: i64,
    /// The page did not answer; until it is replaced it gets little time.
    stuck: bool,
    pictures: Vec<(Digest, Vec<u8>)>,
}

/// Why an action was not carried out.
struct Failure {
    code: &'static str,
    message: String,
}

type Done = Result<Result<(), Failure>, RunError>;

impl<'a> Performance<'a> {
    pub(super) fn new(
        runner: &'a Runner,
        browser: &'a Browser,
        open: &'a OpenStage,
        guard: Guard,
        tape: Tape,
    ) -> Self {
        Self {
            runner,
            browser,
            open,
            guard,
            tape,
            page: None,
            in_step: false,
            steps: 0,
            traffic: 0,
            stuck: false,
            pictures: Vec::new(),
        }
    }

    pub(super) fn tape(&self) -> &Tape {
        &self.tape
    }

    pub(super) fn received(&self) -> u64 {
        self.browser.received()
    }

    pub(super) fn into_pictures(self) -> Vec<(Digest, Vec<u8>)> {
        self.pictures
    }

    /// Records what the stage answered since the last time.
    pub(super) async fn pull_traffic(&mut self) -> Result<(), RunError> {
        record_traffic(
            &*self.runner.stage,
            self.open,
            &self.tape,
            &mut self.traffic,
        )
        .await?;
        Ok(())
    }

    /// Ends the last step and closes the page.
    pub(super) async fn end(&mut self) -> Result<(), RunError> {
        if !self.browser.is_gone() {
            self.close().await?;
        }
        self.end_step().await
    }

    /// Carries out one action.
    pub(super) async fn perform(
        &mut self,
        action: &Action,
        limit: Duration,
    ) -> Result<(), RunError> {
        let limit = if self.stuck { limit.min(STUCK) } else { limit };
        let name = name(action);
        let done = self.attempt(action, limit).await?;
        if self.browser.is_gone() {
            return Err(BrowserError::Gone.into());
        }
        let news = News::Action {
            name,
            done: done.is_ok(),
        };
        if let Err(Failure { code, message }) = done {
            self.stuck |= code == "timed-out";
            self.tape.push(Occurrence::ActionFailed(ActionFailure {
                action: name.to_owned(),
                code: code.to_owned(),
                message,
            }));
        }
        if !matches!(action, Action::Begin(_)) {
            self.runner.observer.hear(news).await;
        }
        Ok(())
    }

    async fn attempt(&mut self, action: &Action, limit: Duration) -> Done {
        match action {
            Action::Begin(step) => self.begin(step).await.map(Ok),
            Action::Open(viewport) => self.open_page(viewport).await,
            Action::Close => self.close().await.map(Ok),
            Action::Launch(launch) => self.launch(launch, limit).await,
            Action::Visit(url) => self.visit(url, limit).await,
            Action::Resize(viewport) => {
                let Some(page) = self.page.as_mut() else {
                    return Ok(Err(no_page()));
                };
                let resized = page.resize(viewport).await;
                self.outcome(resized)
            }
            action => self.on_page(action, limit).await,
        }
    }

    /// Actions that only look at the open page or use it.
    async fn on_page(&mut self, action: &Action, limit: Duration) -> Done {
        let Some(page) = &self.page else {
            return Ok(Err(no_page()));
        };
        let result = match action {
            Action::Reload => page.reload(limit).await,
            Action::AwaitSettled(most) => {
                // The suite's own figure, within the run's.
                let most = Duration::from_millis(u64::from(*most)).min(limit);
                page.settle(most).await.map(|settled| {
                    self.tape.push(Occurrence::Settled(settled));
                })
            }
            Action::Snapshot => page.snapshot(limit).await.map(|snapshot| {
                self.tape.push(Occurrence::Snapshot(snapshot));
            }),
            Action::Act(act) => return self.act(page, act, limit).await,
            Action::RunAxe => match page.axe(limit).await {
                Ok(Some(result)) => {
                    self.tape.push(Occurrence::Axe(result));
                    Ok(())
                }
                Ok(None) => {
                    return Ok(Err(Failure::new(
                        "not-supported",
                        "axe cannot run on this page",
                    )));
                }
                Err(error) => Err(error),
            },
            Action::Picture(label) => match page.picture(limit).await {
                Ok(shot) => {
                    let digest = Digest::of(&shot.png);
                    self.tape.push(Occurrence::Picture(Picture {
                        label: label.clone(),
                        digest: digest.sri(),
                        width: shot.width,
                        height: shot.height,
                    }));
                    self.pictures.push((digest, shot.png));
                    Ok(())
                }
                Err(error) => Err(error),
            },
            _ => Ok(()),
        };
        self.outcome(result)
    }

    async fn act(&self, page: &Page, act: &Act, limit: Duration) -> Done {
        match page.act(act, limit.min(APPEARING)).await {
            Ok(()) => Ok(Ok(())),
            Err(ActError::Browser(error)) => self.outcome(Err(error)),
            Err(error @ ActError::NotFound { .. }) => {
                Ok(Err(Failure::new("not-found", &error.to_string())))
            }
        }
    }

    async fn begin(&mut self, step: &Step) -> Result<(), RunError> {
        self.end_step().await?;
        self.tape.push(Occurrence::StepStarted(step.clone()));
        self.in_step = true;
        self.steps += 1;
        let news = News::Step {
            id: step.id.clone(),
            title: step.title.clone().into(),
            number: self.steps,
        };
        self.runner.observer.hear(news).await;
        Ok(())
    }

    async fn end_step(&mut self) -> Result<(), RunError> {
        self.pull_traffic().await?;
        if self.in_step {
            self.tape.push(Occurrence::StepEnded);
            self.in_step = false;
        }
        Ok(())
    }

    async fn open_page(&mut self, viewport: &Viewport) -> Done {
        self.close().await?;
        self.page = Some(self.browser.open(viewport).await?);
        self.stuck = false;
        Ok(Ok(()))
    }

    async fn close(&mut self) -> Result<(), RunError> {
        if let Some(page) = self.page.take() {
            page.close().await?;
        }
        Ok(())
    }

    async fn launch(&mut self, wanted: &WantedLaunch, limit: Duration) -> Done {
        let spec = LaunchSpec::from(wanted);
        let made = match self.runner.stage.launch(&self.open.id, &spec).await {
            Ok(made) => made,
            Err(StageError::Unsupported(what)) => {
                return Ok(Err(Failure::new("not-supported", &what)));
            }
            // Our own failure: the app must not pay for it.
            Err(error) => return Err(error.into()),
        };
        self.tape.learn(&Secret {
            kind: SecretKind::Launch,
            value: made.launch.clone(),
        });
        let record = made.record(&wanted.behaviour);
        self.tape.push(Occurrence::Launched(record));
        self.navigate(&made.url, limit).await
    }

    async fn visit(&mut self, url: &str, limit: Duration) -> Done {
        match Url::parse(url) {
            Ok(parsed) if self.guard.is_own(&parsed) => self.navigate(url, limit).await,
            _ => Ok(Err(Failure::new(
                "not-supported",
                "only the app's own and the stage's addresses are visited",
            ))),
        }
    }

    async fn navigate(&mut self, url: &str, limit: Duration) -> Done {
        let Some(page) = &self.page else {
            return Ok(Err(no_page()));
        };
        match page.visit(url, limit).await {
            Ok(Navigation::Arrived) => Ok(Ok(())),
            Ok(Navigation::Failed(word)) => Ok(Err(Failure::new("navigation-failed", &word))),
            Err(error) => self.outcome(Err(error)),
        }
    }

    /// Tells what ends the run from what is recorded and passed over.
    fn outcome(&self, result: Result<(), BrowserError>) -> Done {
        let crashed = self.page.as_ref().is_some_and(Page::has_crashed);
        match result {
            Ok(()) => Ok(Ok(())),
            Err(error @ (BrowserError::Gone | BrowserError::Missing | BrowserError::Start(_))) => {
                Err(error.into())
            }
            Err(error) if crashed => Ok(Err(Failure::new("page-crashed", &error.to_string()))),
            Err(error @ BrowserError::Timeout { .. }) => {
                Ok(Err(Failure::new("timed-out", &error.to_string())))
            }
            Err(error) => Ok(Err(Failure::new("navigation-failed", &error.to_string()))),
        }
    }
}

impl Failure {
    fn new(code: &'static str, message: &str) -> Self {
        Self {
            code,
            message: message.to_owned(),
        }
    }
}

fn no_page() -> Failure {
    Failure::new("not-found", "no page is open")
}

const fn name(action: &Action) -> &'static str {
    match action {
        Action::Begin(_) => "begin",
        Action::Open(_) => "open",
        Action::Resize(_) => "resize",
        Action::Launch(_) => "launch",
        Action::Visit(_) => "visit",
        Action::Reload => "reload",
        Action::AwaitSettled(_) => "await-settled",
        Action::Act(_) => "act",
        Action::Snapshot => "snapshot",
        Action::Picture(_) => "picture",
        Action::RunAxe => "run-axe",
        Action::Close => "close",
    }
}

/// How long an element may take to come up.
const APPEARING: Duration = Duration::from_secs(5);

/// What a page that does not answer gets from then on.
const STUCK: Duration = Duration::from_secs(2);

//! An agent before a registry, at a time of the tests, with a folder that outlives it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, header};
use epj_agent::{Agent, Hosts, Parts, Policy, Settings, StartError};
use foundation::clock::ManualClock;
use foundation::{Timestamp, testing};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use verifier::claims::Approval;
use verifier::status::StatusValue;
use verifier::{Digest, Environment, note};

use crate::issuer::{NOW, VENDOR, World};
use crate::registry::Registry;

pub(crate) const APP: &str = "no.example.blodtrykk";
pub(crate) const VERSION: &str = "1.2.0";

/// Everything around an agent.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) registry: Registry,
    pub(crate) clock: ManualClock,
    pub(crate) settings: Settings,
    folder: TempDir,
    running: Option<Running>,
}

struct Running {
    router: Router,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Stage {
    /// A registry that has approved the app, and an agent that has not begun.
    pub(crate) async fn set() -> Self {
        let registry = Registry::start().await;
        let world = World::in_environment(Environment::Test);
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_seconds(NOW));
        let settings = Settings {
            registry: registry.base.clone(),
            root: world.pinned_root(),
            environment: Environment::Test,
            policy: Policy::default(),
            state: folder.path().join("state"),
            poll: Duration::from_mins(5),
            refresh: Duration::from_hours(1),
        };
        let mut stage = Self {
            world,
            registry,
            clock,
            settings,
            folder,
            running: None,
        };
        stage.publish_trust();
        stage.publish_status(NOW - 10);
        let approval = stage.approval();
        stage.publish(&approval, NOW - 300);
        stage.publish_checkpoint(NOW - 200);
        stage
    }

    /// A stage whose agent has begun.
    pub(crate) async fn begun() -> Self {
        let mut stage = Self::set().await;
        stage.begin().unwrap();
        stage.until("ready", |status| status["ready"] == true).await;
        stage
    }

    pub(crate) fn list(&self) -> String {
        format!("{}/status/0", self.registry.base)
    }

    pub(crate) fn approval(&self) -> Approval {
        let mut approval = self.world.approval();
        approval.status.status_list.uri = self.list();
        approval
    }

    pub(crate) fn publish_trust(&self) {
        let version = self.world.config.version;
        self.registry.put_trust(&self.world.trust_update(), version);
    }

    pub(crate) fn publish_status(&self, iat: i64) {
        let mut claims = self.world.status_claims(iat);
        claims.sub = self.list();
        let token = self.world.status.sign(&claims);
        self.registry.put("/status/0", token);
    }

    pub(crate) fn change_status(&mut self, value: StatusValue, iat: i64) {
        self.world.set_status(value, iat);
        self.publish_status(iat);
    }

    /// Signs, logs and publishes; gives approval and ticket.
    pub(crate) fn publish(&mut self, approval: &Approval, at: i64) -> (String, String) {
        let token = self.world.issue.sign(approval);
        let ticket = self.world.log_at(&token, at);
        let (id, version) = (&approval.software_id, &approval.software_version);
        let path = format!("/api/v1/apps/{id}/versions/{version}/approval");
        self.registry.put(&path, token.clone());
        self.registry
            .put(&format!("{path}.tlog-proof"), ticket.clone());
        (token, ticket)
    }

    pub(crate) fn publish_checkpoint(&self, at: i64) {
        let text = self.world.checkpoint();
        let lines = [
            self.world.log.sign(&text),
            self.world.witness.cosign(&text, at),
        ];
        self.registry
            .put("/log/checkpoint", note::assemble(&text, lines));
    }

    /// Begins, or begins anew after [`Self::end`].
    pub(crate) fn begin(&mut self) -> Result<(), StartError> {
        let agent = Agent::open(Parts {
            settings: self.settings.clone(),
            clock: std::sync::Arc::new(self.clock.clone()),
            entropy: testing::entropy(),
        })?;
        let router = agent.routes(Hosts::loopback()).into_router();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move { agent.keep_fresh(stopped).await });
        self.running = Some(Running { router, stop, task });
        Ok(())
    }

    pub(crate) async fn end(&mut self) {
        let running = self.running.take().unwrap();
        running.stop.cancel();
        running.task.await.unwrap();
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.folder.path().join("state/state.json")
    }

    /// Any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let router = self.running.as_ref().unwrap().router.clone();
        let response: Response<Body> = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::HOST, "localhost:8095");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8095")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        self.send(request.unwrap()).await
    }

    pub(crate) async fn take_in(&self) -> Answer {
        let version = json!({"software_id": APP, "software_version": VERSION});
        self.post("/verify", &version).await
    }

    /// The code that a launch of the app is refused with, or none.
    pub(crate) async fn refusal(&self) -> Option<String> {
        let answer = self.post("/launch", &launch(&json!({}))).await;
        (answer.status != 200).then(|| answer.code())
    }

    pub(crate) async fn status(&self) -> Value {
        self.get("/status").await.expect(200).json()
    }

    /// Waits until `/status` fits.
    pub(crate) async fn until(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let status = self.status().await;
            if fits(&status) {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "not {what}: {status:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a launch is refused so, or granted.
    pub(crate) async fn becomes(&self, code: Option<&str>) {
        let started = Instant::now();
        loop {
            let found = self.refusal().await;
            if found.as_deref() == code {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{found:?} instead of {code:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A launch of the app, with these members too or instead.
pub(crate) fn launch(more: &Value) -> Value {
    let mut body = json!({
        "software_id": APP,
        "software_version": VERSION,
        "organization_id": VENDOR,
        "launch_uri": "https://app.example.no/launch",
        "content": {"bundle": Digest::of(b"bundle")},
    });
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body
}

/// A busy machine is slow; what does not come by then does not come.
const PATIENCE: Duration = Duration::from_mins(1);

//! The verifier beside an EPJ, as a process of its own: it takes an approval in, hears of a suspension,
//! and goes on without the registry for as long as it may, over a restart too.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use verifier::Digest;
use verifier::claims::Approval;

use crate::support::api::Answer;
use crate::support::product::{Product, free_port};
use crate::support::walk::App;

/// The agent's process.
struct Agent {
    folder: PathBuf,
    registry: String,
    port: u16,
    process: Option<Child>,
}

impl Agent {
    /// An agent for the registry of a product; the root document is what the product's owner gave it.
    async fn of(product: &Product) -> Self {
        let folder = product.folder().join("agent");
        std::fs::create_dir(&folder).unwrap();
        let root = product
            .stranger()
            .get("/trust/1.root.json")
            .await
            .expect(200);
        std::fs::write(folder.join("root.json"), root.body).unwrap();
        let mut agent = Self {
            folder,
            registry: product.portal.clone(),
            port: free_port(),
            process: None,
        };
        agent.begin("").await;
        agent
    }

    fn command(&self, listen: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_markedsplass"));
        command
            .current_dir(&self.folder)
            .args([
                "epj-agent",
                "--registry",
                &self.registry,
                "--listen",
                listen,
            ])
            .args([
                "--root",
                "root.json",
                "--state",
                "state",
                "--policy",
                "policy.toml",
            ])
            .args(["--environment", "test"]);
        command
    }

    /// Starts the process (again) with these rules, and waits until it answers at all.
    async fn begin(&mut self, policy: &str) {
        std::fs::write(self.folder.join("policy.toml"), policy).unwrap();
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("agent.log"))
            .unwrap();
        let process = self
            .command(&format!("127.0.0.1:{}", self.port))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let started = Instant::now();
        while reqwest::get(self.url("/livez")).await.is_err() {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            let log = self.log();
            assert!(
                ended.is_none() && started.elapsed() < PATIENCE,
                "no agent:\n{log}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends the process as a power cut would.
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("agent.log")).unwrap_or_default()
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn status(&self, product: &Product) -> Value {
        let answer = product.stranger().get(&self.url("/status")).await;
        answer.expect(200).json()
    }

    async fn verify(&self, product: &Product, app: &App) -> Answer {
        let version = json!({"software_id": app.id(), "software_version": app.version()});
        product.stranger().post(&self.url("/verify"), version).await
    }

    /// The code that a launch is refused with, or none.
    async fn refusal(&self, product: &Product, launch: &Value) -> Option<String> {
        let answer = product
            .stranger()
            .post(&self.url("/launch"), launch.clone())
            .await;
        (answer.status != 200).then(|| answer.code())
    }

    /// Waits until a launch is refused so, or granted; gives how long that took.
    async fn becomes(&self, product: &Product, launch: &Value, code: Option<&str>) -> Duration {
        let started = Instant::now();
        loop {
            let found = self.refusal(product, launch).await;
            if found.as_deref() == code {
                return started.elapsed();
            }
            let log = self.log();
            let waited = started.elapsed();
            assert!(waited < PATIENCE, "{found:?} instead of {code:?}:\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("--- what the agent said ---\n{}", self.log());
        }
    }
}

/// A launch of what was approved, with what the EPJ has installed.
fn launch_of(approval: &str, app: &App) -> Value {
    let payload = approval.split('.').nth(1).unwrap();
    let payload = verifier::base64url::decode(payload).unwrap();
    let approval: Approval = serde_json::from_slice(&payload).unwrap();
    json!({
        "software_id": app.id(),
        "software_version": app.version(),
        "organization_id": approval.organization_id,
        "launch_uri": approval.launch_uri,
        "content": {"bundle": Digest::of(&app.bundle)},
    })
}

async fn decide(product: &Product, app: &App, reviewer: &str, action: &str) {
    let path = format!("{}/status", app.path());
    let request = json!({"action": action, "reason": "Prøvd i en test."});
    let answer = product.person(reviewer).post(&path, request).await;
    answer.expect(202);
}

#[tokio::test]
async fn an_epj_that_embeds_nothing_asks_the_agent_with_and_without_the_registry() {
    let mut product = Product::start().await;
    let app = App::built("blood-pressure");
    let (approval, _) = app.approved_in(&product).await;
    let launch = launch_of(&approval, &app);
    let mut agent = Agent::of(&product).await;

    agent
        .becomes(&product, &launch, Some("E_NOT_APPROVED"))
        .await;
    let taken = agent.verify(&product, &app).await.expect(200).json();
    assert_eq!(taken["verdict"], "accepted");
    assert_eq!(agent.refusal(&product, &launch).await, None);
    let mut other = launch.clone();
    other["content"] = json!({"bundle": Digest::of(b"other bytes")});
    let refused = agent.refusal(&product, &other).await;
    assert_eq!(refused.as_deref(), Some("E_DIGEST"));

    // The list is young, and polled every five minutes: only the push can tell so soon.
    let started = Instant::now();
    while agent.status(&product).await["status_lists"][0]["pushed"] != true {
        assert!(started.elapsed() < PATIENCE, "not pushed:\n{}", agent.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    decide(&product, &app, "sikkerhet-berg", "suspend").await;
    let known = agent.becomes(&product, &launch, Some("E_SUSPENDED")).await;
    println!("suspension: the agent knows {known:?} after the decision");
    for reviewer in ["sikkerhet-berg", "klinikk-eng"] {
        decide(&product, &app, reviewer, "reinstate").await;
    }
    agent.becomes(&product, &launch, None).await;
    let status = agent.status(&product).await;
    assert!(
        status["logs"][0]["size"].as_u64().unwrap() > 0,
        "{status:#}"
    );

    // The registry is gone, then the agent's own power; it knows what it knew.
    product.kill();
    assert_eq!(agent.refusal(&product, &launch).await, None);
    agent.kill();
    let allowed = status["status_lists"][0]["age_seconds"].as_i64().unwrap() + 45;
    agent.begin(&format!("max_status_age = {allowed}\n")).await;
    assert_eq!(agent.refusal(&product, &launch).await, None);
    product
        .stranger()
        .get(&agent.url("/readyz"))
        .await
        .expect(200);
    let away = agent.verify(&product, &app).await.expect(503);
    assert_eq!(away.code(), "registry-away");
    // It may go on for so long and no longer.
    agent
        .becomes(&product, &launch, Some("E_STATUS_STALE"))
        .await;
    // It finds the registry again by itself, and hears what is new.
    product.launch().await;
    decide(&product, &app, "klinikk-eng", "suspend").await;
    agent.becomes(&product, &launch, Some("E_SUSPENDED")).await;
}

#[tokio::test]
async fn an_agent_answers_other_machines_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("root.json"), "{}").unwrap();
    std::fs::write(folder.path().join("policy.toml"), "").unwrap();
    let agent = Agent {
        folder: folder.path().to_owned(),
        registry: "http://localhost:1".to_owned(),
        port: 0,
        process: None,
    };
    let said = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let refused = said(&mut agent.command("0.0.0.0:0"));
    assert!(refused.contains("--allow-remote"), "{refused}");
    let told = said(agent.command("0.0.0.0:0").arg("--allow-remote"));
    assert!(told.contains("root document is refused"), "{told}");
}

/// A busy machine is slow; what does not come by then does not come.
const PATIENCE: Duration = Duration::from_mins(4);

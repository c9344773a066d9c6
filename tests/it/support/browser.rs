//! A real headless Chromium for journeys: started with a folder of its own, and gone when dropped,
//! whatever the test came to. What a person does with it is in `person`, how pages look in `looks`.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with one window; ended when dropped.
pub(crate) struct Browser {
    /// The window.
    pub(crate) window: Client,
    driver: Driver,
}

/// chromedriver and everything it started.
struct Driver {
    process: Child,
    /// Profile, sockets and temporary files; its name tells which processes are ours.
    folder: TempDir,
    port: u16,
}

impl Browser {
    /// Starts chromedriver and a browser with an empty profile.
    pub(crate) async fn start() -> Self {
        Self::start_with(json!({})).await
    }

    /// A browser whose user has turned scripts off.
    pub(crate) async fn without_scripts() -> Self {
        Self::start_with(json!({"profile.default_content_setting_values.javascript": 2})).await
    }

    async fn start_with(preferences: Value) -> Self {
        let driver = Driver::start();
        let started = Instant::now();
        loop {
            match driver.session(&preferences).await {
                Ok(window) => return Self { window, driver },
                Err(error) => assert!(
                    started.elapsed() < Duration::from_secs(30),
                    "no browser: {error}"
                ),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Ends the browser in good order.
    pub(crate) async fn close(self) {
        self.window.clone().close().await.unwrap();
    }
}

impl Driver {
    fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("markedsplass-journey-")
            .tempdir()
            .unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed; `make test` does it");
        Self {
            process,
            folder,
            port,
        }
    }

    async fn session(
        &self,
        preferences: &Value,
    ) -> Result<Client, fantoccini::error::NewSessionError> {
        let profile = format!("--user-data-dir={}/profile", self.folder.path().display());
        let mut arguments = vec![profile.as_str()];
        arguments.extend(FLAGS);
        let mut capabilities = serde_json::Map::new();
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({"args": arguments, "prefs": preferences}),
        );
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
    }

    /// Asked to end, chromedriver ends its browser too; what is still there is then killed.
    fn end(&mut self) {
        signal("-TERM", self.process.id());
        let started = Instant::now();
        let mut killed = false;
        loop {
            let left = processes_of(self.folder.path());
            if matches!(self.process.try_wait(), Ok(Some(_))) && left.is_empty() {
                return;
            }
            if started.elapsed() > Duration::from_secs(3) && !killed {
                killed = true;
                let _gone = self.process.kill();
                for process in left {
                    signal("-KILL", process);
                }
            }
            if started.elapsed() > Duration::from_secs(10) {
                println!("a browser of {} does not end", self.folder.path().display());
                return;
            }
            pause();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

fn signal(which: &str, process: u32) {
    // Already gone is as good.
    let _status = Command::new("kill")
        .args([which, &process.to_string()])
        .stderr(Stdio::null())
        .status();
}

#[expect(clippy::disallowed_methods, reason = "a drop cannot await")]
fn pause() {
    thread::sleep(Duration::from_millis(20));
}

/// The processes that were started with this folder, by command line or environment.
fn processes_of(folder: &Path) -> Vec<u32> {
    let wanted = folder.to_str().unwrap().as_bytes();
    let mentions = |file: &Path| {
        let content = fs::read(file).unwrap_or_default();
        content.windows(wanted.len()).any(|window| window == wanted)
    };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let path = entry.path();
        (mentions(&path.join("cmdline")) || mentions(&path.join("environ"))).then_some(id)
    })
    .collect()
}

const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
    "--lang=nb",
];

#[tokio::test]
async fn a_browser_leaves_nothing_behind_even_when_its_test_fails() {
    let browser = Browser::start().await;
    let folder = browser.driver.folder.path().to_owned();
    browser.window.goto("about:blank").await.unwrap();
    assert!(
        processes_of(&folder).len() > 2,
        "a driver, a browser and its children"
    );
    let failed = tokio::spawn(async move {
        let _kept = browser;
        panic!("a step of a journey fails, on purpose");
    });
    assert!(failed.await.is_err());
    assert_eq!(processes_of(&folder), Vec::<u32>::new());
    assert!(!folder.exists());
}

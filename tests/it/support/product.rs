//! The real binary in a process of its own, with its own folder and ports; killed when dropped.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running product.
pub(crate) struct Product {
    folder: TempDir,
    process: Option<Child>,
    /// Portal and registry.
    pub(crate) portal: String,
    /// Sandbox.
    pub(crate) sandbox: String,
    apps_port: u16,
}

impl Product {
    /// Starts with an empty folder and demo content.
    pub(crate) async fn start() -> Self {
        let mut product = Self::configured();
        product.launch().await;
        product
    }

    /// Not started yet: an empty folder and the settings.
    pub(crate) fn configured() -> Self {
        let [portal, sandbox, apps] = free_ports();
        let product = Self {
            folder: tempfile::tempdir().unwrap(),
            process: None,
            portal: format!("http://localhost:{portal}"),
            sandbox: format!("http://localhost:{sandbox}"),
            apps_port: apps,
        };
        let text = product.configuration(portal, sandbox);
        std::fs::write(product.config_path(), text).unwrap();
        product
    }

    /// More settings: tables of TOML, after those of the log.
    pub(crate) fn add_settings(&self, text: &str) {
        let before = std::fs::read_to_string(self.config_path()).unwrap();
        std::fs::write(self.config_path(), before + text).unwrap();
    }

    /// The database that it is to keep everything in; without it a file in its folder.
    pub(crate) fn keep_in(&self, url: &str) {
        let before = std::fs::read_to_string(self.config_path()).unwrap();
        let storage = format!("[storage]\ndatabase = \"{url}\"\n");
        let text = before.replace("[storage]\n", &storage);
        std::fs::write(self.config_path(), text).unwrap();
    }

    fn configuration(&self, portal: u16, sandbox: u16) -> String {
        let data = self.folder.path().join("data");
        let apps = self.apps_port;
        format!(
            "[server]\n\
             portal_url = \"http://localhost:{portal}\"\n\
             sandbox_url = \"http://localhost:{sandbox}\"\n\
             apps_url = \"http://{{label}}.apps.localhost:{apps}\"\n\
             portal_listen = \"127.0.0.1:{portal}\"\n\
             sandbox_listen = \"127.0.0.1:{sandbox}\"\n\
             apps_listen = \"127.0.0.1:{apps}\"\n\
             [storage]\ndata = \"{}\"\n\
             [registry.log]\nwitness_timeout_ms = {WITNESS_MS}\n",
            data.display(),
        )
    }

    /// Starts the process (again), on the same folder and ports.
    pub(crate) async fn launch(&mut self) {
        self.spawn();
        self.wait_until_ready().await;
    }

    /// Starts the process (again) and waits for nothing.
    pub(crate) fn spawn(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_markedsplass"))
            .arg("--config")
            .arg(self.config_path())
            .args(["serve", "--demo=people"])
            .current_dir(self.folder.path())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
    }

    /// What `/readyz` of the portal says, once it says anything: status and text.
    pub(crate) async fn readiness(&self) -> (u16, String) {
        let probe = format!("{}/readyz", self.portal);
        for _ in 0..1200 {
            if let Ok(answer) = reqwest::get(&probe).await {
                let status = answer.status().as_u16();
                return (status, answer.text().await.unwrap());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing answers:\n{}", self.log());
    }

    pub(crate) async fn wait_until_ready(&mut self) {
        let started = Instant::now();
        let probes = [
            format!("{}/readyz", self.portal),
            format!("{}/readyz", self.sandbox),
        ];
        for probe in probes {
            loop {
                let answer = reqwest::get(&probe).await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    break;
                }
                let ended = self.process.as_mut().unwrap().try_wait().unwrap();
                assert!(
                    ended.is_none() && started.elapsed() < Duration::from_mins(1),
                    "the product did not become ready:\n{}",
                    self.log()
                );
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Ends the process as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Ends the process as Ctrl-C would; gives its exit status.
    pub(crate) fn interrupt(&mut self) -> Option<i32> {
        let mut process = self.process.take()?;
        let id = process.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().unwrap();
        process.wait().unwrap().code()
    }

    /// Runs another command of the binary on the same configuration.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_markedsplass"))
            .arg("--config")
            .arg(self.config_path())
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// What the process has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// The folder of this product.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn config_path(&self) -> PathBuf {
        self.folder.path().join("markedsplass.toml")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("product.log")
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("--- what the product said ---\n{}", self.log());
        }
    }
}

/// Three ports that nobody uses now, each given out once.
fn free_ports() -> [u16; 3] {
    [(); 3].map(|()| free_port())
}

/// A port that nobody uses now. It lies below those that systems give to outgoing connections, so that
/// nobody takes it between two starts of a process.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = NEXT_PORT.fetch_add(1, Ordering::SeqCst);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

static NEXT_PORT: AtomicU16 = AtomicU16::new(11_000);

/// A busy machine is no reason to be without a witness.
const WITNESS_MS: u64 = 60_000;

//! Chromium as a child process: found, started with a profile of its own, and killed with all its
//! children. DevTools is spoken over a pipe instead of a port: no other process on the machine can
//! drive the browser, and Chromium ends by itself when this process is killed.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use tempfile::TempDir;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::BrowserError;

/// A running browser. Dropping it kills its whole process group and removes its profile.
#[derive(Debug)]
pub(crate) struct Process {
    running: Option<(Child, TempDir)>,
    group: Option<Pid>,
}

/// The two ends of the DevTools pipe.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) write: ChildStdin,
    pub(crate) read: ChildStdout,
}

impl Process {
    /// Starts the configured browser, or the first that is installed.
    pub(crate) fn start(
        configured: Option<&Path>,
        resolver_rules: &str,
    ) -> Result<(Self, Pipe), BrowserError> {
        let executable = find(configured)?;
        let profile = tempfile::Builder::new()
            .prefix("markedsplass-browser-")
            .tempdir()
            .map_err(|error| BrowserError::Start(error.to_string()))?;
        let mut child = command(&executable, profile.path(), resolver_rules)
            .spawn()
            .map_err(|error| BrowserError::Start(error.to_string()))?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        let pipe = match (child.stdin.take(), child.stdout.take()) {
            (Some(write), Some(read)) => Pipe { write, read },
            _ => return Err(BrowserError::Start("it has no pipes".to_owned())),
        };
        let process = Self {
            running: Some((child, profile)),
            group,
        };
        Ok((process, pipe))
    }

    /// Kills the browser and waits until it is gone.
    pub(crate) async fn end(mut self) {
        self.kill();
        if let Some((mut child, profile)) = self.running.take() {
            reap(&mut child).await;
            drop(profile);
        }
    }

    fn kill(&self) {
        if let Some(group) = self.group {
            // Already gone is as good.
            kill_process_group(group, Signal::KILL).unwrap_or_default();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        let (Some((mut child, profile)), Ok(runtime)) =
            (self.running.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        runtime.spawn(async move {
            reap(&mut child).await;
            drop(profile);
        });
    }
}

async fn reap(child: &mut Child) {
    if let Err(error) = child.wait().await {
        tracing::warn!(%error, "the browser could not be waited for");
    }
}

/// The path of the browser that would be used.
pub(crate) fn find(configured: Option<&Path>) -> Result<PathBuf, BrowserError> {
    if let Some(path) = configured {
        return if path.is_file() {
            Ok(path.to_owned())
        } else {
            Err(BrowserError::Missing)
        };
    }
    FOLDERS
        .iter()
        .flat_map(|folder| NAMES.iter().map(move |name| Path::new(folder).join(name)))
        .find(|path| path.is_file())
        .ok_or(BrowserError::Missing)
}

fn command(executable: &Path, profile: &Path, resolver_rules: &str) -> Command {
    // The shell moves its ends of our pipes to the descriptors that Chromium reads and writes.
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null"])
        .arg(executable)
        .args(FLAGS)
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!(
            "--disk-cache-dir={}",
            profile.join("cache").display()
        ))
        .arg(format!("--host-resolver-rules={resolver_rules}"))
        .env("HOME", profile)
        .env("XDG_CONFIG_HOME", profile)
        .env("XDG_CACHE_HOME", profile)
        .env_remove("http_proxy")
        .env_remove("https_proxy")
        .env_remove("HTTP_PROXY")
        .env_remove("HTTPS_PROXY")
        .env_remove("all_proxy")
        .env_remove("ALL_PROXY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    if geteuid().is_root() {
        // Chromium refuses its own sandbox to root; a container without other users is the case.
        command.arg("--no-sandbox");
    }
    command.arg("about:blank");
    command
}

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Where distributions install browsers. `PATH` is not read: the environment belongs to the
/// configuration, which can name any other place.
const FOLDERS: [&str; 5] = [
    "/usr/bin",
    "/usr/local/bin",
    "/snap/bin",
    "/opt/google/chrome",
    "/run/current-system/sw/bin",
];

const FLAGS: &[&str] = &[
    "--headless=new",
    "--remote-debugging-pipe",
    "--window-size=1280,800",
    "--lang=nb-NO",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--disable-hang-monitor",
    "--disable-popup-blocking",
    "--disable-prompt-on-repost",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,HttpsUpgrades,LocalNetworkAccessChecks",
    "--force-color-profile=srgb",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--hide-scrollbars",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-proxy-server",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
];

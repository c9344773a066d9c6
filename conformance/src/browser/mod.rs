//! The browser that an app under test runs in: Chromium, spoken to in its own DevTools protocol.
//! Raw, ordered events of every target are the evidence, which generated clients would drop.
//!
//! What is asked of it, and when to stop, is the runner's business.

mod act;
mod axe;
mod console;
mod error;
mod guard;
mod listener;
mod network;
mod page;
mod policy;
mod process;
mod settle;
mod snapshot;
mod state;
mod storage;
mod wire;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) use act::ActError;
pub use error::BrowserError;
pub(crate) use guard::Guard;
pub use guard::{PrivateAddress, is_private};
pub(crate) use page::{Navigation, Page};
#[cfg(test)]
pub(crate) use process::find;

use self::listener::Listener;
use self::network::Network;
use self::process::Process;
use self::state::State;
use self::wire::{Wire, text};
use crate::evidence::Tape;
use crate::suite::wit::Viewport;

/// A running browser, recording on a tape.
#[derive(Debug)]
pub(crate) struct Browser {
    process: Process,
    wire: Wire,
    state: State,
    version: String,
}

impl Browser {
    /// Starts a browser that may reach only what `guard` permits. `pins` are its resolver rules.
    pub(crate) async fn start(
        executable: Option<&Path>,
        guard: Guard,
        pins: &str,
        tape: Tape,
    ) -> Result<Self, BrowserError> {
        let (process, pipe) = Process::start(executable, pins)?;
        let (wire, events) = Wire::over(pipe);
        let state = State::new();
        let listener = Listener {
            wire: wire.clone(),
            state: state.clone(),
            tape,
            guard,
            network: Network::default(),
        };
        tokio::spawn(listener.run(events));
        let answer = wire
            .call("", "Browser.getVersion", json!({}), STARTING)
            .await
            .map_err(|error| BrowserError::Start(error.to_string()))?;
        let attach = json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true});
        wire.call("", "Target.setAutoAttach", attach, SHORT).await?;
        Ok(Self {
            process,
            wire,
            state,
            version: text(&answer, "product").to_owned(),
        })
    }

    /// The version, as the browser names itself.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Opens a page in a browser context of its own: no cookie, no storage, no cache of another.
    pub(crate) async fn open(&self, viewport: &Viewport) -> Result<Page, BrowserError> {
        let options = json!({"disposeOnDetach": true});
        let made = self
            .wire
            .call("", "Target.createBrowserContext", options, SHORT)
            .await?;
        let context = text(&made, "browserContextId").to_owned();
        self.state.enter(&context);
        let deny = json!({"behavior": "deny", "browserContextId": context});
        self.wire.post("", "Browser.setDownloadBehavior", &deny);
        let blank = json!({"url": "about:blank", "browserContextId": context, "width": viewport.width, "height": viewport.height});
        let made = self
            .wire
            .call("", "Target.createTarget", blank, SHORT)
            .await?;
        let target = text(&made, "targetId");
        Page::attached(
            self.wire.clone(),
            self.state.clone(),
            context,
            target,
            viewport,
        )
        .await
    }

    /// Bytes received over the network so far.
    pub(crate) fn received(&self) -> u64 {
        self.state.received()
    }

    /// True once the browser has ended by itself.
    pub(crate) fn is_gone(&self) -> bool {
        self.state.is_gone() || self.wire.is_gone()
    }

    /// Kills the browser and waits until it is gone.
    pub(crate) async fn end(self) {
        self.process.end().await;
    }
}

/// Cuts a text at `most` bytes, at a character's edge.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// The value of an evaluated expression, or `None` when the script threw.
fn value_of(mut answer: Value) -> Option<Value> {
    if answer.get("exceptionDetails").is_some() {
        return None;
    }
    answer.pointer_mut("/result/value").map(Value::take)
}

/// Name of our isolated world.
const WORLD: &str = "markedsplass";

/// For commands that need no work from the page.
const SHORT: Duration = Duration::from_secs(10);

/// For a cold start on a busy machine.
const STARTING: Duration = Duration::from_secs(30);

//! The page under test: where it goes, how large its window is, what it looks like.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::state::{Session, State};
use super::wire::{Wire, text, text_at};
use super::{BrowserError, SHORT, WORLD, value_of};
use crate::suite::wit::Viewport;

/// An open page with the browser context that it lives in.
#[derive(Debug)]
pub(crate) struct Page {
    pub(super) wire: Wire,
    pub(super) state: State,
    pub(super) context: String,
    pub(super) session: Session,
    viewport: Viewport,
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Navigation {
    /// The page answered.
    Arrived,
    /// The browser could not get there; its own word.
    Failed(String),
}

/// A picture of the page.
#[derive(Debug)]
pub(crate) struct Shot {
    pub(crate) png: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Page {
    pub(super) async fn attached(
        wire: Wire,
        state: State,
        context: String,
        target: &str,
        viewport: &Viewport,
    ) -> Result<Self, BrowserError> {
        let find = async {
            loop {
                if let Some(session) = state.session_of(target) {
                    break session;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        let session = timeout(SHORT, find)
            .await
            .map_err(|_| BrowserError::Timeout {
                method: "Target.attachedToTarget".to_owned(),
                limit: SHORT,
            })?;
        let mut page = Self {
            wire,
            state,
            context,
            session,
            viewport: *viewport,
        };
        page.resize(viewport).await?;
        Ok(page)
    }

    /// Gives the window another size.
    pub(crate) async fn resize(&mut self, viewport: &Viewport) -> Result<(), BrowserError> {
        let size = json!({
            "width": viewport.width.clamp(200, 4000),
            "height": viewport.height.clamp(200, 4000),
            "deviceScaleFactor": 1,
            "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", size, SHORT)
            .await?;
        self.viewport = *viewport;
        self.state.known().touch();
        Ok(())
    }

    /// Visits a URL; returns when its answer is there.
    pub(crate) async fn visit(
        &self,
        url: &str,
        limit: Duration,
    ) -> Result<Navigation, BrowserError> {
        self.state.known().touch();
        let answer = self
            .call("Page.navigate", json!({"url": url}), limit)
            .await?;
        Ok(match text(&answer, "errorText") {
            "" => Navigation::Arrived,
            word => Navigation::Failed(word.to_owned()),
        })
    }

    /// Loads the present page again.
    pub(crate) async fn reload(&self, limit: Duration) -> Result<(), BrowserError> {
        self.state.known().touch();
        self.call("Page.reload", json!({}), limit).await?;
        Ok(())
    }

    /// True when the process of the page has crashed.
    pub(crate) fn has_crashed(&self) -> bool {
        self.state.has_crashed(&self.session.id)
    }

    /// A picture of what is in the window.
    pub(crate) async fn picture(&self, limit: Duration) -> Result<Shot, BrowserError> {
        let answer = self
            .call("Page.captureScreenshot", json!({"format": "png"}), limit)
            .await?;
        let png = BASE64
            .decode(text(&answer, "data").as_bytes())
            .map_err(|_| BrowserError::Unexpected {
                method: "Page.captureScreenshot",
                member: "data",
            })?;
        Ok(Shot {
            png,
            width: self.viewport.width,
            height: self.viewport.height,
        })
    }

    /// Closes the page and everything that its context keeps.
    pub(crate) async fn close(self) -> Result<(), BrowserError> {
        let context = json!({"browserContextId": self.context});
        // A page of tens of megabytes takes its time to go.
        self.wire
            .call("", "Target.disposeBrowserContext", context, SHORT * 6)
            .await?;
        Ok(())
    }

    pub(super) async fn call(
        &self,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, BrowserError> {
        self.wire
            .call(&self.session.id, method, params, limit)
            .await
    }

    /// Evaluates in our isolated world of a document's main frame: the app can neither see nor
    /// spoil what runs there. `None` when the script threw.
    pub(super) async fn evaluate(
        &self,
        session: &Session,
        script: &str,
        limit: Duration,
    ) -> Result<Option<Value>, BrowserError> {
        let world = self.world(session, limit).await?;
        let params = json!({
            "expression": script,
            "contextId": world,
            "awaitPromise": true,
            "returnByValue": true,
        });
        let answer = self
            .wire
            .call(&session.id, "Runtime.evaluate", params, limit)
            .await?;
        Ok(value_of(answer))
    }

    async fn world(&self, session: &Session, limit: Duration) -> Result<i64, BrowserError> {
        if let Some(world) = self.state.world(&session.id, &session.target) {
            return Ok(world);
        }
        let params = json!({"frameId": session.target, "worldName": WORLD});
        let answer = self
            .wire
            .call(&session.id, "Page.createIsolatedWorld", params, limit)
            .await?;
        answer
            .get("executionContextId")
            .and_then(Value::as_i64)
            .ok_or(BrowserError::Unexpected {
                method: "Page.createIsolatedWorld",
                member: "executionContextId",
            })
    }

    /// The address bar, with fragment.
    pub(super) async fn address(&self) -> Result<String, BrowserError> {
        let answer = self.call("Page.getFrameTree", json!({}), SHORT).await?;
        let url = text_at(&answer, "/frameTree/frame/url");
        let fragment = text_at(&answer, "/frameTree/frame/urlFragment");
        Ok(format!("{url}{fragment}"))
    }
}

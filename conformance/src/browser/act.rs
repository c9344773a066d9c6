//! Uses the page as a person does: finds an element by role and accessible name, in every frame, and
//! clicks, fills or presses a key on it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::state::Session;
use super::wire::text_at;
use super::{BrowserError, Page, SHORT};
use crate::suite::wit::{Act, Gesture};

/// Why a gesture was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ActError {
    /// The browser failed.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// No such element came up in time.
    #[error("no {role} is named {name:?}")]
    NotFound {
        /// The role asked for.
        role: String,
        /// The name asked for.
        name: String,
    },
}

/// An element in a document.
struct Element {
    session: Session,
    node: i64,
}

impl Page {
    /// Makes a gesture; waits at most `limit` for the element to come up.
    pub(crate) async fn act(&self, act: &Act, limit: Duration) -> Result<(), ActError> {
        let element = self.await_element(act, limit).await?;
        self.state.known().touch();
        match &act.gesture {
            Gesture::Click => self.click(&element).await?,
            Gesture::Fill(value) => self.fill(&element, value).await?,
            Gesture::Press(key) => self.press(&element, key).await?,
        }
        Ok(())
    }

    async fn await_element(&self, act: &Act, limit: Duration) -> Result<Element, ActError> {
        let began = Instant::now();
        loop {
            if let Some(element) = self.element(act).await? {
                return Ok(element);
            }
            if began.elapsed() >= limit {
                return Err(ActError::NotFound {
                    role: act.role.clone(),
                    name: act.name.clone(),
                });
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn element(&self, act: &Act) -> Result<Option<Element>, BrowserError> {
        for session in self.state.documents() {
            let tree = self
                .wire
                .call(&session.id, "Page.getFrameTree", json!({}), SHORT)
                .await?;
            for frame in frames(tree.get("frameTree")) {
                if let Some(node) = self.node(&session, &frame, act).await? {
                    return Ok(Some(Element { session, node }));
                }
            }
        }
        Ok(None)
    }

    async fn node(
        &self,
        session: &Session,
        frame: &str,
        act: &Act,
    ) -> Result<Option<i64>, BrowserError> {
        let params = json!({"frameId": frame});
        let tree = self
            .wire
            .call(&session.id, "Accessibility.getFullAXTree", params, SHORT)
            .await;
        let tree = match tree {
            Ok(tree) => tree,
            // The frame was replaced meanwhile.
            Err(BrowserError::Refused { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let wanted = plain(&act.name);
        let nodes = tree.get("nodes").and_then(Value::as_array);
        Ok(nodes
            .into_iter()
            .flatten()
            .filter(|node| text_at(node, "/role/value").eq_ignore_ascii_case(&act.role))
            .find(|node| plain(text_at(node, "/name/value")) == wanted)
            .and_then(|node| node.get("backendDOMNodeId").and_then(Value::as_i64)))
    }

    async fn click(&self, element: &Element) -> Result<(), BrowserError> {
        if element.session.id == self.session.id
            && let Some((x, y)) = self.middle(element).await?
        {
            for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
                let pressed = kind != "mouseMoved";
                let params = json!({
                    "type": kind, "x": x, "y": y,
                    "button": if pressed { "left" } else { "none" },
                    "clickCount": i32::from(pressed),
                });
                self.call("Input.dispatchMouseEvent", params, SHORT).await?;
            }
            return Ok(());
        }
        // In a frame of another site the pointer's coordinates are not the frame's.
        self.run(
            element,
            "function() { this.focus(); this.click(); }",
            json!([]),
        )
        .await
    }

    /// The middle of the element in the window, when it can be seen.
    async fn middle(&self, element: &Element) -> Result<Option<(f64, f64)>, BrowserError> {
        let node = json!({"backendNodeId": element.node});
        for method in ["DOM.scrollIntoViewIfNeeded", "DOM.getContentQuads"] {
            match self.call(method, node.clone(), SHORT).await {
                Ok(answer) if method == "DOM.getContentQuads" => return Ok(centre(&answer)),
                Ok(_) => {}
                Err(BrowserError::Refused { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn fill(&self, element: &Element, value: &str) -> Result<(), BrowserError> {
        self.run(element, SELECT, json!([{"value": value}])).await?;
        let typed = json!({"text": value});
        self.wire
            .call(&element.session.id, "Input.insertText", typed, SHORT)
            .await?;
        self.run(element, CHANGED, json!([])).await
    }

    async fn press(&self, element: &Element, key: &str) -> Result<(), BrowserError> {
        self.run(element, "function() { this.focus(); }", json!([]))
            .await?;
        let (code, produced) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            "Escape" => (27, ""),
            "Space" | " " => (32, " "),
            "ArrowLeft" => (37, ""),
            "ArrowUp" => (38, ""),
            "ArrowRight" => (39, ""),
            "ArrowDown" => (40, ""),
            other => (0, other),
        };
        for kind in ["keyDown", "keyUp"] {
            let params = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyDown" { produced } else { "" },
            });
            self.wire
                .call(&element.session.id, "Input.dispatchKeyEvent", params, SHORT)
                .await?;
        }
        Ok(())
    }

    async fn run(
        &self,
        element: &Element,
        function: &str,
        arguments: Value,
    ) -> Result<(), BrowserError> {
        let node = json!({"backendNodeId": element.node});
        let session = &element.session.id;
        let resolved = self
            .wire
            .call(session, "DOM.resolveNode", node, SHORT)
            .await?;
        let params = json!({
            "objectId": text_at(&resolved, "/object/objectId"),
            "functionDeclaration": function,
            "arguments": arguments,
            "userGesture": true,
        });
        self.wire
            .call(session, "Runtime.callFunctionOn", params, SHORT)
            .await?;
        Ok(())
    }
}

fn frames(tree: Option<&Value>) -> Vec<String> {
    let Some(tree) = tree else {
        return Vec::new();
    };
    let mut all = vec![text_at(tree, "/frame/id").to_owned()];
    let children = tree.get("childFrames").and_then(Value::as_array);
    for child in children.into_iter().flatten() {
        all.extend(frames(Some(child)));
    }
    all
}

/// Names are compared without regard to case and space.
fn plain(name: &str) -> String {
    name.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn centre(answer: &Value) -> Option<(f64, f64)> {
    let corner = |index: usize| {
        answer
            .pointer(&format!("/quads/0/{index}"))
            .and_then(Value::as_f64)
    };
    let x = f64::midpoint(corner(0)?, corner(4)?);
    let y = f64::midpoint(corner(1)?, corner(5)?);
    (x >= 0.0 && y >= 0.0).then_some((x, y))
}

/// Selects what is there, so that typing replaces it; an option list gets its value here.
const SELECT: &str = "function(value) { this.focus(); if (this.tagName === 'SELECT') { for (const option of this.options) { if (option.text.trim() === value || option.value === value) { this.value = option.value; } } } else if (this.select) { this.select(); } }";
const CHANGED: &str = "function() { this.dispatchEvent(new Event('change', {bubbles: true})); }";

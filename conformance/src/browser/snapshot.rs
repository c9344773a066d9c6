//! How the page looks to a person and to a tool: text, announcements, the accessibility tree,
//! storage, and whether it is wider than its window.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::wire::text_at;
use super::{BrowserError, Page};
use crate::suite::wit::{Node, Snapshot};

impl Page {
    /// Takes a snapshot; each part gets at most `limit`.
    pub(crate) async fn snapshot(&self, limit: Duration) -> Result<Snapshot, BrowserError> {
        let seen = self.evaluate(&self.session, SCRIPT, limit).await?;
        let seen: Seen = seen
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default();
        let nodes = if seen.elements > MOST_ELEMENTS {
            Vec::new()
        } else {
            self.nodes(limit).await?
        };
        Ok(Snapshot {
            url: self.address().await?,
            title: super::cut(&seen.title, 1000),
            html_lang: super::cut(&seen.language, 100),
            text: super::cut(&seen.text, MOST_TEXT),
            announcements: seen.announcements,
            nodes,
            storage: self.storage(limit).await?,
            viewport_width: seen.width,
            viewport_height: seen.height,
            document_width: seen.document_width,
        })
    }

    async fn nodes(&self, limit: Duration) -> Result<Vec<Node>, BrowserError> {
        let tree = self
            .call("Accessibility.getFullAXTree", json!({}), limit)
            .await?;
        let all = tree.get("nodes").and_then(Value::as_array);
        Ok(all
            .into_iter()
            .flatten()
            .filter(|node| node.get("ignored").and_then(Value::as_bool) != Some(true))
            .map(|node| Node {
                role: text_at(node, "/role/value").to_owned(),
                name: super::cut(text_at(node, "/name/value"), 300),
            })
            .filter(|node| ROLES.contains(&node.role.as_str()))
            .take(MOST_NODES)
            .collect())
    }
}

#[derive(Default, Deserialize)]
struct Seen {
    title: String,
    language: String,
    text: String,
    announcements: Vec<String>,
    elements: u32,
    width: u32,
    height: u32,
    document_width: u32,
}

const SCRIPT: &str = include_str!("snapshot.js");

const ROLES: [&str; 30] = [
    "alert",
    "alertdialog",
    "banner",
    "button",
    "checkbox",
    "combobox",
    "complementary",
    "contentinfo",
    "dialog",
    "form",
    "heading",
    "link",
    "listbox",
    "log",
    "main",
    "menuitem",
    "navigation",
    "option",
    "radio",
    "region",
    "search",
    "searchbox",
    "slider",
    "spinbutton",
    "status",
    "switch",
    "tab",
    "table",
    "textbox",
    "img",
];

const MOST_ELEMENTS: u32 = 20_000;
const MOST_NODES: usize = 500;
const MOST_TEXT: usize = 64 * 1024;

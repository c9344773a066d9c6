//! Everything that the page's origins and the cookie jar hold.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::wire::text;
use super::{BrowserError, Page, SHORT};
use crate::suite::wit::{StorageArea, Stored};

impl Page {
    pub(super) async fn storage(&self, limit: Duration) -> Result<Vec<Stored>, BrowserError> {
        let mut all = Vec::new();
        let mut owners = BTreeSet::new();
        for document in self.state.documents() {
            // A frame may vanish or refuse storage (an opaque origin); the others still count.
            let Ok(Some(found)) = self.evaluate(&document, SCRIPT, limit).await else {
                continue;
            };
            if owners.insert(text(&found, "origin").to_owned()) {
                all.extend(values(&found));
            }
        }
        all.extend(self.cookies().await?);
        Ok(all)
    }

    async fn cookies(&self) -> Result<Vec<Stored>, BrowserError> {
        let params = json!({"browserContextId": self.context});
        let answer = self
            .wire
            .call("", "Storage.getCookies", params, SHORT)
            .await?;
        let cookies = answer.get("cookies").and_then(Value::as_array);
        let flag = |cookie: &Value, name: &str| cookie.get(name).and_then(Value::as_bool);
        Ok(cookies
            .into_iter()
            .flatten()
            .map(|cookie| Stored {
                area: StorageArea::Cookie,
                owner: text(cookie, "domain").to_owned(),
                key: text(cookie, "name").to_owned(),
                value: super::cut(text(cookie, "value"), MOST),
                http_only: flag(cookie, "httpOnly").unwrap_or(false),
                secure: flag(cookie, "secure").unwrap_or(false),
                lasting: !flag(cookie, "session").unwrap_or(true),
            })
            .collect())
    }
}

fn values(found: &Value) -> Vec<Stored> {
    let owner = text(found, "origin");
    let entries = found.get("entries").and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .map(|entry| {
            let area = match text(entry, "area") {
                "local" => StorageArea::LocalStorage,
                "session" => StorageArea::SessionStorage,
                "database" => StorageArea::IndexedDb,
                _ => StorageArea::CacheStorage,
            };
            Stored {
                area,
                owner: owner.to_owned(),
                key: super::cut(text(entry, "key"), 1000),
                value: super::cut(text(entry, "value"), MOST),
                http_only: false,
                secure: false,
                lasting: !matches!(area, StorageArea::SessionStorage),
            }
        })
        .collect()
}

const SCRIPT: &str = include_str!("storage.js");
const MOST: usize = 16 * 1024;

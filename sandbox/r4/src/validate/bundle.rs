//! Bundles: what the addresses of their entries stand for, and bdl-7 (R4, `bundle.html`).

use serde_json::Value;

use super::fault;
use super::path::Path;
use super::walk::Walk;

/// The resources of a bundle by `fullUrl`, sorted.
#[derive(Debug)]
pub(super) struct Entries<'v>(Vec<(&'v str, &'v Value)>);

impl<'v> Entries<'v> {
    pub(super) fn of(bundle: &'v Value) -> Self {
        let entries = bundle.get("entry").and_then(Value::as_array);
        let mut all: Vec<_> = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| Some((entry.get("fullUrl")?.as_str()?, entry.get("resource")?)))
            .collect();
        all.sort_by_key(|(url, _)| *url);
        Self(all)
    }

    pub(super) fn find(&self, url: &str) -> Option<&'v Value> {
        let place = self.0.binary_search_by(|(own, _)| (*own).cmp(url)).ok()?;
        self.0.get(place).map(|(_, resource)| *resource)
    }
}

impl Walk<'_> {
    /// What holds between the addresses of the entries.
    pub(super) fn addresses(&mut self, bundle: &Value, path: &Path<'_>) {
        let entries = bundle.get("entry").and_then(Value::as_array);
        for (at, entry) in entries.into_iter().flatten().enumerate() {
            let url = entry.get("fullUrl").and_then(Value::as_str);
            if let Some(url) = url.filter(|url| !url.contains(':')) {
                let here = path.child("entry", Some(at));
                self.report(&here.child("fullUrl", None), fault::relative_full_url(url));
            }
        }
        self.distinct(bundle, path);
    }

    /// bdl-7: a `fullUrl` stands once, or with different versions; in a history it may stand again.
    fn distinct(&mut self, bundle: &Value, path: &Path<'_>) {
        if bundle.get("type").and_then(Value::as_str) == Some("history") {
            return;
        }
        let version = |resource: &'_ Value| {
            resource
                .get("meta")
                .and_then(|m| m.get("versionId"))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let mut keys: Vec<_> = Entries::of(bundle)
            .0
            .into_iter()
            .map(|(u, r)| (u, version(r)))
            .collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        if keys.len() < count {
            let human = "FullUrl must be unique in a bundle, or else entries with the same fullUrl must have different meta.versionId";
            self.report(path, fault::invariant("bdl-7", human, true));
        }
    }
}

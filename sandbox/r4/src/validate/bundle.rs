//! Bundles: what holds between the addresses of their entries (R4, `bundle.html`).

use serde_json::Value;

use super::addressed::Addressed;
use super::fault;
use super::path::Path;
use super::walk::Walk;

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
        let mut keys: Vec<_> = Addressed::of_bundle(bundle)
            .iter()
            .map(|(url, resource)| (*url, version(resource)))
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

//! Rules about a resource and what it contains: dom-2 to dom-6 (R4, `domainresource.html`).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Severity;
use super::fault::{self, Containing};
use super::path::Path;
use super::walk::Walk;
use crate::definitions::Type;

/// How deep references are looked for; deeper than the walker goes there is nothing to find.
const DEEPEST: usize = 128;

impl Walk<'_> {
    pub(super) fn containing(
        &mut self,
        described: &Type,
        properties: &Map<String, Value>,
        path: &Path<'_>,
    ) {
        let has_narrative = || properties.get("text").and_then(|t| t.get("div")).is_some();
        if self.wants(Severity::Warning) && described.property("text").is_some() && !has_narrative()
        {
            self.report(path, fault::no_narrative());
        }
        let Some(Value::Array(contained)) = properties.get("contained") else {
            return;
        };
        let mut local = BTreeSet::new();
        for value in properties.values() {
            local_references(value, &mut local, 0);
        }
        let mut ids = BTreeSet::new();
        for (at, resource) in contained.iter().enumerate() {
            let here = path.child("contained", Some(at));
            let id = resource
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default();
            for what in faults(resource) {
                self.report(&here, fault::contained(what));
            }
            if id.is_empty() || !(local.contains(id) || points_out(resource)) {
                self.report(&here, fault::contained(Containing::NotReferenced));
            }
            if !id.is_empty() && !ids.insert(id) {
                self.report(&here, fault::contained(Containing::SameId));
            }
        }
    }
}

fn faults(resource: &Value) -> impl Iterator<Item = Containing> {
    let meta = |name| resource.get("meta").and_then(|m| m.get(name)).is_some();
    [
        (resource.get("contained").is_some(), Containing::Nested),
        (
            meta("versionId") || meta("lastUpdated"),
            Containing::Versioned,
        ),
        (meta("security"), Containing::Security),
    ]
    .into_iter()
    .filter_map(|(found, what)| found.then_some(what))
}

/// Whether the contained resource refers to the one that contains it, which is reason enough to be there.
fn points_out(resource: &Value) -> bool {
    let mut local = BTreeSet::new();
    local_references(resource, &mut local, 0);
    local.contains("")
}

/// Every text that starts with `#`, without it.
fn local_references<'v>(value: &'v Value, out: &mut BTreeSet<&'v str>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::String(text) => out.extend(text.strip_prefix('#')),
        Value::Array(items) => items
            .iter()
            .for_each(|item| local_references(item, out, depth + 1)),
        Value::Object(own) => own
            .values()
            .for_each(|item| local_references(item, out, depth + 1)),
        _ => {}
    }
}

//! Holds a value to the constraints of a profile: slices, how many, fixed values, bindings, targets.

use serde_json::{Map, Value};

use super::table::{Constraint, Invariant, Table};
use crate::definitions::Role;
use crate::fhirpath::Node;
use crate::validate::Severity;
use crate::validate::fault;
use crate::validate::path::Path;
use crate::validate::walk::{Frame, Walk};

/// An element with its place among its siblings.
type Item<'v> = (&'static str, Option<usize>, &'v Value);

impl Walk<'_> {
    pub(super) fn constraints<'v>(
        &mut self,
        profile: &'static str,
        rules: &'static [Constraint],
        owner: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        for rule in rules {
            self.below(profile, rule, rule.path, owner, path, frame);
        }
    }

    /// Goes down to where the constraint's last name is counted: once for each owner there.
    fn below<'v>(
        &mut self,
        profile: &'static str,
        rule: &'static Constraint,
        names: &'static str,
        owner: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let Some((first, rest)) = names.split_once('.') else {
            return self.counted(profile, rule, names, owner, path, frame);
        };
        for (name, at, value) in items(owner, first) {
            if let Value::Object(inner) = value {
                self.below(profile, rule, rest, inner, &path.child(name, at), frame);
            }
        }
    }

    fn counted<'v>(
        &mut self,
        profile: &'static str,
        rule: &'static Constraint,
        name: &'static str,
        owner: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let found: Vec<Item<'v>> = items(owner, name)
            .filter(|(_, _, value)| belongs(rule, value))
            .collect();
        let shown = name.split('|').next().unwrap_or(name);
        let what = rule
            .slice
            .map_or_else(|| shown.to_owned(), |slice| format!("{shown}:{slice}"));
        if found.len() < rule.min {
            self.report(path, fault::too_few(profile, &what, rule.min, found.len()));
        }
        if let Some(max) = rule.max.filter(|max| found.len() > *max) {
            self.report(path, fault::too_many(profile, &what, max, found.len()));
        }
        for (name, at, value) in found {
            self.held(profile, rule, value, &path.child(name, at), frame);
        }
    }

    fn held<'v>(
        &mut self,
        profile: &'static str,
        rule: &'static Constraint,
        value: &'v Value,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        if let Some(fixed) = rule.fixed.as_ref().filter(|fixed| !holds(value, fixed)) {
            let wanted = fixed
                .as_str()
                .map_or_else(|| fixed.to_string(), str::to_owned);
            self.report(path, fault::not_fixed(profile, &wanted));
        }
        if let Some(url) = rule.value_set {
            self.profile_binding(url, !rule.extensible, value, path);
        }
        let Value::Object(own) = value else { return };
        if !rule.targets.is_empty() {
            self.reference(&rule.targets, own, path, frame);
        }
        if let Some(inner) = rule.profile.and_then(|url| Table::get().find(url)) {
            self.constraints(inner.url, &inner.rules, own, path, frame);
        }
        self.constraints(profile, &rule.rules, own, path, frame);
        self.profile_invariants(
            &rule.invariants,
            rule.of.unwrap_or_default(),
            value,
            path,
            frame,
        );
    }

    fn profile_binding(
        &mut self,
        url: &'static str,
        required: bool,
        value: &Value,
        path: &Path<'_>,
    ) {
        let set = self
            .terminology
            .value_set(url)
            .filter(|set| set.is_enumerable());
        let role = match value {
            Value::Object(own) if own.contains_key("coding") || own.contains_key("text") => {
                Role::CodeableConcept
            }
            Value::Object(_) => Role::Coding,
            _ => Role::None,
        };
        self.bound(required, url, set, role, value, path);
    }

    pub(super) fn profile_invariants<'v>(
        &mut self,
        invariants: &'static [Invariant],
        of: &str,
        value: &'v Value,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let Some(id) = self.definitions.find(of) else {
            return;
        };
        for rule in invariants {
            let severity = if rule.warning {
                Severity::Warning
            } else {
                Severity::Error
            };
            if !self.wants(severity) {
                continue;
            }
            let node = Node::element(Some(value), None, id);
            let held = rule
                .expression
                .get()
                .map(|expression| expression.holds(&frame.scope, &node));
            if held == Some(Ok(Some(false))) {
                self.report(
                    path,
                    fault::profile_invariant(rule.key, rule.en, rule.nb, !rule.warning),
                );
            }
        }
    }
}

/// The values under a name, or under any of several.
fn items<'v>(owner: &'v Map<String, Value>, names: &'static str) -> impl Iterator<Item = Item<'v>> {
    names
        .split('|')
        .filter_map(|name| Some((name, owner.get(name)?)))
        .flat_map(|(name, value)| {
            let (one, many) = match value {
                Value::Array(items) => (None, items.as_slice()),
                single => (Some((name, None, single)), Default::default()),
            };
            one.into_iter().chain(
                many.iter()
                    .enumerate()
                    .map(move |(at, item)| (name, Some(at), item)),
            )
        })
}

fn belongs(rule: &Constraint, value: &Value) -> bool {
    rule.belongs
        .iter()
        .all(|(path, wanted)| any_at(value, path, wanted))
}

/// Whether some value at the path holds what is wanted.
fn any_at(value: &Value, path: &str, wanted: &Value) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| any_at(item, path, wanted));
    }
    match path.split_once('.') {
        Some((first, rest)) => value
            .get(first)
            .is_some_and(|inner| any_at(inner, rest, wanted)),
        None if path.is_empty() => holds(value, wanted),
        None => value
            .get(path)
            .is_some_and(|inner| any_at(inner, "", wanted)),
    }
}

/// Whether a value has at least what a pattern has (R4, `ElementDefinition.pattern[x]`).
fn holds(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(own), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, part)| own.get(name).is_some_and(|value| holds(value, part))),
        (Value::Array(own), Value::Array(wanted)) => wanted
            .iter()
            .all(|part| own.iter().any(|value| holds(value, part))),
        _ => value == pattern,
    }
}

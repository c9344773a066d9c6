//! Bindings: whether a coded value is in the value set of its element (R4, `terminologies.html`).

use serde_json::Value;

use super::Severity;
use super::fault;
use super::path::Path;
use super::walk::Walk;
use crate::definitions::{Binding, Role, Type};
use crate::terminology::{Page, Terminology, ValueSet};

/// How a coded value stands to a value set.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    In,
    /// Not in it; how it may be shown.
    Out(String),
    /// There is no code to judge.
    Without,
}

impl Walk<'_> {
    /// A binding of R4 itself.
    pub(super) fn binding(
        &mut self,
        binding: &Binding,
        described: &Type,
        value: Option<&Value>,
        path: &Path<'_>,
    ) {
        let Some(value) = value else { return };
        self.bound(
            binding.required,
            binding.url,
            binding.set,
            described.role,
            value,
            path,
        );
    }

    /// Any binding: `set` is there when its codes are.
    pub(super) fn bound(
        &mut self,
        required: bool,
        url: &str,
        set: Option<&ValueSet>,
        role: Role,
        value: &Value,
        path: &Path<'_>,
    ) {
        let severity = if required {
            Severity::Error
        } else {
            Severity::Warning
        };
        let Some(set) = set else {
            if self.wants(Severity::Information) {
                self.report(path, fault::unchecked_set(url));
            }
            return;
        };
        if !self.wants(severity) {
            return;
        }
        let standing = match role {
            Role::CodeableConcept => concept(self.terminology, set, value),
            Role::Coding | Role::Quantity => coding(self.terminology, set, value),
            _ => code(self.terminology, set, value),
        };
        let shown = match standing {
            Standing::In => return,
            Standing::Without if !required => return,
            Standing::Without => "(none)".to_owned(),
            Standing::Out(shown) => shown,
        };
        let some = examples(self.terminology, url);
        self.report(path, fault::not_in_set(&shown, url, required, &some));
    }
}

/// The codes of a small set, to choose from.
fn examples(terminology: &Terminology, url: &str) -> Vec<&'static str> {
    let page = Page {
        count: Some(12),
        ..Page::default()
    };
    match terminology.expand(url, page) {
        Ok(expanded) if expanded.total <= 12 => {
            expanded.concepts.iter().map(|(_, c)| c.code).collect()
        }
        _ => Vec::new(),
    }
}

fn code(terminology: &Terminology, set: &ValueSet, value: &Value) -> Standing {
    match value {
        Value::String(code) if terminology.has(set, None, code) => Standing::In,
        Value::String(code) => Standing::Out(fault::named(None, Some(code))),
        _ => Standing::Without,
    }
}

fn coding(terminology: &Terminology, set: &ValueSet, value: &Value) -> Standing {
    let text = |name| value.get(name).and_then(Value::as_str);
    let (system, code) = (text("system"), text("code"));
    let Some(code) = code else {
        return Standing::Without;
    };
    // Without a system a code is not in any set (R4, `terminologies.html#code`).
    match system {
        Some(own) if terminology.has(set, system, code) && !own.is_empty() => Standing::In,
        _ => Standing::Out(fault::named(system, Some(code))),
    }
}

/// One coding in the set is enough; the others may be translations.
fn concept(terminology: &Terminology, set: &ValueSet, value: &Value) -> Standing {
    let mut standing = Standing::Without;
    for one in value
        .get("coding")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        match coding(terminology, set, one) {
            Standing::In => return Standing::In,
            Standing::Without => {}
            out @ Standing::Out(_) => standing = out,
        }
    }
    standing
}

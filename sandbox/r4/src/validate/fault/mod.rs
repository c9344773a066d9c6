//! The words of every fault: what is wrong and what to do, in English and Norwegian bokmål.
//!
//! A fault is made where it is found and placed by the walker; nothing here looks at a resource.

mod codes;
mod profiles;
mod rules;
mod structure;
mod values;

use std::borrow::Cow;

pub(super) use codes::*;
pub(super) use profiles::*;
pub(super) use rules::*;
pub(super) use structure::*;
pub(super) use values::*;

use super::{Code, Severity, Words};

/// An issue that has no place yet.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) severity: Severity,
    pub(super) code: Code,
    pub(super) rule: Cow<'static, str>,
    pub(super) problem: Words,
    pub(super) remedy: Words,
}

impl Fault {
    fn error(
        code: Code,
        rule: impl Into<Cow<'static, str>>,
        problem: Words,
        remedy: Words,
    ) -> Self {
        Self {
            severity: Severity::Error,
            code,
            rule: rule.into(),
            problem,
            remedy,
        }
    }

    fn at(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

fn words(en: impl Into<String>, nb: impl Into<String>) -> Words {
    Words {
        en: en.into(),
        nb: nb.into(),
    }
}

/// A value as it may be shown: the first of it, since it may be anything of any length.
fn shown(value: &str) -> String {
    let mut start: String = value.chars().take(60).filter(|c| !c.is_control()).collect();
    if value.chars().nth(60).is_some() {
        start.push('…');
    }
    start
}

//! Reads `elements.tsv` into rows, without resolving names: that is `link`.
//!
//! A line starts with `type`, `el` or `rule`; the columns are described in `definitions/README.md`.
//! The file is our own, so a line that does not fit is left out, and tests count what came.

use crate::fhirpath::Lazy;

/// A `type` line with the lines that follow it.
#[derive(Debug)]
pub(super) struct TypeRow {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) base: &'static str,
    pub(super) is_abstract: bool,
    pub(super) rules: Vec<RuleRow>,
    pub(super) elements: Vec<ElementRow>,
}

/// An `el` line with its `rule` lines.
#[derive(Debug)]
pub(super) struct ElementRow {
    pub(super) name: &'static str,
    pub(super) min: &'static str,
    pub(super) max: &'static str,
    /// `A|Reference(B,C)`
    pub(super) types: &'static str,
    pub(super) strength: &'static str,
    pub(super) value_set: &'static str,
    pub(super) flags: &'static str,
    pub(super) rules: Vec<RuleRow>,
}

/// A `rule` line.
#[derive(Debug)]
pub(super) struct RuleRow {
    pub(super) key: &'static str,
    pub(super) severity: &'static str,
    pub(super) expression: &'static Lazy,
    pub(super) human: &'static str,
}

/// The rows of the file, in its order.
pub(super) fn read(text: &'static str) -> Vec<TypeRow> {
    let mut types: Vec<TypeRow> = Vec::with_capacity(1024);
    for line in text.lines() {
        let mut columns = line.split('\t');
        match columns.next() {
            Some("type") => types.extend(type_row(columns)),
            Some("el") => {
                if let Some(last) = types.last_mut() {
                    last.elements.extend(element_row(columns));
                }
            }
            Some("rule") => add_rule(types.last_mut(), rule_row(columns)),
            _ => {}
        }
    }
    types
}

fn type_row(mut columns: std::str::Split<'static, char>) -> Option<TypeRow> {
    Some(TypeRow {
        name: columns.next()?,
        kind: columns.next()?,
        base: columns.next()?,
        is_abstract: columns.next()? == "abstract",
        rules: Vec::new(),
        elements: Vec::new(),
    })
}

fn element_row(mut columns: std::str::Split<'static, char>) -> Option<ElementRow> {
    Some(ElementRow {
        name: columns.next()?,
        min: columns.next()?,
        max: columns.next()?,
        types: columns.next()?,
        strength: columns.next()?,
        value_set: columns.next()?,
        flags: columns.next()?,
        rules: Vec::new(),
    })
}

fn rule_row(mut columns: std::str::Split<'static, char>) -> Option<RuleRow> {
    Some(RuleRow {
        key: columns.next()?,
        severity: columns.next()?,
        // The table is read once, and lives as long as the process.
        expression: Box::leak(Box::new(Lazy::new(columns.next()?))),
        human: columns.next()?,
    })
}

fn add_rule(owner: Option<&mut TypeRow>, rule: Option<RuleRow>) {
    let Some(owner) = owner else { return };
    match owner.elements.last_mut() {
        Some(element) => element.rules.extend(rule),
        None => owner.rules.extend(rule),
    }
}

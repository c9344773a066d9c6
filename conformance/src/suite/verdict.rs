//! When findings let a version go on to review. Written once, for runner, report and replay.

use std::collections::BTreeSet;

use super::wit::{Description, Finding, Outcome, Severity};

/// Whether nothing blocking is failed or left unassessed.
pub(crate) fn passes(description: &Description, findings: &[Finding]) -> bool {
    let settled: BTreeSet<&str> = findings
        .iter()
        .filter(|finding| matches!(finding.outcome, Outcome::Fulfilled | Outcome::NotApplicable))
        .map(|finding| finding.requirement.as_str())
        .collect();
    description
        .requirements
        .iter()
        .filter(|requirement| requirement.severity == Severity::Blocking)
        .all(|requirement| settled.contains(requirement.id.as_str()))
}

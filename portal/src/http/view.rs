//! From what the rooms answer to what pages show.

use conformance::{Counts as Measured, Finished, RequirementResult, Severity, Text};
use foundation::Timestamp;
use foundation::error::Fault;
use foundation::language::Language;
use registry::{AppEntry, HistoryEntry, Listing, LocalText, PriceModel, VersionView};
use serde::Serialize;

use super::Portal;
use crate::pages::check::FindingGroup;
use crate::pages::parts::{self, AppCard, Counts, FieldError, FindingView, Worded};
use crate::pages::product::{PriceLine, ProductHead, VerdictView};
use crate::render::format;

/// A text of the suite.
pub(crate) fn words(text: &Text, language: Language) -> Worded {
    Worded::choose(language, &text.nb, text.nn.as_deref(), Some(&text.en))
}

/// A text of a vendor.
pub(crate) fn local(text: &LocalText, language: Language) -> Worded {
    Worded::choose(language, &text.nb, text.nn.as_deref(), text.en.as_deref())
}

/// The stable spelling of a word that serialises as text.
pub(crate) fn spelled(word: &impl Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::millis)
}

pub(crate) fn counts(measured: Measured) -> Counts {
    Counts {
        fulfilled: count(measured.fulfilled),
        failed: count(measured.failed),
        not_applicable: count(measured.not_applicable),
        not_assessed: count(measured.not_assessed),
    }
}

pub(crate) fn card(listing: Listing, language: Language) -> AppCard {
    AppCard {
        name: local(&listing.name, language),
        purpose: local(&listing.purpose, language),
        vendor: listing.vendor_name,
        kind: listing.kind.as_str().to_owned(),
        version: listing.software_version,
        status: listing.status.as_str().to_owned(),
        approved_at: millis(listing.approved_at),
        needs: listing.needs.into_iter().collect(),
        fulfilled: (!listing.fulfilled.is_empty()).then(|| count(listing.fulfilled.len())),
        software_id: listing.software_id,
    }
}

pub(crate) fn head(
    entry: &AppEntry,
    version: &VersionView,
    vendor: (String, String),
    language: Language,
) -> ProductHead {
    ProductHead {
        software_id: entry.software_id.clone(),
        name: local(&entry.name, language),
        orgnr: vendor.0,
        vendor: vendor.1,
        kind: entry.kind.as_str().to_owned(),
        version: version.software_version.clone(),
        status: version.state.as_str().to_owned(),
        approved_at: millis(version.approved_at),
        expires_at: millis(version.expires_at),
    }
}

pub(crate) fn verdict(finished: &Finished) -> VerdictView {
    VerdictView {
        check: finished.check.id.to_string(),
        finished_at: millis(finished.check.finished_at)
            .unwrap_or_else(|| finished.check.created_at.millis()),
        counts: counts(finished.report.counts),
        suite: finished.report.suite.digest.sri(),
        evidence: finished.report.evidence.sri(),
    }
}

pub(crate) fn finding(result: &RequirementResult, language: Language) -> FindingView {
    let said = |text: &Text| {
        let worded = words(text, language);
        (!worded.text.is_empty()).then_some(worded)
    };
    let places: Vec<String> = result
        .places
        .iter()
        .filter_map(|place| {
            let parts = [place.url.as_deref(), place.detail.as_deref()];
            let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
            (!text.is_empty()).then_some(text)
        })
        .take(5)
        .collect();
    FindingView {
        requirement: result.id.clone(),
        title: words(&result.title, language),
        severity: spelled(&result.severity),
        outcome: spelled(&result.outcome),
        observed: said(&result.observed),
        expected: said(&result.expected),
        place: (!places.is_empty()).then(|| places.join("\n")),
        remedy: result.remedy.as_ref().and_then(said),
    }
}

/// What stands in the way grouped by severity, worst first; and the rest. A blocking requirement
/// that could not be assessed stands in the way too.
pub(crate) fn grouped(
    results: &[RequirementResult],
    language: Language,
) -> (Vec<FindingGroup>, Vec<FindingView>) {
    let stands_out = |result: &RequirementResult| {
        let outcome = spelled(&result.outcome);
        outcome == "failed" || (outcome == "not-assessed" && result.severity == Severity::Blocking)
    };
    let groups = [
        Severity::Blocking,
        Severity::Conditional,
        Severity::Recommended,
    ]
    .into_iter()
    .filter_map(|severity| {
        let findings: Vec<FindingView> = results
            .iter()
            .filter(|result| result.severity == severity && stands_out(result))
            .map(|result| finding(result, language))
            .collect();
        (!findings.is_empty()).then(|| FindingGroup {
            severity: spelled(&severity),
            findings,
        })
    })
    .collect();
    let others = results
        .iter()
        .filter(|result| !stands_out(result))
        .map(|result| finding(result, language))
        .collect();
    (groups, others)
}

/// History, newest first.
pub(crate) fn history(version: &str, entries: Vec<HistoryEntry>) -> Vec<parts::HistoryEntry> {
    entries
        .into_iter()
        .rev()
        .map(|entry| parts::HistoryEntry {
            at: entry.at.millis(),
            status: entry.event.as_str().to_owned(),
            version: version.to_owned(),
            actor: entry.by.name,
            reason: (!entry.reason.trim().is_empty()).then_some(entry.reason),
        })
        .collect()
}

pub(crate) fn prices(price: Option<&PriceModel>, language: Language) -> Vec<PriceLine> {
    let Some(price) = price else {
        return Vec::new();
    };
    let line = |what: &str, period: &str, ore| PriceLine {
        what: what.to_owned(),
        period: period.to_owned(),
        kroner: kroner(ore, language),
    };
    let once = price
        .one_time
        .iter()
        .map(|price| line(&price.what, "once", price.ore));
    let again = price
        .recurring
        .iter()
        .map(|price| line(&price.basis, &price.period, price.ore));
    once.chain(again).collect()
}

fn kroner(ore: i64, language: Language) -> String {
    let whole = format::number(ore / 100, language);
    match (ore % 100, language) {
        (0, _) => whole,
        (rest, Language::En) => format!("{whole}.{rest:02}"),
        (rest, Language::Nb | Language::Nn) => format!("{whole},{rest:02}"),
    }
}

/// What a refusal says, for the form or page that asked: one entry for each finding, or one for
/// all. `field` names the input of a pointer.
pub(crate) fn refusals(
    portal: &Portal,
    fault: &Fault,
    language: Language,
    field: impl Fn(&str) -> String,
) -> Vec<FieldError> {
    let problems = portal.problems();
    if fault.errors.is_empty() {
        // The general detail repeats the title; a reader is told once.
        return vec![problems.error("", fault.code, &fault.title, &fault.remedy, language)]
            .into_iter()
            .map(|mut error| {
                error.detail.clear();
                error
            })
            .collect();
    }
    let mut told: Vec<FieldError> = Vec::new();
    for finding in &fault.errors {
        let field = field(&finding.pointer);
        // Of an input's shape one complaint is enough, and the schema's own words are for programs.
        let of_shape = finding.code.starts_with("schema-") && !field.is_empty();
        if of_shape && told.iter().any(|error| error.field == field) {
            continue;
        }
        let detail = if of_shape { "" } else { &finding.detail };
        told.push(problems.error(&field, &finding.code, detail, &finding.remedy, language));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_kroner() {
        assert_eq!(kroner(250, Language::Nb), "2,50");
        assert_eq!(kroner(12_345_600, Language::Nn), "123\u{a0}456");
        assert_eq!(kroner(105, Language::En), "1.05");
    }
}

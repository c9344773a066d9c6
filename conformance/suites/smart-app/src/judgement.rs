//! The suite's description and its findings: the rules, in their order, in the words of the WIT.

use crate::rule::{Rule, Verdict, text, words};
use crate::rules;
use crate::run::Run;
use crate::types::{Description, Evidence, Finding, Outcome, Requirement, Source};

/// Places named in one finding; the count stands in the text.
const PLACES: usize = 12;

/// What the suite is and demands.
pub fn describe() -> Description {
    Description {
        id: "smart-app".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        title: text(
            "SMART-app startet fra EPJ",
            "SMART app launched from an EHR",
        ),
        requirements: rules::all().map(requirement).collect(),
    }
}

/// One finding for each requirement, in order.
pub fn judge(evidence: &Evidence) -> Vec<Finding> {
    let run = Run::new(evidence);
    rules::all()
        .map(|rule| finding(rule, (rule.check)(&run)))
        .collect()
}

fn requirement(rule: &Rule) -> Requirement {
    let catalogue = Source {
        document: "Kravkatalogen".to_owned(),
        place: rule.id.split('.').next().unwrap_or(rule.id).to_owned(),
        url: None,
    };
    let others = rule
        .sources
        .iter()
        .map(|(document, place)| document.source(place));
    Requirement {
        id: rule.id.to_owned(),
        title: words(rule.title),
        explanation: words(rule.explanation),
        sources: std::iter::once(catalogue).chain(others).collect(),
        severity: rule.severity,
        method: rule.method,
    }
}

fn finding(rule: &Rule, verdict: Verdict) -> Finding {
    let (outcome, observed, mut places, remedy) = match verdict {
        Verdict::Fulfilled(observed) => (Outcome::Fulfilled, observed, Vec::new(), None),
        Verdict::Failed(observed, places) => {
            (Outcome::Failed, observed, places, Some(words(rule.remedy)))
        }
        Verdict::NotApplicable(observed) => (Outcome::NotApplicable, observed, Vec::new(), None),
        Verdict::NotAssessed(observed) => (
            Outcome::NotAssessed,
            observed,
            Vec::new(),
            Some(text(
                "Rett de andre funnene først, og kjør kontrollen på nytt.",
                "Correct the other findings first, then run the check again.",
            )),
        ),
    };
    places.truncate(PLACES);
    Finding {
        requirement: rule.id.to_owned(),
        outcome,
        observed,
        expected: words(rule.expected),
        places,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::types::Severity;

    #[test]
    fn every_requirement_has_an_id_of_its_own_and_all_its_texts() {
        let description = describe();
        let ids: BTreeSet<_> = description
            .requirements
            .iter()
            .map(|r| r.id.clone())
            .collect();
        assert_eq!(ids.len(), description.requirements.len());
        assert!(ids.len() >= 24, "{}", ids.len());
        for rule in rules::all() {
            for said in [rule.title, rule.explanation, rule.expected, rule.remedy] {
                for sentence in said {
                    assert!(
                        sentence.ends_with(['.', ')', '»', '”']),
                        "{}: {sentence}",
                        rule.id
                    );
                    assert!(!sentence.contains("  "), "{}: {sentence}", rule.id);
                }
                assert_ne!(said[0], said[1], "{}", rule.id);
            }
        }
    }

    #[test]
    fn an_empty_run_fulfils_nothing_and_fails_nothing() {
        let mut evidence = crate::testing::good();
        evidence.events.clear();
        for finding in judge(&evidence) {
            assert!(
                matches!(
                    finding.outcome,
                    Outcome::NotAssessed | Outcome::NotApplicable
                ),
                "{} {:?}",
                finding.requirement,
                finding.outcome
            );
        }
    }

    #[test]
    fn a_good_app_fulfils_everything() {
        for finding in judge(&crate::testing::good()) {
            assert_eq!(
                finding.outcome,
                Outcome::Fulfilled,
                "{}: {}",
                finding.requirement,
                finding.observed.en
            );
            assert_eq!(finding.remedy, None);
        }
    }

    /// The table in the README, from the rules.
    fn table() -> String {
        let rows: Vec<String> = describe().requirements.iter().map(row).collect();
        format!(
            "| id | alvorlighet | krav | kilder |\n| --- | --- | --- | --- |\n{}",
            rows.concat()
        )
    }

    fn row(requirement: &Requirement) -> String {
        let severity = match requirement.severity {
            Severity::Blocking => "blokkerende",
            Severity::Conditional => "vilkår mulig",
            Severity::Recommended => "anbefalt",
        };
        let sources = requirement.sources.iter().skip(1);
        let sources: Vec<String> = sources
            .map(|source| format!("{} {}", source.document, source.place))
            .collect();
        let (id, title) = (&requirement.id, &requirement.title.nb);
        format!("| {id} | {severity} | {title} | {} |\n", sources.join("; "))
    }

    #[test]
    fn the_table_in_the_readme_is_current() {
        let readme = include_str!("../README.md");
        assert!(
            readme.contains(&table()),
            "put this into README.md:\n{}",
            table()
        );
    }
}

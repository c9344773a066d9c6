//! Every requirement against an app that breaks it and nothing else: the one finding, no other.

mod list;

use std::collections::BTreeSet;

use self::list::FAULTS;
use crate::judgement;
use crate::plan::START;
use crate::rules;
use crate::testing::{append, good, remove};
use crate::types::{Evidence, Occurrence, Outcome, Settled};

fn failed(evidence: &Evidence) -> Vec<String> {
    judgement::judge(evidence)
        .into_iter()
        .filter(|finding| finding.outcome == Outcome::Failed)
        .map(|finding| finding.requirement)
        .collect()
}

#[test]
fn each_fault_gives_its_own_finding_and_nothing_else() {
    for (at, (id, spoil)) in FAULTS.iter().enumerate() {
        let mut evidence = good();
        spoil(&mut evidence);
        assert_eq!(failed(&evidence), [*id], "fault {at}");
    }
}

#[test]
fn every_requirement_can_fail() {
    for rule in rules::all() {
        assert!(
            FAULTS.iter().any(|(id, _)| *id == rule.id),
            "no fault breaks {}",
            rule.id
        );
    }
}

#[test]
fn a_failed_finding_says_where_and_what_to_do() {
    for (id, spoil) in FAULTS {
        let mut evidence = good();
        spoil(&mut evidence);
        let findings = judgement::judge(&evidence);
        let finding = findings
            .iter()
            .find(|finding| finding.requirement == *id)
            .unwrap();
        assert!(
            finding.remedy.is_some() && !finding.places.is_empty(),
            "{id}"
        );
        assert!(
            finding.places.iter().all(|place| !place.step.is_empty()),
            "{id}"
        );
    }
}

#[test]
fn several_faults_are_each_found() {
    let mut evidence = good();
    let planted = [
        "SMA-02.2", "SMA-06.2", "SMA-09.2", "PVN-07.1", "KLI-06.1", "UU-01.1",
    ];
    for (id, spoil) in FAULTS {
        if planted.contains(id) {
            spoil(&mut evidence);
        }
    }
    let found = failed(&evidence);
    for id in planted {
        assert!(found.iter().any(|found| found == id), "{id}: {found:?}");
    }
    assert_eq!(found.len(), planted.len(), "{found:?}");
}

#[test]
fn judging_twice_gives_the_same() {
    let evidence = good();
    assert_eq!(judgement::judge(&evidence), judgement::judge(&evidence));
}

#[test]
fn nothing_is_concluded_from_the_silence_of_a_page_that_never_rested() {
    let of_silence = [
        "SMA-01.2", "SMA-08.1", "SMA-08.2", "SMA-09.1", "SMA-14.1", "KLI-06.1", "NOB-06.1",
    ];
    let mut withheld = BTreeSet::new();
    for (id, spoil) in FAULTS.iter().filter(|(id, _)| of_silence.contains(id)) {
        let mut evidence = good();
        spoil(&mut evidence);
        let steps: BTreeSet<String> = evidence.events.iter().map(|e| e.step.clone()).collect();
        for step in &steps {
            append(&mut evidence, step, waited(false));
        }
        if outcome(&evidence, id) == Outcome::NotAssessed {
            withheld.insert(*id);
        }
        for step in &steps {
            append(&mut evidence, step, waited(true));
        }
        assert_eq!(outcome(&evidence, id), Outcome::Failed, "{id}");
    }
    assert_eq!(withheld, of_silence.into());
}

#[test]
fn nothing_is_found_fulfilled_by_a_page_that_never_rested() {
    let by_silence = [
        "SMA-02.3", "SMA-02.4", "SMA-02.5", "SMA-08.1", "SMA-09.2", "SMA-09.3", "SIK-05.1",
    ];
    for id in by_silence {
        assert_eq!(outcome(&good(), id), Outcome::Fulfilled, "{id}");
    }
    let mut evidence = good();
    let steps: BTreeSet<String> = evidence.events.iter().map(|e| e.step.clone()).collect();
    for step in &steps {
        append(&mut evidence, step, waited(false));
    }
    for id in by_silence {
        assert_eq!(outcome(&evidence, id), Outcome::NotAssessed, "{id}");
    }
}

fn waited(quiet: bool) -> Occurrence {
    Occurrence::Settled(Settled {
        waited_ms: 15_000,
        quiet,
    })
}

fn outcome(evidence: &Evidence, requirement: &str) -> Outcome {
    judgement::judge(evidence)
        .into_iter()
        .find(|finding| finding.requirement == requirement)
        .unwrap()
        .outcome
}

#[test]
fn an_app_that_is_stopped_at_once_is_not_called_good() {
    let mut evidence = good();
    evidence.events.retain(|event| event.step == START);
    remove(&mut evidence, START, |what| {
        matches!(what, Occurrence::Exchange(_))
    });
    assert_eq!(failed(&evidence), ["SMA-01.2"]);
}

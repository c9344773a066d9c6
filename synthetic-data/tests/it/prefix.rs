//! Time only adds: what is known on one date is the beginning of what is known on a later one.

use synthetic_data::Resource;
use synthetic_data::history::{Fact, History};

use crate::support::{dataset, dataset_on};

/// A fact without what can still change: how it ended.
fn lasting(history: &History) -> Vec<Fact> {
    let mut facts = history.facts.clone();
    for fact in &mut facts {
        match fact {
            Fact::Problem(problem) => problem.abated = None,
            Fact::Prescription(prescription) => prescription.ended = None,
            Fact::Contact(_) | Fact::Note(_) | Fact::Reading(_) => {}
        }
    }
    facts
}

#[test]
fn the_history_of_one_date_begins_that_of_a_later_one() {
    let dates = [
        "2016-01-04",
        "2018-07-01",
        "2021-12-31",
        "2024-02-29",
        "2026-11-21",
        "2033-05-05",
    ];
    for pair in dates.windows(2) {
        let (early, late) = (dataset_on(pair[0]), dataset_on(pair[1]));
        for index in (0..1200).step_by(7) {
            let Some(person) = early.person(index) else {
                continue;
            };
            let (before, after) = (early.history(&person), late.history(&person));
            let (before, after) = (lasting(&before), lasting(&after));
            assert!(after.starts_with(&before), "{index} {pair:?}");
            let added = &after[before.len()..];
            assert!(
                added
                    .iter()
                    .all(|fact| fact.at().date.to_string().as_str() > pair[0]),
                "{index}"
            );
        }
    }
}

#[test]
fn a_resource_changes_only_with_a_new_version() {
    let (early, late) = (dataset_on("2023-06-30"), dataset_on("2026-11-21"));
    let mut changed = 0;
    for index in 0..200 {
        let (before, after) = (early.resources(index), late.resources(index));
        for (old, new) in before.iter().zip(&after) {
            assert_eq!((old.resource_type, &old.id), (new.resource_type, &new.id));
            if old.json != new.json {
                assert!(
                    new.version > old.version && new.last_updated > old.last_updated,
                    "{}",
                    new.id
                );
                changed += 1;
            }
        }
    }
    assert!(
        changed > 50,
        "problems pass and prescriptions end: {changed}"
    );
}

#[test]
fn nothing_is_known_before_it_happens() {
    let dataset = dataset();
    for index in 0..1200 {
        for Resource { id, json, .. } in dataset.resources(index) {
            let text = String::from_utf8(json).unwrap();
            let mut before = "";
            for part in text.split('"') {
                // A prescription's validity reaches into the future; nothing else does.
                let is_date = part.starts_with("20") && part.as_bytes().get(4) == Some(&b'-');
                assert!(
                    !is_date || part < "2026-11-22" || before == "end",
                    "{id} {part}"
                );
                if part != ":" {
                    before = part;
                }
            }
        }
    }
}

//! Time only adds: what is known on one date is the beginning of what is known on a later one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use proptest::prelude::*;
use synthetic_data::history::{Fact, History, Service};
use synthetic_data::{Dataset, Date, Resource, Settings};

use crate::support::{dataset, dataset_on};

/// A fact without what can still change: how it ended. Home care's single visits are told for ninety
/// days only.
fn lasting(history: &History) -> Vec<Fact> {
    let mut facts = history.facts.clone();
    facts.retain(|fact| !fact.is_passing());
    for fact in &mut facts {
        match fact {
            Fact::Problem(problem) => problem.abated = None,
            Fact::Prescription(prescription) => prescription.ended = None,
            Fact::Episode(episode) => episode.ended = None,
            Fact::Plan(plan) => plan.ended = None,
            Fact::Note(note) => note.withdrawn = None,
            Fact::Statement(one) => one.ended = None,
            _ => {}
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

/// People of 3 000 who have something of every service.
fn chosen() -> &'static [u32] {
    static CHOSEN: OnceLock<Vec<u32>> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let dataset = of_size("2030-06-30", 3000);
        let mut by_service: BTreeMap<Service, Vec<u32>> = BTreeMap::new();
        for index in dataset.indices() {
            let Some(person) = dataset.person(index) else {
                continue;
            };
            let services: BTreeSet<Service> = dataset
                .history(&person)
                .facts
                .iter()
                .map(Fact::service)
                .collect();
            for service in services {
                by_service.entry(service).or_default().push(index);
            }
        }
        assert_eq!(by_service.len(), SERVICES, "{:?}", by_service.keys());
        by_service
            .into_values()
            .flat_map(|all| all.into_iter().take(40))
            .collect()
    })
}

/// Services with a journal.
const SERVICES: usize = Service::ALL.len();

/// A planned visit of home care: four numbers of five.
fn is_passing(resource: &Resource) -> bool {
    let number = resource
        .id
        .split_once("-he")
        .and_then(|(_, number)| number.parse::<u32>().ok());
    number.is_some_and(|number| number % 5 != 0)
}

fn of_size(as_of: &str, size: u32) -> Dataset {
    Dataset::new(Settings {
        size,
        ..Settings::default_on(as_of.parse().unwrap())
    })
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_two_days_agree_on_what_both_know(at in 0usize..80, first in 16_804i32..22_000, days in 0i32..1500) {
        let chosen = chosen();
        let index = chosen[at % chosen.len()];
        let day = |epoch: i32| Date::new(1970, 1, 1).unwrap().plus_days(epoch);
        let (early, late) = (day(first), day(first + days));
        let (early, late) = (of_size(&early.to_string(), 3000), of_size(&late.to_string(), 3000));
        if let Some(person) = early.person(index) {
            let later = late.person(index).unwrap();
            let (before, after) = (lasting(&early.history(&person)), lasting(&late.history(&later)));
            prop_assert!(after.starts_with(&before));
            let stays = |one: &Resource| !is_passing(one);
            let mut before = early.resources(index);
            let mut after = late.resources(index);
            before.retain(stays);
            after.retain(stays);
            for (old, new) in before.iter().zip(&after) {
                prop_assert_eq!((old.resource_type, &old.id), (new.resource_type, &new.id));
                prop_assert!(old.json == new.json || new.version > old.version, "{}", new.id);
            }
        }
    }
}

#[test]
fn a_resource_changes_only_with_a_new_version() {
    let (early, late) = (dataset_on("2023-06-30"), dataset_on("2026-11-21"));
    let mut changed = 0;
    for index in 0..200 {
        let (mut before, mut after) = (early.resources(index), late.resources(index));
        before.retain(|one| !is_passing(one));
        after.retain(|one| !is_passing(one));
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
            let text = String::from_utf8(json.into()).unwrap();
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

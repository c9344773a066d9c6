//! People's lives as the register knows them: households, foster care, protection, moves, deaths.

use std::collections::BTreeMap;

use synthetic_data::history::Fact;
use synthetic_data::{Dataset, Kin, Settings};

use crate::support::{dataset, dataset_on};

fn large(as_of: &str, size: u32) -> Dataset {
    Dataset::new(Settings {
        size,
        ..Settings::default_on(as_of.parse().unwrap())
    })
    .unwrap()
}

#[test]
fn families_fit_and_share_an_address() {
    let dataset = large("2026-11-21", 6000);
    let (mut children, mut cared, mut fostered, mut partners) = (0, 0, 0, 0);
    for person in dataset.people() {
        let age = person.birth_date.age_on(dataset.settings().as_of);
        let relations = dataset.relations(&person);
        children += u32::from(age < 18);
        let mut has_carer = false;
        for relation in &relations {
            assert_ne!(relation.index, person.index);
            let Some(other) = dataset.person(relation.index) else {
                continue;
            };
            let older = other.birth_date.age_on(person.birth_date);
            match relation.kin {
                Kin::Mother | Kin::Father => {
                    assert!((17..=50).contains(&older), "{older}");
                    assert_eq!(other.address, person.address);
                    assert_eq!(other.protection, person.protection);
                    has_carer = true;
                }
                Kin::FosterMother | Kin::FosterFather => {
                    assert_eq!(other.address, person.address);
                    has_carer = true;
                    fostered += 1;
                }
                Kin::Partner => {
                    assert_eq!(other.address, person.address);
                    let back = dataset.relations(&other);
                    assert!(back.iter().any(|one| one.index == person.index));
                    partners += 1;
                }
                Kin::Daughter | Kin::Son => assert!(age >= 65),
            }
        }
        cared += u32::from(age < 18 && has_carer);
    }
    assert!(cared * 100 >= children * 95, "{cared} of {children}");
    assert!(fostered > 5, "{fostered}");
    assert!((1800..4200).contains(&partners), "{partners}");
}

#[test]
fn nothing_happens_after_death_and_the_dead_stay_dead() {
    let (early, late) = (dataset_on("2026-11-21"), dataset_on("2033-06-30"));
    let mut dead = 0;
    for person in late.people() {
        let before = early.person(person.index).and_then(|one| one.deceased);
        assert!(before.is_none() || before == person.deceased);
        let Some(date) = person.deceased else {
            continue;
        };
        dead += 1;
        for fact in late.history(&person).facts {
            assert!(fact.at().date < date, "p{}", person.index);
            if let Fact::Prescription(one) = &fact {
                assert!(one.ended.is_some_and(|(end, _)| end <= date));
            }
        }
        let patient = String::from_utf8(late.patient(person.index).unwrap().json.into()).unwrap();
        assert!(patient.contains(&format!("\"deceasedDateTime\":\"{date}\"")));
    }
    // Some eight of a thousand a year, over seven and a half years.
    assert!((45..110).contains(&dead), "{dead}");
}

#[test]
fn a_protected_address_stands_nowhere() {
    let dataset = large("2026-11-21", 6000);
    let mut protected = 0;
    for person in dataset.people().filter(|one| one.protection.is_some()) {
        protected += 1;
        for resource in dataset.resources(person.index) {
            let text = String::from_utf8(resource.json.into()).unwrap();
            assert!(!text.contains(&person.address.line), "{}", resource.id);
        }
        let patient =
            String::from_utf8(dataset.patient(person.index).unwrap().json.into()).unwrap();
        assert!(patient.contains("v3-Confidentiality"));
    }
    // 2.5 of a thousand households.
    assert!((3..40).contains(&protected), "{protected}");
}

#[test]
fn a_move_changes_the_address_on_its_day() {
    let late = dataset();
    let mut moves: BTreeMap<u32, String> = BTreeMap::new();
    let mut new = 0;
    for person in late.people().filter(|one| one.moved.is_some()) {
        let moved = person.moved.clone().unwrap();
        let before = large(&moved.date.plus_days(-1).to_string(), 1200);
        let Some(earlier) = before.person(person.index) else {
            assert_eq!(person.registered, moved.date, "on no list here before");
            new += 1;
            continue;
        };
        assert_eq!(earlier.address, moved.from);
        assert!(earlier.moved.is_none());
        assert_ne!(earlier.address.municipality, person.address.municipality);
        moves.insert(person.index, moved.date.to_string());
    }
    assert!((25..120).contains(&moves.len()), "{}", moves.len());
    assert!((25..120).contains(&new), "{new}");
}

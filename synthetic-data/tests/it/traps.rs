//! The traps that the data must hold: gaps, late and wrong documents, sources that differ, one clinician in
//! two journals, what is sensitive and closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;
use synthetic_data::history::{Ending, Fact, Onset, Service, Source};
use synthetic_data::{Dataset, Date, Person, Resource, Settings, UnitKind};

fn dataset() -> &'static Dataset {
    static DATASET: OnceLock<Dataset> = OnceLock::new();
    DATASET.get_or_init(|| {
        let settings = Settings {
            size: 3000,
            ..Settings::default_on("2026-11-21".parse().unwrap())
        };
        Dataset::new(settings).unwrap()
    })
}

fn all() -> &'static [(Person, Vec<Fact>)] {
    static ALL: OnceLock<Vec<(Person, Vec<Fact>)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let people = dataset().people();
        people
            .map(|person| {
                let facts = dataset().history(&person).facts;
                (person, facts)
            })
            .collect()
    })
}

fn parsed(resource: &Resource) -> Value {
    serde_json::from_slice(&resource.json).unwrap()
}

#[test]
fn a_visitor_is_on_no_list_here_and_lives_elsewhere() {
    let mut seen = 0;
    for visitor in dataset().visitors() {
        seen += 1;
        assert_ne!(visitor.address.municipality, Some(visitor.municipality));
        assert!(visitor.general_practitioner.is_none());
        let home = dataset().residents(visitor.municipality);
        assert!(home.into_iter().all(|index| index != visitor.index));
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn who_moved_here_has_nothing_from_before_and_old_conditions_by_year_alone() {
    let (mut moved, mut old) = (0, 0);
    for (person, facts) in all() {
        let Some(date) = person.moved.as_ref().map(|one| one.date) else {
            continue;
        };
        if person.registered != date {
            continue; // had a GP here before
        }
        moved += 1;
        assert!(facts.iter().all(|fact| fact.at().date >= date));
        old += facts
            .iter()
            .filter(|fact| {
                matches!(fact, Fact::Problem(one)
                if matches!(one.onset, Onset::Year(year) if year < date.year()))
            })
            .count();
    }
    assert!(moved > 60 && old > 30, "{moved} {old}");
}

#[test]
fn home_care_knows_nothing_of_the_time_before_its_service() {
    let mut users = 0;
    for (_, facts) in all() {
        let begin = facts.iter().find_map(|fact| match fact {
            Fact::Episode(one) if one.service == Service::HomeCare => Some(one.at.date),
            _ => None,
        });
        let Some(begin) = begin else { continue };
        let own = |fact: &&Fact| fact.service() == Service::HomeCare;
        assert!(facts.iter().filter(own).all(|fact| fact.at().date >= begin));
        let before = |fact: &Fact| fact.at().date < begin;
        users += usize::from(facts.iter().any(before));
    }
    assert!(users > 60, "{users} were known to others before");
}

#[test]
fn some_notes_come_late_and_say_so() {
    let (mut late, mut on_time) = (0, 0);
    for (_, facts) in all() {
        let contacts: BTreeMap<(Service, u32), _> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Contact(one) => Some(((one.service, one.number), one.start.date)),
                _ => None,
            })
            .collect();
        for fact in facts {
            let Fact::Note(note) = fact else { continue };
            let Some(number) = note.contact else { continue };
            let held = contacts.get(&(note.service, number)).copied();
            let days = held.map_or(0, |date| note.at.date.days_since(date));
            let is_said = note.text.starts_with("Ført i etterkant");
            assert_eq!(
                days > 0,
                is_said || note.replaces.is_some(),
                "{}",
                note.text
            );
            late += i32::from(is_said);
            on_time += i32::from(days == 0);
        }
    }
    let permille = late * 1000 / on_time;
    assert!((3..30).contains(&permille), "{late} of {on_time}");
}

#[test]
fn wrong_notes_are_withdrawn_and_some_are_replaced() {
    let (mut withdrawn, mut replaced) = (0, 0);
    for (person, facts) in all() {
        let wrong: BTreeSet<u32> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Note(note) if note.withdrawn.is_some() => Some(note.number),
                _ => None,
            })
            .collect();
        if wrong.is_empty() {
            continue;
        }
        withdrawn += wrong.len();
        let resources = dataset().resources(person.index);
        let documents: Vec<Value> = resources
            .iter()
            .filter(|one| one.resource_type.name() == "DocumentReference")
            .map(parsed)
            .collect();
        let in_error = documents
            .iter()
            .filter(|one| one["status"] == "entered-in-error");
        for one in in_error.clone() {
            assert_eq!(one["meta"]["versionId"], "2");
        }
        assert_eq!(in_error.count(), wrong.len());
        for one in documents.iter().filter(|one| one["relatesTo"].is_array()) {
            replaced += 1;
            let target = &one["relatesTo"][0]["target"]["reference"];
            let old = documents.iter().find(|one| {
                target == &format!("DocumentReference/{}", one["id"].as_str().unwrap())
            });
            assert_eq!(old.unwrap()["status"], "entered-in-error");
        }
    }
    assert!(withdrawn > 100 && replaced > 40, "{withdrawn} {replaced}");
}

#[test]
fn home_cares_list_of_medicines_lags_behind_the_gps() {
    let (mut lists, mut lines, mut behind, mut missing) = (0, 0, 0, 0);
    for (_, facts) in all() {
        let statements = facts.iter().filter_map(|fact| match fact {
            Fact::Statement(one) => Some(one),
            _ => None,
        });
        lists += usize::from(
            statements
                .clone()
                .any(|one| one.source == Source::Multidose),
        );
        for one in statements {
            lines += 1;
            let prescribed = facts.iter().filter_map(|fact| match fact {
                Fact::Prescription(other) if other.drug.atc == one.drug.atc => Some(other),
                _ => None,
            });
            let first = prescribed.clone().map(|other| other.authored.date).min();
            assert!(first.is_some_and(|date| date <= one.at.date));
            let stopped = prescribed
                .filter_map(|other| other.ended)
                .filter(|(_, ending)| *ending == Ending::Stopped);
            let is_behind =
                |date: Date| date > one.at.date && one.ended.is_none_or(|ended| ended > date);
            behind += stopped.filter(|(date, _)| is_behind(*date)).count();
            let begin = facts.iter().find_map(|fact| match fact {
                Fact::Episode(one) if one.service == Service::HomeCare => Some(one.at.date),
                _ => None,
            });
            missing += usize::from(one.at.date > begin.unwrap());
        }
    }
    assert!(lists > 30 && lines > 300, "{lists} {lines}");
    assert!(behind > 0, "the GP had stopped what stood on the list");
    assert!(
        missing > 20,
        "{missing} came on the list after the GP began them"
    );
}

#[test]
fn one_clinician_has_two_journals_under_one_number() {
    let unit = |kind| {
        let id = dataset()
            .units(dataset().home(0).0)
            .find(|id| id.kind == kind);
        dataset().unit(id.unwrap()).unwrap()
    };
    let doctor = &unit(UnitKind::NursingHome).practitioners[0];
    let same = &unit(UnitKind::Practice).practitioners[1];
    assert_eq!((doctor.hpr, doctor.identifier), (same.hpr, same.identifier));
    assert_ne!(doctor.id, same.id);
    assert_ne!(doctor.role_id, same.role_id);
    assert_ne!(doctor.her_id, same.her_id);
}

#[test]
fn what_is_sensitive_is_labelled_and_closed_where_the_person_asks_for_it() {
    let mut labels: BTreeMap<String, u32> = BTreeMap::new();
    let codes = ["P15", "P16", "P19", "P72", "P73", "P77", "P80", "Z25"];
    let told = |fact: &Fact| matches!(fact, Fact::Problem(one) if codes.contains(&one.code.code));
    for (person, _) in all().iter().filter(|(_, facts)| facts.iter().any(told)) {
        let history = dataset().history(person);
        let resources = dataset().resources(person.index);
        let sensitive = resources.iter().map(parsed).filter(|one| {
            let coding = &one["code"]["coding"][0]["code"];
            one["resourceType"] == "Condition" && codes.iter().any(|code| coding == code)
        });
        for one in sensitive {
            let label = one["meta"]["security"][0]["code"]
                .as_str()
                .unwrap()
                .to_owned();
            assert_eq!(label == "V", history.blocks);
            *labels.entry(label).or_default() += 1;
            let encounter = one["encounter"]["reference"].as_str().unwrap();
            let contact = resources
                .iter()
                .find(|other| format!("Encounter/{}", other.id) == encounter);
            assert!(parsed(contact.unwrap())["meta"]["security"].is_array());
        }
    }
    let count = |label| labels.get(label).copied().unwrap_or(0);
    assert!(count("R") > 30 && count("V") > 3, "{labels:?}");
    let plain = all()
        .iter()
        .take(200)
        .flat_map(|(person, _)| dataset().resources(person.index));
    let cold = plain.filter(|one| String::from_utf8_lossy(&one.json).contains("\"R74\""));
    for one in cold.filter(|one| one.resource_type.name() == "Condition") {
        assert!(parsed(&one)["meta"]["security"].is_null());
    }
}

#[test]
fn nobody_gets_what_they_have_reacted_to() {
    let mut reactions = 0;
    for (_, facts) in all() {
        for fact in facts {
            let Fact::Allergy(allergy) = fact else {
                continue;
            };
            reactions += 1;
            assert!(
                !facts
                    .iter()
                    .any(|other| matches!(other, Fact::Prescription(one)
                if one.drug.atc.starts_with(allergy.atc)))
            );
        }
    }
    assert!(reactions > 150, "{reactions}");
}

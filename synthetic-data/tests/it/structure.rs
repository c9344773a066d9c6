//! Structure: references resolve, nothing precedes birth, ids lead to their owner, bytes are fixed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use serde_json::Value;
use synthetic_data::fhir::owner;
use synthetic_data::history::{Fact, Value as Measured, What};
use synthetic_data::{Owner, Resource, ResourceType, write_lines};

use crate::support::dataset;

fn parsed(resource: &Resource) -> Value {
    serde_json::from_slice(&resource.json).unwrap()
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" => found.push(text.clone()),
                    other => references(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_first_hundred_people_are_the_same_bytes_for_ever() {
    let dataset = dataset();
    let mut lines = Vec::new();
    for index in 0..100 {
        write_lines(&mut lines, &dataset.resources(index)).unwrap();
    }
    let hex = digest(&SHA256, &lines)
        .as_ref()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
    // Another value means another dataset version: people whom somebody knows have changed.
    assert_eq!(
        hex,
        "f59eaf4865ee3428d65e4d810742f4de1bbf12e4f696a4f984649e3860261b7c"
    );
}

#[test]
fn references_resolve_and_ids_lead_to_their_owner() {
    let dataset = dataset();
    let name = |resource: &Resource| format!("{}/{}", resource.resource_type.name(), resource.id);
    let practice = dataset.practice_resources();
    let shared: BTreeSet<String> = practice.iter().map(name).collect();
    for resource in &practice {
        assert_eq!(
            owner(resource.resource_type.name(), &resource.id),
            Some(Owner::Practice)
        );
    }
    for index in 0..400 {
        let resources = dataset.resources(index);
        let own: BTreeSet<String> = resources.iter().map(name).collect();
        assert_eq!(own.len(), resources.len(), "ids are unique");
        for resource in resources {
            assert_eq!(
                owner(resource.resource_type.name(), &resource.id),
                Some(Owner::Person(index))
            );
            let value = parsed(&resource);
            assert_eq!(value["id"], resource.id);
            assert_eq!(value["resourceType"], resource.resource_type.name());
            assert_eq!(value["meta"]["versionId"], resource.version.to_string());
            assert_eq!(value["meta"]["lastUpdated"], resource.last_updated);
            assert_eq!(value["meta"]["tag"][0]["code"], "HTEST");
            let mut found = Vec::new();
            references(&value, &mut found);
            for reference in found {
                assert!(
                    own.contains(&reference) || shared.contains(&reference),
                    "{reference}"
                );
            }
        }
    }
}

#[test]
fn nothing_precedes_birth_and_pressures_are_possible() {
    let dataset = dataset();
    for person in dataset.people() {
        let mut height = 0;
        for fact in dataset.history(&person).facts {
            assert!(fact.at().date >= person.birth_date, "{}", person.index);
            let Fact::Reading(reading) = fact else {
                continue;
            };
            match (reading.what, reading.value) {
                (
                    _,
                    Measured::Pressure {
                        systolic,
                        diastolic,
                    },
                ) => {
                    assert!(systolic > diastolic + 10, "{systolic}/{diastolic}");
                    assert!((70..=235).contains(&systolic) && (35..=140).contains(&diastolic));
                }
                (What::Height, Measured::Scaled(now)) => {
                    assert!((450..2200).contains(&now) && now >= height, "{now}");
                    height = now;
                }
                (what, Measured::Scaled(now)) => {
                    assert!(
                        now >= 0 && (now > 0 || matches!(what, What::Phq9 | What::Gad7)),
                        "{what:?} {now}"
                    );
                }
            }
        }
    }
}

#[test]
fn sex_and_age_bound_codes_stay_with_their_own() {
    let dataset = dataset();
    for person in dataset.people() {
        for fact in dataset.history(&person).facts {
            let Fact::Problem(problem) = fact else {
                continue;
            };
            let (female, age) = (
                person.sex.code() == "female",
                person.birth_date.age_on(problem.recorded.date),
            );
            match problem.code.code {
                "W11" | "X11" => assert!(female),
                "Y85" => assert!(!female),
                "P70" => assert!(age >= 55, "{age}"),
                "H71" | "R77" => assert!(age <= 7, "{age}"),
                _ => {}
            }
        }
    }
}

#[test]
fn every_kind_of_resource_is_there() {
    let dataset = dataset();
    let mut kinds: BTreeSet<ResourceType> = dataset
        .practice_resources()
        .iter()
        .map(|resource| resource.resource_type)
        .collect();
    for index in 0..1200 {
        kinds.extend(
            dataset
                .resources(index)
                .iter()
                .map(|resource| resource.resource_type),
        );
    }
    assert_eq!(kinds.len(), ResourceType::ALL.len());
}

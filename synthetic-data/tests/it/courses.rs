//! Courses that lead through several journals: pregnancy, sickness at work, the last weeks at home.

use std::collections::BTreeSet;

use serde_json::Value;
use synthetic_data::history::{Fact, Finding, Form, PartValue, Prescription, Service, SickLeave};
use synthetic_data::{Dataset, Date, Kin, Person, Settings, Sex};

fn dataset() -> Dataset {
    Dataset::new(Settings {
        size: 6000,
        ..Settings::default_on("2026-11-21".parse().unwrap())
    })
    .unwrap()
}

fn with_a_part(dataset: &Dataset, has: impl Fn(&Fact) -> bool) -> Vec<(Person, Vec<Fact>)> {
    let people = dataset.people().filter_map(|person| {
        let facts = dataset.history(&person).facts;
        facts.iter().any(&has).then_some((person, facts))
    });
    people.collect()
}

fn findings<'a>(facts: &'a [Fact], name: &'a str) -> impl Iterator<Item = &'a Finding> {
    facts.iter().filter_map(move |fact| match fact {
        Fact::Finding(one) if one.name == name => Some(one),
        _ => None,
    })
}

fn number(finding: &Finding, name: &str) -> Option<i32> {
    let part = finding.parts.iter().find(|part| part.name == name)?;
    match part.value? {
        PartValue::Scaled { value, .. } => Some(value),
        PartValue::Text(_) => None,
    }
}

#[test]
fn a_child_born_here_has_a_mother_who_was_followed_by_the_midwife() {
    let dataset = dataset();
    let (mut followed, mut born) = (0, 0);
    for child in dataset.people() {
        let late = child.birth_date > Date::new(2017, 6, 1).unwrap();
        let relations = dataset.relations(&child);
        let mother = relations.iter().find(|one| one.kin == Kin::Mother);
        let mother = mother.and_then(|one| dataset.person(one.index));
        let Some(mother) = mother.filter(|_| late) else {
            continue;
        };
        born += 1;
        let facts = dataset.history(&mother).facts;
        let ends = facts.iter().any(|fact| {
            matches!(fact, Fact::Problem(one)
                if one.service == Service::Maternity && one.abated == Some(child.birth_date))
        });
        followed += u32::from(ends);
    }
    // Some siblings are born within a year of each other, and the father's partner is no carer.
    assert!(
        born > 100 && followed * 10 > born * 7,
        "{followed} of {born}"
    );
}

#[test]
fn the_child_grows_from_control_to_control_until_its_birth() {
    let dataset = dataset();
    let women = with_a_part(&dataset, |fact| fact.service() == Service::Maternity);
    assert!(women.len() > 100, "{}", women.len());
    let mut now = 0;
    for (woman, facts) in &women {
        assert_eq!(woman.sex, Sex::Female);
        let age = woman.birth_date.age_on(facts[0].at().date);
        assert!(age < 50, "{age}");
        let (mut week, mut height) = (0, 0);
        for control in findings(facts, "Svangerskapskontroll") {
            let weeks = number(control, "Svangerskapets lengde").unwrap();
            if weeks < week {
                height = 0;
            }
            assert!((10..=41).contains(&weeks), "{weeks}");
            if let Some(measured) = number(control, "Symfyse-fundus-mål") {
                assert!((measured - weeks).abs() <= 6 && measured >= height - 1);
                height = measured;
            }
            week = weeks;
        }
        now += u32::from(facts.iter().any(|fact| {
            matches!(fact, Fact::Problem(one) if one.code.code == "W78" && one.abated.is_none())
        }));
    }
    // Some 52 000 births a year in 5.5 million: about 40 of 6 000 are pregnant and known to be.
    assert!((18..70).contains(&now), "{now}");
}

fn leaves(facts: &[Fact]) -> Vec<SickLeave> {
    let leaves = facts.iter().filter_map(|fact| match fact {
        Fact::SickLeave(one) => Some(*one),
        _ => None,
    });
    leaves.collect()
}

#[test]
fn a_certificate_of_sickness_has_a_diagnosis_a_visit_and_an_end() {
    let dataset = dataset();
    let people = with_a_part(&dataset, |fact| matches!(fact, Fact::SickLeave(_)));
    let mut graded = 0;
    for (person, facts) in &people {
        for leave in leaves(facts) {
            let age = person.birth_date.age_on(leave.at.date);
            assert!((20..67).contains(&age) || age == 67, "{age}");
            let days = leave.to.days_since(leave.from) + 1;
            assert!((1..=42).contains(&days), "{days}");
            graded += u32::from(leave.grade < 100);
            assert!(
                facts.iter().any(|fact| matches!(fact, Fact::Problem(one)
                if one.number == leave.problem && one.code == leave.reason
                && one.service == leave.service && one.abated.is_none_or(|end| end > leave.from))),
                "{leave:?} {:?}",
                facts
                    .iter()
                    .filter(
                        |fact| matches!(fact, Fact::Problem(one) if one.number == leave.problem)
                    )
                    .collect::<Vec<_>>()
            );
            assert!(facts.iter().any(|fact| matches!(fact, Fact::Contact(one)
                if one.number == leave.contact && one.service == leave.service
                && one.start.date == leave.at.date)));
        }
    }
    assert!(
        people.len() > 1000 && graded > 100,
        "{} {graded}",
        people.len()
    );
}

#[test]
fn a_certificate_is_a_document_of_its_own_kind_with_its_period() {
    let dataset = dataset();
    let people = with_a_part(&dataset, |fact| matches!(fact, Fact::SickLeave(_)));
    for (person, facts) in people.iter().take(10) {
        let resources = dataset.resources(person.index);
        let documents: Vec<Value> = resources
            .iter()
            .map(|one| serde_json::from_slice(&one.json).unwrap())
            .filter(|one: &Value| one["type"]["coding"][0]["code"] == "J01-2")
            .collect();
        let leaves = leaves(facts);
        assert_eq!(documents.len(), leaves.len());
        for (document, leave) in documents.iter().zip(leaves) {
            let period = &document["context"]["period"];
            assert_eq!(period["start"], leave.from.to_string());
            assert_eq!(period["end"], leave.to.to_string());
            assert!(document["context"]["encounter"][0]["reference"].is_string());
        }
    }
}

#[test]
fn who_dies_at_home_has_a_plan_the_four_medicines_and_heavier_symptoms() {
    let dataset = Dataset::new(Settings {
        size: 12_000,
        ..Settings::default_on("2030-06-30".parse().unwrap())
    })
    .unwrap();
    let people = with_a_part(&dataset, |fact| fact.service() == Service::Palliative);
    assert!(people.len() > 20, "{}", people.len());
    let (mut first, mut last) = (0, 0);
    for (person, facts) in &people {
        let medicines: BTreeSet<&str> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Prescription(Prescription { drug, .. }) => Some(drug.atc),
                _ => None,
            })
            .collect();
        for atc in ["N02AA01", "N05CD08", "N05AD01", "A03AB02"] {
            assert!(medicines.contains(atc), "{} {atc}", person.index);
        }
        assert!(facts.iter().any(|fact| matches!(fact, Fact::Contact(one)
            if one.service == Service::GeneralPractice && one.form == Form::HomeVisit)));
        let plan = |fact: &&Fact| matches!(fact, Fact::Plan(one) if one.title == "Palliativ plan");
        assert_eq!(facts.iter().filter(plan).count(), 1);
        let asked: Vec<i32> = findings(facts, "ESAS-r")
            .filter_map(|one| number(one, "Slapphet"))
            .collect();
        assert!(asked.iter().all(|value| (0..=10).contains(value)));
        let known = asked.len() > 3 && person.deceased.is_some();
        if let (Some(begin), Some(end), true) = (asked.first(), asked.last(), known) {
            first += begin;
            last += end;
        }
    }
    assert!(last > first, "{first} {last}");
}

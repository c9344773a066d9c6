//! The municipality's services: who gets them, and how their journals hang together.

use std::collections::BTreeSet;

use serde_json::Value;
use synthetic_data::history::{Fact, Form, PartValue, Service};
use synthetic_data::{Dataset, Person, Settings};

fn dataset() -> Dataset {
    Dataset::new(Settings {
        size: 4000,
        ..Settings::default_on("2026-11-21".parse().unwrap())
    })
    .unwrap()
}

fn all(dataset: &Dataset) -> Vec<(Person, Vec<Fact>)> {
    let people = dataset.people().chain(dataset.visitors());
    people
        .map(|person| {
            let facts = dataset.history(&person).facts;
            (person, facts)
        })
        .collect()
}

#[test]
fn visits_are_told_for_ninety_days_and_weeks_for_ever() {
    let dataset = dataset();
    let today = dataset.settings().as_of;
    let (mut visits, mut summaries) = (0, 0);
    for (person, facts) in all(&dataset) {
        let last = person.deceased.unwrap_or(today);
        for fact in &facts {
            if fact.is_passing() {
                visits += 1;
                assert!(last.days_since(fact.at().date) <= 90);
            }
            if let Fact::Note(note) = fact
                && note.text.starts_with("Ukesoppsummering")
            {
                summaries += 1;
            }
        }
    }
    assert!(visits > 3000 && summaries > 8000, "{visits} {summaries}");
}

#[test]
fn who_moves_to_a_nursing_home_had_home_care_before() {
    let dataset = dataset();
    let mut residents = 0;
    for (_, facts) in all(&dataset) {
        let episode = |service: Service| {
            facts.iter().find_map(|fact| match fact {
                Fact::Episode(one) if one.service == service => Some(one.clone()),
                _ => None,
            })
        };
        let Some(nursing) = episode(Service::NursingHome) else {
            continue;
        };
        residents += 1;
        if let Some(home) = episode(Service::HomeCare) {
            assert!(home.ended.unwrap() < nursing.at.date);
        }
        assert!(facts.iter().all(|fact| {
            fact.service() != Service::HomeCare || fact.at().date < nursing.at.date
        }));
    }
    assert!(residents > 10, "{residents}");
}

#[test]
fn a_score_on_legevakt_is_the_sum_that_the_signs_give_and_children_have_none() {
    let dataset = dataset();
    let mut scores = BTreeSet::new();
    for (person, facts) in all(&dataset) {
        for fact in &facts {
            let Fact::Finding(finding) = fact else {
                continue;
            };
            if finding.name != "NEWS2" {
                continue;
            }
            assert!(person.birth_date.age_on(finding.at.date) >= 16);
            let total = finding.total.unwrap();
            scores.insert(total);
            assert!((0..=20).contains(&total));
            let pulse = finding.parts.iter().find(|part| part.name == "Puls");
            let Some(PartValue::Scaled { value, .. }) = pulse.unwrap().value else {
                panic!("a pulse is a number");
            };
            assert!(value < 131 || total >= 3);
        }
    }
    assert!(scores.len() >= 7, "{scores:?}");
}

#[test]
fn every_visitor_who_has_been_seen_was_seen_at_legevakt_and_nowhere_else() {
    let dataset = dataset();
    let mut seen = 0;
    for visitor in dataset.visitors() {
        let facts = dataset.history(&visitor).facts;
        seen += usize::from(!facts.is_empty());
        for fact in &facts {
            assert_eq!(fact.service(), Service::OutOfHours);
            assert!(fact.at().date >= visitor.arrived.unwrap());
        }
        let resources = dataset.resources(visitor.index);
        assert_eq!(resources.first().unwrap().resource_type.name(), "Patient");
        if let Some(Fact::Contact(contact)) = facts.first() {
            assert_eq!(contact.form, Form::Emergency);
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn vaccines_come_in_order_and_in_their_time() {
    let dataset = dataset();
    let mut given = 0;
    for (person, facts) in all(&dataset) {
        let mut doses: Vec<(&str, u8)> = Vec::new();
        for fact in &facts {
            let Fact::Vaccination(one) = fact else {
                continue;
            };
            given += 1;
            let before = doses.iter().filter(|(atc, _)| *atc == one.atc);
            assert!(before.clone().all(|(_, dose)| *dose < one.dose));
            doses.push((one.atc, one.dose));
            let days = one.at.date.days_since(person.birth_date);
            match one.atc {
                "J07BH01" => assert!((40..130).contains(&days), "{days}"),
                "J07BD52" if one.dose == 1 => assert!((450..500).contains(&days), "{days}"),
                _ => assert!(days > 80),
            }
        }
    }
    assert!(given > 2000, "{given}");
}

#[test]
fn new_kinds_of_resource_are_whole() {
    let dataset = dataset();
    let mut kinds = BTreeSet::new();
    for index in dataset.indices() {
        for resource in dataset.resources(index) {
            let kind = resource.resource_type.name();
            let required: &[&str] = match kind {
                "CarePlan" => &["status", "intent", "subject", "activity", "period"],
                "EpisodeOfCare" => &["status", "patient", "period", "managingOrganization"],
                "Immunization" => &["status", "vaccineCode", "patient", "occurrenceDateTime"],
                "Procedure" => &["status", "code", "subject", "performedDateTime"],
                "RelatedPerson" => &["patient", "relationship", "name"],
                _ => continue,
            };
            kinds.insert(kind);
            let value: Value = serde_json::from_slice(&resource.json).unwrap();
            for member in required {
                assert!(value.get(member).is_some(), "{kind}.{member}");
            }
        }
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

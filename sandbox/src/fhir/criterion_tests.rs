//! Tests of conditions: each kind of value, modifier and refusal.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::criterion::{Criterion, Surroundings};
use super::keys::Keys;
use super::parameter::TypeInfo;
use super::value::{System, Unreadable};

/// Surroundings with one patient, `p7`, whose number is `42`.
pub(crate) struct Anywhere;

impl Surroundings for Anywhere {
    fn base(&self) -> &'static str {
        "http://here/demo/fhir"
    }
    fn patient_with(&self, _system: &System, value: &str) -> Option<String> {
        (value == "42").then(|| "p7".to_owned())
    }
}

fn fits(kind: &str, resource: &Value, name: &str, value: &str) -> bool {
    let info = TypeInfo::by_name(kind).unwrap();
    let keys = Keys::of(info, resource);
    Criterion::parse(info, name, value, &Anywhere)
        .unwrap()
        .fits(&keys)
}

#[test]
fn tokens_compare_with_and_without_system() {
    let resource = json!({"code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]}, "status": "final"});
    for value in [
        "85354-9",
        "http://loinc.org|85354-9",
        "http://loinc.org|",
        "x,85354-9",
    ] {
        assert!(fits("Observation", &resource, "code", value), "{value}");
    }
    for value in ["|85354-9", "http://other|85354-9", "85354", "85354-9\\,x"] {
        assert!(!fits("Observation", &resource, "code", value), "{value}");
    }
    assert!(fits("Observation", &resource, "status", "|final"));
    assert!(!fits("Observation", &resource, "status:not", "final"));
    assert!(fits("Observation", &resource, "encounter:missing", "true"));
    assert!(!fits("Observation", &resource, "code:missing", "true"));
}

#[test]
fn references_compare_in_every_form() {
    let resource = json!({"subject": {"reference": "Patient/p7"}});
    for (name, value) in [
        ("patient", "p7"),
        ("patient", "Patient/p7"),
        ("subject", "http://here/demo/fhir/Patient/p7"),
        ("subject:Patient", "p7"),
        ("patient.identifier", "42"),
        ("subject:Patient.identifier", "urn:x|42"),
    ] {
        assert!(
            fits("Observation", &resource, name, value),
            "{name}={value}"
        );
    }
    for (name, value) in [
        ("patient", "p8"),
        ("subject", "http://elsewhere/fhir/Patient/p7"),
        ("patient.identifier", "43"),
        ("subject:Practitioner", "p7"),
        ("patient", "Group/p7"),
    ] {
        assert!(
            !fits("Observation", &resource, name, value),
            "{name}={value}"
        );
    }
}

#[test]
fn names_compare_by_the_beginning_of_words() {
    let resource = json!({"name": [{"family": "Blåklokke", "given": ["Åse", "Renée"], "text": "Åse Renée Blåklokke"}]});
    for (name, value) in [
        ("name", "blå"),
        ("name", "åse blåk"),
        ("given", "RENEE"),
        ("family:exact", "Blåklokke"),
        ("family:contains", "klok"),
    ] {
        assert!(fits("Patient", &resource, name, value), "{name}={value}");
    }
    for (name, value) in [
        ("name", "klokke"),
        ("family", "ås"),
        ("name", "åse eik"),
        ("family:exact", "blåklokke"),
    ] {
        assert!(!fits("Patient", &resource, name, value), "{name}={value}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let info = TypeInfo::by_name("Observation").unwrap();
    let parse =
        |name: &str, value: &str| Criterion::parse(info, name, value, &Anywhere).unwrap_err();
    assert_eq!(parse("colour", "red"), Unreadable::Unknown);
    assert_eq!(
        parse("code:above", "x"),
        Unreadable::Modifier("above".to_owned())
    );
    assert!(matches!(parse("date", "soon"), Unreadable::Value(_)));
    assert!(matches!(
        parse("code:missing", "maybe"),
        Unreadable::Value(_)
    ));
    assert!(matches!(parse("code", ""), Unreadable::Value(_)));
}

proptest! {
    #[test]
    fn no_condition_makes_it_fall_over(name in "[a-z._:-]{0,20}|code|date|patient|name", value in "\\PC{0,20}") {
        for info in &super::parameter::TYPES {
            if let Ok(criterion) = Criterion::parse(info, &name, &value, &Anywhere) {
                criterion.fits(&Keys::of(info, &json!({"code": "x", "subject": {"reference": "Patient/p7"}})));
            }
        }
    }
}

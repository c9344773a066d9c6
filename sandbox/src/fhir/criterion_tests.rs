//! Tests of conditions: each kind of value, modifier and refusal.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::criterion::{Criterion, Surroundings};
use super::keys::Keys;
use super::types::TypeInfo;
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
    let keys = Keys::of(info, resource, Anywhere.base());
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
        ("subject:Group", "p7"),
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
fn quantities_compare_by_number_and_unit() {
    let ucum = "http://unitsofmeasure.org";
    let resource = json!({"code": {"coding": [{"code": "29463-7", "display": "Kroppsvekt"}]},
        "valueQuantity": {"value": 82.4, "unit": "kilo", "system": ucum, "code": "kg"}});
    for value in [
        "82.4",
        "82",
        "gt80",
        "82.4||kg",
        "82.4||kilo",
        "le82.4|http://unitsofmeasure.org|kg",
        "ap80",
    ] {
        assert!(
            fits("Observation", &resource, "value-quantity", value),
            "{value}"
        );
    }
    for value in [
        "82.45",
        "gt82.4",
        "82.4||g",
        "82.4|http://other|kg",
        "lt82.4",
    ] {
        assert!(
            !fits("Observation", &resource, "value-quantity", value),
            "{value}"
        );
    }
    assert!(fits(
        "Observation",
        &resource,
        "code-value-quantity",
        "29463-7$gt80"
    ));
    assert!(!fits(
        "Observation",
        &resource,
        "code-value-quantity",
        "29463-7$lt80"
    ));
    assert!(!fits(
        "Observation",
        &resource,
        "code-value-quantity",
        "8302-2$gt80"
    ));
    assert!(fits("Observation", &resource, "code:text", "kropps"));
    assert!(!fits("Observation", &resource, "code:text", "vekt"));
}

#[test]
fn what_a_code_or_an_address_is_part_of_is_above_it() {
    let resource =
        json!({"code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "C09AA05"}]}});
    for (modifier, value, expected) in [
        ("below", "http://www.whocc.no/atc|C09", true),
        ("below", "C09AA05", true),
        ("below", "http://www.whocc.no/atc|C08", false),
        ("above", "http://www.whocc.no/atc|C09AA05", true),
        ("above", "http://www.whocc.no/atc|C09", false),
    ] {
        let name = format!("code:{modifier}");
        assert_eq!(
            fits("Medication", &resource, &name, value),
            expected,
            "{name}={value}"
        );
    }
    let set = json!({"url": "http://here/fhir/ValueSet/a"});
    for (name, value, expected) in [
        ("url:below", "http://here/fhir", true),
        ("url:below", "http://here/fh", false),
        ("url:above", "http://here/fhir/ValueSet/a/b", true),
        ("url", "http://here/fhir", false),
    ] {
        assert_eq!(
            fits("ValueSet", &set, name, value),
            expected,
            "{name}={value}"
        );
    }
}

#[test]
fn a_code_is_found_by_a_value_set_that_has_it() {
    let resource = json!({"gender": "female"});
    let set = "http://hl7.org/fhir/ValueSet/administrative-gender";
    assert!(fits("Patient", &resource, "gender:in", set));
    assert!(!fits("Patient", &resource, "gender:not-in", set));
    assert!(!fits(
        "Patient",
        &json!({"gender": "kvinne"}),
        "gender:in",
        set
    ));
    let info = TypeInfo::by_name("Patient").unwrap();
    let unknown = Criterion::parse(info, "gender:in", "http://x/ValueSet/y", &Anywhere);
    assert!(matches!(unknown, Err(Unreadable::Value(_))));
}

#[test]
fn an_identifier_is_found_by_its_type() {
    let system = "urn:oid:2.16.578.1.12.4.1.1.8327";
    let resource = json!({"identifier": [{"system": "HNR", "value": "123",
        "type": {"coding": [{"system": system, "code": "HNR"}]}}]});
    for (value, expected) in [
        (format!("{system}|HNR|123"), true),
        (format!("{system}|FNR|123"), false),
        (format!("{system}|HNR|124"), false),
        ("|HNR|123".to_owned(), false),
    ] {
        assert_eq!(
            fits("Patient", &resource, "identifier:of-type", &value),
            expected,
            "{value}"
        );
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let info = TypeInfo::by_name("Observation").unwrap();
    let parse =
        |name: &str, value: &str| Criterion::parse(info, name, value, &Anywhere).unwrap_err();
    assert_eq!(parse("colour", "red"), Unreadable::Unknown);
    assert_eq!(
        parse("code:sideways", "x"),
        Unreadable::Modifier("sideways".to_owned())
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
        for name_of_type in ["Observation", "Patient", "Binary", "Bundle"] {
            let info = TypeInfo::by_name(name_of_type).unwrap();
            if let Ok(criterion) = Criterion::parse(info, &name, &value, &Anywhere) {
                criterion.fits(&Keys::of(info, &json!({"code": "x", "subject": {"reference": "Patient/p7"}}), Anywhere.base()));
            }
        }
    }
}

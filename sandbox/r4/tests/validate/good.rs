//! What is right gives no error, and what cannot be checked is said to be so.

use fhir_r4::validate::{Code, Options, Severity, Validator};
use serde_json::json;

use crate::examples;

#[test]
fn the_examples_have_no_errors() {
    for (name, resource) in examples::all() {
        assert_eq!(examples::errors(&resource), [], "{name}");
    }
}

#[test]
fn every_type_of_issue_is_told_in_both_languages() {
    let options = Options {
        least: Severity::Information,
        ..Options::default()
    };
    for (name, resource) in examples::all() {
        for issue in Validator::r4().validate(&resource, &options) {
            for words in [&issue.problem, &issue.remedy] {
                assert!(
                    !words.en.is_empty() && !words.nb.is_empty(),
                    "{name}: {issue:?}"
                );
            }
        }
    }
}

#[test]
fn a_code_that_cannot_be_checked_is_information() {
    let options = Options {
        least: Severity::Information,
        ..Options::default()
    };
    let issues = Validator::r4().validate(&examples::named("document-reference"), &options);
    let unchecked: Vec<_> = issues
        .iter()
        .filter(|i| i.code == Code::Unchecked)
        .collect();
    assert!(
        unchecked
            .iter()
            .any(|i| i.expression == "DocumentReference.type"),
        "{issues:?}"
    );
    assert!(Validator::is_valid(&issues));
}

#[test]
fn an_extensible_binding_warns() {
    let mut patient = examples::named("patient");
    patient["maritalStatus"] =
        json!({"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.1", "code": "1"}]});
    let issues = Validator::r4().validate(&patient, &Options::default());
    let found = issues
        .iter()
        .find(|i| i.expression == "Patient.maritalStatus")
        .unwrap();
    assert_eq!(
        (found.severity, found.code),
        (Severity::Warning, Code::Binding)
    );
}

#[test]
fn a_resource_without_narrative_is_warned_of() {
    let issues = Validator::r4().validate(&examples::named("group"), &Options::default());
    assert!(
        issues
            .iter()
            .any(|i| i.rule == "dom-6" && i.severity == Severity::Warning),
        "{issues:?}"
    );
}

#[test]
fn a_misspelled_element_is_guessed() {
    let mut patient = examples::named("patient");
    patient["birthdate"] = json!("1950-01-12");
    let issues = examples::errors(&patient);
    assert_eq!(issues[0].code, Code::UnknownElement);
    assert_eq!(issues[0].remedy.en, "Did you mean birthDate?");
    assert_eq!(issues[0].remedy.nb, "Mente du birthDate?");
}

#[test]
fn the_place_is_told_as_a_path() {
    let mut observation = examples::named("observation-bp");
    observation["component"][1]["code"]["coding"][0]["system"] = json!("a b");
    let issues = examples::errors(&observation);
    assert_eq!(
        issues[0].expression,
        "Observation.component[1].code.coding[0].system"
    );
    let mut bundle = examples::named("bundle-transaction");
    bundle["entry"][1]["resource"]["status"] = json!("ferdig");
    assert_eq!(
        examples::errors(&bundle)[0].expression,
        "Bundle.entry[1].resource.status"
    );
}

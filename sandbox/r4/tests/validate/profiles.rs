//! no-basis 2.2, no-domain and HL7's vital signs: what they demand, and their oddities.

use fhir_r4::validate::{Code, Issue, Options, Severity, Validator};
use serde_json::{Value, json};

use crate::examples;

const NO_BASIS: &str = "http://hl7.no/fhir/StructureDefinition/no-basis-";

/// A place in an example, what is put there as JSON (nothing removes it), and what is found, where.
type Demand = (&'static str, &'static str, &'static str, Code, &'static str);

const DEMANDS: [Demand; 15] = [
    (
        "patient",
        "/identifier/0/value",
        "",
        Code::Missing,
        "Patient.identifier[0]",
    ),
    (
        "patient",
        "/identifier/1/assigner",
        "",
        Code::Missing,
        "Patient.identifier[1]",
    ),
    (
        "patient",
        "/identifier/1/type",
        r#"{"coding": [{"system": "x:y", "code": "HNR"}]}"#,
        Code::Fixed,
        "Patient.identifier[1].type.coding[0].system",
    ),
    ("medication", "/form", "", Code::Missing, "Medication"),
    (
        "medication",
        "/code",
        r#"{"text": "x"}"#,
        Code::Missing,
        "Medication.code",
    ),
    (
        "allergy",
        "/reaction",
        "",
        Code::Missing,
        "AllergyIntolerance",
    ),
    (
        "medication-statement",
        "/reasonCode/0/coding",
        r#"[{"system": "urn:oid:2.16.578.1.12.4.1.1.7170", "code": "T90"}]"#,
        Code::Missing,
        "MedicationStatement.reasonCode[0].coding[0]",
    ),
    (
        "related-person",
        "/relationship/0/coding",
        r#"[{"system": "http://hl7.no/fhir/CodeSystem/no-basis-family-relation", "code": "nabo"}]"#,
        Code::Binding,
        "RelatedPerson.relationship[0]",
    ),
    (
        "observation-weight",
        "/valueQuantity/code",
        r#""stone""#,
        Code::Binding,
        "Observation.valueQuantity.code",
    ),
    (
        "observation-weight",
        "/category",
        "",
        Code::Missing,
        "Observation",
    ),
    (
        "observation-weight",
        "/effectiveDateTime",
        r#""2024-05""#,
        Code::Invariant,
        "Observation",
    ),
    (
        "observation-weight",
        "/code",
        r#"{"text": "vekt"}"#,
        Code::Missing,
        "Observation.code",
    ),
    (
        "observation-bp",
        "/component",
        r#"[{"code": {"text": "x"}, "valueString": "y"}]"#,
        Code::Missing,
        "Observation",
    ),
    (
        "observation-bp",
        "/referenceRange",
        r#"[{"text": "a"}, {"text": "b"}]"#,
        Code::Slice,
        "Observation",
    ),
    (
        "appointment",
        "/extension",
        r#"[{"url": "http://hl7.no/fhir/StructureDefinition/no-basis-group", "valueString": "x"}]"#,
        Code::Missing,
        "Appointment.extension[0]",
    ),
];

fn changed(example: &str, pointer: &str, json: &str) -> Vec<Issue> {
    let mut resource = examples::named(example);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let owner = resource
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .unwrap();
    match serde_json::from_str(json) {
        Ok(value) => drop(owner.insert(name.to_owned(), value)),
        Err(_) => drop(owner.remove(name)),
    }
    examples::errors(&resource)
}

#[test]
fn what_a_profile_demands_is_checked() {
    for (example, pointer, json, code, expression) in DEMANDS {
        let issues = changed(example, pointer, json);
        let found = issues
            .iter()
            .any(|i| i.code == code && i.expression == expression);
        assert!(
            found,
            "{example} {pointer} {code:?} {expression}: {issues:#?}"
        );
    }
}

#[test]
fn the_oddities_of_no_basis_are_accepted() {
    // The allergy has `urn:uid:`, the patient `HNR`, and the response short notice, as the profiles say.
    for example in ["allergy", "patient", "appointment-response"] {
        assert_eq!(examples::errors(&examples::named(example)), [], "{example}");
    }
    let pointer = "/reaction/0/manifestation/0/coding/0/system";
    let mut allergy = examples::named("allergy");
    *allergy.pointer_mut(pointer).unwrap() = json!("urn:oid:2.16.578.1.12.4.1.1.7497");
    assert!(
        examples::errors(&allergy)
            .iter()
            .any(|i| i.code == Code::Fixed)
    );
}

#[test]
fn the_caller_can_ask_for_a_profile() {
    let medication = json!({"resourceType": "Medication", "code": {"text": "x"}});
    assert_eq!(examples::errors(&medication), []);
    let url = format!("{NO_BASIS}Medication");
    let profiles = [url.as_str()];
    let options = Options {
        profiles: &profiles,
        ..Options::default()
    };
    let issues = Validator::r4().validate(&medication, &options);
    assert!(
        issues
            .iter()
            .any(|i| i.rule == url && i.severity == Severity::Error),
        "{issues:?}"
    );
}

#[test]
fn a_profile_for_another_type_or_unknown_is_told() {
    let patient =
        |profile: &str| json!({"resourceType": "Patient", "meta": {"profile": [profile]}});
    let issues = examples::errors(&patient(
        "http://hl7.org/fhir/StructureDefinition/Observation",
    ));
    assert_eq!(issues[0].code, Code::Profile);
    assert_eq!(
        examples::errors(&patient(
            "http://hl7.org/fhir/StructureDefinition/DomainResource"
        )),
        []
    );
    let options = Options {
        least: Severity::Information,
        ..Options::default()
    };
    let issues = Validator::r4().validate(&patient("http://example.no/profile"), &options);
    assert!(
        issues
            .iter()
            .any(|i| i.code == Code::Profile && i.severity == Severity::Information)
    );
    assert!(Validator::is_valid(&issues));
}

#[test]
fn a_logical_reference_is_recommended_to_a_healthcare_service() {
    let mut service = examples::named("healthcare-service");
    service["providedBy"] = json!({"reference": "Organization/1"});
    let issues = Validator::r4().validate(&service, &Options::default());
    let found = issues
        .iter()
        .find(|i| i.rule == "no-basis-providedBy-identifier")
        .unwrap();
    assert_eq!(found.severity, Severity::Warning);
}

#[test]
fn the_known_profiles_are_listed() {
    let known = Validator::r4().profiles();
    assert!(known.contains(&"http://hl7.org/fhir/StructureDefinition/vitalsigns"));
    assert_eq!(
        known.iter().filter(|url| url.starts_with(NO_BASIS)).count(),
        33
    );
}

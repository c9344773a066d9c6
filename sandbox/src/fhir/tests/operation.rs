//! Operations beyond the interactions.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;

fn types(answer: &Answer) -> BTreeMap<String, usize> {
    let mut types = BTreeMap::new();
    for entry in answer.entries() {
        let kind = entry["resource"]["resourceType"]
            .as_str()
            .unwrap()
            .to_owned();
        *types.entry(kind).or_default() += 1;
    }
    types
}

#[tokio::test]
async fn everything_of_a_patient_is_all_that_stands_in_the_journal_and_what_it_leads_to() {
    let world = world().await;
    let app = world.app(Some("p5"), "patient/*.cruds");
    let note = json!({"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient/p5"}});
    assert_eq!(app.post("Basic", &note).await.status, 201);
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for one in world.dataset().resources(5) {
        *expected
            .entry(one.resource_type.name().to_owned())
            .or_default() += 1;
    }
    *expected.entry("Basic".to_owned()).or_default() += 1;
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let mut path = "Patient/p5/$everything?_count=50".to_owned();
    loop {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let matches = answer.entries();
        for entry in matches
            .iter()
            .filter(|entry| entry["search"]["mode"] == "match")
        {
            let kind = entry["resource"]["resourceType"]
                .as_str()
                .unwrap()
                .to_owned();
            *found.entry(kind).or_default() += 1;
        }
        match answer.next() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(found, expected);
    let along = types(&app.get("Patient/p5/$everything?_count=500").await);
    assert!(
        along.contains_key("Practitioner") || along.contains_key("Organization"),
        "{along:?}"
    );
    let some = types(
        &app.get("Patient/p5/$everything?_type=Condition,Basic&_count=500")
            .await,
    );
    assert_eq!(some.get("Basic"), Some(&1));
    assert!(!some.contains_key("Observation"), "{some:?}");
    assert_eq!(
        app.get("Patient/p6/$everything").await.refusal(),
        "fhir-other-patient"
    );
    assert_eq!(
        app.get("Basic/x/$everything").await.refusal(),
        "fhir-interaction"
    );
    let late = types(
        &app.get("Patient/p5/$everything?start=2100&_type=Encounter,Patient")
            .await,
    );
    assert_eq!(late.get("Encounter"), None);
    let narrow = world.app(Some("p5"), "patient/Patient.rs patient/Condition.rs");
    let narrow = types(&narrow.get("Patient/p5/$everything?_count=500").await);
    assert!(
        narrow
            .keys()
            .all(|kind| matches!(kind.as_str(), "Patient" | "Condition")),
        "{narrow:?}"
    );
}

#[tokio::test]
async fn the_newest_of_each_code_are_found() {
    let world = world().await;
    let app = world.app(Some("p1"), "patient/Observation.cruds");
    let mut writer = 0;
    for (code, date, value) in [
        ("a", "2026-01-01", 1),
        ("a", "2026-03-01", 3),
        ("a", "2026-02-01", 2),
        ("b", "2026-01-05", 9),
    ] {
        writer += 1;
        let observation = json!({"resourceType": "Observation", "id": format!("n{writer}"), "status": "final",
            "category": [{"coding": [{"code": "own"}]}], "subject": {"reference": "Patient/p1"},
            "code": {"coding": [{"system": "urn:x", "code": code}]}, "effectiveDateTime": date,
            "valueQuantity": {"value": value}});
        app.put(&format!("Observation/n{writer}"), &observation)
            .await;
    }
    assert_eq!(
        app.ids("Observation/$lastn?category=own").await,
        ["n2", "n4"]
    );
    assert_eq!(
        app.ids("Observation/$lastn?category=own&max=2").await,
        ["n2", "n3", "n4"]
    );
    assert_eq!(
        app.get("Observation/$lastn?max=x").await.refusal(),
        "fhir-parameter-value"
    );
    assert_eq!(
        app.get("Patient/$lastn").await.refusal(),
        "fhir-interaction"
    );
}

#[tokio::test]
async fn the_meta_of_a_resource_is_given_as_parameters() {
    let world = world().await;
    let app = world.app(Some("p1"), "patient/Patient.rs");
    let meta = app.get("Patient/p1/$meta").await.json();
    assert_eq!(meta["resourceType"], "Parameters");
    assert_eq!(
        meta["parameter"][0]["valueMeta"],
        app.get("Patient/p1").await.json()["meta"]
    );
}

#[tokio::test]
async fn a_resource_is_validated_without_being_kept() {
    let world = world().await;
    let app = world
        .app(Some("p1"), "patient/Observation.cruds")
        .with("accept-language", "en");
    let wrong = json!({"resourceType": "Observation", "status": "done", "colour": "red",
        "subject": {"reference": "Patient/p1"}});
    let outcome = app.post("Observation/$validate", &wrong).await;
    assert_eq!(
        (outcome.status.as_u16(), &outcome.json()["resourceType"]),
        (200, &json!("OperationOutcome"))
    );
    let places: Vec<String> = outcome.json()["issue"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|issue| issue["severity"] == "error")
        .map(|issue| issue["expression"][0].as_str().unwrap().to_owned())
        .collect();
    for place in ["Observation.status", "Observation"] {
        assert!(
            places.iter().any(|found| found == place),
            "{place} in {places:?}"
        );
    }
    assert!(
        app.ids("Observation?status=done&patient=p1")
            .await
            .is_empty()
    );
    let fine = json!({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource":
        {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {"reference": "Patient/p1"}}}]});
    let outcome = app.post("Observation/$validate", &fine).await.json();
    assert!(
        outcome["issue"]
            .as_array()
            .unwrap()
            .iter()
            .all(|issue| issue["severity"] != "error"),
        "{outcome}"
    );
    assert_eq!(
        app.post("Observation/$validate", &json!({"resourceType": "Patient"}))
            .await
            .refusal(),
        "fhir-body"
    );
    assert_eq!(
        app.post("Device/$validate", &json!({"resourceType": "Device"}))
            .await
            .refusal(),
        "scope-missing"
    );
}

/// The judge of others' resources is held against our own: what the population has is right.
#[tokio::test]
async fn everything_that_is_computed_is_valid() {
    let world = world().await;
    let app = world.app(None, "user/*.rs").with("accept-language", "en");
    for path in [
        "Patient/p1",
        "Organization/practice-1",
        "Practitioner/practitioner-1",
        "PractitionerRole/role-1",
    ] {
        let outcome = app.get(&format!("{path}/$validate")).await.json();
        let errors: Vec<&Value> = outcome["issue"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|issue| issue["severity"] == "error")
            .collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
    }
    let validator = fhir_r4::validate::Validator::r4();
    for one in (0..20).flat_map(|index| world.dataset().resources(index)) {
        let resource = serde_json::from_slice(&one.json).unwrap();
        let issues = validator.validate(&resource, &fhir_r4::validate::Options::default());
        let errors: Vec<_> = issues
            .iter()
            .filter(|issue| issue.severity == fhir_r4::validate::Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", one.id);
    }
}

#[tokio::test]
async fn terminology_is_looked_up_in_what_is_here() {
    let world = world().await;
    let app = world.app(None, "openid");
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let expanded = app
        .get(&format!("ValueSet/$expand?url={gender}"))
        .await
        .json();
    assert_eq!(expanded["expansion"]["total"], 4, "{expanded}");
    let filtered = app
        .get(&format!("ValueSet/$expand?url={gender}&filter=fem"))
        .await
        .json();
    assert_eq!(filtered["expansion"]["contains"][0]["code"], "female");
    for (code, expected) in [("male", true), ("kvinne", false)] {
        let answer = app
            .get(&format!("ValueSet/$validate-code?url={gender}&code={code}"))
            .await
            .json();
        assert_eq!(answer["parameter"][0]["valueBoolean"], expected);
    }
    let system = "http://hl7.org/fhir/administrative-gender";
    let looked = app
        .get(&format!("CodeSystem/$lookup?system={system}&code=male"))
        .await
        .json();
    let told = looked["parameter"].as_array().unwrap().iter();
    let mut display = told.filter(|one| one["name"] == "display");
    assert_eq!(display.next().unwrap()["valueString"], "Male");
    assert_eq!(
        app.get("ValueSet/$expand?url=http://snomed.info/sct")
            .await
            .refusal(),
        "fhir-terminology"
    );
    assert_eq!(
        app.get("ValueSet/$expand").await.refusal(),
        "fhir-parameter-value"
    );
    assert_eq!(
        app.get("Patient/$expand?url=x").await.refusal(),
        "fhir-interaction"
    );
}

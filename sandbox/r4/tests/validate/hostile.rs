//! Whatever the JSON, the validator ends, within its limits, and does not panic.

use fhir_r4::validate::{Code, Options, Severity, Validator};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::examples;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        prop_oneof![
            Just("#"),
            Just("#a"),
            Just("Patient/1"),
            Just("urn:uuid:"),
            Just("2024-05-17T"),
            Just("<div"),
            Just("http://loinc.org"),
            Just("Observation"),
            Just("æøå/_history/"),
            Just("+"),
            Just("&#;"),
            Just("<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\""),
        ]
        .prop_map(Value::from),
    ];
    let names = prop_oneof![
        Just("id"),
        Just("extension"),
        Just("url"),
        Just("valueString"),
        Just("_valueString"),
        Just("coding"),
        Just("system"),
        Just("code"),
        Just("reference"),
        Just("contained"),
        Just("resourceType"),
        Just("value"),
        Just("text"),
        Just("div"),
        Just("start"),
        Just("end"),
        Just("_given"),
        Just("entry"),
        Just("_"),
        Just(""),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|all| Value::Object(
                all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
            )),
        ]
    })
}

/// Puts a value at some place of a resource: the `at`-th in the order of the JSON.
fn replace(resource: &mut Value, at: &mut usize, by: &Value) -> bool {
    if *at == 0 {
        *resource = by.clone();
        return true;
    }
    *at -= 1;
    match resource {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, at, by)),
        Value::Object(own) => own.values_mut().any(|item| replace(item, at, by)),
        _ => false,
    }
}

fn everything(resource: &Value) -> usize {
    let profiles = ["http://hl7.org/fhir/StructureDefinition/bp"];
    let options = Options {
        profiles: &profiles,
        least: Severity::Information,
        ..Options::default()
    };
    Validator::r4().validate(resource, &options).len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_examples_do_no_harm(
        which in any::<prop::sample::Index>(),
        places in prop::collection::vec((0_usize..120, any_json()), 1..4),
    ) {
        let all = examples::all();
        let (_, mut resource) = all[which.index(all.len())].clone();
        for (mut place, value) in places {
            replace(&mut resource, &mut place, &value);
        }
        prop_assert!(everything(&resource) <= 200);
    }

    #[test]
    fn any_json_does_no_harm(value in any_json()) {
        everything(&value);
    }
}

#[test]
fn what_is_too_deep_is_refused() {
    let mut item = json!({"linkId": "1", "type": "group"});
    for _ in 0..500 {
        item = json!({"linkId": "1", "type": "group", "item": [item]});
    }
    let questionnaire =
        json!({"resourceType": "Questionnaire", "status": "active", "item": [item]});
    let issues = examples::errors(&questionnaire);
    assert!(issues.iter().any(|i| i.code == Code::Limit), "{issues:?}");
}

#[test]
fn there_is_an_end_to_issues_and_to_values() {
    let names: Vec<_> = (0..5000).map(|_| json!({"nothing": 1})).collect();
    let patient = json!({"resourceType": "Patient", "name": names});
    assert_eq!(examples::errors(&patient).len(), 200);
    let options = Options {
        most_values: 100,
        most_issues: 10_000,
        ..Options::default()
    };
    let issues = Validator::r4().validate(&patient, &options);
    assert!(issues.iter().any(|i| i.code == Code::Limit));
    assert!(issues.len() < 120);
}

#[test]
fn a_large_bundle_is_walked_in_reasonable_time() {
    let entry = |n: usize| json!({"fullUrl": format!("http://example.no/Patient/{n}"), "resource": {"resourceType": "Patient", "id": n.to_string()}});
    let entries: Vec<_> = (0..20_000).map(entry).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    assert_eq!(examples::errors(&bundle), []);
}

#[test]
fn what_points_to_each_other_many_times_is_walked_in_reasonable_time() {
    let count = 3000;
    let contained: Vec<_> = (0..count)
        .map(|n| json!({"resourceType": "Patient", "id": n.to_string()}))
        .collect();
    let members: Vec<_> = (0..count)
        .map(|n| json!({"entity": {"reference": format!("#{n}")}}))
        .collect();
    let group = json!({
        "resourceType": "Group", "type": "person", "actual": true, "contained": contained, "member": members,
    });
    assert_eq!(examples::errors(&group), []);
    let names: serde_json::Map<_, _> = (0..100_000)
        .map(|n| (format!("name{n}"), json!(1)))
        .collect();
    let mut patient = names;
    patient.insert("resourceType".to_owned(), json!("Patient"));
    assert_eq!(examples::errors(&Value::Object(patient)).len(), 200);
}

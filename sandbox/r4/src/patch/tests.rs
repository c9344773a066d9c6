//! Each kind of operation on what it is for, and what is refused of it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "p", "active": true, "birthDate": "1990-01-02",
        "_birthDate": {"extension": [{"url": "http://example.org/t", "valueString": "x"}]},
        "identifier": [{"value": "1"}, {"value": "2"}, {"value": "3"}],
        "name": [{"family": "Berg", "given": ["Kari", "Anne"], "_given": [null, {"id": "a"}]}],
        "contact": [{"name": {"family": "Dal"}}],
        "deceasedBoolean": false,
    })
}

fn operation(parts: &Value) -> Value {
    let part: Vec<Value> = parts
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| match name.split_once('/') {
            Some((name, "part")) => json!({"name": name, "part": value}),
            Some((name, kind)) => json!({"name": name, kind: value}),
            None if name == "type" => json!({"name": name, "valueCode": value}),
            None if value.is_u64() => json!({"name": name, "valueInteger": value}),
            None => json!({"name": name, "valueString": value}),
        })
        .collect();
    json!({"name": "operation", "part": part})
}

fn patch(operations: &[Value]) -> Value {
    let operations: Vec<Value> = operations.iter().map(operation).collect();
    json!({"resourceType": "Parameters", "parameter": operations})
}

fn patched(operations: &[Value]) -> Value {
    apply(&patient(), &patch(operations)).unwrap_or_else(|error| panic!("{operations:?}: {error}"))
}

fn refused(operation: &Value) -> Trouble {
    match apply(&patient(), &patch(std::slice::from_ref(operation))) {
        Err(PatchError::Operation { trouble, .. }) => *trouble,
        other => panic!("{operation}: {other:?}"),
    }
}

#[test]
fn an_addition_is_appended_to_a_list_or_fills_what_is_empty() {
    let after = patched(&[
        json!({"type": "add", "path": "Patient", "name": "gender", "value/valueCode": "female"}),
        json!({"type": "add", "path": "Patient", "name": "identifier", "value/valueIdentifier": {"value": "4"}}),
        json!({"type": "add", "path": "Patient.name[0]", "name": "given", "value": "Li"}),
        json!({"type": "add", "path": "Patient.birthDate", "name": "extension",
            "value/valueExtension": {"url": "http://example.org/u", "valueCode": "y"}}),
        json!({"type": "add", "path": "Patient.active", "name": "id", "value": "i"}),
    ]);
    assert_eq!(after["gender"], "female");
    assert_eq!(after["identifier"][3]["value"], "4");
    assert_eq!(after["name"][0]["given"], json!(["Kari", "Anne", "Li"]));
    assert_eq!(after["name"][0]["_given"], json!([null, {"id": "a"}, null]));
    assert_eq!(after["_birthDate"]["extension"][1]["valueCode"], "y");
    assert_eq!(after["_active"], json!({"id": "i"}));
}

#[test]
fn parts_make_up_what_has_no_type_of_its_own() {
    let after = patched(&[
        json!({"type": "add", "path": "Patient", "name": "contact", "value/part": [
            {"name": "name", "valueHumanName": {"family": "Lie"}},
            {"name": "relationship", "valueCodeableConcept": {"text": "a"}},
            {"name": "relationship", "valueCodeableConcept": {"text": "b"}},
        ]}),
    ]);
    assert_eq!(
        after["contact"][1],
        json!({"name": {"family": "Lie"}, "relationship": [{"text": "a"}, {"text": "b"}]})
    );
    assert!(matches!(
        refused(&json!({"type": "add", "path": "Patient", "name": "contact",
            "value/part": [{"name": "colour", "valueCode": "red"}]})),
        Trouble::Type { .. }
    ));
}

#[test]
fn a_deletion_leaves_nothing_empty_and_may_find_nothing() {
    let after = patched(&[
        json!({"type": "delete", "path": "Patient.contact.name.family"}),
        json!({"type": "delete", "path": "Patient.birthDate.extension('http://example.org/t')"}),
        json!({"type": "delete", "path": "Patient.name.given[1]"}),
        json!({"type": "delete", "path": "Patient.photo"}),
        json!({"type": "delete", "path": "Patient.identifier.where(value = '2')"}),
    ]);
    assert_eq!(after.get("contact"), None);
    assert_eq!(after.get("_birthDate"), None);
    assert_eq!(after["birthDate"], "1990-01-02");
    assert_eq!(
        after["name"],
        json!([{"family": "Berg", "given": ["Kari"]}])
    );
    assert_eq!(after["identifier"], json!([{"value": "1"}, {"value": "3"}]));
    assert_eq!(
        refused(&json!({"type": "delete", "path": "Patient.identifier"})),
        Trouble::Several(3)
    );
}

#[test]
fn a_replacement_changes_the_value_and_the_type_of_a_choice() {
    let after = patched(&[
        json!({"type": "replace", "path": "Patient.deceased", "value/valueDateTime": "2026-01-01"}),
        json!({"type": "replace", "path": "Patient.birthDate", "value/valueDate": "1991-01-01"}),
        json!({"type": "replace", "path": "Patient.name.given.where($this = 'Anne')", "value": "Ann"}),
        json!({"type": "replace", "path": "Patient.contact.name", "value/valueHumanName": {"text": "D"}}),
    ]);
    assert_eq!(after.get("deceasedBoolean"), None);
    assert_eq!(after["deceasedDateTime"], "2026-01-01");
    assert_eq!(
        (&after["birthDate"], after.get("_birthDate")),
        (&json!("1991-01-01"), None)
    );
    assert_eq!(after["name"][0]["given"], json!(["Kari", "Ann"]));
    assert_eq!(after["contact"], json!([{"name": {"text": "D"}}]));
}

#[test]
fn a_list_takes_insertions_and_moves() {
    let values = |after: &Value| {
        let all = after["identifier"].as_array().unwrap().iter();
        all.map(|one| one["value"].as_str().unwrap().to_owned())
            .collect::<String>()
    };
    let insert = |index: u64| {
        json!({"type": "insert", "path": "Patient.identifier", "index": index,
            "value/valueIdentifier": {"value": "x"}})
    };
    let shift = |from: u64, to: u64| json!({"type": "move", "path": "Patient.identifier", "source": from, "destination": to});
    assert_eq!(values(&patched(&[insert(0)])), "x123");
    assert_eq!(values(&patched(&[insert(3)])), "123x");
    assert_eq!(values(&patched(&[shift(0, 2)])), "231");
    assert_eq!(values(&patched(&[shift(2, 1), insert(1)])), "1x32");
    for operation in [insert(4), shift(3, 0), shift(0, 3)] {
        assert!(matches!(
            refused(&operation),
            Trouble::Index { length: 3, .. }
        ));
    }
    for path in [
        "Patient.identifier[0]",
        "Patient.active",
        "Patient.name.given | Patient.identifier",
    ] {
        let operation = json!({"type": "move", "path": path, "source": 0, "destination": 0});
        assert_eq!(refused(&operation), Trouble::NotAList, "{path}");
    }
    let extras = patched(&[
        json!({"type": "move", "path": "Patient.name.given", "source": 1, "destination": 0}),
    ]);
    assert_eq!(extras["name"][0]["_given"], json!([{"id": "a"}, null]));
}

#[test]
fn what_cannot_be_carried_out_says_which_operation_and_why() {
    let add =
        |path: &str, name: &str| json!({"type": "add", "path": path, "name": name, "value": "x"});
    assert_eq!(refused(&add("Patient.photo", "title")), Trouble::Nothing);
    assert!(matches!(
        refused(&add("Patient", "colour")),
        Trouble::Unknown { .. }
    ));
    assert!(matches!(
        refused(&add("Patient", "birthDate")),
        Trouble::Already(_)
    ));
    assert!(matches!(
        refused(&add("Patient", "deceased")),
        Trouble::Type { .. }
    ));
    assert!(matches!(
        refused(&add("Patient", "maritalStatus")),
        Trouble::Type { .. }
    ));
    assert!(matches!(
        refused(&add("Patient.name(", "x")),
        Trouble::Path(_)
    ));
    assert_eq!(refused(&add("Patient.name.count()", "x")), Trouble::Whole);
    assert_eq!(
        refused(&json!({"type": "delete", "path": "Patient"})),
        Trouble::Whole
    );
    assert_eq!(
        refused(&json!({"type": "mend", "path": "Patient"})),
        Trouble::Kind
    );
    assert!(matches!(
        refused(&json!({"type": "delete"})),
        Trouble::Part { name: "path", .. }
    ));
    let second = patch(&[
        json!({"type": "delete", "path": "Patient.photo"}),
        add("Patient.photo", "title"),
    ]);
    let error = apply(&patient(), &second).unwrap_err().to_string();
    assert!(
        error.starts_with("operation 2 (add Patient.photo): no element"),
        "{error}"
    );
    for form in [
        json!({}),
        json!({"resourceType": "Parameters"}),
        json!({"resourceType": "Parameters", "parameter": [{"name": "other", "part": []}]}),
    ] {
        assert!(matches!(apply(&patient(), &form), Err(PatchError::Form(_))));
    }
    let many = vec![json!({"type": "delete", "path": "Patient.photo"}); MOST_OPERATIONS + 1];
    assert!(matches!(
        apply(&patient(), &patch(&many)),
        Err(PatchError::Form(_))
    ));
}

#[test]
fn the_deepest_path_is_refused_or_evaluated_on_a_small_stack() {
    for path in [
        "a.".repeat(511) + "a",
        "a|".repeat(511) + "a",
        "(".repeat(1000),
        "a[".repeat(400),
        "a.".repeat(4000),
    ] {
        let operation = json!({"type": "delete", "path": path});
        match apply(&patient(), &patch(&[operation])) {
            Ok(after) => assert_eq!(after, patient()),
            Err(error) => assert!(
                error.to_string().contains("the path cannot be used"),
                "{error}"
            ),
        }
    }
}

#[test]
fn resources_within_a_resource_are_reached_and_added() {
    let bundle =
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient()}]});
    let operations = patch(&[
        json!({"type": "replace", "path": "Bundle.entry[0].resource.birthDate", "value": "2000"}),
        json!({"type": "add", "path": "Bundle", "name": "entry", "value/part": [
            {"name": "resource", "resource": {"resourceType": "Basic"}}]}),
    ]);
    let after = apply(&bundle, &operations).unwrap();
    assert_eq!(after["entry"][0]["resource"]["birthDate"], "2000");
    assert_eq!(after["entry"][1]["resource"]["resourceType"], "Basic");
}

proptest! {
    /// Whatever is sent, it is carried out or refused, and what is carried out holds nothing empty.
    #[test]
    fn anything_sent_is_answered(kind in "add|insert|delete|replace|move", path in "(Patient\\.)?(name|identifier|contact|birthDate|active|id|\\PC{0,6})(\\[[0-3]\\])?(\\.(given|family|extension|name))?", name in "[a-z]{2,8}|extension|given", index in 0u64..5) {
        let operation = json!({"type": kind, "path": path, "name": name, "value": "x", "index": index, "source": index, "destination": 0});
        if let Ok(after) = apply(&patient(), &patch(&[operation])) {
            prop_assert!(!holds_empty(&after), "{after}");
        }
    }

    /// Moving there and back again changes nothing.
    #[test]
    fn a_move_is_undone_by_its_opposite(from in 0u64..3, to in 0u64..3) {
        let shift = |from: u64, to: u64| json!({"type": "move", "path": "Patient.identifier", "source": from, "destination": to});
        prop_assert_eq!(patched(&[shift(from, to), shift(to, from)]), patient());
    }
}

fn holds_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty() || items.iter().any(holds_empty),
        Value::Object(members) => members.is_empty() || members.values().any(holds_empty),
        _ => false,
    }
}

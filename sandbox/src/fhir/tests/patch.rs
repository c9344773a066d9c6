//! Changing parts of a resource.

use serde_json::json;

use super::*;

async fn patch(app: &App<'_>, path: &str, operations: Value) -> Answer {
    let body = operations.to_string().into_bytes();
    app.send(Method::PATCH, path, body).await
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    for world in worlds().await {
        let media = "application/json-patch+json";
        let app = world.app(None, "user/*.cruds").with("content-type", media);
        let before = app.get("Patient/p4").await.json();
        let operations = json!([
            {"op": "test", "path": "/resourceType", "value": "Patient"},
            {"op": "replace", "path": "/active", "value": false},
            {"op": "add", "path": "/maritalStatus", "value": {"text": "gift"}},
        ]);
        let patched = patch(&app, "Patient/p4", operations).await;
        assert_eq!(patched.status, 200, "{}", patched.text());
        let after = patched.json();
        assert_eq!(
            (&after["active"], &after["maritalStatus"]["text"]),
            (&json!(false), &json!("gift"))
        );
        assert_eq!(after["identifier"], before["identifier"]);
        let number = after["identifier"][0]["value"].as_str().unwrap();
        let by_number = format!("Patient?identifier={number}");
        let conditional = patch(
            &app,
            &by_number,
            json!([{"op": "remove", "path": "/maritalStatus"}]),
        )
        .await;
        assert_eq!(conditional.status, 200, "{}", conditional.text());
        assert!(conditional.json()["maritalStatus"].is_null());
    }
}

#[tokio::test]
async fn a_patch_that_cannot_be_carried_out_changes_nothing() {
    let world = world().await;
    let app = world
        .app(None, "user/*.cruds")
        .with("content-type", "application/json-patch+json");
    for (operations, code) in [
        (json!([{"op": "remove", "path": "/nothing"}]), "fhir-patch"),
        (
            json!([{"op": "test", "path": "/active", "value": "x"}]),
            "fhir-patch",
        ),
        (
            json!([{"op": "replace", "path": "/id", "value": "p5"}]),
            "fhir-invalid",
        ),
        (
            json!([{"op": "replace", "path": "/resourceType", "value": "Group"}]),
            "fhir-body",
        ),
        (json!({"op": "remove"}), "fhir-body"),
    ] {
        let answer = patch(&app, "Patient/p4", operations.clone()).await;
        assert_eq!(answer.refusal(), code, "{operations}");
    }
    assert_eq!(app.get("Patient/p4").await.header("etag"), "W/\"1\"");
    let nobody = patch(&app, "Patient/nobody", json!([])).await;
    assert_eq!(nobody.status, 404);
    let plain = world
        .app(None, "user/*.cruds")
        .with("content-type", "text/plain");
    assert_eq!(
        patch(&plain, "Patient/p4", json!([])).await.refusal(),
        "fhir-media-type"
    );
}

fn operation(parts: &[(&str, Value)]) -> Value {
    let part: Vec<Value> = parts
        .iter()
        .map(|(name, value)| {
            let mut part = value.clone();
            part["name"] = json!(name);
            part
        })
        .collect();
    json!({"name": "operation", "part": part})
}

fn parameters(operations: &[Value]) -> Value {
    json!({"resourceType": "Parameters", "parameter": operations})
}

fn replaced(path: &str, value: &str) -> Value {
    parameters(&[operation(&[
        ("type", json!({"valueCode": "replace"})),
        ("path", json!({"valueString": path})),
        ("value", json!({"valueString": value})),
    ])])
}

#[tokio::test]
async fn a_fhirpath_patch_changes_what_it_names_and_says_what_it_cannot() {
    for world in worlds().await {
        let app = world
            .app(None, "user/*.cruds")
            .with("content-type", "application/fhir+json");
        let before = app.get("Patient/p4").await.json();
        let operations = parameters(&[
            operation(&[
                ("type", json!({"valueCode": "add"})),
                ("path", json!({"valueString": "Patient"})),
                ("name", json!({"valueString": "maritalStatus"})),
                ("value", json!({"valueCodeableConcept": {"text": "gift"}})),
            ]),
            operation(&[
                ("type", json!({"valueCode": "replace"})),
                (
                    "path",
                    json!({"valueString": "Patient.name.first().family"}),
                ),
                ("value", json!({"valueString": "Fjell"})),
            ]),
        ]);
        let patched = patch(&app, "Patient/p4", operations).await;
        assert_eq!(patched.status, 200, "{}", patched.text());
        let after = patched.json();
        assert_eq!(
            (&after["maritalStatus"]["text"], &after["name"][0]["family"]),
            (&json!("gift"), &json!("Fjell"))
        );
        assert_eq!(after["identifier"], before["identifier"]);
        assert_eq!(patched.header("etag"), "W/\"2\"");
        let number = after["identifier"][0]["value"].as_str().unwrap();
        let conditional = format!("Patient?identifier={number}");
        let again = patch(
            &app,
            &conditional,
            replaced("Patient.maritalStatus.text", "skilt"),
        )
        .await;
        assert_eq!(again.json()["maritalStatus"]["text"], "skilt");
        let nothing = patch(&app, "Patient/p4", replaced("Patient.photo.title", "x")).await;
        assert_eq!(nothing.refusal(), "fhir-patch");
        assert!(
            nothing
                .text()
                .contains("operation 1 (replace Patient.photo.title)")
        );
        let formless = patch(&app, "Patient/p4", json!({"resourceType": "Patient"})).await;
        assert_eq!(formless.refusal(), "fhir-body");
        let renamed = patch(&app, "Patient/p4", replaced("Patient.id", "p5")).await;
        assert_eq!(renamed.refusal(), "fhir-invalid");
        assert_eq!(app.get("Patient/p4").await.header("etag"), "W/\"3\"");
    }
}

#[tokio::test]
async fn a_patch_stands_in_a_bundle_as_parameters_or_as_a_binary() {
    use base64::Engine as _;
    let data = json!([{"op": "replace", "path": "/active", "value": false}]).to_string();
    let data = base64::engine::general_purpose::STANDARD.encode(data);
    let binary = json!({"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data});
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        for (kind, first, second) in [("batch", "p4", "p5"), ("transaction", "p6", "p7")] {
            let entry = |id: &str, resource: &Value| {
                json!({"resource": resource,
                "request": {"method": "PATCH", "url": format!("Patient/{id}")}})
            };
            let bundle = json!({"resourceType": "Bundle", "type": kind, "entry": [
                entry(first, &replaced("Patient.name.first().family", "Fjell")), entry(second, &binary)]});
            let answers = app.post("", &bundle).await;
            assert_eq!(answers.status, 200, "{}", answers.text());
            for entry in answers.entries() {
                assert_eq!(entry["response"]["status"], "200", "{entry}");
            }
            let family = &app.get(&format!("Patient/{first}")).await.json()["name"][0]["family"];
            assert_eq!(family, "Fjell");
            assert_eq!(
                app.get(&format!("Patient/{second}")).await.json()["active"],
                false
            );
        }
        let refused = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": {"resourceType": "Basic", "code": {"text": "x"}}, "fullUrl": "urn:uuid:1",
                "request": {"method": "POST", "url": "Basic"}},
            {"resource": replaced("Patient.photo.title", "x"), "request": {"method": "PATCH", "url": "Patient/p8"}}]});
        assert_eq!(app.post("", &refused).await.refusal(), "fhir-patch");
        assert!(app.ids("Basic").await.is_empty());
    }
}

#[tokio::test]
async fn a_patch_in_a_transaction_names_its_resource_by_condition_and_others_by_their_address() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let number = app.get("Patient/p4").await.json()["identifier"][0]["value"]
        .as_str()
        .unwrap()
        .to_owned();
    let add = parameters(&[operation(&[
        ("type", json!({"valueCode": "add"})),
        ("path", json!({"valueString": "Patient"})),
        ("name", json!({"valueString": "link"})),
        (
            "value",
            json!({"part": [
            {"name": "other", "valueReference": {"reference": "urn:uuid:1"}},
            {"name": "type", "valueCode": "seealso"}]}),
        ),
    ])]);
    let by = |condition: &str, version: Value| {
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": {"resourceType": "RelatedPerson", "patient": {"reference": "Patient/p4"}},
            "fullUrl": "urn:uuid:1", "request": {"method": "POST", "url": "RelatedPerson"}},
        {"resource": add, "request": {"method": "PATCH", "url": format!("Patient?{condition}"), "ifMatch": version}}]})
    };
    let unknown = app.post("", &by("identifier=1", Value::Null)).await;
    assert_eq!(unknown.refusal(), "fhir-bundle");
    let old = app
        .post("", &by(&format!("identifier={number}"), json!("W/\"9\"")))
        .await;
    assert_eq!(old.refusal(), "fhir-version");
    let done = app
        .post("", &by(&format!("identifier={number}"), Value::Null))
        .await;
    assert_eq!(done.status, 200, "{}", done.text());
    let other = app.get("Patient/p4").await.json()["link"][0]["other"]["reference"].clone();
    let person = app.get(other.as_str().unwrap()).await;
    assert_eq!(person.json()["patient"]["reference"], "Patient/p4");
    let narrow = world.app(None, "user/Patient.rs user/RelatedPerson.c");
    let refused = narrow
        .post("", &by(&format!("identifier={number}"), Value::Null))
        .await;
    assert_eq!(refused.refusal(), "scope-missing");
}

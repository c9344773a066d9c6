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
    let plain = world.app(None, "user/*.cruds");
    assert_eq!(
        patch(&plain, "Patient/p4", json!([])).await.refusal(),
        "fhir-media-type"
    );
}

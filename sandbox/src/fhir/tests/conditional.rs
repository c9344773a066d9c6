//! Writes by condition, and deletions, on every database.

use serde_json::json;

use super::*;

fn device(serial: &str, name: &str) -> Value {
    json!({"resourceType": "Device", "identifier": [{"system": "urn:x", "value": serial}],
        "deviceName": [{"name": name, "type": "user-friendly-name"}]})
}

#[tokio::test]
async fn what_is_there_is_not_created_again_however_many_try() {
    for world in worlds().await {
        let app = world
            .app(None, "user/Device.cruds")
            .with("if-none-exist", "identifier=urn:x|1");
        let resource = device("1", "vekt");
        let tries = (0..8).map(|_| app.post("Device", &resource));
        let answers = futures::future::join_all(tries).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let found = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((created, found), (1, 7), "{}", world.engine);
        let all = world.app(None, "user/Device.rs");
        assert_eq!(all.ids("Device?identifier=urn:x|1").await.len(), 1);
        let plain = world.app(None, "user/Device.cruds");
        assert_eq!(plain.post("Device", &resource).await.status, 201);
        assert_eq!(
            app.post("Device", &resource).await.refusal(),
            "fhir-multiple-matches"
        );
    }
}

#[tokio::test]
async fn an_update_by_condition_creates_then_changes() {
    let world = world().await;
    let app = world.app(None, "user/Device.cruds");
    let path = "Device?identifier=urn:x|7";
    let first = app.put(path, &device("7", "en")).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let second = app.put(path, &device("7", "to")).await;
    assert_eq!(
        (second.status.as_u16(), second.header("etag")),
        (200, "W/\"2\"")
    );
    assert_eq!(second.json()["id"], first.json()["id"]);
    let mut other = device("7", "tre");
    other["id"] = json!("another");
    assert_eq!(app.put(path, &other).await.refusal(), "fhir-invalid");
    let new = app
        .put(
            "Device?identifier=urn:x|8",
            &with_id(device("8", "fire"), "chosen"),
        )
        .await;
    assert_eq!(
        (new.status.as_u16(), new.json()["id"].as_str()),
        (201, Some("chosen"))
    );
    assert_eq!(
        app.put("Device?", &device("9", "x")).await.refusal(),
        "fhir-parameter-value"
    );
    assert_eq!(
        app.put("Device?colour=red", &device("9", "x"))
            .await
            .refusal(),
        "fhir-parameter-unknown"
    );
}

fn with_id(mut resource: Value, id: &str) -> Value {
    resource["id"] = json!(id);
    resource
}

#[tokio::test]
async fn what_is_deleted_is_gone_until_it_is_written_again() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let path = "Device/d-1";
        assert_eq!(
            app.put(path, &with_id(device("1", "en"), "d-1"))
                .await
                .status,
            201
        );
        let deleted = app.send(Method::DELETE, path, Vec::new()).await;
        assert_eq!(
            (deleted.status.as_u16(), deleted.header("etag")),
            (204, "W/\"2\"")
        );
        let gone = app.get(path).await;
        assert_eq!(
            (gone.status.as_u16(), gone.refusal().as_str()),
            (410, "fhir-deleted")
        );
        assert!(app.ids("Device?identifier=urn:x|1").await.is_empty());
        assert_eq!(
            app.send(Method::DELETE, path, Vec::new()).await.status,
            204,
            "twice is once"
        );
        assert_eq!(app.get(&format!("{path}/_history/1")).await.status, 200);
        assert_eq!(
            app.get(&format!("{path}/_history/2")).await.refusal(),
            "fhir-deleted"
        );
        let again = app.put(path, &with_id(device("1", "en"), "d-1")).await;
        assert_eq!(
            (again.status.as_u16(), again.header("etag")),
            (201, "W/\"3\"")
        );
        assert_eq!(
            app.send(Method::DELETE, "Device?identifier=urn:x|1", Vec::new())
                .await
                .status,
            204
        );
        assert_eq!(app.get(path).await.status, 410);
        let stale = world.app(None, "user/*.cruds").with("if-match", "W/\"9\"");
        assert_eq!(
            stale
                .send(Method::DELETE, "Patient/p2", Vec::new())
                .await
                .refusal(),
            "fhir-version"
        );
    }
}

#[tokio::test]
async fn a_computed_resource_can_be_deleted_in_one_sandbox() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let before = app.ids("Patient?_count=500").await.len();
    assert_eq!(
        app.send(Method::DELETE, "Patient/p7", Vec::new())
            .await
            .status,
        204
    );
    assert_eq!(app.get("Patient/p7").await.status, 410);
    assert_eq!(app.ids("Patient?_count=500").await.len(), before - 1);
    let number = world.dataset().person(7).unwrap().identifier.to_string();
    assert!(
        app.ids(&format!("Patient?identifier={number}"))
            .await
            .is_empty()
    );
    let reader = world.app(Some("p1"), "patient/*.rs");
    let refused = reader.send(Method::DELETE, "Patient/p1", Vec::new()).await;
    assert_eq!(refused.refusal(), "scope-missing");
}

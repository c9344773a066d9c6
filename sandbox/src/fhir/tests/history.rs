//! What a resource, a type and the sandbox went through.

use serde_json::json;

use super::*;

fn methods(answer: &Answer) -> Vec<(String, String)> {
    let entries = answer.entries();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    entries
        .iter()
        .map(|entry| {
            (
                text(&entry["request"]["method"]),
                text(&entry["response"]["etag"]),
            )
        })
        .collect()
}

#[tokio::test]
async fn every_version_stands_in_the_history_newest_first() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let basic =
            |text: &str| json!({"resourceType": "Basic", "id": "b", "code": {"text": text}});
        app.put("Basic/b", &basic("1")).await;
        app.put("Basic/b", &basic("2")).await;
        app.send(Method::DELETE, "Basic/b", Vec::new()).await;
        app.put("Basic/b", &basic("4")).await;
        let history = app.get("Basic/b/_history").await;
        let expected = [("PUT", 4), ("DELETE", 3), ("PUT", 2), ("POST", 1)];
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(method, version)| ((*method).to_owned(), format!("W/\"{version}\"")))
            .collect();
        assert_eq!(methods(&history), expected, "{}", world.engine);
        assert_eq!(history.json()["total"], 4);
        assert_eq!(history.entries()[3]["resource"]["code"]["text"], "1");
        let page = app.get("Basic/b/_history?_count=3").await;
        let next = app.get(&page.next().unwrap()).await;
        assert_eq!(
            (page.entries().len(), methods(&next)),
            (3, expected[3..].to_vec())
        );
        assert!(next.next().is_none());
        app.put("Device/d", &json!({"resourceType": "Device", "id": "d"}))
            .await;
        assert_eq!(app.get("Basic/_history").await.entries().len(), 4);
        assert_eq!(app.get("_history").await.entries().len(), 5);
        assert_eq!(
            app.get("_history?_since=2030-01-01T00:00:00Z").await.json()["total"],
            0
        );
        assert_eq!(app.get("Basic/nothing/_history").await.status, 404);
    }
}

#[tokio::test]
async fn what_was_computed_comes_before_what_was_written() {
    let world = world().await;
    let app = world.app(Some("p5"), "patient/*.cruds");
    let computed = app.get("Patient/p5/_history").await;
    assert_eq!(computed.entries().len(), 1);
    let version = computed.entries()[0]["resource"].clone();
    let mut changed = version.clone();
    changed["active"] = json!(false);
    let put = app.put("Patient/p5", &changed).await;
    assert_eq!(put.status, 200, "{}", put.text());
    let history = app.get("Patient/p5/_history").await;
    assert_eq!(history.entries().len(), 2);
    assert_eq!(history.entries()[1]["resource"], version);
    let stranger = world.app(Some("p6"), "patient/*.cruds");
    assert_eq!(
        stranger.get("Patient/p5/_history").await.refusal(),
        "fhir-other-patient"
    );
    assert!(stranger.get("Patient/_history").await.entries().is_empty());
}

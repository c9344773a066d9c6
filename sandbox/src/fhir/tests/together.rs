//! Writes that come at the same moment and are committed together, and writes in a sandbox that keeps
//! to the rules.

use serde_json::json;

use super::*;

fn device(note: &str) -> Value {
    json!({"resourceType": "Device", "deviceName": [{"name": note, "type": "user-friendly-name"}]})
}

/// Good and refused writes in one commit: each gets its own answer, and only the good ones are there.
#[tokio::test]
async fn each_write_of_a_commit_has_its_own_answer() {
    for world in worlds().await {
        let world = world.unbounded();
        let app = world.app(None, "user/*.cruds");
        let observation = |patient: &str| {
            json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": format!("Patient/{patient}")}})
        };
        let bodies: Vec<Value> = (0..40)
            .map(|number| match number % 4 {
                0 => observation("nobody"),
                _ => observation(&format!("p{number}")),
            })
            .collect();
        let writes = bodies.iter().map(|body| app.post("Observation", body));
        let answers = futures::future::join_all(writes).await;
        for (number, answer) in answers.iter().enumerate() {
            let expected = if number % 4 == 0 { 422 } else { 201 };
            assert_eq!(answer.status, expected, "{}: {number}", world.engine);
        }
        let found = app.ids("Observation?code:text=x&_count=100").await;
        assert_eq!(found.len(), 30, "{}", world.engine);
        // Nothing refused has left a gap or a line in the log.
        let history = app.get("_history?_count=100").await.json();
        assert_eq!(history["total"], 30, "{}", world.engine);
    }
}

/// Updates of one resource at the same moment: all count, one after the other.
#[tokio::test]
async fn updates_at_the_same_moment_follow_one_another() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let body = |number: usize| {
            let mut device = device(&format!("number {number}"));
            device["id"] = json!("shared");
            device
        };
        let bodies: Vec<Value> = (0..25).map(body).collect();
        let writes = bodies.iter().map(|body| app.put("Device/shared", body));
        let mut versions: Vec<String> = futures::future::join_all(writes)
            .await
            .iter()
            .map(|answer| answer.header("etag").to_owned())
            .collect();
        versions.sort_by_key(String::len);
        versions.dedup();
        assert_eq!(versions.len(), 25, "{}: {versions:?}", world.engine);
        assert_eq!(app.get("Device/shared").await.header("etag"), "W/\"25\"");
    }
}

#[tokio::test]
async fn a_strict_sandbox_refuses_what_breaks_a_rule_and_says_which() {
    for world in worlds().await {
        let world = world.strict();
        let app = world.app(None, "user/*.cruds");
        assert_eq!(app.post("Device", &device("en")).await.status, 201);
        let wrong = json!({"resourceType": "Patient", "gender": "kvinne", "birthDate": "1970-13-45",
            "unknown": 1});
        let refused = app.post("Patient", &wrong).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        let outcome = refused.json();
        let issues = outcome["issue"].as_array().unwrap();
        for element in ["gender", "birthDate", "unknown"] {
            let told = issues
                .iter()
                .any(|issue| issue.to_string().contains(element));
            assert!(told, "{element}: {outcome}");
        }
        assert!(issues.iter().all(|issue| issue["severity"] == "error"));
        // All of a transaction, or nothing.
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": device("to"), "request": {"method": "POST", "url": "Device"}},
            {"resource": wrong, "request": {"method": "POST", "url": "Patient"}}]});
        assert_eq!(app.post("", &bundle).await.status, 422);
        assert_eq!(app.ids("Device").await.len(), 1);
        // A patch may not break what was whole.
        let patch = json!([{"op": "add", "path": "/status", "value": "i stykker"}]);
        let id = app.ids("Device").await.remove(0);
        let headers = app.with("content-type", "application/json-patch+json");
        let patched = headers
            .send(
                Method::PATCH,
                &format!("Device/{id}"),
                patch.to_string().into(),
            )
            .await;
        assert_eq!(patched.status, 422, "{}", patched.text());
    }
}

//! Batches and transactions: all or none, references followed, and nothing half written.

use serde_json::json;

use super::*;

fn transaction(entries: &Value) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn post(full: &str, resource: &Value) -> Value {
    let url = resource["resourceType"].clone();
    json!({"fullUrl": full, "resource": resource, "request": {"method": "POST", "url": url}})
}

fn statuses(answer: &Answer) -> Vec<String> {
    let entries = answer.entries();
    let text = |entry: &Value| entry["response"]["status"].as_str().unwrap().to_owned();
    entries.iter().map(text).collect()
}

#[tokio::test]
async fn references_within_a_transaction_lead_to_what_the_entries_became() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let bundle = transaction(&json!([
            post("urn:uuid:0001", &json!({"resourceType": "Patient", "name": [{"family": "Lerkesang"}]})),
            post("urn:uuid:0002", &json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                "subject": {"reference": "urn:uuid:0001"}, "valueQuantity": {"value": 5.40}})),
            {"fullUrl": "urn:uuid:0003", "request": {"method": "PUT", "url": "Observation/o-3"},
                "resource": {"resourceType": "Observation", "id": "o-3", "status": "final", "code": {"text": "y"},
                    "subject": {"reference": "Patient?identifier=none|x"}, "hasMember": [{"reference": "urn:uuid:0002"}]}},
            {"request": {"method": "GET", "url": "Observation?_id=o-3"}},
        ]));
        let refused = app.post("", &bundle).await;
        assert_eq!(
            refused.refusal(),
            "fhir-bundle",
            "nobody fits the conditional reference"
        );
        assert!(
            app.ids("Patient?family=lerkesang").await.is_empty(),
            "nothing half written"
        );
        let number = world.dataset().person(3).unwrap().identifier.to_string();
        let text = bundle
            .to_string()
            .replace("none|x", &number)
            .replace("5.4}", "5.40}");
        let answer = app.send(Method::POST, "", text.into_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(statuses(&answer), ["201", "201", "201", "200"]);
        let location = |place: usize| {
            let entry = &answer.entries()[place];
            entry["response"]["location"].as_str().unwrap().to_owned()
        };
        let patient = app.get(&location(0)).await.json();
        let observation = app.get(&location(1)).await;
        let (patient_id, observation_id) = (
            patient["id"].as_str().unwrap(),
            observation.json()["id"].clone(),
        );
        assert_eq!(
            observation.json()["subject"]["reference"],
            format!("Patient/{patient_id}")
        );
        assert!(
            observation.text().contains("5.40"),
            "decimals stay as they were written"
        );
        let third = app.get("Observation/o-3").await.json();
        assert_eq!(third["subject"]["reference"], "Patient/p3");
        assert_eq!(
            third["hasMember"][0]["reference"],
            format!("Observation/{}", observation_id.as_str().unwrap())
        );
        let searched = &answer.entries()[3]["resource"];
        assert_eq!(
            (&searched["resourceType"], &searched["total"]),
            (&json!("Bundle"), &json!(1))
        );
    }
}

#[tokio::test]
async fn one_refused_entry_refuses_the_whole_transaction() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let fine = post(
            "urn:uuid:1",
            &json!({"resourceType": "Basic", "id": "x", "code": {"text": "x"}}),
        );
        let cases = [
            (
                post(
                    "urn:uuid:2",
                    &json!({"resourceType": "Observation", "subject": {"reference": "Patient/p999"}}),
                ),
                "fhir-invalid",
            ),
            (
                json!({"resource": {"resourceType": "Basic"}}),
                "fhir-bundle",
            ),
            (
                json!({"request": {"method": "PUT", "url": "Basic/b"}}),
                "fhir-bundle",
            ),
            (
                json!({"request": {"method": "PUT", "url": "Basic/b"}, "resource": {"resourceType": "Basic", "id": "c"}}),
                "fhir-invalid",
            ),
            (
                json!({"request": {"method": "POST", "url": "Banana"}, "resource": {"resourceType": "Banana"}}),
                "fhir-bundle",
            ),
            (
                json!({"request": {"method": "DELETE", "url": "Patient/p1", "ifMatch": "W/\"7\""}}),
                "fhir-version",
            ),
            (
                post("urn:uuid:1", &json!({"resourceType": "Basic"})),
                "fhir-bundle",
            ),
        ];
        for (bad, code) in cases {
            let answer = app.post("", &transaction(&json!([fine, bad]))).await;
            assert_eq!(answer.refusal(), code, "{bad}");
        }
        assert!(
            app.ids("Basic?_count=5").await.is_empty(),
            "{}",
            world.engine
        );
        let put = |text: &str| {
            json!({"request": {"method": "PUT", "url": "Basic/twice"},
            "resource": {"resourceType": "Basic", "id": "twice", "code": {"text": text}}})
        };
        let twice = app
            .post("", &transaction(&json!([put("a"), put("b")])))
            .await;
        assert_eq!(twice.refusal(), "fhir-bundle");
        for (body, code) in [
            (
                json!({"resourceType": "Bundle", "type": "collection"}),
                "fhir-body",
            ),
            (
                json!({"resourceType": "Patient", "type": "batch"}),
                "fhir-body",
            ),
            (json!([]), "fhir-body"),
        ] {
            assert_eq!(app.post("", &body).await.refusal(), code, "{body}");
        }
    }
}

#[tokio::test]
async fn entries_that_are_conditional_on_the_same_resource_all_lead_to_it() {
    let world = world().await.unbounded();
    let app = world.app(None, "user/*.cruds");
    let device =
        json!({"resourceType": "Device", "identifier": [{"system": "urn:x", "value": "1"}]});
    app.post("Device", &device).await;
    let known = app.ids("Device?identifier=urn:x|1").await;
    let conditional = |full: &str| {
        json!({"fullUrl": full, "resource": device,
        "request": {"method": "POST", "url": "Device", "ifNoneExist": "identifier=urn:x|1"}})
    };
    let by = |device: &str| {
        post(
            "urn:uuid:o",
            &json!({"resourceType": "Observation", "status": "final",
        "code": {"text": "x"}, "device": {"reference": device}}),
        )
    };
    let mut second = by("urn:uuid:2");
    second["fullUrl"] = json!("urn:uuid:p");
    let bundle = transaction(&json!([
        conditional("urn:uuid:1"),
        conditional("urn:uuid:2"),
        by("urn:uuid:1"),
        second
    ]));
    let answer = app.post("", &bundle).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(statuses(&answer), ["200", "200", "201", "201"]);
    let search = format!("Observation?device=Device/{}", known[0]);
    assert_eq!(app.ids(&search).await.len(), 2);
    let delete_and_put = transaction(&json!([
        {"request": {"method": "DELETE", "url": format!("Device/{}", known[0])}},
        {"request": {"method": "PUT", "url": format!("Device/{}", known[0])},
            "resource": {"resourceType": "Device", "id": known[0]}},
    ]));
    let answer = app.post("", &delete_and_put).await;
    assert_eq!(statuses(&answer), ["204", "201"], "{}", answer.text());
}

#[tokio::test]
async fn an_entry_of_a_batch_stands_for_itself() {
    let world = world().await;
    let app = world.app(Some("p1"), "patient/*.cruds");
    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": "Patient/p1"}},
        {"request": {"method": "GET", "url": "Patient/p2"}},
        {"request": {"method": "POST", "url": "Observation"},
            "resource": {"resourceType": "Observation", "subject": {"reference": "Patient/p1"}, "status": "final"}},
        {"request": {"method": "GET", "url": "Observation?_count=0"}},
        {"request": {"method": "POST", "url": ""}, "resource": {"resourceType": "Bundle", "type": "batch"}},
        {},
    ]});
    let answer = app.post("", &batch).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["type"], "batch-response");
    assert_eq!(
        statuses(&answer),
        ["200", "403", "201", "200", "405", "400"]
    );
    assert_eq!(answer.entries()[0]["resource"]["id"], "p1");
    assert_eq!(
        answer.entries()[1]["response"]["outcome"]["resourceType"],
        "OperationOutcome"
    );
    let instant = answer.entries()[2]["response"]["lastModified"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(instant.starts_with("2026-11-21T09:00:00"), "{instant}");
}

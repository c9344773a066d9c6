//! Writing into the overlay, on every database: create, update, copy on write, lost updates, and
//! what is refused.

use serde_json::json;

use super::*;

fn document(patient: &str) -> Value {
    json!({
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.9602", "code": "J01-2"}]},
        "subject": {"reference": format!("Patient/{patient}")},
        "content": [{"attachment": {"contentType": "application/pdf", "language": "NO-nb", "data": "JVBERi0="}}],
    })
}

fn with_id(mut resource: Value, id: &str) -> Value {
    resource["id"] = json!(id);
    resource
}

#[tokio::test]
async fn what_is_created_is_read_searched_and_forgotten_by_a_reset() {
    for world in worlds().await {
        let app = world.app(Some("p1"), "patient/DocumentReference.cruds");
        let before = app.ids("DocumentReference?_count=500").await.len();
        let created = app.post("DocumentReference", &document("p1")).await;
        assert_eq!(created.status, 201, "{}: {}", world.engine, created.text());
        let id = created.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(
            created.header("location"),
            format!("{BASE}/DocumentReference/{id}/_history/1")
        );
        assert_eq!(created.header("etag"), "W/\"1\"");
        assert_eq!(
            created.json()["meta"]["lastUpdated"],
            "2026-11-21T09:00:00.000Z"
        );
        assert_eq!(
            app.get(created.header("location")).await.bytes,
            created.bytes
        );
        assert_eq!(
            app.get(&format!("DocumentReference/{id}")).await.bytes,
            created.bytes
        );
        assert_eq!(
            app.ids("DocumentReference?type=J01-2&_lastUpdated=ge2026-11-21T09:00:00Z")
                .await,
            [id.as_str()]
        );
        assert_eq!(
            app.ids("DocumentReference?_count=500").await.len(),
            before + 1
        );
        assert_eq!(
            app.ids("DocumentReference?_lastUpdated=2026-11-21T09:00:00Z&patient=p1")
                .await,
            [id]
        );
        let mut tx = world.state.database.begin().await.unwrap();
        super::super::clear(&mut tx, "demo").await.unwrap();
        tx.commit().await.unwrap();
        world.state.overlays.forget("demo");
        assert_eq!(app.ids("DocumentReference?_count=500").await.len(), before);
    }
}

#[tokio::test]
async fn a_sick_note_is_put_under_the_apps_own_id() {
    for world in worlds().await {
        let scopes = "patient/DocumentReference.write patient/DocumentReference.read \
            patient/QuestionnaireResponse.write patient/QuestionnaireResponse.read";
        let app = world.app(Some("p1"), scopes);
        let (path, id) = ("DocumentReference/7a9b3c5e-0000", "7a9b3c5e-0000");
        assert_eq!(app.get(path).await.status, 404);
        let first = app.put(path, &with_id(document("p1"), id)).await;
        assert_eq!(
            (first.status.as_u16(), first.header("etag")),
            (201, "W/\"1\""),
            "{}",
            first.text()
        );
        let again = app.put(path, &with_id(document("p1"), id)).await;
        assert_eq!(
            (again.status.as_u16(), again.header("etag")),
            (200, "W/\"2\"")
        );
        assert_eq!(
            app.ids("DocumentReference?type=J01-2&_lastUpdated=ge2026-11-21T09:00:00Z")
                .await,
            [id]
        );
        assert_eq!(
            app.get(&format!("{path}/_history/1")).await.bytes,
            first.bytes
        );
        let response = json!({"resourceType": "QuestionnaireResponse", "id": id, "status": "completed",
            "questionnaire": "https://example.org/Questionnaire/V1", "subject": {"reference": "Patient/p1"},
            "authored": "2026-11-21T10:00:00+01:00"});
        assert_eq!(
            app.put(&format!("QuestionnaireResponse/{id}"), &response)
                .await
                .status,
            201
        );
        for search in [
            "questionnaire=https://example.org/Questionnaire/V1",
            "authored=2026-11-21",
            "status=completed&patient=p1",
        ] {
            assert_eq!(
                app.ids(&format!("QuestionnaireResponse?{search}")).await,
                [id],
                "{search}"
            );
        }
    }
}

#[tokio::test]
async fn a_computed_resource_is_copied_when_it_is_changed() {
    for world in worlds().await {
        let index = world.somebody_with("DocumentReference", 2);
        let app = world.app(
            Some(&format!("p{index}")),
            "patient/DocumentReference.cruds",
        );
        let path = format!("DocumentReference/p{index}-d1");
        let before = app.get(&path).await;
        let all = app.ids("DocumentReference?_count=500").await;
        let mut changed = before.json();
        changed["status"] = json!("superseded");
        let app = world
            .app(
                Some(&format!("p{index}")),
                "patient/DocumentReference.cruds",
            )
            .with("if-match", before.header("etag"));
        let put = app.put(&path, &changed).await;
        assert_eq!(
            (put.status.as_u16(), put.header("etag")),
            (200, "W/\"2\""),
            "{}",
            put.text()
        );
        assert_eq!(app.get(&path).await.json()["status"], "superseded");
        assert_eq!(
            app.get(&format!("{path}/_history/1")).await.bytes,
            before.bytes
        );
        assert_eq!(
            app.ids("DocumentReference?status=superseded").await,
            [format!("p{index}-d1")]
        );
        let mut after = app.ids("DocumentReference?_count=500").await;
        after.sort();
        let mut all = all;
        all.sort();
        assert_eq!(after, all, "it stands once");
        let lost = app.put(&path, &changed).await;
        assert_eq!(
            (lost.status.as_u16(), lost.refusal().as_str()),
            (412, "fhir-version")
        );
    }
}

#[tokio::test]
async fn two_who_change_at_once_cannot_both_win() {
    for world in worlds().await {
        let app = world.app(Some("p1"), "patient/DocumentReference.cruds");
        assert_eq!(
            app.put("DocumentReference/race", &with_id(document("p1"), "race"))
                .await
                .status,
            201
        );
        let app = world
            .app(Some("p1"), "patient/DocumentReference.cruds")
            .with("if-match", "W/\"1\"");
        let resource = with_id(document("p1"), "race");
        let both = tokio::join!(
            app.put("DocumentReference/race", &resource),
            app.put("DocumentReference/race", &resource)
        );
        let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
        statuses.sort_unstable();
        assert!(
            statuses == [200, 409] || statuses == [200, 412],
            "{}: {statuses:?}",
            world.engine
        );
    }
}

#[tokio::test]
async fn a_binary_keeps_its_bytes_and_never_runs_as_a_page_of_ours() {
    for world in worlds().await {
        let scopes = "patient/Binary.cruds";
        let app = world
            .app(Some("p1"), scopes)
            .with("content-type", "text/html")
            .with("accept", "application/fhir+json");
        let created = app
            .send(Method::POST, "Binary", b"<script>1</script>".to_vec())
            .await;
        assert_eq!(created.status, 201, "{}", created.text());
        let path = format!("Binary/{}", created.json()["id"].as_str().unwrap());
        assert_eq!(app.get(&path).await.json()["contentType"], "text/html");
        let browser = world.app(Some("p1"), scopes).with("accept", "*/*");
        let raw = browser.get(&path).await;
        assert_eq!(
            (raw.bytes.as_slice(), raw.header("content-type")),
            (&b"<script>1</script>"[..], "text/html")
        );
        assert_eq!(raw.header("x-content-type-options"), "nosniff");
        assert!(raw.header("content-security-policy").contains("sandbox"));
        let stranger = world.app(Some("p2"), scopes);
        assert_eq!(stranger.get(&path).await.refusal(), "fhir-other-patient");
    }
}

#[tokio::test]
async fn writing_needs_its_own_scope_and_the_patient_in_context() {
    let world = world().await;
    let reader = world.app(Some("p1"), "patient/DocumentReference.rs");
    let refused = reader.post("DocumentReference", &document("p1")).await;
    assert_eq!(
        (refused.status.as_u16(), refused.refusal().as_str()),
        (403, "scope-missing")
    );
    assert!(refused.text().contains("patient/DocumentReference.c"));
    let creator = world.app(Some("p1"), "patient/DocumentReference.c");
    assert_eq!(
        creator
            .post("DocumentReference", &document("p1"))
            .await
            .status,
        201
    );
    assert_eq!(
        creator
            .put("DocumentReference/x", &with_id(document("p1"), "x"))
            .await
            .refusal(),
        "scope-missing"
    );
    let other = creator.post("DocumentReference", &document("p2")).await;
    assert_eq!(
        (other.status.as_u16(), other.refusal().as_str()),
        (403, "fhir-other-patient")
    );
    let doctor = world.app(Some("p1"), "user/DocumentReference.cruds");
    assert_eq!(
        doctor
            .put("DocumentReference/of-2", &with_id(document("p2"), "of-2"))
            .await
            .status,
        201
    );
    let taken = world.app(Some("p1"), "patient/DocumentReference.cruds");
    let stolen = taken
        .put("DocumentReference/of-2", &with_id(document("p1"), "of-2"))
        .await;
    assert_eq!(
        stolen.refusal(),
        "fhir-other-patient",
        "another patient's document is not overwritten"
    );
    let orphan = json!({"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": {}}]});
    assert_eq!(
        taken.post("DocumentReference", &orphan).await.refusal(),
        "fhir-other-patient"
    );
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_with_its_place() {
    let world = world().await;
    let app = world.app(Some("p1"), "patient/*.cruds");
    let change = |pointer: &str, value: Value| {
        let mut resource = document("p1");
        *resource.pointer_mut(pointer).unwrap() = value;
        resource
    };
    for (resource, at) in [
        (change("/status", json!("done")), "DocumentReference.status"),
        (change("/content", json!([])), "DocumentReference.content"),
        (
            change("/content/0", json!({})),
            "DocumentReference.content.attachment",
        ),
        (
            change("/content/0/attachment/data", json!("!!")),
            "DocumentReference.content.attachment",
        ),
        (
            change("/subject/reference", json!("Patient/p999")),
            "DocumentReference.subject",
        ),
        (
            change("/subject/reference", json!("http://elsewhere/Patient/p1")),
            "DocumentReference.subject",
        ),
    ] {
        let answer = app.post("DocumentReference", &resource).await;
        assert_eq!(
            (answer.status.as_u16(), answer.refusal().as_str()),
            (422, "fhir-invalid"),
            "{at}"
        );
        assert_eq!(answer.json()["issue"][0]["expression"][0], at);
    }
    let mut elsewhere = document("p1");
    elsewhere["context"] = json!({"encounter": [{"reference": "Encounter/p2-e1"}]});
    assert_eq!(
        app.post("DocumentReference", &elsewhere).await.refusal(),
        "fhir-invalid"
    );
    for (path, body, code) in [
        ("DocumentReference", "garbage", "fhir-body"),
        ("DocumentReference", "[]", "fhir-body"),
        (
            "DocumentReference",
            "{\"resourceType\":\"Patient\"}",
            "fhir-body",
        ),
    ] {
        assert_eq!(
            app.send(Method::POST, path, body.into()).await.refusal(),
            code,
            "{body}"
        );
    }
    let deep = format!(
        "{{\"resourceType\":\"DocumentReference\",\"a\":{}1{}}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    assert_eq!(
        app.send(Method::POST, "DocumentReference", deep.into())
            .await
            .refusal(),
        "fhir-body"
    );
    let huge = vec![b' '; 10 * 1024 * 1024 + 1];
    assert_eq!(
        app.send(Method::POST, "DocumentReference", huge)
            .await
            .refusal(),
        "fhir-too-large"
    );
    let xml = world
        .app(Some("p1"), "patient/*.cruds")
        .with("content-type", "application/fhir+xml");
    assert_eq!(
        xml.send(Method::POST, "DocumentReference", b"<x/>".to_vec())
            .await
            .refusal(),
        "fhir-media-type"
    );
    for (path, resource, code) in [
        (
            "DocumentReference/a_b",
            with_id(document("p1"), "a_b"),
            "fhir-id",
        ),
        (
            "DocumentReference/a",
            with_id(document("p1"), "b"),
            "fhir-invalid",
        ),
        (
            "DocumentReference/p1-d9999",
            with_id(document("p1"), "p1-d9999"),
            "fhir-invalid",
        ),
    ] {
        assert_eq!(app.put(path, &resource).await.refusal(), code, "{path}");
    }
}

#[tokio::test]
async fn a_number_that_a_real_person_may_have_is_never_kept() {
    let world = world().await;
    let app = world.app(Some("p1"), "patient/*.cruds");
    // Built here from a synthetic number: its month less 80, with control digits to fit.
    let synthetic = world.dataset().person(1).unwrap().identifier.to_string();
    let digits: Vec<u32> = synthetic
        .chars()
        .map(|digit| digit.to_digit(10).unwrap())
        .collect();
    let real = (0..1000).find_map(|tail| {
        let month = digits[2] * 10 + digits[3] - 80;
        let text = format!(
            "{}{}{month:02}{}{}{tail:03}",
            digits[0], digits[1], digits[4], digits[5]
        );
        (0..100)
            .map(|control| format!("{text}{control:02}"))
            .find(|number| {
                let rule = synthetic_data::ids::ControlRule::Until2031;
                synthetic_data::ids::check(number, rule).is_ok()
            })
    });
    let mut resource = document("p1");
    resource["description"] = json!(format!("Gjelder {}.", real.unwrap()));
    let answer = app.post("DocumentReference", &resource).await;
    assert_eq!(
        (answer.status.as_u16(), answer.refusal().as_str()),
        (422, "fhir-real-identity-number")
    );
    resource["description"] = json!(format!("Gjelder {synthetic}."));
    assert_eq!(app.post("DocumentReference", &resource).await.status, 201);
}

#[tokio::test]
async fn the_answer_to_a_write_can_be_left_out() {
    let world = world().await;
    let app = world
        .app(Some("p1"), "patient/DocumentReference.cruds")
        .with("prefer", "return=minimal");
    let created = app.post("DocumentReference", &document("p1")).await;
    assert_eq!((created.status.as_u16(), created.bytes.len()), (201, 0));
    assert_eq!(app.get(created.header("location")).await.status, 200);
}

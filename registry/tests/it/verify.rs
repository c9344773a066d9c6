//! Verification for EPJs that embed nothing: a refusal is an answer, a misread request a problem.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::support::{Reply, World, worlds};

const APP: &str = "no.eksempel.app";

async fn ask(world: &World, body: Value) -> Reply {
    world.post("", "/api/v1/verify", body).await
}

async fn answer(world: &World, body: Value) -> Value {
    let reply = ask(world, body).await.expect(200);
    assert_eq!(reply.headers[header::CACHE_CONTROL], "no-store");
    reply.json()
}

fn version() -> Value {
    json!({"software_id": APP, "software_version": "1.0.0"})
}

fn launching(launch: Value) -> Value {
    let mut body = version();
    body["launch"] = launch;
    body
}

async fn text(world: &World, path: &str) -> String {
    world.get("", path).await.expect(200).text()
}

fn verdict(answer: &Value) -> (&str, Option<&str>) {
    (answer["verdict"].as_str().unwrap(), answer["code"].as_str())
}

#[tokio::test]
async fn an_approved_version_is_accepted_by_name_and_by_its_bytes() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let named = answer(&world, version()).await;
        assert_eq!(verdict(&named), ("accepted", None), "{named}");
        assert_eq!(named["approval"]["software_id"], APP);
        assert_eq!(named["approval"]["content_level"], "bundle");
        assert!(named["approval"]["log_index"].is_u64());
        assert_eq!(named["status"]["age_seconds"], 0);
        assert_eq!(named["status"]["fresh"], true);
        let approval = text(&world, &format!("{path}/approval")).await;
        let ticket = text(&world, &format!("{path}/approval.tlog-proof")).await;
        let brought = answer(&world, json!({"approval": approval, "ticket": ticket})).await;
        assert_eq!(brought, named, "{}", world.engine);
    }
}

#[tokio::test]
async fn what_was_not_approved_is_refused_with_the_verifiers_code() {
    let world = worlds().await.remove(0);
    world.approved(APP, "Blodtrykk").await;
    let approved = answer(&world, version()).await["approval"].clone();
    let launch_uri = approved["launch_uri"].as_str().unwrap();
    let redirect_uri = approved["redirect_uris"][0].as_str().unwrap();
    let all = json!({
        "organization_id": approved["organization_id"],
        "launch_uri": launch_uri,
        "redirect_uri": redirect_uri,
        "scope": "patient/Observation.rs?category=vital-signs",
        "client": {}
    });
    assert_eq!(
        verdict(&answer(&world, launching(all)).await),
        ("accepted", None)
    );
    let other = format!("sha256-{}=", "A".repeat(43));
    for (facts, code) in [
        (
            json!({"launch_uri": format!("{launch_uri}?x")}),
            "E_LAUNCH_URI",
        ),
        (json!({"redirect_uri": launch_uri}), "E_REDIRECT_URI"),
        (json!({"scope": "patient/*.cruds"}), "E_SCOPE"),
        (json!({"organization_id": "NO:ORGNR:974760673"}), "E_VENDOR"),
        (json!({"content": other}), "E_DIGEST"),
    ] {
        let refused = answer(&world, launching(facts.clone())).await;
        assert_eq!(verdict(&refused), ("refused", Some(code)), "{facts}");
        assert!(refused["detail"].is_string() && refused["remedy"].is_string());
        assert_eq!(refused["approval"]["software_id"], APP, "{facts}");
    }
    let unknown = json!({"software_id": "no.eksempel.annen", "software_version": "1.0.0"});
    let refused = answer(&world, unknown).await;
    assert_eq!(verdict(&refused), ("refused", Some("E_NOT_APPROVED")));
    assert_eq!(refused["approval"], Value::Null);
}

#[tokio::test]
async fn changed_bytes_are_refused_and_nothing_in_them_is_repeated() {
    let world = worlds().await.remove(0);
    let path = world.approved(APP, "Blodtrykk").await;
    let other = world.approved("no.eksempel.to", "Legemidler").await;
    let approval = text(&world, &format!("{path}/approval")).await;
    let ticket = text(&world, &format!("{path}/approval.tlog-proof")).await;
    let other = text(&world, &format!("{other}/approval.tlog-proof")).await;
    let (signed, signature) = approval.rsplit_once('.').unwrap();
    let mut forged: Vec<char> = signature.chars().collect();
    forged[0] = if forged[0] == 'A' { 'B' } else { 'A' };
    let forged = format!("{signed}.{}", String::from_iter(forged));
    for (approval, ticket, code) in [
        (forged.as_str(), ticket.as_str(), "E_SIG"),
        ("nothing", ticket.as_str(), "E_FORMAT"),
        ("", "", "E_FORMAT"),
        (approval.as_str(), other.as_str(), "E_INCLUSION"),
        (approval.as_str(), "nothing", "E_PROOF_FORMAT"),
    ] {
        let refused = answer(&world, json!({"approval": approval, "ticket": ticket})).await;
        assert_eq!(verdict(&refused), ("refused", Some(code)));
        assert_eq!(refused["approval"], Value::Null, "{code}");
    }
}

#[tokio::test]
async fn a_suspension_is_told_with_what_it_is_about() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let stop = json!({"action": "suspend", "reason": "Feil enhet."});
        world
            .post("security", &format!("{path}/status"), stop)
            .await
            .expect(202);
        world.work().await;
        let refused = answer(&world, version()).await;
        assert_eq!(verdict(&refused), ("refused", Some("E_SUSPENDED")));
        assert_eq!(refused["approval"]["client_name"], "Blodtrykk");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_a_problem() {
    let world = worlds().await.remove(0);
    for body in [
        json!({}),
        json!({"approval": "a"}),
        json!({"ticket": "a"}),
        json!({"software_id": APP}),
        json!({"software_version": "1.0.0"}),
        json!({"approval": "a", "ticket": "b", "software_id": APP, "software_version": "1.0.0"}),
    ] {
        ask(&world, body).await.refused(422, "verify-invalid");
    }
    for body in [
        json!({"software_id": 1, "software_version": "1.0.0"}),
        json!({"software_id": APP, "software_version": "1.0.0", "now": 1}),
        launching(json!({"content": "sha256-"})),
        launching(json!({"patient": "1"})),
        json!([]),
    ] {
        ask(&world, body).await.refused(422, "body-invalid");
    }
    let untyped = Request::post("/api/v1/verify")
        .body(Body::from("{}"))
        .unwrap();
    world.send("", untyped).await.refused(415, "body-invalid");
    let broken = Request::post("/api/v1/verify")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{"))
        .unwrap();
    world.send("", broken).await.refused(400, "body-invalid");
    let large = json!({"approval": "a".repeat(300_000), "ticket": "b"});
    ask(&world, large).await.refused(413, "body-invalid");
}

//! What an EPJ is told, and who is told nothing.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use verifier::Digest;

use crate::issuer::{NOW, World};
use crate::stage::{APP, Stage, VERSION, launch};

#[tokio::test]
async fn a_version_is_taken_in_once_and_launched_from_memory() {
    let stage = Stage::begun().await;
    let unknown = stage.post("/launch", &launch(&json!({}))).await.expect(403);
    assert_eq!(
        unknown.headers[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(unknown.code(), "E_NOT_APPROVED");
    assert!(
        unknown.json()["remedy"]
            .as_str()
            .unwrap()
            .contains("POST /verify")
    );

    let taken = stage.take_in().await.expect(200).json();
    assert_eq!(taken["verdict"], "accepted");
    assert_eq!(taken["approval"]["software_id"], APP);
    assert_eq!(taken["log_index"], 20);
    assert_eq!(taken["status"]["age_seconds"], 10);
    assert_eq!(taken["in_force"], true);

    let asked = stage.registry.asked().len();
    let granted = stage.post("/launch", &launch(&json!({}))).await.expect(200);
    assert_eq!(granted.json()["verdict"], "accepted");
    assert_eq!(granted.json()["jti"], taken["approval"]["jti"]);
    assert_eq!(granted.json()["assurance"], "logged");
    assert_eq!(granted.headers[header::CACHE_CONTROL], "no-store");
    let files = |asked: &[(String, u16)]| {
        let files = asked.iter().filter(|(path, _)| !path.ends_with("/events"));
        files.cloned().collect::<Vec<_>>()
    };
    for (more, code) in [
        (json!({"organization_id": "NO:ORGNR:889640782"}), "E_VENDOR"),
        (json!({"client_id": "nobody"}), ""),
        (
            json!({"launch_uri": "https://app.example.no/launch/"}),
            "E_LAUNCH_URI",
        ),
        (json!({"redirect_uri": "https://app.example.no/cb"}), ""),
        (
            json!({"redirect_uri": "https://evil.example/cb"}),
            "E_REDIRECT_URI",
        ),
        (json!({"scope": "patient/Observation.r"}), ""),
        (json!({"scope": "patient/*.cruds"}), "E_SCOPE"),
        (json!({"client": {"dpop": false}}), ""),
        (
            json!({"content": {"bundle": Digest::of(b"other")}}),
            "E_DIGEST",
        ),
        (json!({"content": Value::Null}), "E_DIGEST"),
        (json!({"software_version": "1.2.1"}), "E_NOT_APPROVED"),
    ] {
        let answer = stage.post("/launch", &launch(&more)).await;
        let expected = if code.is_empty() { 200 } else { 403 };
        assert_eq!(answer.status, expected, "{more}: {}", answer.body);
        assert!(
            code.is_empty() || answer.code() == code,
            "{more}: {}",
            answer.body
        );
    }
    let later = stage.registry.asked();
    assert!(
        files(&later[asked..])
            .iter()
            .all(|(path, _)| path == "/log/checkpoint"),
        "a launch asked the registry: {later:?}"
    );

    let apps = stage.get("/apps").await.expect(200).json();
    assert_eq!(apps[0]["software_version"], VERSION);
    assert_eq!(apps[0]["standing"]["verdict"], "accepted");
    assert_eq!(apps[0]["content"]["level"], "bundle");
}

#[tokio::test]
async fn an_approval_that_is_sent_is_judged_by_itself_and_by_the_bytes_that_would_run() {
    let mut stage = Stage::begun().await;
    let approval = stage.approval();
    let (token, ticket) = stage.publish(&approval, NOW - 100);
    let sent = |more: Value| {
        let mut body = json!({"approval": token, "ticket": ticket});
        let members = body.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        body
    };
    let right = json!({"content": {"bundle": Digest::of(b"bundle")}});
    stage.post("/verify", &sent(right)).await.expect(200);
    let wrong = json!({"content": {"bundle": Digest::of(b"other")}});
    let refused = stage.post("/verify", &sent(wrong)).await.expect(403);
    assert_eq!(refused.code(), "E_DIGEST");
    let asked = stage.registry.asked();
    assert!(
        asked.iter().all(|(path, _)| !path.contains("/api/")),
        "{asked:?}"
    );

    let refused = stage.post("/verify", &sent(json!({"ticket": "x"}))).await;
    assert_eq!(refused.code(), "E_PROOF_FORMAT");
    let refused = stage.post("/verify", &json!({"approval": token})).await;
    assert_eq!(refused.code(), "E_LOCAL_POLICY");
    let refused = stage
        .post("/verify", &json!({"approval": "a.b.c", "ticket": "x"}))
        .await;
    assert_eq!(refused.code(), "E_FORMAT");
    for body in [
        json!({}),
        json!({"software_id": APP}),
        json!({"unknown": 1}),
    ] {
        let refused = stage.post("/verify", &body).await;
        assert!((400..=422).contains(&refused.status), "{}", refused.body);
    }
    let never = json!({"software_id": APP, "software_version": "9.9.9"});
    let refused = stage.post("/verify", &never).await.expect(403);
    assert_eq!(refused.code(), "E_NOT_APPROVED");
}

#[tokio::test]
async fn an_address_in_an_approval_is_asked_only_once_the_approval_is_believed() {
    let mut stage = Stage::begun().await;
    let mut approval = stage.approval();
    approval.status.status_list.uri = format!("{}/inner/service", stage.registry.base);
    // Signed by somebody whose key only looks like the registry's.
    let stranger = World::in_environment(verifier::Environment::Test);
    let token = stranger.issue.sign(&approval);
    let ticket = stage.world.log_at(&token, NOW - 100);
    for _ in 0..3 {
        let body = json!({"approval": token, "ticket": ticket});
        let refused = stage.post("/verify", &body).await.expect(403);
        assert_eq!(refused.code(), "E_KID");
    }
    assert!(
        stage
            .registry
            .asked()
            .iter()
            .all(|(path, _)| !path.starts_with("/inner"))
    );
    // The unknown key made it look for a newer trust configuration: once, besides the hourly look.
    assert!(stage.registry.count("/trust/timestamp.json", 200) <= 2);
}

#[tokio::test]
async fn only_this_machine_is_answered_and_no_page_of_another_origin() {
    let stage = Stage::begun().await;
    stage.get("/livez").await.expect(200);
    let named = |host: Option<&str>| {
        let request = Request::get("/status");
        let request = match host {
            Some(host) => request.header(header::HOST, host),
            None => request,
        };
        request.body(Body::empty()).unwrap()
    };
    stage.send(named(Some("[::1]:8095"))).await.expect(200);
    for host in [
        Some("evil.example"),
        Some("localhost.evil.example:8095"),
        None,
    ] {
        let refused = stage.send(named(host)).await.expect(421);
        assert_eq!(refused.code(), "agent-host-refused");
    }
    let foreign = Request::get("/status")
        .header(header::HOST, "localhost")
        .header(header::ORIGIN, "https://evil.example");
    let answer = stage
        .send(foreign.body(Body::empty()).unwrap())
        .await
        .expect(200);
    assert!(
        !answer
            .headers
            .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    );
    let preflight = Request::options("/launch")
        .header(header::HOST, "localhost")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
    let answer = stage.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 405);

    let post = |media: &str, body: Vec<u8>| {
        Request::post("/verify")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, media)
            .body(Body::from(body))
            .unwrap()
    };
    stage
        .send(post("text/plain", b"{}".to_vec()))
        .await
        .expect(415);
    stage
        .send(post("application/json", b"{".to_vec()))
        .await
        .expect(400);
    let large = vec![b' '; 300 * 1024];
    stage
        .send(post("application/json", large))
        .await
        .expect(413);
    let lost = stage.get("/nowhere").await.expect(404);
    assert_eq!(lost.code(), "address-unknown");
    let explained = stage.get("/problems/E_SUSPENDED").await.expect(307);
    let to = format!("{}/problems/E_SUSPENDED", stage.registry.base);
    assert_eq!(explained.headers[header::LOCATION], to.as_str());
    stage.get("/problems/%2F%2Fevil.example").await.expect(404);
}

//! Apps that their vendors host, bound by an integrity manifest: what is served is what was approved,
//! or the approval is suspended.

use std::time::Duration;

use foundation::Digest;
use sea_query::{Alias, Expr, ExprTrait, Query};
use serde_json::{Value, json};

use crate::support::hosting::{LAUNCH, content, integrity, published_at};
use crate::support::{World, bundle_with, hosted, manifest, multipart_of, worlds};

const APP: &str = "no.eksempel.app";
const QUARTER: Duration = Duration::from_mins(15);
const MINUTE: Duration = Duration::from_mins(1);

async fn approved(world: &World) -> String {
    world.host();
    let (path, _) = world.hosted_draft(APP).await;
    let submission = format!("{path}/submission");
    world
        .post("vendor", &submission, json!({}))
        .await
        .expect(200);
    world.approve(&path).await;
    path
}

async fn verdict(world: &World) -> (Value, Value) {
    let body = json!({"software_id": APP, "software_version": "1.0.0"});
    let answer = world.post("", "/api/v1/verify", body).await.expect(200);
    let answer = answer.json();
    (answer["verdict"].clone(), answer["code"].clone())
}

async fn pass(world: &World, time: Duration) {
    world.clock.advance(time);
    world.work().await;
}

async fn seen(world: &World, path: &str) -> Value {
    let reply = world.get("", &format!("{path}/content")).await;
    reply.expect(200).json()
}

#[tokio::test]
async fn a_hosted_app_is_approved_with_the_digest_of_its_manifest() {
    for world in worlds().await {
        let path = approved(&world).await;
        let version = world.get("", &path).await.expect(200).json();
        assert_eq!(version["level"], "manifest", "{}", world.engine);
        assert_eq!(version["bundle"], Value::Null);
        let jws = world.get("", &format!("{path}/approval")).await.expect(200);
        let payload = jws.text().split('.').nth(1).unwrap().to_owned();
        let payload = verifier::base64url::decode(&payload).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        let digest = verifier::Digest::of(&integrity()).to_string();
        let expected = json!({"level": "manifest", "manifest": digest});
        assert_eq!(claims["content"], expected);
        assert_eq!(verdict(&world).await.0, "accepted");
        let seen = seen(&world, &path).await;
        assert_eq!(seen["outcome"], "same");
        assert_eq!(seen["level"], "manifest");
    }
}

#[tokio::test]
async fn drift_that_is_confirmed_suspends_and_the_log_says_that_the_monitor_did_it() {
    for world in worlds().await {
        let path = approved(&world).await;
        pass(&world, QUARTER).await;
        assert_eq!(seen(&world, &path).await["outcome"], "same");
        world.hosting.serve(LAUNCH, 200, b"<!doctype html>other");
        pass(&world, QUARTER).await;
        assert_eq!(world.state(&path).await, "approved", "{}", world.engine);
        let told = world.get("vendor", "/api/v1/notices").await.json();
        assert_eq!(told[0]["kind"], "content-drift");
        assert!(told[0]["detail"].as_str().unwrap().contains(LAUNCH));
        assert_eq!(seen(&world, &path).await["outcome"], "differs");

        pass(&world, MINUTE).await;
        assert_eq!(world.state(&path).await, "suspended");
        assert_eq!(verdict(&world).await.1, "E_SUSPENDED");
        let events = world.logged("app-status-event+jwt").await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["cause"], "content-drift");
        assert_eq!(events[0]["actor"], "http://localhost:8080/monitor");
        let told = world.get("vendor", "/api/v1/notices").await.json();
        assert_eq!(told[0]["kind"], "suspended");
    }
}

#[tokio::test]
async fn one_bad_answer_or_a_server_out_of_reach_suspends_nothing() {
    let world = worlds().await.remove(0);
    let path = approved(&world).await;
    world.hosting.serve(LAUNCH, 200, b"other");
    pass(&world, QUARTER).await;
    world.host();
    pass(&world, MINUTE).await;
    world.hosting.serve(LAUNCH, 200, b"other");
    pass(&world, QUARTER).await;
    world.host();
    pass(&world, MINUTE).await;
    assert_eq!(world.state(&path).await, "approved");
    for status in [0, 503, 429] {
        world.hosting.serve(LAUNCH, status, b"");
        for _ in 0..4 {
            pass(&world, QUARTER).await;
        }
        assert_eq!(seen(&world, &path).await["outcome"], "unreachable");
        assert_eq!(world.state(&path).await, "approved", "{status}");
    }
    // What nobody has seen for a day is not vouched for.
    for _ in 0..96 {
        pass(&world, QUARTER).await;
    }
    assert_eq!(verdict(&world).await.1, "E_CONTENT_DRIFT");
    world.host();
    pass(&world, QUARTER).await;
    assert_eq!(verdict(&world).await.0, "accepted");
}

#[tokio::test]
async fn whatever_is_not_the_approved_bytes_is_drift() {
    let world = worlds().await.remove(0);
    let path = approved(&world).await;
    let decide = async |who: &str, action: &str| {
        let body = json!({"action": action, "reason": "Rettet."});
        let reply = world.post(who, &format!("{path}/status"), body).await;
        reply.expect(202);
        world.work().await;
    };
    let script = "https://app.eksempel.example/app.js".to_owned();
    let manifest = published_at(&integrity());
    let other = br#"{"hashes": {}}"#.as_slice();
    for (address, status, bytes) in [
        (&script, 200, b"start(); steal()".as_slice()),
        (&script, 302, b""),
        (&script, 404, content("/app.js")),
        (&manifest, 200, other),
        (&manifest, 410, b""),
    ] {
        world.hosting.serve(address, status, bytes);
        pass(&world, QUARTER).await;
        assert_eq!(world.state(&path).await, "approved", "{address} {status}");
        pass(&world, MINUTE).await;
        assert_eq!(world.state(&path).await, "suspended", "{address} {status}");
        // One reviewer does not lift what the monitor did.
        decide("security", "reinstate").await;
        assert_eq!(world.state(&path).await, "suspended");
        decide("clinical", "reinstate").await;
        assert_eq!(world.state(&path).await, "approved");
        world.host();
    }
}

#[tokio::test]
async fn what_is_reinstated_and_still_drifts_is_suspended_again() {
    let world = worlds().await.remove(0);
    let path = approved(&world).await;
    world.hosting.serve(LAUNCH, 200, b"other");
    for round in 1..=2 {
        pass(&world, QUARTER).await;
        pass(&world, MINUTE).await;
        assert_eq!(world.state(&path).await, "suspended", "{round}");
        for who in ["security", "clinical"] {
            let body = json!({"action": "reinstate", "reason": "Rettet."});
            let reply = world.post(who, &format!("{path}/status"), body).await;
            reply.expect(202);
        }
        world.work().await;
        assert_eq!(world.state(&path).await, "approved", "{round}");
    }
}

#[tokio::test]
async fn one_that_cannot_be_looked_at_does_not_keep_others_from_it() {
    for world in worlds().await {
        let path = approved(&world).await;
        let (newer, _) = world.hosted_draft("no.eksempel.ny").await;
        let submission = format!("{newer}/submission");
        let submitted = world.post("vendor", &submission, json!({})).await;
        submitted.expect(200);
        world.approve(&newer).await;
        // Its manifest was lost with the blobs.
        let lost = Query::update()
            .table(Alias::new("registry_version"))
            .value(Alias::new("integrity"), Digest::of(b"lost").hex())
            .and_where(Expr::col(Alias::new("software_id")).eq("no.eksempel.ny"))
            .to_owned();
        let mut tx = world.database.database.begin().await.unwrap();
        tx.execute(&lost).await.unwrap();
        tx.commit().await.unwrap();
        world.hosting.serve(LAUNCH, 200, b"other");
        pass(&world, QUARTER).await;
        pass(&world, MINUTE).await;
        assert_eq!(world.state(&path).await, "suspended", "{}", world.engine);
        assert_eq!(world.state(&newer).await, "approved");
        assert_eq!(seen(&world, &newer).await["outcome"], "unreachable");
    }
}

#[tokio::test]
async fn only_what_is_served_can_be_submitted() {
    let world = worlds().await.remove(0);
    let (path, _) = world.hosted_draft(APP).await;
    let submission = format!("{path}/submission");
    let submit = async || world.post("vendor", &submission, json!({})).await;
    submit().await.refused(422, "content-differs");
    world.host();
    world.hosting.serve(LAUNCH, 0, b"");
    submit().await.refused(503, "content-unreachable");
    world.hosting.serve(LAUNCH, 200, b"other");
    submit().await.refused(422, "content-differs");
    world.host();
    submit().await.expect(200);
}

#[tokio::test]
async fn a_manifest_of_files_is_for_hosted_apps_and_names_their_addresses() {
    let world = worlds().await.remove(0);
    world.entry(APP, "Blodtrykk").await;
    let upload = async |parts: &[(&str, Vec<u8>)]| {
        let path = format!("/api/v1/apps/{APP}/versions");
        world.send("vendor", multipart_of(&path, parts)).await
    };
    let bundled = manifest("1.0.0").to_string().into_bytes();
    let remote = hosted("1.0.0").to_string().into_bytes();
    let few = json!({"hashes": {"/": verifier::Digest::of(b"x").to_string()}});
    let findings = |reply: crate::support::Reply| {
        reply.refused(422, "manifest-invalid");
        reply.findings()[0].0.clone()
    };
    let parts = [
        ("manifest", bundled),
        ("bundle", bundle_with(APP)),
        ("integrity", integrity()),
    ];
    assert_eq!(findings(upload(&parts).await), "integrity-unexpected");
    let parts = [("manifest", remote.clone()), ("integrity", b"{}".to_vec())];
    assert_eq!(findings(upload(&parts).await), "integrity-unreadable");
    let few = few.to_string().into_bytes();
    let parts = [("manifest", remote.clone()), ("integrity", few)];
    assert_eq!(findings(upload(&parts).await), "integrity-incomplete");
    // Without it the app is bound to its address alone; with it, it is another release.
    let plain = upload(&[("manifest", remote.clone())]).await.expect(201);
    assert_eq!(plain.json()["level"], "origin");
    let parts = [("manifest", remote), ("integrity", integrity())];
    upload(&parts).await.refused(409, "version-reused");
}

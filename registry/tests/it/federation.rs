//! The `OpenID` Federation view, walked as a stranger with stock support walks it: anchor, list,
//! statement, configuration, trust mark, status; and what is asked wrongly.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use registry::{Cutoff, Denied, Restriction};
use serde_json::{Value, json};
use verifier::base64url;
use verifier::jwk::{EcJwk, EcPublicKey, KeyUse};
use verifier::jws::{Token, TokenType};
use verifier::trust::{RevocationReason, files};

use crate::support::epj;
use crate::support::{Reply, World, worlds};

const APP: &str = "no.eksempel.app";
const ANCHOR: &str = "http://localhost:8080";
const MARK: &str = "http://localhost:8080/tm/smart-app/v1";

/// The key with this id in a key set.
fn key(jwks: &Value, kid: &str) -> Option<EcPublicKey> {
    let keys = jwks["keys"].as_array().unwrap();
    let found = keys.iter().find(|key| key["kid"] == kid)?;
    let jwk: EcJwk = serde_json::from_value(json!({
        "kty": found["kty"], "crv": found["crv"], "x": found["x"], "y": found["y"],
    }))
    .unwrap();
    Some(jwk.to_key().unwrap())
}

fn unverified(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload).unwrap()).unwrap()
}

/// The claims of a token whose key is in the key set, or nothing.
fn verified(token: &str, typ: TokenType, jwks: &Value) -> Option<Value> {
    let parsed = Token::parse(token, typ).ok()?;
    parsed.verify(&key(jwks, parsed.kid())?).ok()
}

async fn read(world: &World, path: &str, media_type: &str) -> String {
    let reply = world.get("", path).await.expect(200);
    assert_eq!(reply.headers[header::CONTENT_TYPE], media_type);
    reply.text()
}

async fn statement(world: &World, path: &str) -> String {
    read(world, path, "application/entity-statement+jwt").await
}

async fn anchor(world: &World) -> Value {
    let token = statement(world, "/.well-known/openid-federation").await;
    let jwks = unverified(&token)["jwks"].clone();
    verified(&token, TokenType::EntityStatement, &jwks).unwrap()
}

async fn status(world: &World, mark: &str) -> Reply {
    let form = url_form(mark);
    let request = Request::post("/federation/trust-mark-status")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    world.send("", request).await
}

/// A compact JWS has no character that a form must escape.
fn url_form(mark: &str) -> String {
    format!("trust_mark={mark}")
}

async fn answered(world: &World, mark: &str) -> String {
    let reply = status(world, mark).await.expect(200);
    let media_type = "application/trust-mark-status-response+jwt";
    assert_eq!(reply.headers[header::CONTENT_TYPE], media_type);
    assert_eq!(reply.headers[header::CACHE_CONTROL], "no-store");
    let jwks = anchor(world).await["jwks"].clone();
    let claims = verified(&reply.text(), TokenType::TrustMarkStatus, &jwks).unwrap();
    assert_eq!(claims["trust_mark"], mark);
    assert_eq!(claims["iss"], ANCHOR);
    claims["status"].as_str().unwrap().to_owned()
}

fn refused(reply: &Reply, status: u16, code: &str) {
    let body = reply.json();
    assert_eq!((reply.status, &body["error"]), (status, &json!(code)));
    assert!(!body["error_description"].as_str().unwrap().is_empty());
}

/// The path of one of the anchor's endpoints.
fn endpoint(anchor: &Value, name: &str) -> String {
    let address = anchor["metadata"]["federation_entity"][name].as_str();
    address.unwrap().strip_prefix(ANCHOR).unwrap().to_owned()
}

async fn decide(world: &World, who: &[&str], path: &str, action: &str) {
    for who in who {
        let body = json!({"action": action, "reason": "Feil enhet."});
        let reply = world.post(who, &format!("{path}/status"), body).await;
        reply.expect(202);
    }
    world.work().await;
}

#[tokio::test]
async fn a_stranger_walks_from_the_anchor_to_a_trust_mark() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let jws = world.get("", &format!("{path}/approval")).await.text();
        let anchor = anchor(&world).await;
        assert_eq!(
            (&anchor["iss"], &anchor["sub"]),
            (&json!(ANCHOR), &json!(ANCHOR))
        );
        assert_eq!(anchor["trust_mark_issuers"], json!({MARK: [ANCHOR]}));
        assert_eq!(anchor["authority_hints"], Value::Null);

        let listed = world
            .get("", &endpoint(&anchor, "federation_list_endpoint"))
            .await
            .expect(200)
            .json();
        let entity = format!("{ANCHOR}/apps/{APP}");
        assert_eq!(listed, json!([entity]), "{}", world.engine);

        let fetch = endpoint(&anchor, "federation_fetch_endpoint");
        let said = statement(&world, &format!("{fetch}?sub={entity}")).await;
        let said = verified(&said, TokenType::EntityStatement, &anchor["jwks"]).unwrap();
        assert_eq!(
            (&said["iss"], &said["sub"]),
            (&json!(ANCHOR), &json!(entity))
        );
        assert_eq!(said["source_endpoint"], format!("{ANCHOR}{fetch}"));

        let well_known = format!("/apps/{APP}/.well-known/openid-federation");
        let own = statement(&world, &well_known).await;
        // The superior vouches for the key that the app's configuration is signed with.
        let own = verified(&own, TokenType::EntityStatement, &said["jwks"]).unwrap();
        assert_eq!(own["authority_hints"], json!([ANCHOR]));
        let metadata = &own["metadata"]["openid_relying_party"];
        let policy = &said["metadata_policy"]["openid_relying_party"];
        assert_eq!(
            policy["redirect_uris"],
            json!({"subset_of": metadata["redirect_uris"]})
        );
        let scopes: Vec<&str> = metadata["scope"].as_str().unwrap().split(' ').collect();
        assert_eq!(policy["scope"], json!({"subset_of": scopes}));
        assert_eq!(
            policy["token_endpoint_auth_method"],
            json!({"value": "none"})
        );
        assert_eq!(
            policy["grant_types"],
            json!({"subset_of": metadata["grant_types"]})
        );
        assert_eq!(metadata["software_version"], "1.0.0");

        let mark = &own["trust_marks"][0];
        assert_eq!(mark["trust_mark_type"], MARK);
        let mark = mark["trust_mark"].as_str().unwrap();
        assert_eq!(mark, jws, "the approval itself, byte for byte");
        let claims = verified(mark, TokenType::Approval, &anchor["jwks"]).unwrap();
        assert_eq!(claims["sub"], entity);
        assert_eq!(answered(&world, mark).await, "active");
    }
}

#[tokio::test]
async fn what_is_suspended_leaves_the_view_and_its_mark_says_why() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mark = world.get("", &format!("{path}/approval")).await.text();
        let entity = format!("{ANCHOR}/apps/{APP}");
        let own = format!("/apps/{APP}/.well-known/openid-federation");
        let fetch = format!("/federation/fetch?sub={entity}");
        let list = format!("/federation/trust-mark-list?trust_mark_type={MARK}");
        let single = format!("/federation/trust-mark?trust_mark_type={MARK}&sub={entity}");
        assert_eq!(world.get("", &list).await.json(), json!([entity]));
        let text = read(&world, &single, "application/trust-mark+jwt").await;
        assert_eq!(text, mark);

        decide(&world, &["security"], &path, "suspend").await;
        assert_eq!(
            answered(&world, &mark).await,
            "suspended",
            "{}",
            world.engine
        );
        for path in [&own, &fetch, &single] {
            refused(&world.get("", path).await, 404, "not_found");
        }
        assert_eq!(world.get("", &list).await.json(), json!([]));
        assert_eq!(world.get("", "/federation/list").await.json(), json!([]));

        decide(&world, &["security", "clinical"], &path, "reinstate").await;
        assert_eq!(answered(&world, &mark).await, "active");
        assert_eq!(world.get("", &list).await.json(), json!([entity]));
        decide(&world, &["security"], &path, "revoke").await;
        assert_eq!(answered(&world, &mark).await, "revoked");
    }
}

#[tokio::test]
async fn a_mark_is_active_until_it_expires_and_only_as_it_was_issued() {
    let world = worlds().await.remove(0);
    let path = world.approved(APP, "Blodtrykk").await;
    let mark = world.get("", &format!("{path}/approval")).await.text();
    let (signed, _) = mark.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", base64url::encode(&[7; 64]));
    assert_eq!(answered(&world, &forged).await, "invalid");

    let mut claims = unverified(&mark);
    claims["jti"] = json!("8d8ac610-566d-4ef0-9c22-186b2a5ed793");
    let key = crate::support::own_key::OwnKey::new();
    let unknown = key.sign(TokenType::Approval, &claims);
    refused(&status(&world, &unknown).await, 404, "not_found");
    let release = key.sign(TokenType::Release, &claims);
    for wrong in ["", "x", "a.b.c", &release] {
        refused(&status(&world, wrong).await, 400, "invalid_request");
    }
    let twice = format!("{}&{}", url_form(&mark), url_form(&mark));
    let request = Request::post("/federation/trust-mark-status").body(Body::from(twice));
    let reply = world.send("", request.unwrap()).await;
    refused(&reply, 400, "invalid_request");

    world.clock.advance(Duration::from_hours(24 * 366));
    assert_eq!(answered(&world, &mark).await, "expired");
    assert_eq!(world.get("", "/federation/list").await.json(), json!([]));
}

#[tokio::test]
async fn questions_that_cannot_be_answered_are_refused() {
    let world = worlds().await.remove(0);
    world.approved(APP, "Blodtrykk").await;
    world.submitted("no.eksempel.to", "Legemidler").await;
    let entity = format!("{ANCHOR}/apps/{APP}");
    for (query, status, code) in [
        ("fetch", 400, "invalid_request"),
        (&*format!("fetch?sub={ANCHOR}"), 400, "invalid_request"),
        (
            &format!("fetch?sub={entity}&sub={entity}"),
            400,
            "invalid_request",
        ),
        ("fetch?sub=https://other.example.no", 404, "not_found"),
        (
            &format!("fetch?sub={ANCHOR}/apps/no.eksempel.to"),
            404,
            "not_found",
        ),
        (&format!("fetch?sub={entity}x"), 404, "not_found"),
        ("trust-mark-list", 400, "invalid_request"),
        ("trust-mark?sub=x", 400, "invalid_request"),
        (
            &format!("trust-mark?trust_mark_type=x&sub={entity}"),
            404,
            "not_found",
        ),
    ] {
        let reply = world.get("", &format!("/federation/{query}")).await;
        refused(&reply, status, code);
    }
    for query in [
        "list?entity_type=openid_provider",
        "list?intermediate=true",
        "list?trust_mark_type=x",
        "trust-mark-list?trust_mark_type=x",
        &format!("trust-mark-list?trust_mark_type={MARK}&sub=x"),
    ] {
        let reply = world.get("", &format!("/federation/{query}")).await;
        assert_eq!(reply.expect(200).json(), json!([]), "{query}");
    }
    let reply = world.get("", "/federation/list?entity_type=openid_relying_party");
    assert_eq!(reply.await.json(), json!([entity]));
}

#[tokio::test]
async fn former_keys_are_told_and_what_they_signed_is_still_verified() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mark = world.get("", &format!("{path}/approval")).await.text();
        let before = anchor(&world).await["jwks"].clone();
        let former = async |jwks: &Value| {
            let media_type = "application/jwk-set+jwt";
            let token = read(&world, "/federation/historical-keys", media_type).await;
            verified(&token, TokenType::KeySet, jwks).unwrap()["keys"].clone()
        };
        assert_eq!(former(&before).await, json!([]));

        let old = before["keys"][0]["kid"].as_str().unwrap();
        let body = json!({"reason": "compromised"});
        let replace = "/api/v1/federation-key";
        world
            .post("vendor", replace, body.clone())
            .await
            .expect(403);
        let reply = world.post("operator", replace, body).await.expect(201);
        let after = anchor(&world).await["jwks"].clone();
        assert_eq!(after["keys"][0]["kid"], reply.json()["kid"]);
        assert_ne!(after["keys"][0]["kid"], old);
        let told = former(&after).await;
        assert_eq!(told[0]["kid"], old, "{}", world.engine);
        assert_eq!(told[0]["revoked"]["reason"], "compromised");
        assert_eq!(told[0]["exp"], world.clock_seconds());

        let issuer = Token::parse(&mark, TokenType::Approval)
            .unwrap()
            .kid()
            .to_owned();
        world.registry.retire_key(&issuer).await.unwrap();
        let after = anchor(&world).await["jwks"].clone();
        assert_eq!(key(&after, &issuer), None);
        let told = json!({"keys": former(&after).await});
        assert!(verified(&mark, TokenType::Approval, &told).is_some());
        assert_eq!(answered(&world, &mark).await, "active");
    }
}

#[tokio::test]
async fn what_is_said_of_a_former_key_only_gets_worse() {
    for world in worlds().await {
        world.approved(APP, "Blodtrykk").await;
        let old = anchor(&world).await["jwks"]["keys"][0]["kid"].clone();
        let old = old.as_str().unwrap();
        for (reason, said) in [
            (RevocationReason::Superseded, "superseded"),
            (RevocationReason::Unspecified, "unspecified"),
            (RevocationReason::Superseded, "unspecified"),
            (RevocationReason::Compromised, "compromised"),
            (RevocationReason::Unspecified, "compromised"),
        ] {
            let withdrawn = world.registry.withdraw_key(old, reason, Cutoff::Now);
            withdrawn.await.unwrap();
            let jwks = anchor(&world).await["jwks"].clone();
            let media_type = "application/jwk-set+jwt";
            let token = read(&world, "/federation/historical-keys", media_type).await;
            let told = verified(&token, TokenType::KeySet, &jwks).unwrap();
            // One key has taken its place, and no other since.
            assert_eq!(
                told["keys"].as_array().unwrap().len(),
                1,
                "{}",
                world.engine
            );
            assert_eq!(told["keys"][0]["kid"], old);
            assert_eq!(told["keys"][0]["revoked"]["reason"], said, "{reason:?}");
            world.clock.advance(Duration::from_mins(2));
        }
    }
}

#[tokio::test]
async fn federation_keys_are_in_no_other_list() {
    let world = worlds().await.remove(0);
    world.approved(APP, "Blodtrykk").await;
    let anchor = anchor(&world).await;
    let own = format!("/apps/{APP}/.well-known/openid-federation");
    let own = unverified(&statement(&world, &own).await);
    let update = world.registry.trust_update(0).await.unwrap();
    let listed: String = update
        .files
        .values()
        .map(|file| String::from_utf8_lossy(file).into_owned())
        .collect();
    let kid = |jwks: &Value, at: usize| jwks["keys"][at]["kid"].as_str().unwrap().to_owned();
    let (federation, app) = (kid(&anchor["jwks"], 0), kid(&own["jwks"], 0));
    assert!(!listed.contains(&federation) && !listed.contains(&app));
    assert!(
        listed.contains(&kid(&anchor["jwks"], 1)),
        "the key of approvals"
    );
    assert_ne!(federation, app);
}

/// Anybody may ask, and the key may be in a token that takes its time.
#[tokio::test]
async fn what_is_asked_often_is_signed_once_a_minute_and_a_change_at_once() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let configuration = "/.well-known/openid-federation";
        let first = statement(&world, configuration).await;
        world.clock.advance(Duration::from_secs(59));
        assert_eq!(statement(&world, configuration).await, first);
        world.clock.advance(Duration::from_secs(1));
        let later = statement(&world, configuration).await;
        let iat = |token: &str| unverified(token)["iat"].as_i64().unwrap();
        assert_eq!(iat(&later), iat(&first) + 60);
        // What has changed is said at once.
        let mark = world.get("", &format!("{path}/approval")).await.expect(200);
        let mark = mark.text();
        assert_eq!(answered(&world, &mark).await, "active");
        let suspend = json!({"action": "suspend", "reason": "Viser feil pasient."});
        let standing = format!("{path}/status");
        world.post("security", &standing, suspend).await.expect(202);
        world.work().await;
        assert_eq!(answered(&world, &mark).await, "suspended");
    }
}

/// An authorization server with stock support must not register what EPJs refuse.
#[tokio::test]
async fn what_the_trust_repository_denies_is_not_in_the_view() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mark = world.get("", &format!("{path}/approval")).await.expect(200);
        let mark = mark.text();
        let listed = async || {
            let list = world.get("", "/federation/list").await.expect(200).json();
            let fetch = format!("/federation/fetch?sub={}", list[0].as_str().unwrap_or("x"));
            let fetched = world.get("", &fetch).await.status;
            (list.as_array().unwrap().len(), fetched == 200)
        };
        assert_eq!(listed().await, (1, true));
        let vendor = format!("NO:ORGNR:{}", crate::support::orgnr(1));
        let vendor: Denied = vendor.parse().unwrap();
        let denied = vec![Restriction::Deny(vendor.clone())];
        world.registry.restrict(denied).await.unwrap();
        assert_eq!(listed().await, (0, false), "{}", world.engine);
        assert_eq!(answered(&world, &mark).await, "suspended");
        let lifted = vec![Restriction::Lift(vendor)];
        world.registry.restrict(lifted).await.unwrap();
        assert_eq!(answered(&world, &mark).await, "active");

        // The key that signed it is withdrawn from before its place in the log.
        let stolen = epj::key(&world, files::ISSUERS, KeyUse::Approval).await;
        let reason = RevocationReason::Compromised;
        let revoked = world
            .registry
            .revoke_key(&stolen.kid, reason, Cutoff::Nothing);
        revoked.await.unwrap();
        assert_eq!(listed().await, (0, false));
        assert_eq!(answered(&world, &mark).await, "suspended");
    }
}

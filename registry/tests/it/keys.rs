//! Keys that vendors and reviewers keep themselves: how they come to count, and what they sign.

use std::time::Duration;

use serde_json::{Value, json};
use verifier::jws::TokenType;

use crate::support::own_key::OwnKey;
use crate::support::{Reply, World, orgnr, worlds};

const APP: &str = "no.eksempel.app";
const KEYS: &str = "/api/v1/vendor-keys";
const REGISTRY: &str = "http://localhost:8080";

/// A new UUID for each call: what is signed is sent once.
fn jti() -> String {
    let mut bytes = [0; 16];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes).unwrap();
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// The claims of a request for `key`.
fn rotation(world: &World, key: &OwnKey, replaces: Option<&OwnKey>) -> Value {
    let now = world.clock_seconds();
    let mut claims = json!({
        "iss": format!("{REGISTRY}/leverandorer/{}", orgnr(1)),
        "aud": REGISTRY,
        "iat": now,
        "exp": now + 300,
        "jti": jti(),
        "key": key.jwk(),
    });
    if let Some(replaces) = replaces {
        claims["replaces"] = json!(replaces.kid());
    }
    claims
}

async fn send(world: &World, signer: &OwnKey, claims: &Value) -> Reply {
    let jws = signer.sign(TokenType::KeyRotation, claims);
    world.post("vendor", KEYS, json!({"jws": jws})).await
}

/// The vendor's first key.
async fn first(world: &World) -> OwnKey {
    let key = OwnKey::new();
    let claims = rotation(world, &key, None);
    let reply = send(world, &key, &claims).await.expect(201);
    assert_eq!(reply.json()["state"], "active");
    key
}

/// The state of a key, as the vendor sees it.
async fn state(world: &World, key: &OwnKey) -> String {
    let keys = world.get("vendor", KEYS).await.expect(200).json();
    let all = keys.as_array().unwrap();
    let found = all.iter().find(|one| one["kid"] == key.kid()).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

/// A checked draft, and what its vendor is to sign.
async fn ready(world: &World) -> (String, Value) {
    let draft = world.draft(APP, "Blodtrykk").await;
    world.checked(&draft, true);
    let path = format!("/api/v1/apps/{APP}/versions/1.0.0");
    let claims = to_sign(world, &path).await;
    (path, claims)
}

async fn to_sign(world: &World, path: &str) -> Value {
    let reply = world.get("vendor", &format!("{path}/release")).await;
    reply.expect(200).json()
}

async fn submit(world: &World, path: &str, jws: &str) -> Reply {
    let path = format!("{path}/submission");
    world.post("vendor", &path, json!({"release": jws})).await
}

#[tokio::test]
async fn a_vendor_signs_with_its_own_key_and_the_desk_no_longer_does() {
    for world in worlds().await {
        let key = first(&world).await;
        let (path, claims) = ready(&world).await;
        let desk = format!("{path}/submission");
        world
            .post("vendor", &desk, json!({}))
            .await
            .refused(409, "signing-own-key");
        assert_eq!(claims["custody"], "vendor");
        let jws = key.sign(TokenType::Release, &claims);
        let version = submit(&world, &path, &jws).await.expect(200).json();
        assert_eq!(version["signed_by"]["custody"], "vendor");
        assert_eq!(version["signed_by"]["kid"], key.kid());
        world.approve(&path).await;

        let body = json!({"software_id": APP, "software_version": "1.0.0"});
        let answer = world.post("", "/api/v1/verify", body).await.expect(200);
        assert_eq!(answer.json()["verdict"], "accepted", "{}", world.engine);
        let log = world.log().await;
        let entry = |typ: &str| log.iter().find(|(header, _)| header["typ"] == typ).unwrap();
        assert_eq!(entry("app-release+jwt").0["kid"], key.kid());
        assert_eq!(entry("app-release+jwt").1["custody"], "vendor");
        assert_eq!(entry("app-key-rotation+jwt").1["key"], key.jwk());
        let told = world.get("vendor", "/api/v1/notices").await.json();
        assert_eq!(told[0]["kind"], "key-active");
        assert_eq!(told[0]["detail"], key.kid());
    }
}

#[tokio::test]
async fn a_vendor_without_a_key_is_signed_for_at_the_desk_and_the_release_says_so() {
    let world = worlds().await.remove(0);
    let path = world.submitted(APP, "Blodtrykk").await;
    let version = world.get("vendor", &path).await.expect(200).json();
    assert_eq!(version["signed_by"]["custody"], "desk");
    let other = world.draft("no.eksempel.to", "Legemidler").await;
    world.checked(&other, true);
    let path = "/api/v1/apps/no.eksempel.to/versions/1.0.0";
    let claims = to_sign(&world, path).await;
    let jws = OwnKey::new().sign(TokenType::Release, &claims);
    submit(&world, path, &jws)
        .await
        .refused(409, "signing-key-missing");
}

#[tokio::test]
async fn a_release_must_say_exactly_what_the_version_is() {
    let world = worlds().await.remove(0);
    let key = first(&world).await;
    let (path, claims) = ready(&world).await;
    let changes = [
        ("scope", json!("patient/*.cruds")),
        ("redirect_uris", json!(["http://localhost:8080/"])),
        ("launch_uri", json!("http://localhost:8080/")),
        ("software_version", json!("1.0.1")),
        ("client_name", json!("Blodtrykket")),
        ("organization_id", json!("NO:ORGNR:974760673")),
        ("grant_types", json!(["client_credentials"])),
        ("custody", json!("desk")),
        ("sub", json!("http://localhost:8080/apps/no.eksempel.annen")),
        ("iss", json!("http://localhost:8080/leverandorer/974760673")),
        ("content", json!({"level": "origin"})),
        ("unknown", json!(true)),
    ];
    for (member, value) in changes {
        let mut changed = claims.clone();
        changed[member] = value;
        let jws = key.sign(TokenType::Release, &changed);
        let reply = submit(&world, &path, &jws).await;
        reply.refused(422, "release-mismatch");
        let expected = ("release-mismatch".to_owned(), format!("/{member}"));
        assert_eq!(reply.findings(), [expected], "{member}");
    }
    let mut missing = claims.clone();
    missing.as_object_mut().unwrap().remove("policy_uri");
    let reply = submit(&world, &path, &key.sign(TokenType::Release, &missing)).await;
    assert_eq!(reply.findings()[0].1, "/policy_uri");
    assert_eq!(world.state(&path).await, "draft");
}

#[tokio::test]
async fn a_release_counts_once_for_five_minutes_and_by_the_vendors_key_alone() {
    let world = worlds().await.remove(0);
    let key = first(&world).await;
    let (path, claims) = ready(&world).await;
    let refused = async |jws: &str| {
        let reply = submit(&world, &path, jws).await;
        reply.refused(422, "release-signature");
    };
    refused(&OwnKey::new().sign(TokenType::Release, &claims)).await;
    refused(&key.sign(TokenType::KeyRotation, &claims)).await;
    refused("nonsense").await;
    for (iat, exp) in [(0, 301), (-400, -100), (200, 400)] {
        let mut timed = claims.clone();
        timed["iat"] = json!(world.clock_seconds() + iat);
        timed["exp"] = json!(world.clock_seconds() + exp);
        refused(&key.sign(TokenType::Release, &timed)).await;
    }
    let jws = key.sign(TokenType::Release, &claims);
    submit(&world, &path, &jws).await.expect(200);
    let reject = json!({"decision": "reject", "role": "security", "reason": "Mangler."});
    world
        .post("security", &format!("{path}/reviews"), reject)
        .await
        .expect(201);
    submit(&world, &path, &jws)
        .await
        .refused(409, "signed-spent");
    let again = to_sign(&world, &path).await;
    let jws = key.sign(TokenType::Release, &again);
    submit(&world, &path, &jws).await.expect(200);
}

#[tokio::test]
async fn the_key_in_force_names_the_next_at_once() {
    for world in worlds().await {
        let old = first(&world).await;
        let new = OwnKey::new();
        let claims = rotation(&world, &new, Some(&old));
        let reply = send(&world, &old, &claims).await.expect(201);
        assert_eq!(reply.json()["state"], "active", "{}", world.engine);
        assert_eq!(state(&world, &old).await, "retired");
        let (path, claims) = ready(&world).await;
        let jws = old.sign(TokenType::Release, &claims);
        submit(&world, &path, &jws)
            .await
            .refused(422, "release-signature");
        let jws = new.sign(TokenType::Release, &claims);
        submit(&world, &path, &jws).await.expect(200);
        // The old key cannot come back.
        let claims = rotation(&world, &old, Some(&new));
        send(&world, &new, &claims).await.refused(409, "key-taken");
    }
}

#[tokio::test]
async fn a_lost_key_is_replaced_after_three_days_and_a_fresh_look_at_the_vendor() {
    for world in worlds().await {
        let old = first(&world).await;
        let new = OwnKey::new();
        let claims = rotation(&world, &new, None);
        let reply = send(&world, &new, &claims).await.expect(202).json();
        assert_eq!(reply["state"], "pending", "{}", world.engine);
        let told = world.get("vendor", "/api/v1/notices").await.json();
        assert!(
            told.as_array()
                .unwrap()
                .iter()
                .any(|one| one["kind"] == "key-pending")
        );
        // Who has stolen a login alone gets no further: the old key is still the one that counts.
        let (path, release) = ready(&world).await;
        let jws = new.sign(TokenType::Release, &release);
        submit(&world, &path, &jws)
            .await
            .refused(422, "release-signature");

        let three_days = Duration::from_hours(72);
        world.clock.advance(three_days);
        world.work().await;
        assert_eq!(state(&world, &new).await, "pending", "nobody looked anew");
        let verified = format!("{KEYS}/{}/verification", new.kid());
        let reply = world.post("operator", &verified, json!({})).await;
        assert_eq!(reply.expect(200).json()["state"], "active");
        assert_eq!(state(&world, &old).await, "retired");
        world
            .post("operator", &verified, json!({}))
            .await
            .refused(409, "key-not-pending");
    }
}

#[tokio::test]
async fn a_fresh_look_does_not_shorten_the_three_days() {
    let world = worlds().await.remove(0);
    let old = first(&world).await;
    let new = OwnKey::new();
    send(&world, &new, &rotation(&world, &new, None))
        .await
        .expect(202);
    let verified = format!("{KEYS}/{}/verification", new.kid());
    let reply = world.post("operator", &verified, json!({})).await;
    assert_eq!(reply.expect(200).json()["state"], "pending");
    world.clock.advance(Duration::from_hours(71));
    world.work().await;
    assert_eq!(state(&world, &new).await, "pending");
    world.clock.advance(Duration::from_hours(1));
    world.work().await;
    assert_eq!(state(&world, &new).await, "active");
    assert_eq!(state(&world, &old).await, "retired");
}

#[tokio::test]
async fn a_waiting_key_is_taken_back_by_the_vendor_or_by_its_key() {
    let world = worlds().await.remove(0);
    let old = first(&world).await;
    let asked = OwnKey::new();
    send(&world, &asked, &rotation(&world, &asked, None))
        .await
        .expect(202);
    let other = OwnKey::new();
    send(&world, &other, &rotation(&world, &other, None))
        .await
        .refused(409, "key-another-pending");
    let cancel = |who: &'static str, key: &OwnKey| {
        let request = axum::http::Request::delete(format!("{KEYS}/{}", key.kid()))
            .body(axum::body::Body::empty())
            .unwrap();
        let world = &world;
        async move { world.send(who, request).await }
    };
    cancel("other-vendor", &asked)
        .await
        .refused(404, "key-unknown");
    cancel("vendor", &old).await.refused(409, "key-not-pending");
    cancel("vendor", &asked).await.expect(204);
    assert_eq!(state(&world, &asked).await, "cancelled");

    send(&world, &other, &rotation(&world, &other, None))
        .await
        .expect(202);
    let next = OwnKey::new();
    send(&world, &old, &rotation(&world, &next, Some(&old)))
        .await
        .expect(201);
    assert_eq!(state(&world, &other).await, "cancelled");
    world.clock.advance(Duration::from_hours(80));
    world.work().await;
    assert_eq!(state(&world, &next).await, "active");
}

#[tokio::test]
async fn a_request_for_a_key_is_proved_timely_and_sent_once() {
    let world = worlds().await.remove(0);
    let key = OwnKey::new();
    let good = rotation(&world, &key, None);
    let stranger = OwnKey::new();
    send(&world, &stranger, &good)
        .await
        .refused(422, "key-unproved");
    for (member, value) in [
        (
            "iss",
            json!(format!("{REGISTRY}/leverandorer/{}", orgnr(2))),
        ),
        ("aud", json!("https://another.example.no")),
        ("exp", json!(world.clock_seconds() + 301)),
        ("exp", json!(world.clock_seconds())),
        ("iat", json!(world.clock_seconds() + 61)),
        ("jti", json!("1")),
        (
            "key",
            json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        ),
    ] {
        let mut changed = good.clone();
        changed[member] = value;
        send(&world, &key, &changed)
            .await
            .refused(422, "key-signature");
    }
    let wrong = rotation(&world, &key, Some(&stranger));
    send(&world, &key, &wrong)
        .await
        .refused(409, "key-predecessor");
    send(&world, &key, &good).await.expect(201);
    send(&world, &key, &good).await.refused(409, "signed-spent");
    let again = rotation(&world, &key, None);
    send(&world, &key, &again).await.refused(409, "key-taken");
    world
        .post("vendor", KEYS, json!({"jws": "x", "more": 1}))
        .await
        .refused(422, "body-invalid");
}

const CARDS: &str = "/api/v1/reviewer-keys";

async fn card(world: &World, person: &str) -> OwnKey {
    let key = OwnKey::new();
    let body = json!({"person": person, "key": key.jwk()});
    world.post("operator", CARDS, body).await.expect(201);
    key
}

/// What a reviewer is to sign.
async fn review_claims(world: &World, who: &str, path: &str) -> Value {
    let path = format!("{path}/reviews/claims?decision=approve&role={who}");
    world.get(who, &path).await.expect(200).json()
}

async fn send_review(world: &World, who: &str, path: &str, jws: &str) -> Reply {
    let path = format!("{path}/reviews");
    world.post(who, &path, json!({"jws": jws})).await
}

#[tokio::test]
async fn a_reviewer_signs_with_a_card_and_epjs_believe_it() {
    for world in worlds().await {
        let card = card(&world, "security").await;
        let path = world.submitted(APP, "Blodtrykk").await;
        let desk = json!({"decision": "approve", "role": "security"});
        world
            .post("security", &format!("{path}/reviews"), desk)
            .await
            .refused(409, "signing-own-key");
        let claims = review_claims(&world, "security", &path).await;
        let jws = card.sign(TokenType::Review, &claims);
        send_review(&world, "security", &path, &jws)
            .await
            .expect(201);
        let desk = json!({"decision": "approve", "role": "clinical"});
        world
            .post("clinical", &format!("{path}/reviews"), desk)
            .await
            .expect(201);
        world.work().await;
        assert_eq!(world.state(&path).await, "approved", "{}", world.engine);
        let body = json!({"software_id": APP, "software_version": "1.0.0"});
        let answer = world.post("", "/api/v1/verify", body).await.expect(200);
        assert_eq!(answer.json()["verdict"], "accepted", "{}", answer.json());
        let keys = world.get("security", CARDS).await.expect(200).json();
        assert_eq!(keys[0]["kid"], card.kid());
        assert_eq!(world.get("clinical", CARDS).await.json(), json!([]));
    }
}

#[tokio::test]
async fn one_reviewer_with_two_cards_is_one_reviewer() {
    let world = worlds().await.remove(0);
    let cards = [
        card(&world, "security").await,
        card(&world, "security").await,
    ];
    let path = world.submitted(APP, "Blodtrykk").await;
    let claims = review_claims(&world, "security", &path).await;
    let jws = cards[0].sign(TokenType::Review, &claims);
    send_review(&world, "security", &path, &jws)
        .await
        .expect(201);
    let jws = cards[1].sign(TokenType::Review, &claims);
    send_review(&world, "security", &path, &jws)
        .await
        .refused(409, "reviewer-same-person");
}

#[tokio::test]
async fn a_review_by_another_key_or_about_something_else_is_refused() {
    let world = worlds().await.remove(0);
    let own = card(&world, "security").await;
    let colleague = card(&world, "clinical").await;
    let path = world.submitted(APP, "Blodtrykk").await;
    let claims = review_claims(&world, "security", &path).await;
    for key in [&OwnKey::new(), &colleague] {
        let jws = key.sign(TokenType::Review, &claims);
        send_review(&world, "security", &path, &jws)
            .await
            .refused(409, "signing-key-missing");
    }
    let mut other = claims.clone();
    other["release_digest"] = json!(format!("sha256-{}=", "A".repeat(43)));
    let jws = own.sign(TokenType::Review, &other);
    send_review(&world, "security", &path, &jws)
        .await
        .refused(422, "review-signature");

    let retire = axum::http::Request::delete(format!("{CARDS}/{}", own.kid()))
        .body(axum::body::Body::empty())
        .unwrap();
    world.send("operator", retire).await.expect(204);
    let jws = own.sign(TokenType::Review, &claims);
    send_review(&world, "security", &path, &jws)
        .await
        .refused(409, "signing-key-missing");
    // Without a card of her own the desk signs for her again.
    let desk = json!({"decision": "approve", "role": "security"});
    world
        .post("security", &format!("{path}/reviews"), desk)
        .await
        .expect(201);
}

#[tokio::test]
async fn cards_are_for_reviewers_and_registered_once() {
    let world = worlds().await.remove(0);
    let key = OwnKey::new();
    let register = async |person: &str, jwk: Value| {
        let body = json!({"person": person, "key": jwk});
        world.post("operator", CARDS, body).await
    };
    for nobody in ["vendor", "nobody"] {
        register(nobody, key.jwk())
            .await
            .refused(404, "reviewer-unknown");
    }
    let broken = json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"});
    register("security", broken)
        .await
        .refused(422, "key-invalid");
    register("security", key.jwk()).await.expect(201);
    register("clinical", key.jwk())
        .await
        .refused(409, "key-taken");
    let claims = rotation(&world, &key, None);
    send(&world, &key, &claims).await.refused(409, "key-taken");
}

//! Traffic as evidence: everything is there, in order, and no secret is.

use foundation::Digest;
use sandbox::{Behaviour, Exchange, Surface};
use serde_json::Value;

use crate::support::{CHALLENGE, STATE, VERIFIER, parameter, text, world, worlds};

fn mark(kind: &str, value: &str) -> String {
    format!(
        "secret:{kind}:{}",
        &Digest::of(value.as_bytes()).hex()[..16]
    )
}

fn value<'a>(pairs: &'a [sandbox::Pair], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|pair| pair.name == name)
        .map(|pair| pair.value.as_str())
}

#[tokio::test]
async fn a_launch_is_recorded_in_order_with_marks_for_secrets() {
    for world in worlds().await {
        let launched = world.launch(Behaviour::default()).await;
        assert_eq!(launched.marker, mark("launch", &launched.launch));
        assert!(!launched.marked_url.contains(&launched.launch));
        world
            .get("/demo/fhir/.well-known/smart-configuration")
            .await
            .expect(200);
        let scope = "launch openid offline_access patient/*.rs";
        let changes = [("launch", launched.launch.as_str()), ("scope", scope)];
        let code = parameter(&world.authorize(&changes).await.location(), "code").unwrap();
        let tokens = world.redeem(&code, &[]).await.expect(200).json();
        world.redeem(&code, &[]).await.expect(400);
        let traffic = world.sandbox.traffic("demo", 0).await.unwrap();
        let surfaces: Vec<Surface> = traffic.iter().map(|exchange| exchange.surface).collect();
        assert_eq!(
            surfaces,
            [
                Surface::Discovery,
                Surface::Authorization,
                Surface::Token,
                Surface::Token
            ]
        );
        assert!(traffic.is_sorted_by(|one, other| one.seq < other.seq));
        check_authorization(&traffic[1], &launched.launch, &code);
        check_token(&traffic[2], &code, scope);
        assert_eq!(traffic[2].launch.as_ref(), Some(&launched.marker));
        assert_eq!(traffic[3].error.as_deref(), Some("invalid_grant"));
        let secrets = [
            launched.launch.as_str(),
            &code,
            VERIFIER,
            text(&tokens, "access_token"),
            text(&tokens, "refresh_token"),
            text(&tokens, "id_token"),
        ];
        let all = serde_json::to_string(&traffic).unwrap();
        for secret in secrets {
            assert!(!all.contains(secret), "{secret} is in the record");
        }
        let later = world.sandbox.traffic("demo", traffic[1].seq).await.unwrap();
        assert_eq!(later, traffic[2..]);
    }
}

fn check_authorization(exchange: &Exchange, launch: &str, code: &str) {
    assert_eq!(exchange.path, "/demo/auth/authorize");
    assert_eq!(
        value(&exchange.query, "state"),
        Some(STATE),
        "suites measure it"
    );
    assert_eq!(value(&exchange.query, "code_challenge"), Some(CHALLENGE));
    assert_eq!(
        value(&exchange.query, "launch"),
        Some(mark("launch", launch).as_str())
    );
    assert_eq!(exchange.status, 303);
    assert_eq!(exchange.client_id.as_deref(), Some("app"));
    let location = value(&exchange.response_headers, "location").unwrap();
    let location = url::Url::parse(location).unwrap();
    assert_eq!(parameter(&location, "code"), Some(mark("code", code)));
}

fn check_token(exchange: &Exchange, code: &str, scope: &str) {
    assert_eq!(
        value(&exchange.form, "code"),
        Some(mark("code", code).as_str())
    );
    assert_eq!(
        value(&exchange.form, "code_verifier"),
        Some(mark("code_verifier", VERIFIER).as_str())
    );
    assert_eq!(
        value(&exchange.form, "grant_type"),
        Some("authorization_code")
    );
    assert_eq!(exchange.scope_granted.as_deref(), Some(scope));
    assert_eq!(exchange.error, None);
}

#[tokio::test]
async fn a_refused_authorization_is_recorded_with_its_error() {
    let world = world().await;
    world.authorize(&[("code_challenge", "")]).await.location();
    world
        .authorize(&[("redirect_uri", "https://evil.example/")])
        .await
        .expect(400);
    let traffic = world.sandbox.traffic("demo", 0).await.unwrap();
    assert_eq!(traffic[0].error.as_deref(), Some("invalid_request"));
    assert_eq!(traffic[1].status, 400);
    assert_eq!(
        value(&traffic[1].query, "redirect_uri"),
        Some("https://evil.example/")
    );
}

#[tokio::test]
async fn two_hundred_requests_at_once_are_all_recorded() {
    for world in worlds().await {
        let asked = (0..200).map(|_| world.get("/demo/auth/jwks"));
        futures::future::join_all(asked).await;
        let traffic = world.sandbox.traffic("demo", 0).await.unwrap();
        assert_eq!(traffic.len(), 200);
    }
}

#[tokio::test]
async fn hostile_bodies_are_refused_or_recorded_and_break_nothing() {
    let world = world().await;
    let long = "x".repeat(9 * 1024 * 1024);
    world
        .form("/demo/auth/token", &[("code", &long)], &[])
        .await
        .expect(413);
    let broken = world
        .form("/demo/auth/token", &[("grant_type", "\u{0}æ\r\n")], &[])
        .await;
    assert_eq!(broken.error(), "unsupported_grant_type");
    let traffic = world.sandbox.traffic("demo", 0).await.unwrap();
    let last: Value = serde_json::to_value(traffic.last()).unwrap();
    assert_eq!(last["form"][0]["value"], "\u{0}æ\r\n");
}

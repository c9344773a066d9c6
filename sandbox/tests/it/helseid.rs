//! The HelseID simulator from discovery to logout.

use std::time::Duration;

use axum::http::Method;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use sandbox::personas::personas;
use serde_json::Value;
use url::Url;

use crate::support::{Answer, CHALLENGE, VERIFIER, World, parameter, text, world, worlds};

const ISSUER: &str = "http://localhost:8081/helseid";
const RETURN: &str = "http://localhost:8080/logg-inn/retur";
const SCOPE: &str = "openid profile helseid://scopes/identity/pid \
    helseid://scopes/identity/security_level helseid://scopes/hpr/hpr_number";

fn query(changes: &[(&str, &str)]) -> String {
    let mut all = std::collections::BTreeMap::from([
        ("response_type", "code"),
        ("client_id", "markedsplass-portal"),
        ("redirect_uri", RETURN),
        ("scope", SCOPE),
        ("state", "s t&ate"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    all.extend(changes.iter().copied());
    all.retain(|_, value| !value.is_empty());
    serde_urlencoded::to_string(all).unwrap()
}

async fn log_in(world: &World, query: &str, persona: &str) -> Answer {
    world
        .form(
            "/helseid/connect/authorize",
            &[("request", query), ("persona", persona)],
            &[],
        )
        .await
}

async fn code(world: &World, persona: &str) -> String {
    let location = log_in(world, &query(&[]), persona).await.location();
    parameter(&location, "code").unwrap()
}

async fn redeem(world: &World, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut all = std::collections::BTreeMap::from([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", RETURN),
        ("code_verifier", VERIFIER),
        ("client_id", "markedsplass-portal"),
    ]);
    all.extend(changes.iter().copied());
    let fields: Vec<(&str, &str)> = all
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    world.form("/helseid/connect/token", &fields, &[]).await
}

async fn verified(world: &World, token: &str) -> Value {
    let keys = world
        .get("/helseid/.well-known/openid-configuration/jwks")
        .await
        .json();
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&["markedsplass-portal"]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(token, &key, &validation)
        .unwrap()
        .claims
}

#[tokio::test]
async fn every_persona_can_log_in_and_is_told_apart() {
    for world in worlds().await {
        let page = world
            .get(&format!("/helseid/connect/authorize?{}", query(&[])))
            .await
            .expect(200);
        assert!(
            page.header("content-security-policy")
                .contains("form-action 'self' http://localhost:8080")
        );
        for persona in personas() {
            assert!(page.text.contains(persona.family_name), "{}", persona.key);
            let location = log_in(&world, &query(&[]), persona.key).await.location();
            assert!(location.as_str().starts_with(RETURN));
            assert_eq!(parameter(&location, "state").as_deref(), Some("s t&ate"));
            assert_eq!(parameter(&location, "iss").as_deref(), Some(ISSUER));
            let code = parameter(&location, "code").unwrap();
            let tokens = redeem(&world, &code, &[]).await.expect(200).json();
            let claims = verified(&world, text(&tokens, "id_token")).await;
            assert_eq!(claims["sub"], persona.sub);
            assert_eq!(claims["name"], persona.name());
            assert_eq!(claims["nonce"], "n");
            assert_eq!(claims["helseid://claims/identity/pid"], persona.pid);
            assert_eq!(claims["helseid://claims/identity/security_level"], "4");
            assert_eq!(
                claims["helseid://claims/client/claims/orgnr_parent"],
                persona.organisation
            );
            let number = claims
                .get("helseid://claims/hpr/hpr_number")
                .and_then(Value::as_str);
            assert_eq!(number, persona.hpr_number);
        }
    }
}

#[tokio::test]
async fn claims_follow_the_scopes_and_userinfo_says_the_same() {
    let world = world().await;
    let few = query(&[("scope", "openid")]);
    let location = log_in(&world, &few, "kommune").await.location();
    let tokens = redeem(&world, &parameter(&location, "code").unwrap(), &[])
        .await
        .expect(200)
        .json();
    let claims = verified(&world, text(&tokens, "id_token")).await;
    assert!(claims.get("name").is_none());
    assert!(claims.get("helseid://claims/identity/pid").is_none());
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let ask = || async {
        let headers = [("authorization", bearer.as_str())];
        world
            .ask(Method::GET, "/helseid/connect/userinfo", &headers)
            .await
    };
    assert_eq!(ask().await.expect(200).json()["sub"], claims["sub"]);
    world.get("/helseid/connect/userinfo").await.expect(401);
    world.clock.advance(Duration::from_mins(10));
    ask().await.expect(401);
}

#[tokio::test]
async fn a_code_serves_once_with_its_verifier_within_a_minute() {
    for world in worlds().await {
        let once = code(&world, "drift").await;
        let tokens = redeem(&world, &once, &[]).await.expect(200).json();
        assert_eq!(redeem(&world, &once, &[]).await.error(), "invalid_grant");
        let bearer = format!("Bearer {}", text(&tokens, "access_token"));
        let info = world
            .ask(
                Method::GET,
                "/helseid/connect/userinfo",
                &[("authorization", &bearer)],
            )
            .await;
        info.expect(401);
        let wrong = code(&world, "drift").await;
        assert_eq!(
            redeem(&world, &wrong, &[("code_verifier", CHALLENGE)])
                .await
                .error(),
            "invalid_grant"
        );
        let elsewhere = code(&world, "drift").await;
        let other = redeem(
            &world,
            &elsewhere,
            &[("redirect_uri", "http://localhost:8080/")],
        )
        .await;
        assert_eq!(other.error(), "invalid_grant");
        let stranger = redeem(&world, &elsewhere, &[("client_id", "stranger")]).await;
        assert_eq!(stranger.error(), "invalid_client");
        let late = code(&world, "drift").await;
        world.clock.advance(Duration::from_mins(1));
        assert_eq!(redeem(&world, &late, &[]).await.error(), "invalid_grant");
    }
}

#[tokio::test]
async fn wrong_requests_are_refused_where_they_may_be_told() {
    let world = world().await;
    for changes in [
        ("client_id", "stranger"),
        ("redirect_uri", "http://localhost:8080/logg-inn/retur/"),
    ] {
        let path = format!("/helseid/connect/authorize?{}", query(&[changes]));
        assert_eq!(world.get(&path).await.expect(400).header("location"), "");
        log_in(&world, &query(&[changes]), "drift")
            .await
            .expect(400);
    }
    for (name, value, error) in [
        ("response_type", "id_token", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("prompt", "none", "login_required"),
    ] {
        let path = format!("/helseid/connect/authorize?{}", query(&[(name, value)]));
        let location = world.get(&path).await.location();
        assert_eq!(
            parameter(&location, "error").as_deref(),
            Some(error),
            "{name}={value}"
        );
    }
    log_in(&world, &query(&[]), "nobody").await.expect(400);
}

#[tokio::test]
async fn discovery_names_what_is_there_and_logout_returns_to_registered_addresses() {
    let world = world().await;
    let document = world
        .get("/helseid/.well-known/openid-configuration")
        .await
        .expect(200)
        .json();
    assert_eq!(document["issuer"], ISSUER);
    for absent in [
        "pushed_authorization_request_endpoint",
        "dpop_signing_alg_values_supported",
    ] {
        assert!(document.get(absent).is_none(), "{absent} is not built");
    }
    let out =
        |uri: &str| format!("/helseid/connect/endsession?state=x&post_logout_redirect_uri={uri}");
    let location: Url = world.get(&out("http://localhost:8080/")).await.location();
    assert_eq!(location.as_str(), "http://localhost:8080/?state=x");
    world.get(&out("https://evil.example/")).await.expect(200);
}

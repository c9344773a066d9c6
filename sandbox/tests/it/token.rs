//! From code to tokens: the answer, the `id_token`, and every way in which a code is refused.

use std::time::Duration;

use axum::http::Method;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use sandbox::{AccessTokenForm, Behaviour, FhirUserForm, IdTokenFault, NewClient};
use serde_json::Value;

use crate::support::{BASE, World, parameter, public_client, text, world, worlds};

/// The claims of a JWT that the sandbox's published keys verify.
async fn verified(world: &World, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let keys: JwkSet = serde_json::from_value(world.get("/demo/auth/jwks").await.json()).unwrap();
    let kid = jsonwebtoken::decode_header(token)?.kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Value>(token, &key, &validation).map(|data| data.claims)
}

#[tokio::test]
async fn requirements_73_to_78_and_84_to_88_the_answer_is_complete_typed_and_not_cached() {
    for world in worlds().await {
        let code = world
            .code(
                "launch openid fhirUser offline_access patient/*.rs",
                Behaviour::default(),
            )
            .await;
        let answer = world.redeem(&code, &[]).await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("pragma"), "no-cache");
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json")
        );
        let tokens = answer.json();
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(
            tokens["expires_in"].as_u64(),
            Some(3600),
            "a number, at most an hour (91)"
        );
        assert_eq!(
            tokens["scope"],
            "launch openid fhirUser offline_access patient/*.rs"
        );
        // Requirements 170, 171 and 173: context with the right types.
        assert_eq!(tokens["patient"], "p0");
        assert_eq!(tokens["need_patient_banner"].as_bool(), Some(true));
        for token in ["access_token", "refresh_token", "id_token"] {
            assert!(text(&tokens, token).len() > 40, "{token}");
        }
    }
}

#[tokio::test]
async fn requirement_168_there_is_no_context_without_the_scope_launch() {
    let world = world().await;
    let tokens = world
        .tokens("user/Practitioner.r patient/*.rs", Behaviour::default())
        .await;
    assert_eq!(tokens["scope"], "user/Practitioner.r");
    assert!(tokens.get("patient").is_none());
    assert!(tokens.get("id_token").is_none());
    assert!(tokens.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_code_serves_once_and_its_reuse_takes_the_tokens_away() {
    for world in worlds().await {
        let code = world
            .code("launch offline_access patient/*.rs", Behaviour::default())
            .await;
        let tokens = world.redeem(&code, &[]).await.expect(200).json();
        assert!(world.is_active(text(&tokens, "access_token")).await);
        assert_eq!(
            world.redeem(&code, &[]).await.expect(400).error(),
            "invalid_grant"
        );
        assert!(!world.is_active(text(&tokens, "access_token")).await);
        let refreshed = world.refresh(text(&tokens, "refresh_token"), &[]).await;
        assert_eq!(refreshed.expect(400).error(), "invalid_grant");
    }
}

#[tokio::test]
async fn requirements_31_and_70_a_wrong_verifier_uses_the_code_up() {
    for world in worlds().await {
        for wrong in ["", "short", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"] {
            let code = world
                .code("launch patient/*.rs", Behaviour::default())
                .await;
            let refused = world.redeem(&code, &[("code_verifier", wrong)]).await;
            assert_eq!(refused.expect(400).error(), "invalid_grant", "{wrong}");
            assert_eq!(
                world.redeem(&code, &[]).await.expect(400).error(),
                "invalid_grant"
            );
        }
    }
}

#[tokio::test]
async fn requirement_58_a_code_lives_a_minute() {
    let world = world().await;
    let code = world
        .code("launch patient/*.rs", Behaviour::default())
        .await;
    world.clock.advance(Duration::from_millis(59_999));
    world.redeem(&code, &[]).await.expect(200);
    let code = world
        .code("launch patient/*.rs", Behaviour::default())
        .await;
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(
        world.redeem(&code, &[]).await.expect(400).error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn requirement_69_the_redirect_address_must_be_the_same_again() {
    let world = world().await;
    for other in ["", "https://app.example/cb/", "https://app.example/cb?x"] {
        let code = world
            .code("launch patient/*.rs", Behaviour::default())
            .await;
        let refused = world.redeem(&code, &[("redirect_uri", other)]).await;
        assert_eq!(refused.expect(400).error(), "invalid_grant", "{other}");
    }
}

#[tokio::test]
async fn another_client_can_neither_redeem_nor_use_up_a_code() {
    for world in worlds().await {
        world
            .register(NewClient {
                client_id: Some("other".to_owned()),
                ..public_client()
            })
            .await;
        let code = world
            .code("launch patient/*.rs", Behaviour::default())
            .await;
        let stolen = world.redeem(&code, &[("client_id", "other")]).await;
        assert_eq!(stolen.expect(400).error(), "invalid_grant");
        world.redeem(&code, &[]).await.expect(200);
    }
}

#[tokio::test]
async fn a_code_is_unknown_in_another_sandbox() {
    for world in worlds().await {
        let new = sandbox::NewSandbox {
            name: Some("other".to_owned()),
            size: Some(5),
            ..sandbox::NewSandbox::default()
        };
        world.sandbox.create(new).await.unwrap();
        world
            .sandbox
            .register_client("other", public_client())
            .await
            .unwrap();
        let code = world
            .code("launch patient/*.rs", Behaviour::default())
            .await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", crate::support::REDIRECT),
            ("code_verifier", crate::support::VERIFIER),
            ("client_id", "app"),
        ];
        let refused = world.form("/other/auth/token", &fields, &[]).await;
        assert_eq!(refused.expect(400).error(), "invalid_grant");
        world.redeem(&code, &[]).await.expect(200);
    }
}

#[tokio::test]
async fn two_redemptions_at_the_same_moment_give_one_answer() {
    for world in worlds().await {
        let code = world
            .code("launch patient/*.rs", Behaviour::default())
            .await;
        let (one, two) = tokio::join!(world.redeem(&code, &[]), world.redeem(&code, &[]));
        let issued = [&one, &two]
            .into_iter()
            .filter(|answer| answer.status == 200)
            .count();
        assert!(issued <= 1, "{one:?} {two:?}");
    }
}

#[tokio::test]
async fn unknown_grants_and_missing_fields_have_their_own_errors() {
    let world = world().await;
    let errors = [
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")],
            "unsupported_grant_type",
        ),
        (vec![], "invalid_request"),
        (
            vec![("grant_type", "authorization_code"), ("client_id", "app")],
            "invalid_request",
        ),
        (
            vec![
                ("grant_type", "authorization_code"),
                ("client_id", "app"),
                ("code", "x"),
            ],
            "invalid_grant",
        ),
        (
            vec![("grant_type", "a"), ("grant_type", "b")],
            "invalid_request",
        ),
    ];
    for (fields, error) in errors {
        let refused = world
            .form("/demo/auth/token", &fields, &[])
            .await
            .expect(400);
        assert_eq!(refused.error(), error, "{fields:?}");
        assert_eq!(refused.header("cache-control"), "no-store");
    }
    let nowhere = world
        .form(
            "/nobody/auth/token",
            &[("grant_type", "authorization_code")],
            &[],
        )
        .await;
    nowhere.expect(404);
    let unreadable = world.ask(Method::GET, "/demo/auth/token", &[]).await;
    unreadable.expect(405);
}

#[tokio::test]
async fn requirements_205_to_209_the_id_token_is_signed_named_and_for_the_client() {
    for world in worlds().await {
        let launched = world.launch(Behaviour::default()).await;
        let changes = [
            ("launch", launched.launch.as_str()),
            ("scope", "launch openid fhirUser profile offline_access"),
            ("nonce", "n-0S6_WzA2Mj"),
        ];
        let code = parameter(&world.authorize(&changes).await.location(), "code").unwrap();
        let tokens = world.redeem(&code, &[]).await.expect(200).json();
        let claims = verified(&world, text(&tokens, "id_token")).await.unwrap();
        assert_eq!(claims["iss"], BASE);
        assert_eq!(claims["aud"], "app");
        assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
        assert_eq!(
            claims["fhirUser"],
            format!("{BASE}/Practitioner/practitioner-1")
        );
        assert_eq!(claims["profile"], claims["fhirUser"]);
        let (iat, exp) = (
            claims["iat"].as_i64().unwrap(),
            claims["exp"].as_i64().unwrap(),
        );
        assert!(exp > iat && exp - iat <= 3600);
        let again = world
            .refresh(text(&tokens, "refresh_token"), &[])
            .await
            .expect(200)
            .json();
        let later = verified(&world, text(&again, "id_token")).await.unwrap();
        assert_eq!(later["sub"], claims["sub"]);
        assert!(later.get("nonce").is_none());
    }
}

#[tokio::test]
async fn fhir_user_is_relative_when_the_launch_asks_for_it() {
    let world = world().await;
    let behaviour = Behaviour {
        fhir_user: FhirUserForm::Relative,
        practitioner_parameter: true,
        ..Behaviour::default()
    };
    let tokens = world.tokens("launch openid fhirUser", behaviour).await;
    let claims = verified(&world, text(&tokens, "id_token")).await.unwrap();
    assert_eq!(claims["fhirUser"], "Practitioner/practitioner-1");
    assert_eq!(tokens["practitioner"], "practitioner-1");
}

#[tokio::test]
async fn every_forged_id_token_differs_from_the_right_one_in_one_thing() {
    let world = world().await;
    let of = |fault| {
        let behaviour = Behaviour {
            id_token: Some(fault),
            ..Behaviour::default()
        };
        let world = &world;
        async move {
            let launched = world.launch(behaviour).await;
            let changes = [
                ("launch", launched.launch.as_str()),
                ("scope", "launch openid"),
                ("nonce", "n"),
            ];
            let code = parameter(&world.authorize(&changes).await.location(), "code").unwrap();
            let tokens = world.redeem(&code, &[]).await.expect(200).json();
            text(&tokens, "id_token").to_owned()
        }
    };
    assert!(
        verified(&world, &of(IdTokenFault::Signature).await)
            .await
            .is_err()
    );
    assert!(of(IdTokenFault::AlgNone).await.ends_with('.'));
    let claims = |token: String| {
        let world = &world;
        async move { verified(world, &token).await.unwrap() }
    };
    assert_eq!(
        claims(of(IdTokenFault::Audience).await).await["aud"],
        "another-client"
    );
    assert_ne!(claims(of(IdTokenFault::Issuer).await).await["iss"], BASE);
    assert_eq!(
        claims(of(IdTokenFault::Nonce).await).await["nonce"],
        "another-nonce"
    );
    let expired = claims(of(IdTokenFault::Expired).await).await;
    assert!(expired["exp"].as_i64().unwrap() < foundation::testing::START.seconds());
}

#[tokio::test]
async fn an_access_token_can_be_a_jwt_that_the_published_keys_verify() {
    let world = world().await;
    let behaviour = Behaviour {
        access_token: AccessTokenForm::Jwt,
        ..Behaviour::default()
    };
    let tokens = world.tokens("launch patient/*.rs", behaviour).await;
    let claims = verified(&world, text(&tokens, "access_token"))
        .await
        .unwrap();
    assert_eq!(claims["iss"], BASE);
    assert_eq!(claims["client_id"], "app");
    assert_eq!(claims["patient"], "p0");
    assert!(world.is_active(text(&tokens, "access_token")).await);
}

#[tokio::test]
async fn keys_and_tokens_survive_a_restart() {
    for world in worlds().await {
        let tokens = world
            .tokens("launch openid patient/*.rs", Behaviour::default())
            .await;
        let again = sandbox::Sandbox::new(sandbox::Parts {
            database: world.database.database.clone(),
            clock: world.clock.clone(),
            entropy: foundation::testing::entropy(),
            config: sandbox::SandboxConfig::default(),
            approvals: world.registry.clone(),
            notifications: world.endpoint.clone(),
        })
        .unwrap();
        again.prepare().await.unwrap();
        let restarted = World::of(again, &world);
        assert!(
            verified(&restarted, text(&tokens, "id_token"))
                .await
                .is_ok()
        );
        assert_eq!(again_keys(&restarted).await, again_keys(&world).await);
    }
}

async fn again_keys(world: &World) -> Value {
    world.get("/demo/auth/jwks").await.json()
}

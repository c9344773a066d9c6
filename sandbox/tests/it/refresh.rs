//! Refreshing, introspection, revocation, and the family of tokens as a whole.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sandbox::{AuthMethod, Behaviour, NewClient};

use crate::support::{BASE, World, public_client, text, world, worlds};

const OFFLINE: &str = "launch openid fhirUser offline_access patient/*.rs";

#[tokio::test]
async fn requirements_109_to_114_a_refresh_gives_the_same_scope_and_a_new_token() {
    for world in worlds().await {
        let first = world.tokens(OFFLINE, Behaviour::default()).await;
        let answer = world
            .refresh(text(&first, "refresh_token"), &[])
            .await
            .expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        let second = answer.json();
        assert_eq!(second["token_type"], "Bearer");
        assert_eq!(second["scope"], first["scope"]);
        assert_eq!(second["expires_in"].as_u64(), Some(3600));
        assert_eq!(second["patient"], first["patient"]);
        assert_ne!(second["access_token"], first["access_token"]);
        assert_ne!(second["refresh_token"], first["refresh_token"]);
    }
}

#[tokio::test]
async fn a_refresh_token_serves_once_and_reuse_ends_the_whole_authorization() {
    for world in worlds().await {
        let first = world.tokens(OFFLINE, Behaviour::default()).await;
        let second = world
            .refresh(text(&first, "refresh_token"), &[])
            .await
            .expect(200)
            .json();
        let reused = world.refresh(text(&first, "refresh_token"), &[]).await;
        assert_eq!(reused.expect(400).error(), "invalid_grant");
        let honest = world.refresh(text(&second, "refresh_token"), &[]).await;
        assert_eq!(honest.expect(400).error(), "invalid_grant");
        assert!(!world.is_active(text(&second, "access_token")).await);
    }
}

#[tokio::test]
async fn requirement_103_another_client_can_neither_refresh_nor_end_the_authorization() {
    for world in worlds().await {
        world
            .register(NewClient {
                client_id: Some("other".to_owned()),
                ..public_client()
            })
            .await;
        let tokens = world.tokens(OFFLINE, Behaviour::default()).await;
        let refresh_token = text(&tokens, "refresh_token");
        let stolen = world
            .refresh(refresh_token, &[("client_id", "other")])
            .await;
        assert_eq!(stolen.expect(400).error(), "invalid_grant");
        world.refresh(refresh_token, &[]).await.expect(200);
    }
}

#[tokio::test]
async fn requirements_104_and_108_a_refresh_may_narrow_and_never_widen() {
    let world = world().await;
    let tokens = world.tokens(OFFLINE, Behaviour::default()).await;
    let wider = world
        .refresh(
            text(&tokens, "refresh_token"),
            &[("scope", "patient/*.cruds")],
        )
        .await;
    assert_eq!(wider.expect(400).error(), "invalid_scope");
    let narrow = "offline_access patient/Patient.r";
    let narrowed = world
        .refresh(text(&tokens, "refresh_token"), &[("scope", narrow)])
        .await
        .expect(200)
        .json();
    assert_eq!(narrowed["scope"], narrow);
}

#[tokio::test]
async fn requirement_100_online_access_ends_with_the_login_and_101_offline_goes_on() {
    let world = world().await;
    let online = world
        .tokens("launch online_access patient/*.rs", Behaviour::default())
        .await;
    let offline = world.tokens(OFFLINE, Behaviour::default()).await;
    world.clock.advance(Duration::from_hours(9));
    let refused = world.refresh(text(&online, "refresh_token"), &[]).await;
    assert_eq!(refused.expect(400).error(), "invalid_grant");
    world
        .refresh(text(&offline, "refresh_token"), &[])
        .await
        .expect(200);
}

#[tokio::test]
async fn a_public_client_may_leave_its_name_out_and_a_confidential_one_may_not() {
    let world = world().await;
    let tokens = world.tokens(OFFLINE, Behaviour::default()).await;
    world
        .refresh(text(&tokens, "refresh_token"), &[("client_id", "")])
        .await
        .expect(200);
    let nobody = world.refresh("mprt_unknown", &[("client_id", "")]).await;
    assert_eq!(nobody.expect(401).error(), "invalid_client");
}

#[tokio::test]
async fn an_access_token_is_no_refresh_token() {
    let world = world().await;
    let tokens = world.tokens(OFFLINE, Behaviour::default()).await;
    let refused = world.refresh(text(&tokens, "access_token"), &[]).await;
    assert_eq!(refused.expect(400).error(), "invalid_grant");
}

#[tokio::test]
async fn no_refresh_token_is_given_when_the_launch_says_so() {
    let world = world().await;
    let tokens = world
        .tokens(
            OFFLINE,
            Behaviour {
                without_refresh: true,
                ..Behaviour::default()
            },
        )
        .await;
    assert!(tokens.get("refresh_token").is_none());
}

#[tokio::test]
async fn requirements_271_to_283_introspection_mirrors_the_token_and_hides_the_rest() {
    for world in worlds().await {
        let confidential = NewClient {
            client_id: Some("server".to_owned()),
            token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
            ..public_client()
        };
        let secret = world.register(confidential).await.unwrap();
        let basic = format!(
            "Basic {}",
            data_encoding::BASE64.encode(format!("server:{secret}").as_bytes())
        );
        let tokens = world.tokens(OFFLINE, Behaviour::default()).await;
        let token = text(&tokens, "access_token");
        let ask = |token, headers: Vec<(&'static str, String)>| {
            let world = &world;
            async move {
                let headers: Vec<(&str, &str)> =
                    headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
                world
                    .form("/demo/auth/introspect", &[("token", token)], &headers)
                    .await
            }
        };
        let described = ask(token, vec![("authorization", basic.clone())])
            .await
            .expect(200)
            .json();
        assert_eq!(described["active"].as_bool(), Some(true));
        assert_eq!(described["scope"], tokens["scope"]);
        assert_eq!(described["client_id"], "app");
        assert_eq!(described["patient"], "p0");
        assert_eq!(described["iss"], BASE);
        assert!(described["sub"].is_string());
        assert!(text(&described, "fhirUser").ends_with("Practitioner/practitioner-1"));
        assert_eq!(
            described["exp"].as_i64(),
            Some(foundation::testing::START.seconds() + 3600)
        );
        let nothing = ask("unknown", vec![("authorization", basic.clone())])
            .await
            .expect(200)
            .json();
        assert_eq!(nothing, serde_json::json!({"active": false}));
        ask(token, vec![]).await.expect(401);
        ask(token, vec![("authorization", "Bearer x".to_owned())])
            .await
            .expect(401);
        world.clock.advance(Duration::from_hours(1));
        let expired = ask(token, vec![("authorization", basic)])
            .await
            .expect(200)
            .json();
        assert_eq!(expired, serde_json::json!({"active": false}));
    }
}

#[tokio::test]
async fn revocation_ends_a_token_and_a_refresh_token_ends_everything() {
    for world in worlds().await {
        world
            .register(NewClient {
                client_id: Some("other".to_owned()),
                ..public_client()
            })
            .await;
        let revoke = |token: String, client: &'static str| {
            let world = &world;
            async move {
                world
                    .form(
                        "/demo/auth/revoke",
                        &[("token", &token), ("client_id", client)],
                        &[],
                    )
                    .await
            }
        };
        let tokens = world.tokens(OFFLINE, Behaviour::default()).await;
        let (access, refresh) = (
            text(&tokens, "access_token"),
            text(&tokens, "refresh_token"),
        );
        revoke(access.to_owned(), "other").await.expect(200);
        assert!(
            world.is_active(access).await,
            "none of the other's business"
        );
        revoke(access.to_owned(), "app").await.expect(200);
        assert!(!world.is_active(access).await);
        let second = world.refresh(refresh, &[]).await.expect(200).json();
        revoke(text(&second, "refresh_token").to_owned(), "app")
            .await
            .expect(200);
        assert!(!world.is_active(text(&second, "access_token")).await);
        revoke("unknown".to_owned(), "app").await.expect(200);
    }
}

/// What may happen to an authorization.
#[derive(Clone, Debug)]
enum Step {
    RefreshNewest,
    RefreshOld(usize),
    RefreshAsOther,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::RefreshNewest),
        1 => (0usize..4).prop_map(Step::RefreshOld),
        1 => Just(Step::RefreshAsOther),
        2 => (1u64..40 * 24 * 3600).prop_map(Step::Wait),
    ]
}

/// Whatever happens: only the newest unexpired refresh token of a family that saw no reuse serves.
#[test]
fn a_family_of_refresh_tokens_follows_its_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(async {
        let world = world().await;
        world
            .register(NewClient {
                client_id: Some("other".to_owned()),
                ..public_client()
            })
            .await;
        world
    });
    let mut runner = TestRunner::new(Config::with_cases(24));
    let steps = prop::collection::vec(step(), 1..10);
    runner
        .run(&steps, |steps| runtime.block_on(follow(&world, steps)))
        .unwrap();
}

async fn follow(world: &World, steps: Vec<Step>) -> Result<(), TestCaseError> {
    const LIFETIME: u64 = 90 * 24 * 3600;
    let first = world.tokens(OFFLINE, Behaviour::default()).await;
    let mut tokens = vec![text(&first, "refresh_token").to_owned()];
    let (mut dead, mut age) = (false, 0);
    for step in steps {
        let newest = tokens.last().cloned().unwrap();
        match step {
            Step::Wait(seconds) => {
                world.clock.advance(Duration::from_secs(seconds));
                age += seconds;
            }
            Step::RefreshAsOther => {
                let answer = world.refresh(&newest, &[("client_id", "other")]).await;
                prop_assert_eq!(answer.error(), "invalid_grant");
            }
            Step::RefreshNewest => {
                let answer = world.refresh(&newest, &[]).await;
                let serves = !dead && age < LIFETIME;
                prop_assert_eq!(answer.status == 200, serves, "{:?}", answer);
                if serves {
                    tokens.push(text(&answer.json(), "refresh_token").to_owned());
                    age = 0;
                }
            }
            Step::RefreshOld(index) if index + 1 < tokens.len() => {
                let answer = world.refresh(&tokens[index], &[]).await;
                prop_assert_eq!(answer.error(), "invalid_grant");
                dead = true;
            }
            Step::RefreshOld(_) => {}
        }
    }
    Ok(())
}

//! The authorization endpoint in an EHR launch.

use std::time::Duration;

use sandbox::{Behaviour, NewClient, NewSandbox, StateBehaviour};

use crate::support::{
    REDIRECT, STATE, authorization_query, parameter, public_client, world, worlds,
};

#[tokio::test]
async fn requirements_48_49_53_56_57_59_get_and_post_answer_with_a_code_and_the_exact_state() {
    for world in worlds().await {
        let launched = world.launch(Behaviour::default()).await;
        let changes = [("launch", launched.launch.as_str())];
        let by_get = world.authorize(&changes).await;
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_str(&authorization_query(&changes)).unwrap();
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let by_post = world.form("/demo/auth/authorize", &fields, &[]).await;
        for answer in [by_get, by_post] {
            let location = answer.location();
            assert!(location.as_str().starts_with(REDIRECT));
            assert_eq!(parameter(&location, "state").as_deref(), Some(STATE));
            let code = parameter(&location, "code").unwrap();
            assert!(
                code.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
                "{code}"
            );
            assert_eq!(location.query_pairs().count(), 2, "{location}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn requirement_54_a_denied_request_is_told_with_its_state() {
    let world = world().await;
    let launched = world
        .launch(Behaviour {
            deny: true,
            ..Behaviour::default()
        })
        .await;
    let location = world
        .authorize(&[("launch", &launched.launch)])
        .await
        .location();
    assert_eq!(
        parameter(&location, "error").as_deref(),
        Some("access_denied")
    );
    assert_eq!(parameter(&location, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&location, "code"), None);
}

#[tokio::test]
async fn a_forged_or_missing_state_comes_with_a_valid_code_when_the_launch_asks_for_it() {
    let world = world().await;
    for (state, expected) in [
        (StateBehaviour::Altered, true),
        (StateBehaviour::Omitted, false),
    ] {
        let launched = world
            .launch(Behaviour {
                state,
                ..Behaviour::default()
            })
            .await;
        let location = world
            .authorize(&[("launch", &launched.launch)])
            .await
            .location();
        let returned = parameter(&location, "state");
        assert_ne!(returned.as_deref(), Some(STATE));
        assert_eq!(
            returned.map(|state| state.chars().count()),
            expected.then(|| STATE.chars().count())
        );
        let code = parameter(&location, "code").unwrap();
        world.redeem(&code, &[]).await.expect(200);
    }
}

#[tokio::test]
async fn requirement_34_nothing_is_sent_to_an_address_that_is_almost_registered() {
    let world = world().await;
    for almost in [
        "https://app.example/cb/",
        "https://app.example/cb?x=1",
        "https://app.example/cb#x",
        "https://app.example/CB",
        "https://app.example:443/cb",
        "http://app.example/cb",
        "https://app.example.evil/cb",
        "https://app.example/cb ",
        "",
    ] {
        let answer = world
            .authorize(&[("redirect_uri", almost)])
            .await
            .expect(400);
        assert_eq!(answer.header("location"), "", "{almost}");
        assert!(answer.text.contains("redirect_uri"), "{almost}");
    }
    let unknown = world
        .authorize(&[("client_id", "somebody")])
        .await
        .expect(400);
    assert_eq!(unknown.header("location"), "");
}

#[tokio::test]
async fn requirements_13_31_32_37_41_what_is_missing_or_wrong_is_told_to_the_client() {
    let world = world().await;
    let launched = world.launch(Behaviour::default()).await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("aud", "", "invalid_request"),
        ("aud", "http://localhost:8081/demo/fhir/", "invalid_request"),
        ("aud", "http://localhost:8081/other/fhir", "invalid_request"),
        ("scope", "", "invalid_scope"),
        ("scope", "system/*.rs nonsense", "invalid_scope"),
        ("state", "", "invalid_request"),
    ] {
        let changes = [("launch", launched.launch.as_str()), (name, value)];
        let location = world.authorize(&changes).await.location();
        assert_eq!(
            parameter(&location, "error").as_deref(),
            Some(error),
            "{name}={value}"
        );
        assert_eq!(parameter(&location, "code"), None, "{name}={value}");
    }
    // `resource` is a synonym of `aud` (requirement 43).
    let changes = [
        ("launch", launched.launch.as_str()),
        ("aud", ""),
        ("resource", crate::support::BASE),
    ];
    assert!(parameter(&world.authorize(&changes).await.location(), "code").is_some());
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let world = world().await;
    let query = format!("{}&scope=openid", authorization_query(&[]));
    let location = world
        .get(&format!("/demo/auth/authorize?{query}"))
        .await
        .location();
    assert_eq!(
        parameter(&location, "error").as_deref(),
        Some("invalid_request")
    );
}

#[tokio::test]
async fn requirement_35_a_launch_serves_its_own_app_in_its_own_sandbox_in_its_time() {
    for world in worlds().await {
        let refused = |location: url::Url| {
            assert_eq!(
                parameter(&location, "error").as_deref(),
                Some("invalid_request"),
                "{location}"
            );
        };
        refused(
            world
                .authorize(&[("launch", "mpl_unknown")])
                .await
                .location(),
        );
        let other = NewClient {
            client_id: Some("other".to_owned()),
            ..public_client()
        };
        world.register(other).await;
        let foreign = world.launch_of("other", Behaviour::default()).await;
        refused(
            world
                .authorize(&[("launch", &foreign.launch)])
                .await
                .location(),
        );
        let elsewhere = NewSandbox {
            name: Some("elsewhere".to_owned()),
            size: Some(5),
            ..NewSandbox::default()
        };
        world.sandbox.create(elsewhere).await.unwrap();
        world
            .sandbox
            .register_client("elsewhere", public_client())
            .await
            .unwrap();
        let own = world.launch(Behaviour::default()).await;
        let query = authorization_query(&[
            ("launch", own.launch.as_str()),
            ("aud", "http://localhost:8081/elsewhere/fhir"),
        ]);
        refused(
            world
                .get(&format!("/elsewhere/auth/authorize?{query}"))
                .await
                .location(),
        );
        world.clock.advance(Duration::from_mins(10));
        refused(world.authorize(&[("launch", &own.launch)]).await.location());
    }
}

#[tokio::test]
async fn a_scope_that_is_not_registered_is_left_out_and_the_rest_is_granted() {
    let world = world().await;
    let asked = "launch patient/Patient.rs patient/Observation.cruds user/*.cruds";
    let tokens = world.tokens(asked, Behaviour::default()).await;
    assert_eq!(
        tokens["scope"],
        "launch patient/Patient.rs patient/Observation.rs user/Practitioner.r"
    );
    let behaviour = Behaviour {
        grant: Some("launch patient/Patient.r".to_owned()),
        ..Behaviour::default()
    };
    let narrowed = world.tokens(asked, behaviour).await;
    assert_eq!(narrowed["scope"], "launch patient/Patient.r");
}

#[tokio::test]
async fn requirement_369_v1_scopes_are_granted_in_their_own_words() {
    let world = world().await;
    let tokens = world
        .tokens("launch patient/Observation.read", Behaviour::default())
        .await;
    assert_eq!(tokens["scope"], "launch patient/Observation.read");
}

//! Standalone launches: the pages where a user logs in, chooses a patient and says yes or no.

use std::time::Duration;

use sandbox::Behaviour;
use url::Url;

use crate::support::{Answer, REDIRECT, STATE, World, parameter, text, world, worlds};

const ASKED: &str =
    "openid fhirUser launch/patient launch/encounter offline_access patient/Observation.rs";

/// A standalone launch up to its first page.
struct Visit<'a> {
    world: &'a World,
    ticket: String,
}

impl<'a> Visit<'a> {
    async fn begin(world: &'a World, scope: &str) -> Self {
        let location = world.authorize(&[("scope", scope)]).await.location();
        assert_eq!(location.path(), "/demo/auth/login");
        Self {
            world,
            ticket: parameter(&location, "request").unwrap(),
        }
    }

    async fn page(&self) -> Answer {
        self.world
            .get(&format!("/demo/auth/login?request={}", self.ticket))
            .await
    }

    async fn say(&self, name: &str, value: &str) -> Answer {
        self.world
            .form(
                "/demo/auth/login",
                &[("request", &self.ticket), (name, value)],
                &[],
            )
            .await
    }

    async fn decide(&self, decision: &str) -> Url {
        self.say("decision", decision).await.location()
    }
}

#[tokio::test]
async fn requirements_353_363_364_a_practitioner_logs_in_chooses_a_patient_and_allows() {
    for world in worlds().await {
        let visit = Visit::begin(&world, ASKED).await;
        assert!(
            visit
                .page()
                .await
                .expect(200)
                .text
                .contains("value=\"Practitioner/practitioner-2\"")
        );
        visit
            .say("user", "Practitioner/practitioner-2")
            .await
            .location();
        assert!(
            visit
                .page()
                .await
                .expect(200)
                .text
                .contains("name=\"patient\" value=\"p1\"")
        );
        visit.say("patient", "p1").await.location();
        let page = visit.page().await.expect(200);
        assert!(page.text.contains("Blodtrykk") && page.text.contains("patient/Observation.rs"));
        assert!(
            page.header("content-security-policy")
                .contains("form-action 'self' https://app.example")
        );
        let location = visit.decide("allow").await;
        assert!(location.as_str().starts_with(REDIRECT));
        assert_eq!(parameter(&location, "state").as_deref(), Some(STATE));
        let code = parameter(&location, "code").unwrap();
        let tokens = world.redeem(&code, &[]).await.expect(200).json();
        assert_eq!(tokens["patient"], "p1");
        assert_eq!(tokens["scope"], ASKED);
        assert!(text(&tokens, "encounter").starts_with("p1-"));
    }
}

#[tokio::test]
async fn requirement_54_no_means_access_denied_and_the_choice_is_made_once() {
    for world in worlds().await {
        let visit = Visit::begin(&world, ASKED).await;
        visit
            .say("user", "Practitioner/practitioner-1")
            .await
            .location();
        visit.say("patient", "p2").await.location();
        let location = visit.decide("deny").await;
        assert_eq!(
            parameter(&location, "error").as_deref(),
            Some("access_denied")
        );
        assert_eq!(parameter(&location, "state").as_deref(), Some(STATE));
        visit.say("decision", "allow").await.expect(410);
        visit.page().await.expect(410);
    }
}

#[tokio::test]
async fn a_patient_sees_nobody_but_themselves() {
    let world = world().await;
    let visit = Visit::begin(
        &world,
        "openid fhirUser launch/patient patient/*.rs user/Practitioner.r",
    )
    .await;
    visit.say("user", "Patient/p3").await.location();
    visit.say("patient", "p4").await.location();
    let code = parameter(&visit.decide("allow").await, "code").unwrap();
    let tokens = world.redeem(&code, &[]).await.expect(200).json();
    assert_eq!(tokens["patient"], "p3");
    assert_eq!(
        tokens["scope"],
        "openid fhirUser launch/patient patient/*.rs"
    );
}

#[tokio::test]
async fn nobody_who_is_not_there_can_be_chosen_and_nothing_is_granted_before_login() {
    let world = world().await;
    let visit = Visit::begin(&world, ASKED).await;
    visit.say("decision", "allow").await.expect(410);
    for (name, value) in [
        ("user", "Practitioner/practitioner-99"),
        ("user", "Patient/p9999"),
        ("user", "Organization/practice-1"),
        ("user", "nobody"),
    ] {
        visit.say(name, value).await.expect(404);
    }
    visit
        .say("user", "Practitioner/practitioner-1")
        .await
        .location();
    visit.say("patient", "p9999").await.expect(404);
    visit.say("patient", "<script>").await.expect(404);
}

#[tokio::test]
async fn no_patient_is_asked_for_when_none_is_needed() {
    let world = world().await;
    let visit = Visit::begin(&world, "openid fhirUser user/Practitioner.r").await;
    visit
        .say("user", "Practitioner/practitioner-1")
        .await
        .location();
    let code = parameter(&visit.decide("allow").await, "code").unwrap();
    let tokens = world.redeem(&code, &[]).await.expect(200).json();
    assert!(tokens.get("patient").is_none());
}

#[tokio::test]
async fn a_login_ends_after_ten_minutes_and_a_guess_finds_nothing() {
    let world = world().await;
    let visit = Visit::begin(&world, ASKED).await;
    world.clock.advance(Duration::from_mins(10));
    visit.page().await.expect(410);
    world
        .get("/demo/auth/login?request=guess")
        .await
        .expect(410);
    world.get("/demo/auth/login").await.expect(410);
}

#[tokio::test]
async fn every_page_of_the_login_speaks_three_languages() {
    let world = world().await;
    let visit = Visit::begin(&world, ASKED).await;
    let shown = |step: &'static str| {
        let (world, ticket) = (&world, visit.ticket.clone());
        async move {
            for (tag, q) in [("nb", ""), ("nn", "p1"), ("en", "zzz")] {
                let page = world
                    .get(&format!(
                        "/demo/auth/login?request={ticket}&lang={tag}&q={q}"
                    ))
                    .await;
                let page = page.expect(200);
                assert!(
                    page.text.contains(&format!("<html lang=\"{tag}\">")),
                    "{step}"
                );
                assert!(!page.text.contains("<script"), "{step}");
                assert!(!page.text.contains(" style="), "{step}");
            }
        }
    };
    shown("login").await;
    visit
        .say("user", "Practitioner/practitioner-1")
        .await
        .location();
    shown("patient").await;
    visit.say("patient", "p1").await.location();
    shown("consent").await;
    // An ordinary launch shows no page.
    let launched = world.launch(Behaviour::default()).await;
    assert!(
        world
            .authorize(&[("launch", &launched.launch)])
            .await
            .location()
            .as_str()
            .starts_with(REDIRECT)
    );
}

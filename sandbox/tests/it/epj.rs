//! The EPJ verifies before it launches: real approvals, tickets, status lists and trust repository,
//! signed by the keys of the verifier's own test world.

use axum::http::Method;
use foundation::Timestamp;
use sandbox::ListedApp;
use serde_json::{Value, json};
use verifier::status::StatusValue;
use verifier::{Digest, Environment};

use crate::issuer::{self, LIST, NOW};
use crate::support::{Answer, World, authorization_query, parameter, worlds};

/// A sandbox whose registry lists one approved app.
pub(crate) struct Stage {
    pub(crate) world: World,
    issuer: issuer::World,
}

pub(crate) async fn stages() -> Vec<Stage> {
    worlds().await.into_iter().map(stage).collect()
}

pub(crate) fn stage(world: World) -> Stage {
    world.clock.set(Timestamp::from_seconds(NOW));
    let mut issuer = issuer::World::in_environment(Environment::Test);
    let approval = issuer.approval();
    let (token, ticket) = issuer.issue(&approval);
    let root = String::from_utf8(issuer.pinned_root()).unwrap();
    *world.registry.root.lock().unwrap() = Some(root);
    *world.registry.trust.lock().unwrap() = Some(issuer.trust_update());
    let list = issuer.status_token(NOW - 10);
    world
        .registry
        .lists
        .lock()
        .unwrap()
        .insert(LIST.to_owned(), list);
    world.registry.apps.lock().unwrap().push(ListedApp {
        software_id: "no.example.blodtrykk".to_owned(),
        version: "1.2.0".to_owned(),
        name: "Blodtrykk".to_owned(),
        organisation: "974760673".to_owned(),
        launch_uri: "https://app.example.no/launch".to_owned(),
        redirect_uris: vec!["https://app.example.no/cb".to_owned()],
        scope: "launch patient/Observation.rs".to_owned(),
        content: Some(Digest::of(b"bundle").to_string()),
        observed: None,
        approval: Some(token),
        ticket: Some(ticket),
    });
    Stage { world, issuer }
}

impl Stage {
    pub(crate) async fn launch(&self) -> Answer {
        let wanted = json!({
            "software_id": "no.example.blodtrykk",
            "version": "1.2.0",
            "practitioner": "practitioner-2",
            "patient": "p3",
            "encounter": null,
        });
        self.world
            .json(Method::POST, "/demo/epj/launches", None, &wanted)
            .await
    }

    async fn refused(&self, code: &str) {
        let answer = self.launch().await.expect(403);
        assert_eq!(answer.json()["code"], code, "{answer:?}");
        assert!(!answer.json()["remedy"].as_str().unwrap().is_empty());
        let page = self.page().await;
        assert!(page.text.contains(code), "{code} is not on the page");
    }

    pub(crate) async fn page(&self) -> Answer {
        self.world.get("/demo/?patient=p3").await.expect(200)
    }

    pub(crate) async fn refresh(&self) -> Answer {
        self.world
            .json(Method::POST, "/demo/epj/status-lists", None, &Value::Null)
            .await
    }

    /// Publishes a list in which the app has this status; gives the token.
    pub(crate) fn publish_status(&mut self, value: StatusValue, at: i64) -> String {
        let list = self.issuer.set_status(value, at);
        let mut lists = self.world.registry.lists.lock().unwrap();
        lists.insert(LIST.to_owned(), list.clone());
        list
    }

    fn change(&self, change: impl FnOnce(&mut ListedApp)) {
        change(&mut self.world.registry.apps.lock().unwrap()[0]);
    }
}

#[tokio::test]
async fn an_approved_app_is_launched_and_can_do_what_was_approved_and_no_more() {
    for stage in stages().await {
        let launched = stage.launch().await.expect(201).json();
        let url = url::Url::parse(launched["url"].as_str().unwrap()).unwrap();
        assert!(
            url.as_str()
                .starts_with("https://app.example.no/launch?iss=")
        );
        let launch = parameter(&url, "launch").unwrap();
        let query = authorization_query(&[
            ("client_id", "no.example.blodtrykk"),
            ("redirect_uri", "https://app.example.no/cb"),
            ("scope", "launch openid fhirUser patient/*.cruds"),
            ("launch", &launch),
        ]);
        let location = stage
            .world
            .get(&format!("/demo/auth/authorize?{query}"))
            .await
            .location();
        let code = parameter(&location, "code").unwrap();
        let changes = [
            ("client_id", "no.example.blodtrykk"),
            ("redirect_uri", "https://app.example.no/cb"),
        ];
        let tokens = stage.world.redeem(&code, &changes).await.expect(200).json();
        assert_eq!(tokens["patient"], "p3");
        let scope = tokens["scope"].as_str().unwrap();
        assert_eq!(
            scope,
            "launch openid fhirUser patient/Observation.rs patient/Patient.r"
        );
        assert!(stage.page().await.text.contains("Godkjent"));
    }
}

#[tokio::test]
async fn cryptography_happens_once_and_the_list_is_not_fetched_at_each_launch() {
    for stage in stages().await {
        for _ in 0..3 {
            stage.launch().await.expect(201);
        }
        assert_eq!(*stage.world.registry.fetched.lock().unwrap(), 1);
        // The registry may be away: the EPJ goes on with what it has.
        *stage.world.registry.trust.lock().unwrap() = None;
        stage.world.registry.lists.lock().unwrap().clear();
        stage.launch().await.expect(201);
    }
}

#[tokio::test]
async fn a_suspended_app_is_refused_once_the_list_is_fetched_and_a_revoked_one_for_good() {
    for mut stage in stages().await {
        stage.launch().await.expect(201);
        stage.publish_status(StatusValue::Suspended, NOW);
        stage.launch().await.expect(201);
        stage.refresh().await.expect(204);
        stage.refused("E_SUSPENDED").await;
        stage.publish_status(StatusValue::Valid, NOW + 1);
        stage.refresh().await.expect(204);
        stage.launch().await.expect(201);
        stage.publish_status(StatusValue::Invalid, NOW + 2);
        stage.refresh().await.expect(204);
        stage.refused("E_REVOKED").await;
    }
}

#[tokio::test]
async fn a_stale_list_is_fetched_by_itself_and_too_old_a_one_refused() {
    for mut stage in stages().await {
        stage.launch().await.expect(201);
        stage.publish_status(StatusValue::Suspended, NOW + 1800);
        stage.world.clock.set(Timestamp::from_seconds(NOW + 1900));
        stage.refused("E_SUSPENDED").await;
        stage.publish_status(StatusValue::Valid, NOW + 1800);
        stage.refresh().await.expect(204);
        stage.launch().await.expect(201);
        stage.world.registry.lists.lock().unwrap().clear();
        stage
            .world
            .clock
            .set(Timestamp::from_seconds(NOW + 1800 + 2 * issuer::DAY));
        stage.refused("E_STATUS_STALE").await;
    }
}

#[tokio::test]
async fn what_differs_from_the_approval_is_refused_with_its_own_code() {
    for stage in stages().await {
        let original = stage.world.registry.apps.lock().unwrap()[0].clone();
        stage.change(|app| app.approval = None);
        stage.refused("E_NOT_APPROVED").await;
        stage.change(|app| *app = original.clone());
        // One byte of the approval: the last character of its signature.
        let approval = original.approval.clone().unwrap();
        let flipped = if approval.ends_with('A') { "Q" } else { "A" };
        stage.change(|app| {
            app.approval = Some(format!("{}{flipped}", &approval[..approval.len() - 1]));
        });
        let answer = stage.launch().await.expect(403);
        assert!(
            ["E_SIG", "E_FORMAT"].contains(&answer.json()["code"].as_str().unwrap()),
            "{answer:?}"
        );
        stage.change(|app| *app = original.clone());
        stage.change(|app| app.ticket = None);
        stage.refused("E_PROOF_FORMAT").await;
        stage.change(|app| *app = original.clone());
        stage.launch().await.expect(201);
        stage.change(|app| app.content = Some(Digest::of(b"bundlf").to_string()));
        stage.refused("E_DIGEST").await;
        stage.change(|app| {
            *app = ListedApp {
                organisation: "889640782".to_owned(),
                ..original.clone()
            }
        });
        stage.refused("E_VENDOR").await;
        stage.change(|app| {
            *app = ListedApp {
                launch_uri: "https://app.example.no/launch2".to_owned(),
                ..original.clone()
            }
        });
        stage.refused("E_LAUNCH_URI").await;
        let unknown = json!({"software_id": "no.example.annet", "version": "1.0.0", "practitioner": null, "patient": null, "encounter": null});
        let answer = stage
            .world
            .json(Method::POST, "/demo/epj/launches", None, &unknown)
            .await;
        assert_eq!(answer.expect(403).json()["code"], "E_NOT_APPROVED");
    }
}

#[tokio::test]
async fn another_registry_is_not_believed_because_the_root_is_pinned() {
    for stage in stages().await {
        stage.launch().await.expect(201);
        let other = issuer::World::in_environment(Environment::Test);
        let root = String::from_utf8(other.pinned_root()).unwrap();
        *stage.world.registry.root.lock().unwrap() = Some(root);
        *stage.world.registry.trust.lock().unwrap() = Some(other.trust_update());
        let answer = stage.refresh().await.expect(403);
        assert_eq!(answer.json()["code"], "E_TRUST_CONFIG", "{answer:?}");
        stage.launch().await.expect(201);
    }
}

#[tokio::test]
async fn a_registry_that_is_away_is_said_to_be_away() {
    for stage in stages().await {
        *stage.world.registry.trust.lock().unwrap() = None;
        let answer = stage.launch().await.expect(503);
        assert_eq!(answer.json()["code"], "registry-unavailable");
        assert!(stage.page().await.text.contains("Registeret svarer ikke"));
        stage.refresh().await.expect(503);
    }
}

#[tokio::test]
async fn the_page_opens_an_app_in_a_frame_or_a_tab_and_says_no_in_plain_words() {
    for mut stage in stages().await {
        let open = |target: &'static str| {
            let world = &stage.world;
            async move {
                let fields = [
                    ("software_id", "no.example.blodtrykk"),
                    ("version", "1.2.0"),
                    ("practitioner", "practitioner-1"),
                    ("patient", "p3"),
                    ("target", target),
                ];
                world
                    .form(
                        "/demo/epj/open",
                        &fields,
                        &[("origin", "http://localhost:8081")],
                    )
                    .await
            }
        };
        let frame = open("frame").await.expect(200);
        assert!(
            frame
                .text
                .contains("<iframe class=\"app-frame\" title=\"Blodtrykk\"")
        );
        assert!(
            frame
                .header("content-security-policy")
                .contains("https://app.example.no")
        );
        let person = stage.world.sandbox.patients("demo", "p3", 1).await.unwrap();
        assert!(
            frame.text.contains(&person[0].family),
            "the patient banner names the patient"
        );
        let tab = open("tab").await.location();
        assert_eq!(tab.host_str(), Some("app.example.no"));
        let foreign = stage
            .world
            .form(
                "/demo/epj/open",
                &[("target", "tab")],
                &[("origin", "https://evil.example")],
            )
            .await;
        foreign.expect(403);
        let world = &stage.world;
        let back = world
            .form("/demo/epj/status", &[("patient", "p3")], &[])
            .await
            .location();
        assert_eq!(back.query(), Some("patient=p3&refreshed=1"));
        stage.publish_status(StatusValue::Suspended, NOW);
        stage.refresh().await.expect(204);
        let fields = [
            ("software_id", "no.example.blodtrykk"),
            ("version", "1.2.0"),
            ("lang", "nn"),
        ];
        let refused = stage
            .world
            .form("/demo/epj/open", &fields, &[])
            .await
            .expect(403);
        assert!(refused.text.contains("mellombels stansa") && refused.text.contains("E_SUSPENDED"));
    }
}

#[tokio::test]
async fn every_page_renders_in_every_language_without_script_or_style() {
    for stage in stages().await.into_iter().take(1) {
        for tag in ["nb", "nn", "en"] {
            for path in [
                "/demo/?x=1",
                "/demo/?patient=p3",
                "/demo/?q=zzz",
                "/?x=1",
                "/nobody/?x=1",
            ] {
                let page = stage.world.get(&format!("{path}&lang={tag}")).await;
                assert!(
                    page.text.contains(&format!("<html lang=\"{tag}\">")),
                    "{path}"
                );
                assert!(
                    !page.text.contains("<script") && !page.text.contains(" style="),
                    "{path}"
                );
                assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
                assert!(
                    page.header("content-security-policy")
                        .contains("frame-ancestors 'self'")
                );
            }
        }
        let css = stage.world.get("/static/sandbox.css").await.expect(200);
        assert!(css.header("content-type").starts_with("text/css"));
        stage.world.get("/static/other").await.expect(404);
        let hostile = stage
            .world
            .get("/demo/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
            .await;
        assert!(!hostile.text.contains("<script"));
    }
}

#[tokio::test]
async fn a_trust_repository_that_is_about_to_expire_is_fetched_again_and_kept_while_it_may_be_used()
{
    for mut stage in stages().await {
        stage.launch().await.expect(201);
        let end = stage.issuer.config.exp;
        // The registry is away: what is known is used to its end.
        *stage.world.registry.trust.lock().unwrap() = None;
        stage.publish_status(StatusValue::Valid, end - 100);
        stage.world.clock.set(Timestamp::from_seconds(end - 10));
        stage.launch().await.expect(201);
        // It is back, with a newer repository.
        stage.issuer.config.version = 2;
        (stage.issuer.config.exp, stage.issuer.config.online) = (end + 900, end + 900);
        *stage.world.registry.trust.lock().unwrap() = Some(stage.issuer.trust_update());
        stage.launch().await.expect(201);
        *stage.world.registry.trust.lock().unwrap() = None;
        stage.world.clock.set(Timestamp::from_seconds(end + 10));
        stage.launch().await.expect(201);
        stage.world.clock.set(Timestamp::from_seconds(end + 900));
        stage.refused("E_TRUST_EXPIRED").await;
    }
}

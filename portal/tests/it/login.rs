//! Logging in: the right way, and every wrong answer of the issuer.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::issuer::Twist;
use crate::support::{world, worlds};

#[tokio::test]
async fn a_person_logs_in_and_out_again() {
    for world in worlds().await {
        let mut browser = world.browser();
        let sent = browser.get("/nn/leverandor?x=1").await.expect(303);
        assert_eq!(
            sent.location(),
            "/nn/logg-inn?retur=%2Fnn%2Fleverandor%3Fx%3D1"
        );
        let login = sent.location().to_owned();
        let back = browser.log_in("vendor", &login).await.expect(303);
        assert_eq!(back.location(), "/nn/leverandor?x=1");
        let page = browser.get("/nn/leverandor").await.expect(200);
        assert!(page.text.contains("Prøve vendor") && page.text.contains("Organisasjon 1"));
        assert_eq!(page.headers["cache-control"], "no-store");

        let token = page.form_token();
        browser
            .post("/logg-ut", &[("form_token", &token)])
            .await
            .expect(303);
        assert!(browser.cookies.is_empty());
        browser.get("/leverandor").await.expect(303);
    }
}

#[tokio::test]
async fn a_session_ends_on_the_server_and_with_time() {
    let world = world().await;
    let mut browser = world.logged_in("vendor").await;
    let kept = browser.cookies.clone();
    let page = browser.get("/leverandor").await.expect(200);
    browser
        .post("/logg-ut", &[("form_token", &page.form_token())])
        .await
        .expect(303);
    browser.cookies = kept;
    browser.get("/leverandor").await.expect(303);

    let mut browser = world.logged_in("vendor").await;
    world.clock.advance(Duration::from_hours(8));
    browser.get("/leverandor").await.expect(303);
}

#[tokio::test]
async fn a_logout_goes_on_to_the_issuer_when_it_has_a_place_for_that() {
    for (end_session, is_told) in [
        (Some("{issuer}/endsession"), true),
        (Some("https://evil.example/endsession"), false),
        (None, false),
    ] {
        for world in worlds().await {
            world.issuer.twist.lock().unwrap().end_session = end_session;
            let mut browser = world.logged_in("vendor").await;
            let page = browser.get("/nn/leverandor").await.expect(200);
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            let may_lead = format!("form-action 'self' {};", world.issuer.url);
            assert!(policy.contains(&may_lead), "{policy}");
            let token = page.form_token();
            let out = browser
                .post("/nn/logg-ut", &[("form_token", &token)])
                .await
                .expect(303);
            assert!(browser.cookies.is_empty(), "logged out here in any case");
            let (place, query) = out.location().split_once('?').unwrap_or_default();
            if !is_told {
                assert_eq!(out.location(), "/nn", "{end_session:?}");
                continue;
            }
            assert_eq!(place, format!("{}/endsession", world.issuer.url));
            let sent: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
            assert_eq!(sent["id_token_hint"].split('.').count(), 3);
            assert_eq!(sent["client_id"], "markedsplass-portal");
            assert_eq!(sent["post_logout_redirect_uri"], "http://localhost:8080/");
            let back = format!("/?state={}", sent["state"]);
            assert_eq!(browser.get(&back).await.expect(303).location(), "/nn");
        }
    }
}

#[tokio::test]
async fn an_answer_serves_once_in_the_browser_that_asked() {
    let world = world().await;
    let mut browser = world.browser();
    let answer = browser.authorize("vendor", "/logg-inn").await;
    let refused = world.browser().get(&answer).await.expect(400);
    assert!(refused.text.contains("login-other-browser"));
    // The attempt used it up.
    let refused = browser.get(&answer).await.expect(400);
    assert!(refused.text.contains("login-stale"));

    let answer = browser.authorize("vendor", "/logg-inn").await;
    let forged = answer.replace("&state=st_", "&state=st_x");
    assert!(
        browser
            .get(&forged)
            .await
            .expect(400)
            .text
            .contains("login-stale")
    );
    browser.get("/logg-inn/retur").await.expect(400);

    let answer = browser.authorize("vendor", "/logg-inn").await;
    world.clock.advance(Duration::from_mins(10));
    assert!(
        browser
            .get(&answer)
            .await
            .expect(400)
            .text
            .contains("login-stale")
    );
}

#[tokio::test]
async fn a_login_broken_off_says_so() {
    let world = world().await;
    let mut browser = world.browser();
    let answer = browser.authorize("vendor", "/logg-inn").await;
    let state = answer.split("state=").nth(1).unwrap();
    let page = browser
        .get(&format!(
            "/logg-inn/retur?error=access_denied&state={state}"
        ))
        .await;
    assert!(page.expect(400).text.contains("login-broken-off"));
}

#[tokio::test]
async fn a_wrong_id_token_lets_nobody_in() {
    let world = world().await;
    let claims = |claims| Twist {
        claims,
        ..Twist::default()
    };
    let twists = [
        claims(json!({"nonce": "another"})),
        claims(json!({"nonce": null})),
        claims(json!({"aud": "somebody-else"})),
        claims(json!({"iss": "http://evil.example"})),
        claims(json!({"exp": 1})),
        claims(json!({"exp": null})),
        claims(json!({"iat": 4_000_000_000_i64})),
        claims(json!({"nbf": 4_000_000_000_i64})),
        claims(json!({"azp": "somebody-else"})),
        claims(json!({"sub": null})),
        Twist {
            other_key: true,
            ..Twist::default()
        },
        Twist {
            kid: Some("other"),
            ..Twist::default()
        },
        Twist {
            hmac: true,
            ..Twist::default()
        },
    ];
    for twist in twists {
        *world.issuer.twist.lock().unwrap() = twist.clone();
        let mut browser = world.browser();
        let page = browser.log_in("vendor", "/logg-inn").await;
        assert_eq!(page.status, 502, "{twist:?}");
        assert!(page.text.contains("login-answer-refused"), "{twist:?}");
        assert!(!browser.cookies.contains_key("mp_session"), "{twist:?}");
    }
    *world.issuer.twist.lock().unwrap() = Twist::default();
    world.logged_in("vendor").await;
}

#[tokio::test]
async fn a_stranger_is_told_whom_to_ask() {
    let world = world().await;
    let page = world
        .browser()
        .log_in("nobody", "/logg-inn")
        .await
        .expect(403);
    assert!(page.text.contains("organisation-unknown"), "{}", page.text);
}

#[tokio::test]
async fn a_login_never_returns_to_another_site() {
    let world = world().await;
    for retur in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "javascript:alert(1)",
    ] {
        let mut browser = world.browser();
        let back = browser
            .log_in("vendor", &format!("/logg-inn?retur={retur}"))
            .await;
        assert_eq!(back.expect(303).location(), "/min-side", "{retur}");
    }
}

//! A suspension on its way: logged, then pushed, then known to an EPJ that did not ask.

use std::time::{Duration, Instant};

use serde_json::json;
use verifier::claims::{Approval, StatusListToken};
use verifier::status::StatusValue;

use crate::support::product::Product;
use crate::support::walk::App;

/// A status list that is followed over HTTP.
struct Followed {
    response: reqwest::Response,
    text: String,
}

impl Followed {
    async fn begin(product: &Product) -> Self {
        let url = format!("{}/status/0/events", product.portal);
        let response = reqwest::get(url).await.unwrap();
        assert_eq!(response.status(), 200);
        let text = String::new();
        Self { response, text }
    }

    /// The token of the next event.
    async fn next(&mut self) -> String {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let token = event.lines().find_map(|line| line.strip_prefix("data: "));
                let (token, rest) = (token.map(str::to_owned), rest.to_owned());
                self.text = rest;
                if let Some(token) = token {
                    return token;
                }
                continue;
            }
            let bytes = self.response.chunk().await.unwrap().expect("a stop");
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The first token that fits; a list is also published when nothing has changed.
    async fn until(&mut self, fits: impl Fn(&str) -> bool) -> String {
        loop {
            let token = self.next().await;
            if fits(&token) {
                return token;
            }
        }
    }
}

/// The claims of a token.
fn claims<T: serde::de::DeserializeOwned>(token: &str) -> T {
    let payload = token.split('.').nth(1).unwrap();
    let payload = verifier::base64url::decode(payload).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// What a list says about an approval.
fn value(list: &str, approval: &str) -> StatusValue {
    let approval: Approval = claims(approval);
    let list: StatusListToken = claims(list);
    let list = list.status_list.decode(1 << 16).unwrap();
    list.status(approval.status.status_list.idx).unwrap()
}

/// How many entries of the log are witnessed.
async fn logged(product: &Product) -> u64 {
    let note = product.stranger().get("/log/checkpoint").await.expect(200);
    note.body.lines().nth(1).unwrap().parse().unwrap()
}

/// The code that the EPJ refuses a launch with, or none.
async fn refusal(product: &Product, app: &App) -> Option<String> {
    let url = format!("{}/demo/epj/launches", product.sandbox);
    let request = json!({"software_id": app.id(), "version": app.version()});
    let answer = product.stranger().post(&url, request).await;
    (answer.status >= 300).then(|| answer.code())
}

async fn decide(product: &Product, app: &App, reviewer: &str, action: &str) {
    let path = format!("{}/status", app.path());
    let request = json!({"action": action, "reason": "Prøvd i en test."});
    let answer = product.person(reviewer).post(&path, request).await;
    answer.expect(202);
}

#[tokio::test]
async fn a_suspension_is_logged_then_pushed_and_an_epj_knows_without_asking() {
    let product = Product::start().await;
    let app = App::built("blood-pressure");
    let (approval, _) = app.approved_in(&product).await;
    assert_eq!(refusal(&product, &app).await, None);

    let mut followed = Followed::begin(&product).await;
    let before = followed.next().await;
    assert_eq!(value(&before, &approval), StatusValue::Valid);
    let size = logged(&product).await;
    let began = Instant::now();
    decide(&product, &app, "sikkerhet-berg", "suspend").await;
    let decided = began.elapsed();
    let after = followed
        .until(|list| value(list, &approval) == StatusValue::Suspended)
        .await;
    let pushed = began.elapsed();
    assert!(logged(&product).await > size, "pushed before it was logged");

    // The EPJ is not told to fetch, and its list is young: only the push can tell it.
    while refusal(&product, &app).await.as_deref() != Some("E_SUSPENDED") {
        assert!(began.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let known = began.elapsed();
    println!("suspension: decided {decided:?}, pushed {pushed:?}, EPJ knows {known:?}");

    // One reviewer proposes, nothing happens; the other confirms.
    decide(&product, &app, "sikkerhet-berg", "reinstate").await;
    let unchanged = refusal(&product, &app).await;
    assert_eq!(unchanged.as_deref(), Some("E_SUSPENDED"));
    decide(&product, &app, "klinikk-eng", "reinstate").await;
    let reinstated = followed
        .until(|list| value(list, &approval) == StatusValue::Valid)
        .await;
    let generation = |list: &str| claims::<StatusListToken>(list).r#gen;
    assert!(generation(&before) < generation(&after));
    assert!(generation(&after) < generation(&reinstated));
    let began = Instant::now();
    while refusal(&product, &app).await.is_some() {
        assert!(began.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_stop_does_not_wait_for_those_who_follow() {
    let mut product = Product::start().await;
    let mut followed = Followed::begin(&product).await;
    followed.next().await;
    let began = Instant::now();
    assert_eq!(product.interrupt(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(20));
}

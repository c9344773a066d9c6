//! Status lists as they are published: logged first, pushed at once, never old, never lost.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use verifier::{Code, Digest};

use crate::support::epj::Epj;
use crate::support::{World, worlds};

const APP: &str = "no.eksempel.app";

/// The events of a list, as a stranger receives them.
struct Events {
    body: BodyDataStream,
    buffer: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Event {
    id: i64,
    token: String,
}

async fn follow(world: &World, after: Option<i64>) -> Events {
    let mut request = Request::get("/status/0/events");
    if let Some(after) = after {
        request = request.header("last-event-id", after.to_string());
    }
    let request = request.body(Body::empty()).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    Events {
        body: response.into_body().into_data_stream(),
        buffer: String::new(),
    }
}

impl Events {
    /// The next event, or `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.buffer = rest;
                if let Some(read) = read(&event) {
                    return Some(read);
                }
                continue;
            }
            let bytes = self.body.next().await?.unwrap();
            self.buffer.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    async fn soon(&mut self) -> Event {
        let next = timeout(Duration::from_secs(20), self.next());
        next.await.unwrap().unwrap()
    }

    async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(1200), self.next())
            .await
            .is_err()
    }
}

/// A comment is no event.
fn read(text: &str) -> Option<Event> {
    let field = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    assert_eq!(field("event")?, "status");
    Some(Event {
        id: field("id").unwrap().parse().unwrap(),
        token: field("data").unwrap().to_owned(),
    })
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&verifier::base64url::decode(part).unwrap()).unwrap()
}

async fn list(world: &World) -> String {
    world.get("", "/status/0").await.expect(200).text()
}

async fn decide(world: &World, who: &str, path: &str, action: &str) {
    let body = json!({"action": action, "reason": "Feil enhet."});
    let reply = world.post(who, &format!("{path}/status"), body).await;
    reply.expect(202);
}

#[tokio::test]
async fn a_list_is_pushed_when_it_changes_and_only_then() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mut events = follow(&world, None).await;
        let first = events.soon().await;
        assert_eq!(first.token, list(&world).await, "{}", world.engine);
        assert_eq!(claims(&first.token)["gen"], first.id);
        assert!(events.is_silent().await);

        decide(&world, "security", &path, "suspend").await;
        world.work().await;
        let second = events.soon().await;
        assert!(second.id > first.id);
        assert_eq!(second.token, list(&world).await);
        // Whoever comes back with the newest waits; with an older one it is told at once.
        assert!(follow(&world, Some(second.id)).await.is_silent().await);
        assert_eq!(follow(&world, Some(first.id)).await.soon().await, second);
    }
}

#[tokio::test]
async fn another_process_is_heard_and_a_stop_ends_the_stream() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mut events = follow(&world, None).await;
        let first = events.soon().await;
        let worker = world.another_process().worker;
        decide(&world, "security", &path, "suspend").await;
        worker.run_due().await.unwrap();
        let second = events.soon().await;
        assert!(second.id > first.id, "{}", world.engine);
        world.registry.close_feeds();
        assert_eq!(events.next().await, None);
    }
}

#[tokio::test]
async fn there_is_no_list_but_those_that_were_published() {
    let world = worlds().await.remove(0);
    for path in ["/status/1", "/status/1/events", "/status/-1"] {
        let reply = world.get("", path).await;
        reply.refused(404, "status-list-unknown");
    }
    world
        .get("", "/status/x")
        .await
        .refused(404, "path-unknown");
    let reply = world.get("", "/status/0").await.expect(200);
    assert_eq!(reply.headers[header::CACHE_CONTROL], "public, max-age=60");
    let request = Request::get("/status/0")
        .header(header::IF_NONE_MATCH, &reply.headers[header::ETAG])
        .body(Body::empty())
        .unwrap();
    world.send("", request).await.expect(304);
}

#[tokio::test]
async fn an_event_is_logged_before_the_list_says_so() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        decide(&world, "vendor", &path, "suspend").await;
        world.work().await;
        decide(&world, "security", &path, "reinstate").await;
        decide(&world, "clinical", &path, "reinstate").await;
        world.work().await;
        let log = world.log().await;
        let types: Vec<&str> = log
            .iter()
            .map(|(header, _)| header["typ"].as_str().unwrap())
            .filter(|typ| !typ.starts_with("trust-config"))
            .collect();
        assert_eq!(
            types,
            [
                "app-release+jwt",
                "trust-mark+jwt",
                "app-status-event+jwt",
                "app-status-event+jwt"
            ],
            "{}",
            world.engine
        );
        let events = world.logged("app-status-event+jwt").await;
        assert_eq!(events[0]["from"], "VALID");
        assert_eq!(events[0]["to"], "SUSPENDED");
        let actor = |event: &Value, name: &str| event[name].as_str().unwrap_or("").to_owned();
        assert!(actor(&events[0], "actor").contains("/leverandorer/"));
        assert_eq!(events[0]["proposer"], Value::Null);
        assert_eq!(events[1]["to"], "VALID");
        assert!(actor(&events[1], "actor").contains("/vurderere/"));
        assert!(actor(&events[1], "proposer").contains("/vurderere/"));
        assert_ne!(actor(&events[1], "actor"), actor(&events[1], "proposer"));
    }
}

#[tokio::test]
async fn a_list_is_published_anew_every_five_minutes_and_its_digest_logged_each_hour() {
    for world in worlds().await {
        let mut last = claims(&list(&world).await);
        for _ in 0..13 {
            world.clock.advance(Duration::from_mins(5));
            world.work().await;
            let now = claims(&list(&world).await);
            assert!(now["iat"].as_i64() > last["iat"].as_i64());
            assert!(now["gen"].as_i64() > last["gen"].as_i64());
            last = now;
        }
        let digests = world.logged("app-status-digest+jwt").await;
        assert_eq!(digests.len(), 2, "{}", world.engine);
        // A new hour is logged with the list that is out.
        world.clock.advance(Duration::from_hours(1));
        world.work().await;
        let digests = world.logged("app-status-digest+jwt").await;
        let newest = &digests.last().unwrap()["lists"][0];
        let token = list(&world).await;
        assert_eq!(
            newest["digest"],
            Digest::of(token.as_bytes()).to_string().as_str()
        );
        assert_eq!(newest["gen"], claims(&token)["gen"]);
    }
}

#[tokio::test]
async fn no_list_grows_old_while_a_process_lives_whatever_becomes_of_the_queue() {
    for world in worlds().await {
        let before = claims(&list(&world).await);
        world.clock.advance(Duration::from_secs(329));
        let stop = CancellationToken::new();
        let registry = world.registry.clone();
        let watch = tokio::spawn({
            let stop = stop.clone();
            async move { registry.keep_status_young(stop).await }
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(claims(&list(&world).await), before, "it is young still");
        stop.cancel();
        watch.await.unwrap();

        world.clock.advance(Duration::from_secs(2));
        let stop = CancellationToken::new();
        let registry = world.registry.clone();
        let watch = tokio::spawn({
            let stop = stop.clone();
            async move { registry.keep_status_young(stop).await }
        });
        let mut events = follow(&world, before["gen"].as_i64()).await;
        let newer = claims(&events.soon().await.token);
        assert_eq!(newer["iat"].as_i64(), Some(world.clock_seconds()));
        stop.cancel();
        watch.await.unwrap();
    }
}

#[tokio::test]
async fn neither_time_nor_generation_goes_back_with_the_clock() {
    let world = worlds().await.remove(0);
    world.clock.advance(Duration::from_mins(5));
    world.work().await;
    let before = claims(&list(&world).await);
    let path = world.approved(APP, "Blodtrykk").await;
    world.clock.set(world.now().minus(Duration::from_secs(40)));
    decide(&world, "security", &path, "suspend").await;
    world.work().await;
    let after = claims(&list(&world).await);
    assert_eq!(after["iat"], before["iat"]);
    assert!(after["gen"].as_i64() > before["gen"].as_i64());
}

/// What was signed an hour ahead no EPJ takes, and the lists after it must not wait for that hour.
#[tokio::test]
async fn a_clock_that_was_ahead_for_a_moment_leaves_no_list_from_the_future() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let right = world.now();
        world.clock.advance(Duration::from_hours(1));
        world.work().await;
        let ahead = claims(&list(&world).await);
        world.clock.set(right.plus(Duration::from_secs(1)));
        decide(&world, "security", &path, "suspend").await;
        world.work().await;
        let after = claims(&list(&world).await);
        let iat = after["iat"].as_i64().unwrap();
        assert!(iat <= world.now().seconds(), "{}", world.engine);
        assert!(after["gen"].as_i64() > ahead["gen"].as_i64());
        // Neither does the timestamp of the trust repository stay in the future.
        world.registry.renew_trust().await.unwrap();
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, Some(Code::Suspended));
    }
}

#[tokio::test]
async fn two_changes_at_once_are_both_in_the_list() {
    for world in worlds().await {
        let apps = ["no.eksempel.en", "no.eksempel.to", "no.eksempel.tre"];
        let mut paths = Vec::new();
        for (app, name) in apps.iter().zip(["Blodtrykk", "Legemidler", "Vaksiner"]) {
            paths.push(world.approved(app, name).await);
        }
        for path in &paths {
            decide(&world, "security", path, "suspend").await;
        }
        let second = world.another_process().worker;
        let third = world.another_process().worker;
        let ran = tokio::join!(world.worker.run_due(), second.run_due(), third.run_due());
        ran.0.unwrap();
        ran.1.unwrap();
        ran.2.unwrap();
        // What met another on its way is tried again.
        for _ in 0..10 {
            world.clock.advance(Duration::from_secs(20));
            world.work().await;
        }
        for (path, app) in paths.iter().zip(apps) {
            assert_eq!(world.state(path).await, "suspended", "{}", world.engine);
            let body = json!({"software_id": app, "software_version": "1.0.0"});
            let answer = world.post("", "/api/v1/verify", body).await.expect(200);
            assert_eq!(answer.json()["code"], "E_SUSPENDED", "{}", world.engine);
        }
    }
}

#[tokio::test]
async fn a_vendor_is_told_what_others_decide_and_a_proposal_is_confirmed_by_name() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let notices = async |who: &str| world.get(who, "/api/v1/notices").await.expect(200).json();
        decide(&world, "vendor", &path, "suspend").await;
        world.work().await;
        assert_eq!(notices("vendor").await, json!([]), "it knows what it did");

        let status = format!("{path}/status");
        decide(&world, "security", &path, "reinstate").await;
        let open = world.get("clinical", &status).await.expect(200).json();
        assert_eq!(open[0]["progress"], "gathering");
        assert_eq!(open[0]["by"][0]["person"], "security");
        let id = open[0]["id"].as_str().unwrap();
        let confirm =
            |id: &str| json!({"action": "reinstate", "reason": "Rettet.", "confirms": id});
        world
            .post("clinical", &status, confirm("std_other"))
            .await
            .refused(409, "standing-proposal-gone");
        let reply = world.post("clinical", &status, confirm(id)).await;
        assert_eq!(reply.expect(202).json()["id"], id);
        world.work().await;
        assert_eq!(
            world.get("vendor", &status).await.expect(200).json(),
            json!([])
        );
        world.clock.advance(Duration::from_secs(1));
        decide(&world, "security", &path, "revoke").await;
        world.work().await;
        let told = notices("vendor").await;
        assert_eq!(told[0]["kind"], "revoked", "{}", world.engine);
        assert_eq!(told[0]["software_id"], APP);
        assert_eq!(told[0]["detail"], "Feil enhet.");
        assert_eq!(told[1]["kind"], "reinstated");
        assert_eq!(notices("other-vendor").await, json!([]));
        assert_eq!(notices("security").await, json!([]), "it is the vendor's");
        world
            .get("municipality", "/api/v1/notices")
            .await
            .refused(403, "wrong-role");
        world
            .get("other-vendor", &status)
            .await
            .refused(404, "version-unknown");
    }
}

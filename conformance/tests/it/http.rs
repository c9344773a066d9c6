//! The addresses: status codes, problem codes, and events that go on where a connection was lost.

use axum::body::Body;
use axum::http::{Request, Response};
use foundation::access::{Actor, Role};
use foundation::testing::databases;
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use tower::ServiceExt;

use crate::world::{VENDOR, World, actor, nowhere, turn};

async fn send(world: &World, actor: Option<&Actor>, request: Request<Body>) -> Response<Body> {
    let mut request = request;
    if let Some(actor) = actor {
        request.extensions_mut().insert(actor.clone());
    }
    let router = world.room.routes().into_router();
    router.oneshot(request).await.unwrap()
}

async fn body(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 22)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn post(path: &str) -> Request<Body> {
    Request::post(path).body(Body::empty()).unwrap()
}

const START: &str = "/api/v1/apps/app_1/versions/1.0.0/checks";

#[tokio::test]
async fn a_check_is_started_and_followed_over_http() {
    let _turn = turn().await;
    for test in databases().await.unwrap() {
        let world = World::new(test.database.clone(), nowhere()).await;
        world.epj.fail(99);
        let vendor = actor(Role::Vendor, VENDOR);
        let reviewer = actor(Role::Reviewer, "310000003");
        assert_eq!(send(&world, None, post(START)).await.status(), 401);
        assert_eq!(
            send(&world, Some(&reviewer), post(START)).await.status(),
            403
        );
        let started = send(&world, Some(&vendor), post(START)).await;
        assert_eq!(started.status(), 202);
        let location = started.headers()["location"].to_str().unwrap().to_owned();
        let again = send(&world, Some(&vendor), post(START)).await;
        assert_eq!(again.status(), 409);
        let problem: Value = serde_json::from_str(&body(again).await).unwrap();
        assert_eq!(problem["code"], "check-running");

        let check = send(&world, Some(&vendor), get(&location)).await;
        let check: Value = serde_json::from_str(&body(check).await).unwrap();
        assert_eq!(
            (check["state"].as_str(), check["report"].is_null()),
            (Some("waiting"), true)
        );
        let list = send(&world, Some(&vendor), get(START)).await;
        let list: Value = serde_json::from_str(&body(list).await).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 1);
        for (path, wanted) in [("", 409), ("/evidence", 409), ("/attachments/x", 404)] {
            let mut request = get(&format!("{location}{path}"));
            request
                .headers_mut()
                .insert("accept", "application/xml".parse().unwrap());
            assert_eq!(
                send(&world, Some(&vendor), request).await.status(),
                wanted,
                "{path}"
            );
        }
        assert_eq!(send(&world, None, get(&location)).await.status(), 401);
        for path in [
            "/api/v1/checks/nonsense",
            "/api/v1/checks/check_01arz3ndektsv4rrffq69g5fav",
        ] {
            assert_eq!(send(&world, Some(&vendor), get(path)).await.status(), 404);
        }
        events(&world, &vendor, &location).await;
    }
}

async fn events(world: &World, vendor: &Actor, location: &str) {
    let path = format!("{location}/events");
    let from = |last: &str| {
        let mut request = get(&path);
        request
            .headers_mut()
            .insert("last-event-id", last.parse().unwrap());
        request
    };
    // The first run fails, the check waits again; the clock stands still, so no other begins.
    world.worker().run_due().await.unwrap();
    let response = send(world, Some(vendor), from("1")).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut frames = response.into_body().into_data_stream();
    let first = frames.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"id: 2"), "{first:?}");
    // The stream stays open until the check is finished.
    while let Some(more) = frames.next().now_or_never() {
        assert!(more.unwrap().is_ok(), "the stream has ended");
    }
    assert_eq!(send(world, None, get(&path)).await.status(), 401);
}

#[tokio::test]
async fn the_requirements_are_public() {
    let test = foundation::testing::sqlite().await.unwrap();
    let world = World::new(test.database.clone(), nowhere()).await;
    let response = send(&world, None, get("/api/v1/requirements")).await;
    assert_eq!(response.status(), 200);
    let catalogue: Value = serde_json::from_str(&body(response).await).unwrap();
    assert!(catalogue["requirements"].as_array().unwrap().len() >= 24);
}

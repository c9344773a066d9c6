//! Subscriptions through the whole room: its tokens, its loop of turns, its traffic and its WebSocket.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use futures::{SinkExt, StreamExt};
use sandbox::{Behaviour, NewClient, NewSandbox, Surface};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::support::{Answer, World, public_client, text, worlds};

const SCOPE: &str = "launch patient/*.cruds";
const TOPIC: &str = "urn:markedsplass:topic:new-observation";

async fn write(world: &World, method: Method, path: &str, token: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/fhir+json");
    world
        .send(request.body(Body::from(body.to_string())).unwrap())
        .await
}

fn subscription(channel: &Value) -> Value {
    json!({"resourceType": "Subscription", "status": "requested", "reason": "Prøve",
        "criteria": TOPIC, "channel": channel})
}

fn observation() -> Value {
    json!({"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/p0"},
        "code": {"text": "Blodtrykk"}})
}

/// The access token of a client that may write, with turns being had until the token is cancelled.
async fn begun(world: &World) -> (String, CancellationToken) {
    let client = NewClient {
        scope: SCOPE.to_owned(),
        ..public_client()
    };
    world.register(client).await;
    let tokens = world.tokens(SCOPE, Behaviour::default()).await;
    let stop = CancellationToken::new();
    let (sandbox, until) = (world.sandbox.clone(), stop.clone());
    tokio::spawn(async move { sandbox.notify(until).await });
    (text(&tokens, "access_token").to_owned(), stop)
}

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} never happened");
}

#[tokio::test]
async fn an_event_comes_by_itself_and_stands_in_the_traffic() {
    for world in worlds().await {
        let (token, stop) = begun(&world).await;
        let hook = json!({"type": "rest-hook", "endpoint": "https://app.example/hook?key=secret"});
        let path = "/demo/fhir/Subscription";
        let made = write(&world, Method::POST, path, &token, &subscription(&hook)).await;
        let id = made.expect(201).json()["id"].as_str().unwrap().to_owned();
        let received = || world.endpoint.received.lock().unwrap().len();
        until("a handshake", async || received() == 1).await;
        let path = "/demo/fhir/Observation";
        let written = write(&world, Method::POST, path, &token, &observation()).await;
        written.expect(201);
        until("an event", async || received() == 2).await;
        let sent = async || {
            let all = world.sandbox.traffic("demo", 0).await.unwrap().into_iter();
            let sent = all.filter(|one| one.surface == Surface::Notification);
            sent.collect::<Vec<_>>()
        };
        until("the record", async || sent().await.len() == 2).await;
        for one in sent().await {
            assert_eq!((one.method.as_str(), one.status), ("POST", 200));
            assert_eq!(one.path, "https://app.example/hook");
            assert_eq!(one.client_id.as_deref(), Some("app"));
            assert!(!format!("{one:?}").contains("key=secret"));
            assert_eq!(one.request_headers[0].value, id);
        }

        // A client that is registered no more is told no more.
        world.sandbox.delete_client("demo", "app").await.unwrap();
        let path = "/demo/fhir/Observation";
        write(&world, Method::POST, path, &token, &observation())
            .await
            .expect(201);
        let bearer = format!("Bearer {token}");
        let path = format!("/demo/fhir/Subscription/{id}");
        until("the end", async || {
            let headers = [("authorization", bearer.as_str())];
            let now = world.ask(Method::GET, &path, &headers).await.json();
            now["status"] == "off"
        })
        .await;
        assert_eq!(received(), 2);
        stop.cancel();
    }
}

#[tokio::test]
async fn a_browser_listens_on_the_socket_of_its_sandbox_alone() {
    for world in worlds().await {
        let (token, stop) = begun(&world).await;
        let other = NewSandbox {
            name: Some("other".to_owned()),
            size: Some(5),
            ..NewSandbox::default()
        };
        world.sandbox.create(other).await.unwrap();
        let path = "/demo/fhir/Subscription";
        let channel = json!({"type": "websocket"});
        let made = write(&world, Method::POST, path, &token, &subscription(&channel)).await;
        let id = made.expect(201).json()["id"].as_str().unwrap().to_owned();
        let path = format!("/demo/fhir/Subscription/{id}/$get-ws-binding-token");
        let binding = write(&world, Method::POST, &path, &token, &Value::Null).await;
        assert_eq!(binding.status, 400, "null is no Parameters");
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let binding = world
            .ask(Method::POST, &path, &headers)
            .await
            .expect(200)
            .json();
        let binding = binding["parameter"][0]["valueString"]
            .as_str()
            .unwrap()
            .to_owned();
        // A token of one sandbox opens nothing of another.
        let elsewhere = path.replace("/demo/", "/other/");
        world
            .ask(Method::GET, &elsewhere, &headers)
            .await
            .expect(401);

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}", listener.local_addr().unwrap());
        let router = world.router();
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        assert!(
            connect_async(format!("{address}/nobody/websocket"))
                .await
                .is_err()
        );
        let bind = Message::text(format!("bind-with-token {binding}"));
        let (mut wrong, _) = connect_async(format!("{address}/other/websocket"))
            .await
            .unwrap();
        wrong.send(bind.clone()).await.unwrap();
        let refused = wrong.next().await.unwrap().unwrap();
        assert!(matches!(refused, Message::Close(Some(_))), "{refused:?}");

        let (mut line, _) = connect_async(format!("{address}/demo/websocket"))
            .await
            .unwrap();
        line.send(bind).await.unwrap();
        let handshake = line.next().await.unwrap().unwrap();
        assert!(handshake.to_text().unwrap().contains("handshake"));
        let path = "/demo/fhir/Observation";
        write(&world, Method::POST, path, &token, &observation())
            .await
            .expect(201);
        let event = tokio::time::timeout(Duration::from_secs(20), line.next()).await;
        let event = event.unwrap().unwrap().unwrap();
        assert!(event.to_text().unwrap().contains("event-notification"));
        stop.cancel();
    }
}

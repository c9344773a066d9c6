//! Notifications on real sockets.

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::super::super::websocket;
use super::*;

struct Line(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    async fn say(&mut self, text: String) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next text; none when the socket is closed.
    async fn hear(&mut self) -> Option<String> {
        loop {
            let wait = tokio::time::timeout(Duration::from_secs(20), self.0.next());
            match wait.await.expect("nothing is heard")? {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn notice(&mut self) -> Notice {
        Notice::read(self.hear().await.unwrap().as_bytes())
    }
}

impl World {
    /// The address of a socket of this sandbox.
    async fn listening(&self) -> String {
        let (state, tenant) = (self.state.clone(), self.tenant());
        let open = async move |upgrade: WebSocketUpgrade| {
            upgrade.on_upgrade(move |socket| websocket::serve(state, tenant, socket))
        };
        let router = Router::new().route("/", get(open));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}/", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        address
    }
}

async fn open(address: &str) -> Line {
    Line(connect_async(address).await.unwrap().0)
}

fn by_socket(mut subscription: Value) -> Value {
    subscription["channel"]["type"] = json!("websocket");
    subscription["channel"]
        .as_object_mut()
        .unwrap()
        .shift_remove("endpoint");
    subscription
}

async fn token(app: &App<'_>, path: &str) -> String {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let all = answer.json()["parameter"].as_array().unwrap().clone();
    let value = |name: &str| all.iter().find(|one| one["name"] == name).unwrap().clone();
    assert_eq!(
        value("websocket-url")["valueUrl"],
        "ws://localhost:8081/demo/websocket"
    );
    assert!(value("expiration")["valueDateTime"].is_string());
    value("token")["valueString"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn two_sockets_hear_the_same_and_a_later_one_goes_on_from_there() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let id = app
            .made(&by_socket(by_topic(OBSERVATION, "full-resource", &[])))
            .await;
        world.turns().await;
        assert_eq!(app.standing(&id).await.0, "active", "{}", world.engine);
        let token = token(&app, &format!("Subscription/{id}/$get-ws-binding-token")).await;
        let address = world.listening().await;
        let (mut one, mut two) = (open(&address).await, open(&address).await);
        for line in [&mut one, &mut two] {
            line.say(format!("bind-with-token {token}")).await;
            let handshake = line.notice().await;
            assert_eq!(handshake.kind(), "handshake");
            assert_eq!(handshake.parameter("status"), "active");
        }
        let made = app.made(&observation("p1", "1")).await;
        world.turns().await;
        for line in [&mut one, &mut two] {
            let notice = line.notice().await;
            assert_eq!(notice.numbers(), [1], "{}", world.engine);
            assert_eq!(notice.entries()[0]["resource"]["id"], made);
        }
        drop((one, two));
        app.made(&observation("p1", "2")).await;
        world.turns().await;
        let mut three = open(&address).await;
        three.say(format!("bind-with-token {token}")).await;
        assert_eq!(three.notice().await.kind(), "handshake");
        assert_eq!(three.notice().await.numbers(), [2], "{}", world.engine);
        // When the subscription is over, so is the socket.
        assert_eq!(app.delete(&format!("Subscription/{id}")).await.status, 204);
        assert_eq!(three.hear().await, None);
        assert!(world.endpoint.came().is_empty());
    }
}

#[tokio::test]
async fn a_token_that_is_unknown_expired_or_of_another_sandbox_binds_nothing() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let id = app
            .made(&by_socket(by_topic(OBSERVATION, "id-only", &[])))
            .await;
        world.turns().await;
        let token = token(&app, "Subscription/$get-ws-binding-token").await;
        let address = world.listening().await;
        let elsewhere = {
            let (state, tenant) = (world.state.clone(), world.tenant());
            let tenant = Arc::new(Tenant {
                name: "other".to_owned(),
                ..Tenant::clone(&tenant)
            });
            let open = async move |upgrade: WebSocketUpgrade| {
                upgrade.on_upgrade(move |socket| websocket::serve(state, tenant, socket))
            };
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("ws://{}/", listener.local_addr().unwrap());
            let router = Router::new().route("/", get(open));
            tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
            address
        };
        for (address, said) in [
            (&address, "bind-with-token nonsense".to_owned()),
            (&address, "hello".to_owned()),
            (&address, format!("bind {id}")),
            (&elsewhere, format!("bind-with-token {token}")),
        ] {
            let mut line = open(address).await;
            line.say(said.clone()).await;
            assert_eq!(line.hear().await, None, "{said}");
        }
        let mut line = open(&address).await;
        line.say(format!("bind-with-token {token}")).await;
        assert_eq!(line.notice().await.kind(), "handshake");
        world.clock.advance(Duration::from_mins(5));
        let mut late = open(&address).await;
        late.say(format!("bind-with-token {token}")).await;
        assert_eq!(late.hear().await, None, "{}", world.engine);
    }
}

#[tokio::test]
async fn a_token_is_for_subscriptions_that_are_told_on_sockets() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let hook = app.made(&by_topic(OBSERVATION, "id-only", &[])).await;
    for path in [
        "Subscription/$get-ws-binding-token".to_owned(),
        format!("Subscription/$get-ws-binding-token?id={hook}"),
        format!("Subscription/{hook}/$get-ws-binding-token"),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.refusal(), "fhir-parameter-value");
    }
    let id = app
        .made(&by_socket(by_topic(OBSERVATION, "id-only", &[])))
        .await;
    let narrow = world.app(Some("p1"), "patient/*.rs");
    let answer = narrow
        .get(&format!("Subscription/{id}/$get-ws-binding-token"))
        .await;
    assert_eq!(answer.refusal(), "fhir-subscription-wider");
}

#[tokio::test]
async fn a_search_of_r4_is_bound_by_its_id_and_pings() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let id = app
            .made(&by_socket(by_search("Observation?code=1", None)))
            .await;
        world.turns().await;
        let mut line = open(&world.listening().await).await;
        line.say(format!("bind {id}")).await;
        assert_eq!(line.hear().await.unwrap(), format!("bound {id}"));
        app.made(&observation("p1", "2")).await;
        app.made(&observation("p1", "1")).await;
        world.turns().await;
        assert_eq!(
            line.hear().await.unwrap(),
            format!("ping {id}"),
            "{}",
            world.engine
        );
    }
}

#[tokio::test]
async fn a_socket_that_is_quiet_says_that_it_is_there() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let wanted = by_socket(by_topic(OBSERVATION, "id-only", &[]));
    let wanted = with_extension(wanted, "heartbeat-period", "valueUnsignedInt", 30);
    let id = app.made(&wanted).await;
    world.turns().await;
    let token = token(&app, &format!("Subscription/{id}/$get-ws-binding-token")).await;
    let mut line = open(&world.listening().await).await;
    line.say(format!("bind-with-token {token}")).await;
    assert_eq!(line.notice().await.kind(), "handshake");
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(line.notice().await.kind(), "heartbeat");
}

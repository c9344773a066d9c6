//! Notifications of the sandbox's subscriptions, sent to the endpoints that apps name.

use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Client, Method};
use sandbox::{NotSent, Notification, NotificationSink};

use super::guard::{Guard, said, was_private};

/// Sends over the network.
#[derive(Debug)]
pub(crate) struct Endpoints {
    client: Client,
    guard: Guard,
}

impl Endpoints {
    /// Sends to the open network; to this machine and private networks too if `allow_local`.
    pub(crate) fn new(allow_local: bool) -> anyhow::Result<Self> {
        let guard = Guard::new(allow_local);
        let client = guard
            .client()
            .connect_timeout(CONNECT)
            .build()
            .context("the client for notifications")?;
        Ok(Self { client, guard })
    }
}

#[async_trait]
impl NotificationSink for Endpoints {
    async fn send(&self, notification: Notification) -> Result<u16, NotSent> {
        let url = self.guard.examine(&notification.address);
        let url = url.map_err(|error| NotSent::Refused(error.to_string()))?;
        let method = match notification.method {
            "PUT" => Method::PUT,
            _ => Method::POST,
        };
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(NAME));
        for (name, value) in &notification.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::from_str(value))
            {
                headers.insert(name, value);
            }
        }
        let request = self
            .client
            .request(method, url)
            .headers(headers)
            .timeout(notification.timeout)
            .body(notification.body);
        // What the endpoint says beside its status is not read.
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) if was_private(&error) => {
                Err(NotSent::Refused("a name of a private network".to_owned()))
            }
            // The address may hold a secret.
            Err(error) => Err(NotSent::NoAnswer(said(&error.without_url()))),
        }
    }
}

/// How long a connection may take, whatever the subscription allows.
const CONNECT: Duration = Duration::from_secs(10);
const NAME: &str = concat!("Markedsplass-sandbox/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Bytes as Body;
    use axum::http::HeaderMap as Headers;
    use axum::http::StatusCode;
    use axum::response::Redirect;
    use axum::routing::{post, put};

    use super::*;

    async fn served() -> String {
        let hook = async |headers: Headers, body: Body| {
            let fine = headers["authorization"] == "Bearer abc" && body.as_ref() == b"{}";
            if fine {
                StatusCode::NO_CONTENT
            } else {
                StatusCode::IM_A_TEAPOT
            }
        };
        let router = Router::new()
            .route("/hook", post(hook))
            .route("/hook/Observation/o", put(|| async { "kept" }))
            .route("/moved", post(|| async { Redirect::permanent("/hook") }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        origin
    }

    fn notification(method: &'static str, address: String) -> Notification {
        Notification {
            method,
            address,
            headers: vec![("Authorization".to_owned(), "Bearer abc".to_owned())],
            body: bytes::Bytes::from_static(b"{}"),
            timeout: Duration::from_secs(5),
        }
    }

    #[tokio::test]
    async fn a_notification_arrives_as_it_is_and_follows_no_redirect() {
        let origin = served().await;
        let endpoints = Endpoints::new(true).unwrap();
        for (method, path, status) in [
            ("POST", "/hook", 204),
            ("PUT", "/hook/Observation/o", 200),
            ("POST", "/moved", 308),
            ("POST", "/nothing", 404),
        ] {
            let sent = endpoints.send(notification(method, format!("{origin}{path}")));
            assert_eq!(sent.await.unwrap(), status, "{path}");
        }
    }

    #[tokio::test]
    async fn no_private_network_is_told_and_a_closed_door_says_so() {
        let origin = served().await;
        let port = origin.rsplit_once(':').unwrap().1;
        let endpoints = Endpoints::new(false).unwrap();
        for host in [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "169.254.169.254",
            "10.0.0.1",
        ] {
            let address = format!("http://{host}:{port}/hook?key=secret");
            let refused = endpoints
                .send(notification("POST", address))
                .await
                .unwrap_err();
            assert!(matches!(&refused, NotSent::Refused(_)), "{host}: {refused}");
        }
        let closed = Endpoints::new(true).unwrap();
        let sent = closed.send(notification(
            "POST",
            "http://127.0.0.1:9/x?key=secret".to_owned(),
        ));
        let refused = sent.await.unwrap_err();
        assert!(
            matches!(&refused, NotSent::NoAnswer(why) if !why.contains("secret")),
            "{refused}"
        );
    }
}

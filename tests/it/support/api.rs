//! The registry API as its callers use it: one caller per person, with a token of their own.

use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, Response};
use serde_json::Value;

use super::product::Product;

/// A person with an API token.
pub(crate) struct Caller {
    base: String,
    token: Option<String>,
    client: Client,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The stable code of a refusal.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Fails the test unless the answer has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Product {
    /// Somebody without a login.
    pub(crate) fn stranger(&self) -> Caller {
        Caller {
            base: self.portal.clone(),
            token: None,
            client: Client::new(),
        }
    }

    /// A demo person (by persona key), with a new API token from the command line.
    pub(crate) fn person(&self, key: &str) -> Caller {
        let output = self.command(&["user", "token", "--person", key]);
        assert!(output.status.success(), "{output:?}");
        let token = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        Caller {
            token: Some(token),
            ..self.stranger()
        }
    }
}

impl Caller {
    async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        let mut request = self.client.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request = match body {
            Body::None => request,
            Body::Json(json) => request.json(&json),
            Body::Form(form) => request.multipart(form),
        };
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::None).await
    }

    pub(crate) async fn post(&self, path: &str, json: Value) -> Answer {
        self.send(Method::POST, path, Body::Json(json)).await
    }

    /// Uploads a version: manifest and archive.
    pub(crate) async fn upload(&self, app: &str, manifest: &[u8], bundle: Vec<u8>) -> Answer {
        let form = Form::new()
            .part(
                "manifest",
                Part::bytes(manifest.to_vec())
                    .mime_str("application/json")
                    .unwrap(),
            )
            .part(
                "bundle",
                Part::bytes(bundle)
                    .file_name("bundle.zip")
                    .mime_str("application/zip")
                    .unwrap(),
            );
        let path = format!("/api/v1/apps/{app}/versions");
        self.send(Method::POST, &path, Body::Form(form)).await
    }

    /// Asks until `ready` says yes; gives the last answer.
    pub(crate) async fn until(
        &self,
        path: &str,
        limit: Duration,
        ready: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let started = Instant::now();
        loop {
            let answer = self.get(path).await;
            if ready(&answer) {
                return answer;
            }
            assert!(started.elapsed() < limit, "{path} is still {answer:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

enum Body {
    None,
    Json(Value),
    Form(Form),
}

async fn read(response: Response) -> Answer {
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().ok()?.to_owned())
    };
    Answer {
        status: response.status().as_u16(),
        location: header("location"),
        body: response.text().await.unwrap(),
    }
}

//! The OpenID issuer over HTTP: discovery, keys and the token endpoint. It is asked at the
//! addresses that its own discovery document names, never follows a redirect, and what it answers
//! is bounded in size and time.

use std::sync::Arc;
use std::time::Duration;

use foundation::{Clock, Timestamp};
use jsonwebtoken::jwk::JwkSet;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::Url;

use crate::error::LoginError;

/// Discovery and keys are asked for again after this long.
const FRESH_FOR: Duration = Duration::from_mins(10);
/// Keys are asked for again because of an unknown key id at most this often.
const KEYS_PAUSE: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: usize = 256 * 1024;

/// What the portal reads of a discovery document.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Discovery {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    #[serde(default)]
    pushed_authorization_request_endpoint: Option<String>,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

#[derive(Deserialize)]
struct PushedAnswer {
    request_uri: String,
}

/// What is sent to the token endpoint for a code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) code: &'a str,
    pub(crate) code_verifier: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: Option<&'a str>,
}

#[derive(Debug, Default)]
struct Known {
    discovery: Option<(Timestamp, Discovery)>,
    keys: Option<(Timestamp, JwkSet)>,
}

/// A client of one issuer; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    url: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    known: Arc<Mutex<Known>>,
}

impl Issuer {
    /// A client of the issuer at `url`.
    pub(crate) fn new(url: &str, clock: Arc<dyn Clock>) -> Result<Self, LoginError> {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| LoginError::IssuerAway(error.to_string()))?;
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            http,
            clock,
            known: Arc::default(),
        })
    }

    /// The discovery document; its issuer must be the configured one.
    pub(crate) async fn discovery(&self) -> Result<Discovery, LoginError> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some((at, discovery)) = &known.discovery
            && now.since(*at) < FRESH_FOR
        {
            return Ok(discovery.clone());
        }
        let address = format!("{}/.well-known/openid-configuration", self.url);
        let discovery: Discovery = self.read(self.http.get(address)).await?;
        if discovery.issuer.trim_end_matches('/') != self.url {
            let reason = format!("its issuer is {}", discovery.issuer);
            return Err(LoginError::IssuerWrong(reason));
        }
        known.discovery = Some((now, discovery.clone()));
        Ok(discovery)
    }

    /// The issuer's keys; `anew` when a token named a key that was not among them.
    pub(crate) async fn keys(&self, anew: bool) -> Result<JwkSet, LoginError> {
        let address = self.discovery().await?.jwks_uri;
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let fresh_for = if anew { KEYS_PAUSE } else { FRESH_FOR };
        if let Some((at, keys)) = &known.keys
            && now.since(*at) < fresh_for
        {
            return Ok(keys.clone());
        }
        let keys: JwkSet = self.read(self.http.get(address)).await?;
        known.keys = Some((now, keys.clone()));
        Ok(keys)
    }

    /// Changes an authorization code into an `id_token`.
    pub(crate) async fn exchange(&self, exchange: Exchange<'_>) -> Result<String, LoginError> {
        let discovery = self.discovery().await?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", exchange.code),
            ("code_verifier", exchange.code_verifier),
            ("redirect_uri", exchange.redirect_uri),
            ("client_id", exchange.client_id),
        ];
        if let Some(secret) = exchange.client_secret {
            form.push(("client_secret", secret));
        }
        let answer: TokenAnswer = self
            .read(self.http.post(discovery.token_endpoint).form(&form))
            .await?;
        Ok(answer.id_token)
    }

    /// Where to send the browser with these parameters. An issuer that demands it gets them pushed
    /// first (RFC 9126), and the browser carries a reference only.
    pub(crate) async fn authorization_url(
        &self,
        client_id: &str,
        parameters: &[(&str, &str)],
    ) -> Result<String, LoginError> {
        let discovery = self.discovery().await?;
        let query = match discovery.pushed_authorization_request_endpoint {
            Some(endpoint) if discovery.require_pushed_authorization_requests => {
                let pushed: PushedAnswer =
                    self.read(self.http.post(endpoint).form(parameters)).await?;
                encoded(&[
                    ("client_id", client_id),
                    ("request_uri", &pushed.request_uri),
                ])?
            }
            _ => encoded(parameters)?,
        };
        Ok(with_query(&discovery.authorization_endpoint, &query))
    }

    /// Where to send the browser to log out with these parameters; `None` when the issuer has no
    /// such place. It is on the issuer's own origin, for our pages' policy lets forms lead there.
    pub(crate) async fn end_session_url(
        &self,
        parameters: &[(&str, &str)],
    ) -> Result<Option<String>, LoginError> {
        let Some(endpoint) = self.discovery().await?.end_session_endpoint else {
            return Ok(None);
        };
        if origin(&endpoint).is_none() || origin(&endpoint) != origin(&self.url) {
            let reason = format!("its end_session_endpoint is {endpoint}");
            return Err(LoginError::IssuerWrong(reason));
        }
        Ok(Some(with_query(&endpoint, &encoded(parameters)?)))
    }

    async fn read<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, LoginError> {
        let away = |error: reqwest::Error| LoginError::IssuerAway(error.to_string());
        let mut response = request.send().await.map_err(away)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(away)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_LIMIT {
                return Err(LoginError::IssuerWrong("it is too long".to_owned()));
            }
        }
        if status.is_server_error() {
            return Err(LoginError::IssuerAway(format!("status {status}")));
        }
        if !status.is_success() {
            return Err(LoginError::IssuerWrong(format!("status {status}")));
        }
        serde_json::from_slice(&body).map_err(|error| LoginError::IssuerWrong(error.to_string()))
    }
}

fn with_query(address: &str, query: &str) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{query}")
}

/// The origin of an address, as policies write it.
pub(crate) fn origin(address: &str) -> Option<String> {
    let origin = Url::parse(address).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

fn encoded(parameters: &[(&str, &str)]) -> Result<String, LoginError> {
    serde_urlencoded::to_string(parameters)
        .map_err(|error| LoginError::IssuerWrong(error.to_string()))
}

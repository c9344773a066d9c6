//! A small OpenID issuer on loopback, which answers rightly or, when a test says so, wrongly.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use data_encoding::BASE64URL_NOPAD;
use foundation::Digest;
use foundation::testing::START;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// What the issuer does otherwise than it should.
#[derive(Clone, Debug, Default)]
pub(crate) struct Twist {
    /// Members of the `id_token` that are replaced; `null` removes one.
    pub claims: Value,
    /// Signs with a key that is not published.
    pub other_key: bool,
    /// Names this key in the header.
    pub kid: Option<&'static str>,
    /// Signs with HMAC and the public key's text.
    pub hmac: bool,
    /// Where it says that sessions end, when it says so.
    pub end_session: Option<&'static str>,
}

#[derive(Debug, Default)]
struct Pending {
    nonce: String,
    challenge: String,
    subject: (String, String, String),
}

/// The issuer.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub url: String,
    pending: Arc<Mutex<BTreeMap<String, Pending>>>,
    pub twist: Arc<Mutex<Twist>>,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            pending: Arc::default(),
            twist: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    /// The person logs in: what the authorization endpoint would send the browser back with.
    pub(crate) fn authorize(&self, address: &str, subject: (&str, &str, &str)) -> String {
        let query = address.split_once('?').unwrap().1;
        let asked: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43);
        let code = format!("code-{}", self.pending.lock().unwrap().len());
        let pending = Pending {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            subject: (subject.0.into(), subject.1.into(), subject.2.into()),
        };
        self.pending.lock().unwrap().insert(code.clone(), pending);
        format!("/logg-inn/retur?code={code}&state={}", asked["state"])
    }

    fn id_token(&self, pending: &Pending) -> String {
        let twist = self.twist.lock().unwrap().clone();
        let (sub, name, orgnr) = &pending.subject;
        let mut claims = json!({
            "iss": self.url, "aud": "markedsplass-portal", "sub": sub, "name": name,
            "nonce": pending.nonce, "iat": START.seconds(), "exp": START.seconds() + 300,
            "helseid://claims/client/claims/orgnr_parent": orgnr,
        });
        for (key, value) in twist.claims.as_object().into_iter().flatten() {
            claims[key] = value.clone();
        }
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let mut header = Header::new(if twist.hmac {
            Algorithm::HS256
        } else {
            Algorithm::RS256
        });
        header.kid = Some(twist.kid.unwrap_or("issuer").to_owned());
        let pem: &[u8] = if twist.other_key {
            include_bytes!("keys/other.pem")
        } else {
            include_bytes!("keys/issuer.pem")
        };
        let key = if twist.hmac {
            EncodingKey::from_secret(include_bytes!("keys/issuer.jwk.json"))
        } else {
            EncodingKey::from_rsa_pem(pem).unwrap()
        };
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    }
}

async fn discovery(State(issuer): State<Issuer>) -> String {
    let mut document = json!({
        "issuer": issuer.url,
        "authorization_endpoint": format!("{}/authorize", issuer.url),
        "token_endpoint": format!("{}/token", issuer.url),
        "jwks_uri": format!("{}/jwks", issuer.url),
    });
    if let Some(place) = issuer.twist.lock().unwrap().end_session {
        document["end_session_endpoint"] = place.replace("{issuer}", &issuer.url).into();
    }
    document.to_string()
}

async fn jwks() -> String {
    format!("{{\"keys\": [{}]}}", include_str!("keys/issuer.jwk.json"))
}

async fn token(State(issuer): State<Issuer>, body: String) -> Response {
    let form: BTreeMap<String, String> = serde_urlencoded::from_str(&body).unwrap();
    let Some(pending) = issuer.pending.lock().unwrap().remove(&form["code"]) else {
        return (StatusCode::BAD_REQUEST, "{\"error\": \"invalid_grant\"}").into_response();
    };
    let digest = Digest::of(form["code_verifier"].as_bytes());
    if BASE64URL_NOPAD.encode(digest.as_bytes()) != pending.challenge {
        return (StatusCode::BAD_REQUEST, "{\"error\": \"invalid_grant\"}").into_response();
    }
    json!({"access_token": "x", "token_type": "Bearer", "id_token": issuer.id_token(&pending)})
        .to_string()
        .into_response()
}

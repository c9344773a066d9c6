//! Client authentication: secrets and signed assertions.

use std::time::Duration;

use axum::http::Method;
use data_encoding::BASE64;
use foundation::testing::START;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sandbox::{AuthMethod, Behaviour, NewClient};
use serde_json::{Value, json};

use crate::support::{Answer, BASE, REDIRECT, VERIFIER, World, parameter, public_client, worlds};

const TOKEN_URL: &str = "http://localhost:8081/demo/auth/token";

async fn code_of(world: &World, client_id: &str) -> String {
    let launched = world.launch_of(client_id, Behaviour::default()).await;
    let changes = [
        ("client_id", client_id),
        ("launch", launched.launch.as_str()),
    ];
    parameter(&world.authorize(&changes).await.location(), "code").unwrap()
}

fn basic(id: &str, secret: &str) -> String {
    format!(
        "Basic {}",
        BASE64.encode(format!("{id}:{secret}").as_bytes())
    )
}

#[tokio::test]
async fn requirement_64_a_confidential_client_must_authenticate_with_its_own_secret() {
    for world in worlds().await {
        let client = NewClient {
            client_id: Some("server".to_owned()),
            token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
            ..public_client()
        };
        let secret = world.register(client).await.unwrap();
        let code = code_of(&world, "server").await;
        let redeem = |header: Option<String>, more: Vec<(&'static str, String)>| {
            let (world, code) = (&world, code.clone());
            async move {
                let mut fields = vec![
                    ("grant_type", "authorization_code"),
                    ("code", &code),
                    ("redirect_uri", REDIRECT),
                    ("code_verifier", VERIFIER),
                ];
                fields.extend(more.iter().map(|(name, value)| (*name, value.as_str())));
                let headers: Vec<(&str, &str)> = header
                    .iter()
                    .map(|value| ("authorization", value.as_str()))
                    .collect();
                world.form("/demo/auth/token", &fields, &headers).await
            }
        };
        let wrong = basic("server", "mcs_wrong");
        let refused = [
            redeem(None, vec![("client_id", "server".to_owned())]).await,
            redeem(Some(wrong), vec![]).await,
            redeem(Some(basic("nobody", &secret)), vec![]).await,
            redeem(Some("Basic !".to_owned()), vec![]).await,
            redeem(
                None,
                vec![
                    ("client_id", "server".to_owned()),
                    ("client_secret", secret.clone()),
                ],
            )
            .await,
            redeem(
                Some(basic("server", &secret)),
                vec![("client_secret", secret.clone())],
            )
            .await,
            redeem(
                Some(basic("server", &secret)),
                vec![("client_id", "app".to_owned())],
            )
            .await,
        ];
        for answer in refused {
            assert_eq!(answer.error(), "invalid_client");
            assert_eq!(answer.status, 401);
            assert!(answer.header("www-authenticate").starts_with("Basic"));
        }
        redeem(Some(basic("server", &secret)), vec![])
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_as_a_digest() {
    for world in worlds().await {
        let client = NewClient {
            client_id: Some("server".to_owned()),
            token_endpoint_auth_method: AuthMethod::ClientSecretPost,
            ..public_client()
        };
        let secret = world.register(client).await.unwrap();
        assert!(secret.len() >= 43, "at least 256 bits (requirement 23)");
        let known = format!("{:?}", world.sandbox.clients("demo").await.unwrap());
        assert!(!known.contains(&secret));
    }
}

/// A key of a client: its private half and the registration of its public half.
struct Key {
    private: EncodingKey,
    algorithm: Algorithm,
}

impl Key {
    fn rsa() -> Self {
        use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            BASE64.encode(der.as_ref())
        );
        Self {
            private: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
            algorithm: Algorithm::RS384,
        }
    }

    fn ec() -> Self {
        use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
        let pair = EcdsaKeyPair::generate_pkcs8(
            &ECDSA_P384_SHA384_FIXED_SIGNING,
            &aws_lc_rs::rand::SystemRandom::new(),
        )
        .unwrap();
        Self {
            private: EncodingKey::from_ec_der(pair.as_ref()),
            algorithm: Algorithm::ES384,
        }
    }

    fn jwks(&self) -> Value {
        let mut public = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        public.common.key_id = Some("k1".to_owned());
        json!({"keys": [public]})
    }

    fn assertion(&self, kid: &str, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(kid.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

fn claims(changes: &Value) -> Value {
    let mut all = json!({
        "iss": "signer",
        "sub": "signer",
        "aud": TOKEN_URL,
        "exp": START.seconds() + 300,
        "jti": "once",
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

async fn redeem(world: &World, assertion: &str) -> Answer {
    let code = code_of(world, "signer").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("client_assertion", assertion),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
    ];
    world.form("/demo/auth/token", &fields, &[]).await
}

async fn register(world: &World, key: &Key) {
    let client = NewClient {
        client_id: Some("signer".to_owned()),
        token_endpoint_auth_method: AuthMethod::PrivateKeyJwt,
        jwks: Some(key.jwks()),
        ..public_client()
    };
    world.register(client).await;
}

#[tokio::test]
async fn requirement_310_an_assertion_by_rs384_or_es384_is_believed() {
    for world in worlds().await {
        for key in [Key::rsa(), Key::ec()] {
            register(&world, &key).await;
            let jti = format!("{:?}", key.algorithm);
            redeem(&world, &key.assertion("k1", &claims(&json!({"jti": jti}))))
                .await
                .expect(200);
            let issuer = claims(&json!({"jti": format!("{jti}2"), "aud": [BASE]}));
            redeem(&world, &key.assertion("k1", &issuer))
                .await
                .expect(200);
        }
    }
}

#[tokio::test]
async fn requirements_335_to_340_every_wrong_assertion_is_invalid_client() {
    for world in worlds().await {
        let key = Key::ec();
        register(&world, &key).await;
        for (what, change) in [
            ("another issuer", json!({"iss": "somebody"})),
            (
                "another audience",
                json!({"aud": "https://elsewhere.example/token"}),
            ),
            ("expired", json!({"exp": START.seconds()})),
            ("too long", json!({"exp": START.seconds() + 600})),
            ("no jti", json!({"jti": ""})),
        ] {
            let refused = redeem(&world, &key.assertion("k1", &claims(&change))).await;
            assert_eq!(refused.error(), "invalid_client", "{what}");
        }
        let good = claims(&json!({}));
        let unknown_key = redeem(&world, &key.assertion("k2", &good)).await;
        assert_eq!(unknown_key.error(), "invalid_client");
        let other_key = redeem(&world, &Key::ec().assertion("k1", &good)).await;
        assert_eq!(other_key.error(), "invalid_client");
        let weak = Key {
            algorithm: Algorithm::RS256,
            ..Key::rsa()
        };
        assert_eq!(
            redeem(&world, &weak.assertion("k1", &good)).await.error(),
            "invalid_client"
        );
        assert_eq!(
            redeem(&world, "no.jwt.at-all").await.error(),
            "invalid_client"
        );
        // Requirement 336: the same assertion does not serve twice.
        let once = key.assertion("k1", &good);
        redeem(&world, &once).await.expect(200);
        assert_eq!(redeem(&world, &once).await.error(), "invalid_client");
        world.clock.advance(Duration::from_mins(5));
        assert_eq!(redeem(&world, &once).await.error(), "invalid_client");
    }
}

/// Registers a backend service with these scopes.
async fn register_backend(world: &World, key: &Key, scope: &str) {
    let client = NewClient {
        client_id: Some("signer".to_owned()),
        token_endpoint_auth_method: AuthMethod::PrivateKeyJwt,
        jwks: Some(key.jwks()),
        redirect_uris: Vec::new(),
        launch_uri: None,
        scope: scope.to_owned(),
        ..public_client()
    };
    world.register(client).await;
}

async fn by_itself(world: &World, assertion: &str, scope: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", scope),
        ("client_assertion", assertion),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
    ];
    world.form("/demo/auth/token", &fields, &[]).await
}

#[tokio::test]
async fn a_backend_service_gets_system_scopes_for_five_minutes_and_reads_with_them() {
    for world in worlds().await {
        let key = Key::ec();
        register_backend(&world, &key, "system/Patient.rs").await;
        let assertion = |jti: &str| key.assertion("k1", &claims(&json!({"jti": jti})));
        let asked = "system/Patient.rs system/Observation.rs user/Patient.rs";
        let granted = by_itself(&world, &assertion("a"), asked).await.expect(200);
        let granted = granted.json();
        assert_eq!(granted["scope"], "system/Patient.rs");
        assert!(granted["expires_in"].as_u64().unwrap() <= 300);
        for absent in ["refresh_token", "id_token", "patient"] {
            assert!(granted.get(absent).is_none(), "{absent}");
        }
        let token = granted["access_token"].as_str().unwrap();
        let bearer = format!("Bearer {token}");
        for (path, status) in [
            ("Patient/p1", 200),
            ("Patient?_count=1", 200),
            ("Observation?patient=p1", 403),
        ] {
            let path = format!("/demo/fhir/{path}");
            let headers = [("authorization", bearer.as_str())];
            let answer = world.ask(Method::GET, &path, &headers).await;
            answer.expect(status);
        }

        let refused = by_itself(&world, &assertion("b"), "user/Patient.rs").await;
        assert_eq!(refused.expect(400).json()["error"], "invalid_scope");
        // An app that people use gets no token without one.
        let public = [
            ("grant_type", "client_credentials"),
            ("client_id", "app"),
            ("scope", "system/*.rs"),
        ];
        let refused = world.form("/demo/auth/token", &public, &[]).await;
        assert_eq!(refused.expect(401).json()["error"], "invalid_client");
    }
}

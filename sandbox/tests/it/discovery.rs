//! Discovery, keys and cross-origin access.

use axum::http::Method;

use crate::support::{BASE, ORIGIN, world};

const CONFIGURATION: &str = "/demo/fhir/.well-known/smart-configuration";

#[tokio::test]
async fn requirements_30_378_380_the_configuration_is_json_with_absolute_addresses() {
    let world = world().await;
    let answer = world.get(CONFIGURATION).await.expect(200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json")
    );
    let document = answer.json();
    assert_eq!(document["issuer"], BASE);
    for endpoint in ["authorization", "token", "introspection", "revocation"] {
        let url = document[format!("{endpoint}_endpoint")].as_str().unwrap();
        assert!(url.starts_with("http://localhost:8081/demo/auth/"), "{url}");
        assert!(!url.contains('?'));
    }
    let capabilities = document["capabilities"].as_array().unwrap();
    for needed in [
        "launch-ehr",
        "launch-standalone",
        "sso-openid-connect",
        "permission-v1",
        "permission-v2",
    ] {
        assert!(capabilities.iter().any(|one| one == needed), "{needed}");
    }
    let unknown = world
        .get("/nobody/fhir/.well-known/smart-configuration")
        .await;
    assert_eq!(unknown.expect(404).json()["code"], "sandbox-unknown");
}

#[tokio::test]
async fn requirements_14_15_289_only_s256_and_both_asymmetric_algorithms_are_offered() {
    let world = world().await;
    let document = world.get(CONFIGURATION).await.json();
    assert_eq!(
        document["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    assert_eq!(
        document["token_endpoint_auth_signing_alg_values_supported"],
        serde_json::json!(["RS384", "ES384"])
    );
}

#[tokio::test]
async fn requirements_205_209_openid_discovery_leads_to_keys_with_names() {
    let world = world().await;
    let document = world
        .get("/demo/fhir/.well-known/openid-configuration")
        .await
        .expect(200)
        .json();
    assert_eq!(document["jwks_uri"], "http://localhost:8081/demo/auth/jwks");
    let keys = world.get("/demo/auth/jwks").await.expect(200).json();
    let key = &keys["keys"][0];
    assert_eq!(key["kty"], "RSA");
    assert!(key["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
    assert!(key.get("d").is_none(), "the private half stays here");
}

#[tokio::test]
async fn requirement_16_discovery_is_readable_from_any_origin() {
    let world = world().await;
    let headers = [("origin", "https://anybody.example")];
    for path in [CONFIGURATION, "/demo/auth/jwks"] {
        let answer = world.ask(Method::GET, path, &headers).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
    }
}

#[tokio::test]
async fn requirement_17_the_token_endpoint_is_readable_from_registered_origins_alone() {
    let world = world().await;
    let preflight = |origin| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization,content-type",
            ),
        ];
        let world = &world;
        async move {
            world
                .ask(Method::OPTIONS, "/demo/auth/token", &headers)
                .await
                .expect(204)
        }
    };
    let allowed = preflight(ORIGIN).await;
    assert_eq!(allowed.header("access-control-allow-origin"), ORIGIN);
    assert!(
        allowed
            .header("access-control-allow-headers")
            .contains("Authorization")
    );
    for other in [
        "https://evil.example",
        "https://app.example.evil",
        "http://app.example",
        "null",
    ] {
        let refused = preflight(other).await;
        assert_eq!(refused.header("access-control-allow-origin"), "", "{other}");
    }
    // A script must be able to read why it was refused.
    let failed = world
        .form("/demo/auth/token", &[], &[("origin", ORIGIN)])
        .await
        .expect(400);
    assert_eq!(failed.header("access-control-allow-origin"), ORIGIN);
    assert!(failed.header("vary").contains("Origin"));
}

#[tokio::test]
async fn pages_are_never_readable_across_origins() {
    let world = world().await;
    let answer = world
        .ask(Method::GET, "/demo/", &[("origin", ORIGIN)])
        .await
        .expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

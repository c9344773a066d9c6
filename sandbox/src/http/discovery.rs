//! What an app reads before anything else: `smart-configuration`, `openid-configuration`, keys. Only
//! capabilities that are built are named.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use foundation::error::Problem;
use foundation::http::{Json, Path};
use serde_json::{Value, json};

use crate::service::Core;

/// `GET /{sandbox}/fhir/.well-known/smart-configuration` (SMART 2.2 §2.1.10).
pub(super) async fn smart(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
) -> Result<Response, Problem> {
    core.sandbox(&sandbox).await?;
    let mut document = common(&core, &sandbox);
    if let Some(members) = document.as_object_mut() {
        members.insert("capabilities".to_owned(), json!(CAPABILITIES));
    }
    Ok(Json(document).into_response())
}

/// `GET /{sandbox}/fhir/.well-known/openid-configuration` (OpenID Connect Discovery §3).
pub(super) async fn openid(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
) -> Result<Response, Problem> {
    core.sandbox(&sandbox).await?;
    let mut document = common(&core, &sandbox);
    if let Some(members) = document.as_object_mut() {
        members.insert("subject_types_supported".to_owned(), json!(["public"]));
        members.insert(
            "id_token_signing_alg_values_supported".to_owned(),
            json!(["RS256"]),
        );
        let claims = [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "fhirUser",
            "profile",
        ];
        members.insert("claims_supported".to_owned(), json!(claims));
    }
    Ok(Json(document).into_response())
}

/// `GET /{sandbox}/auth/jwks`.
pub(super) async fn jwks(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
) -> Result<Response, Problem> {
    let keys = core.key_of(&sandbox).await?.jwks();
    let mut response = Json(keys).into_response();
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Ok(response)
}

fn common(core: &Core, sandbox: &str) -> Value {
    json!({
        "issuer": core.fhir_base(sandbox),
        "jwks_uri": core.auth_url(sandbox, "jwks"),
        "authorization_endpoint": core.auth_url(sandbox, "authorize"),
        "token_endpoint": core.auth_url(sandbox, "token"),
        "introspection_endpoint": core.auth_url(sandbox, "introspect"),
        "revocation_endpoint": core.auth_url(sandbox, "revoke"),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported":
            ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "scopes_supported": SCOPES,
    })
}

const CAPABILITIES: [&str; 18] = [
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "context-standalone-encounter",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
];

const SCOPES: [&str; 16] = [
    "openid",
    "profile",
    "fhirUser",
    "launch",
    "launch/patient",
    "launch/encounter",
    "online_access",
    "offline_access",
    "patient/*.rs",
    "patient/*.cruds",
    "patient/*.read",
    "user/*.rs",
    "user/*.cruds",
    "user/*.read",
    "system/*.rs",
    "system/*.cruds",
];

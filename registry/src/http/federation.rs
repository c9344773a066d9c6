//! The endpoints of the `OpenID` Federation view. Refusals have that specification's shape (§8.9).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::access::Actor;
use foundation::error::{Describe, Problem};
use foundation::http::{Json, Path};
use serde_json::json;
use url::form_urlencoded;

use crate::service::Registry;
use crate::service::federation::{
    FederationError, FederationKeyRequest, FederationKeyView, Wanted,
};

/// `GET /.well-known/openid-federation`
pub(super) async fn anchor(State(registry): State<Registry>) -> Response {
    token(STATEMENT, registry.anchor_configuration().await)
}

/// `GET /apps/{id}/.well-known/openid-federation`
pub(super) async fn app(State(registry): State<Registry>, Path(id): Path<String>) -> Response {
    token(STATEMENT, registry.app_configuration(&id).await)
}

/// `GET /federation/fetch?sub=…`
pub(super) async fn fetch(State(registry): State<Registry>, RawQuery(query): RawQuery) -> Response {
    let asked = Asked::read(query.as_deref().unwrap_or_default().as_bytes());
    token(
        STATEMENT,
        registry.subordinate_statement(asked.one("sub")).await,
    )
}

/// `GET /federation/list`
pub(super) async fn list(State(registry): State<Registry>, RawQuery(query): RawQuery) -> Response {
    let asked = Asked::read(query.as_deref().unwrap_or_default().as_bytes());
    let wanted = Wanted {
        entity_type: asked.one("entity_type"),
        mark_type: asked.one("trust_mark_type"),
        intermediate: asked.one("intermediate") == Some("true"),
    };
    entities(registry.subordinates(&wanted).await)
}

/// `GET /federation/trust-mark-list?trust_mark_type=…`
pub(super) async fn mark_list(
    State(registry): State<Registry>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = Asked::read(query.as_deref().unwrap_or_default().as_bytes());
    let found = registry.marked_entities(asked.one("trust_mark_type"), asked.one("sub"));
    entities(found.await)
}

/// `GET /federation/trust-mark?trust_mark_type=…&sub=…`
pub(super) async fn mark(State(registry): State<Registry>, RawQuery(query): RawQuery) -> Response {
    let asked = Asked::read(query.as_deref().unwrap_or_default().as_bytes());
    let found = registry.trust_mark(asked.one("trust_mark_type"), asked.one("sub"));
    token("application/trust-mark+jwt", found.await)
}

/// `POST /federation/trust-mark-status`: a form with `trust_mark`.
pub(super) async fn mark_status(State(registry): State<Registry>, body: Bytes) -> Response {
    let asked = Asked::read(&body);
    let answer = registry.trust_mark_status(asked.one("trust_mark")).await;
    let mut response = token("application/trust-mark-status-response+jwt", answer);
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

/// `GET /federation/historical-keys`
pub(super) async fn historical_keys(State(registry): State<Registry>) -> Response {
    token("application/jwk-set+jwt", registry.historical_keys().await)
}

/// `POST /api/v1/federation-key`: replaces the registry's key.
pub(super) async fn replace_key(
    State(registry): State<Registry>,
    actor: Actor,
    Json(request): Json<FederationKeyRequest>,
) -> Result<(StatusCode, Json<FederationKeyView>), Problem> {
    let key = registry.replace_federation_key(&actor, request).await?;
    Ok((StatusCode::CREATED, Json(key)))
}

/// Parameters, as a query or a form has them. One that stands twice is not there: which of the two
/// is meant cannot be known.
struct Asked(Vec<(String, String)>);

impl Asked {
    fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    fn one(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

fn token(media_type: &'static str, answer: Result<String, FederationError>) -> Response {
    match answer {
        Ok(token) => cached(([(header::CONTENT_TYPE, media_type)], token).into_response()),
        Err(error) => refused(&error),
    }
}

fn entities(answer: Result<Vec<String>, FederationError>) -> Response {
    match answer {
        Ok(entities) => cached(axum::Json(entities).into_response()),
        Err(error) => refused(&error),
    }
}

fn cached(mut response: Response) -> Response {
    let minutes = HeaderValue::from_static("public, max-age=300");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, minutes);
    response
}

fn refused(error: &FederationError) -> Response {
    let (status, code) = match error {
        FederationError::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
        FederationError::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
        FederationError::Registry(inner) => {
            tracing::error!(code = inner.fault().code, %error, "the federation view failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error")
        }
    };
    let said = match error {
        FederationError::Invalid(said) | FederationError::NotFound(said) => *said,
        FederationError::Registry(_) => "the registry failed",
    };
    let body = json!({"error": code, "error_description": said});
    (status, axum::Json(body)).into_response()
}

/// The most that a question may have: a trust mark as long as one may be, twice over.
pub(super) const MAX_BODY: usize = 64 * 1024;
const STATEMENT: &str = "application/entity-statement+jwt";

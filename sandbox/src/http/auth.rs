//! Token, introspection and revocation endpoints: forms in, JSON out, never cached.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::error::OAuthFailure;
use foundation::http::{Json, Path};
use serde_json::Value;

use super::authorization;
use crate::domain::authorization::Parameters;
use crate::domain::exchange::Trace;
use crate::error::TokenError;
use crate::service::Core;

/// `POST /{sandbox}/auth/token` (RFC 6749 §3.2).
pub(super) async fn token(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let mut trace = Trace::default();
    let form = Parameters::read(&body);
    let answer = match form.repeated() {
        Some(_) => Err(TokenError::Parameter("of one name")),
        None => {
            core.exchange(&sandbox, authorization(&headers), &form, &mut trace)
                .await
        }
    };
    respond(answer, trace)
}

/// `POST /{sandbox}/auth/introspect` (RFC 7662).
pub(super) async fn introspect(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let mut trace = Trace::default();
    let form = Parameters::read(&body);
    let answer = core
        .introspect(&sandbox, authorization(&headers), &form, &mut trace)
        .await;
    respond(answer, trace)
}

/// `POST /{sandbox}/auth/revoke` (RFC 7009).
pub(super) async fn revoke(
    State(core): State<Arc<Core>>,
    Path(sandbox): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let mut trace = Trace::default();
    let form = Parameters::read(&body);
    let done = core
        .revoke(&sandbox, authorization(&headers), &form, &mut trace)
        .await;
    respond(done.map(|()| Value::Object(serde_json::Map::new())), trace)
}

/// Success and failure both carry `no-store` (SMART 2.2, requirements 86 and 87).
fn respond(answer: Result<Value, TokenError>, trace: Trace) -> Response {
    let mut response = match answer {
        Ok(body) => (StatusCode::OK, Json(body)).into_response(),
        Err(error) => OAuthFailure::from(error).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response.extensions_mut().insert(trace);
    response
}

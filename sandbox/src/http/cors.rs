//! Cross-origin access as SMART App Launch 2.2 asks: from any origin to discovery documents, the
//! `CapabilityStatement` and keys (requirement 16), from registered origins to the token endpoint and
//! the FHIR API (requirement 17), and to nothing else.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::sandbox_of;
use crate::domain::exchange::Surface;
use crate::service::Core;
use crate::store::clients;

/// Middleware: answers preflights, and adds what lets a script read the answer.
pub(crate) async fn allow(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    allowing(&core, request, async |request| next.run(request).await).await
}

/// The same around anything that answers.
pub(super) async fn allowing(
    core: &Core,
    request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let open = matches!(
        Surface::of(request.uri().path()),
        Surface::Discovery | Surface::Metadata | Surface::Keys
    );
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = match origin {
        Some(_) if open => Some(HeaderValue::from_static("*")),
        Some(origin) if Box::pin(is_registered(core, &sandbox_of(&request), &origin)).await => {
            Some(origin)
        }
        _ => None,
    };
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        answer(request).await
    };
    let headers = response.headers_mut();
    if !open {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(allowed) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if preflight {
            add_preflight(headers);
        } else {
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static(EXPOSED),
            );
        }
    }
    response
}

fn add_preflight(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(ALLOWED),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
}

/// A database that fails allows nothing.
async fn is_registered(core: &Core, sandbox: &str, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let Ok(mut tx) = core.database.read().await else {
        return false;
    };
    clients::has_origin(&mut tx, sandbox, origin)
        .await
        .unwrap_or(false)
}

const ALLOWED: &str = "Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, \
                       If-None-Exist, If-Modified-Since, X-Request-Id, DPoP";
const EXPOSED: &str = "Location, ETag, Content-Location, Last-Modified, WWW-Authenticate, \
                       Expires, Retry-After, X-Progress, X-Request-Id";

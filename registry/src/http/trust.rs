//! What EPJs fetch: the trust repository, status lists, and the log's files.
//! All of it verifies itself, so any cache may serve it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use foundation::Digest;
use foundation::error::{Fault, Problem};
use foundation::http::Path;
use futures::{Stream, StreamExt};

use crate::error::RegistryError;
use crate::service::Registry;
use crate::trust::log::TransparencyLog;

/// How long a cache may keep an answer.
#[derive(Clone, Copy)]
enum Caching {
    /// It may be replaced at any moment: a minute.
    Minute,
    /// It is replaced with every entry: some seconds.
    Seconds,
    /// It never changes.
    Immutable,
}

pub(super) async fn document(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = registry.trust_file(&name).await?.ok_or_else(unknown)?;
    let caching = if name == "timestamp.json" {
        Caching::Minute
    } else {
        Caching::Immutable
    };
    Ok(file(
        &headers,
        text.into_bytes(),
        "application/json",
        caching,
    ))
}

pub(super) async fn target(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = registry.trust_file(&format!("targets/{name}")).await?;
    let text = text.ok_or_else(unknown)?;
    let media_type = match name.rsplit('.').next() {
        Some("jwks") => "application/jwk-set+json",
        Some("json") => "application/json",
        Some("jwt") => "application/trust-mark-delegation+jwt",
        _ => "text/plain; charset=utf-8",
    };
    Ok(file(
        &headers,
        text.into_bytes(),
        media_type,
        Caching::Immutable,
    ))
}

pub(super) async fn status(
    State(registry): State<Registry>,
    Path(list): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let token = registry.status_list(list).await?;
    let token = token.ok_or(RegistryError::StatusListUnknown)?;
    Ok(file(
        &headers,
        token.into_bytes(),
        "application/statuslist+jwt",
        Caching::Minute,
    ))
}

/// `GET /status/{list}/events`: the same token as an event at once on change (server-sent events).
/// `Last-Event-ID` is the `gen` of the last one that the caller has.
pub(super) async fn status_events(
    State(registry): State<Registry>,
    Path(list): Path<i64>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    if registry.status_list(list).await?.is_none() {
        return Err(RegistryError::StatusListUnknown.into());
    }
    let after = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok());
    let issues = registry.follow_status(list, after)?;
    let events = issues.map(|issue| {
        Ok(Event::default()
            .id(issue.generation.to_string())
            .event("status")
            .data(&*issue.token))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

pub(super) async fn checkpoint(
    State(registry): State<Registry>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    log_file(&registry, TransparencyLog::CURRENT, "checkpoint", &headers).await
}

pub(super) async fn tile(
    State(registry): State<Registry>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let path = format!("tile/{path}");
    log_file(&registry, TransparencyLog::CURRENT, &path, &headers).await
}

/// The same under the log's own name, which stays when another log takes the entries.
pub(super) async fn checkpoint_of(
    State(registry): State<Registry>,
    Path(log): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    log_file(&registry, &log, "checkpoint", &headers).await
}

pub(super) async fn tile_of(
    State(registry): State<Registry>,
    Path((log, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    log_file(&registry, &log, &format!("tile/{path}"), &headers).await
}

async fn log_file(
    registry: &Registry,
    log: &str,
    path: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let bytes = registry.log().file(log, path).await?;
    let bytes = bytes.ok_or_else(unknown)?;
    let (media_type, caching) = if path == "checkpoint" {
        ("text/plain; charset=utf-8", Caching::Seconds)
    } else if log == TransparencyLog::CURRENT {
        // Another log's file is here once that one takes the entries.
        ("application/octet-stream", Caching::Seconds)
    } else {
        ("application/octet-stream", Caching::Immutable)
    };
    Ok(file(headers, bytes.to_vec(), media_type, caching))
}

fn unknown() -> Problem {
    Problem(
        Fault::new(StatusCode::NOT_FOUND, "file-unknown")
            .title("There is no such file")
            .detail("Nothing is published at this address.")
            .remedy(
                "Read /trust/timestamp.json for the trust repository, /log/checkpoint for the size of \
                 the log, and approvals for their list.",
            ),
    )
}

/// A file with its entity tag, or 304 when the caller has it.
fn file(
    headers: &HeaderMap,
    bytes: Vec<u8>,
    media_type: &'static str,
    caching: Caching,
) -> Response {
    let tag = format!("\"{}\"", Digest::of(&bytes).hex());
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], bytes).into_response()
    };
    let caching = match caching {
        Caching::Seconds => "public, max-age=5",
        Caching::Minute => MINUTE,
        Caching::Immutable => "public, max-age=31536000, immutable",
    };
    let answered = response.headers_mut();
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answered.insert(header::ETAG, tag);
    }
    response
}

/// How long a cache may keep what can be replaced at any moment.
pub(crate) const MINUTE: &str = "public, max-age=60";
/// Shorter than proxies wait for a silent connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

//! Entity tags (RFC 9110 §8.8.3): answers that need not be sent again.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::Digest;

/// Sends `body` with its tag, or nothing when the caller has it already.
pub(super) fn answer(
    headers: &HeaderMap,
    media_type: &'static str,
    prefix: &str,
    body: impl Into<Vec<u8>>,
) -> Response {
    let body = body.into();
    let label: String = Digest::of(&body).label().chars().take(20).collect();
    let tag = format!("\"{prefix}{label}\"");
    let mut response = if matches(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], body).into_response()
    };
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    // What is seen depends on who asks.
    let depends = HeaderValue::from_static("authorization, cookie");
    response.headers_mut().insert(header::VARY, depends);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// True when `If-None-Match` has the tag; compared weakly, as §13.1.2 says.
pub(super) fn matches(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|value| value.trim().trim_start_matches("W/"))
        .any(|value| value == tag || value == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_body_is_not_sent_again() {
        let first = answer(&HeaderMap::new(), "text/plain", "1.", "x");
        assert_eq!(first.status(), 200);
        let tag = first.headers()[header::ETAG].clone();
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(answer(&headers, "text/plain", "1.", "x").status(), 304);
        assert_eq!(answer(&headers, "text/plain", "1.", "y").status(), 200);
    }
}

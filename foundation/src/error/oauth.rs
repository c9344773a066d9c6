//! The dialect of OAuth endpoints: the JSON body of RFC 6749 §5.2.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Describe, Fault, seen};

/// A fault as an RFC 6749 error body. `error_uri` leads to the page about the code.
#[derive(Clone, Debug)]
pub struct OAuthFailure(pub Fault);

impl<E: Describe> From<E> for OAuthFailure {
    fn from(error: E) -> Self {
        Self(seen(&error))
    }
}

impl IntoResponse for OAuthFailure {
    fn into_response(self) -> Response {
        let fault = self.0;
        let description = format!("{} {}", fault.detail, fault.remedy);
        let body = json!({
            "error": fault.oauth,
            "error_description": ascii(description.trim()),
            "error_uri": format!("/problems/{}", fault.code),
        });
        let mut response = (fault.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        if fault.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"token\""),
            );
        }
        response
    }
}

/// RFC 6749 §5.2 allows `%x20-21 / %x23-5B / %x5D-7E` in a description.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => '\'',
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn a_description_keeps_to_the_allowed_characters() {
        assert_eq!(ascii("a \"b\" \\ å"), "a 'b' ' ?");
    }
}

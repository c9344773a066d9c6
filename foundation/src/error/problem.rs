//! The dialect of our own APIs: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Describe, Fault, seen};
use crate::http::request_id;

/// A fault as RFC 9457 problem details. Members beyond the RFC: `code`, `remedy`, `errors`.
#[derive(Clone, Debug)]
pub struct Problem(pub Fault);

impl<E: Describe> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(seen(&error))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let fault = self.0;
        let mut body = json!({
            "type": format!("/problems/{}", fault.code),
            "title": fault.title,
            "status": fault.status.as_u16(),
            "detail": fault.detail,
            "code": fault.code,
            "remedy": fault.remedy,
        });
        if let Some(members) = body.as_object_mut() {
            if let Some(id) = request_id::current() {
                members.insert("instance".to_owned(), format!("urn:request:{id}").into());
            }
            if !fault.errors.is_empty() {
                members.insert("errors".to_owned(), json!(fault.errors));
            }
        }
        let mut response = (fault.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match fault.status.as_u16() {
            401 => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            429 | 503 => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}

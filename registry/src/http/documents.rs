//! Documents that describe the API: the JSON Schemas and the `OpenAPI` document.

use axum::http::HeaderMap;
use axum::response::Response;

use super::conditional;
use crate::domain::schema;

const SCHEMA: &str = "application/schema+json";

/// `GET /schemas/app.json`
pub(super) async fn app_schema(headers: HeaderMap) -> Response {
    conditional::answer(&headers, SCHEMA, "", schema::APP.text)
}

/// `GET /schemas/version.json`
pub(super) async fn version_schema(headers: HeaderMap) -> Response {
    conditional::answer(&headers, SCHEMA, "", schema::VERSION.text)
}

/// `GET /openapi.json`
pub(super) async fn openapi(headers: HeaderMap) -> Response {
    conditional::answer(&headers, "application/json", "", OPENAPI)
}

/// The `OpenAPI` document of registry and conformance.
pub const OPENAPI: &str = include_str!("../../openapi.json");

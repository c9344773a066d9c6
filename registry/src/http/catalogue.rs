//! The catalogue in three forms.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use foundation::error::Problem;

use super::{conditional, export};
use crate::domain::catalogue::CatalogueQuery;
use crate::error::RegistryError;
use crate::service::Registry;

/// `GET /api/v1/catalogue`
pub(super) async fn json(
    State(registry): State<Registry>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let results = registry.catalogue(&parse(query)?).await?;
    let body = serde_json::to_vec(&results).map_err(RegistryError::from)?;
    Ok(public(&headers, "application/json", body))
}

/// `GET /api/v1/catalogue.csv`
pub(super) async fn csv(
    State(registry): State<Registry>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let listings = registry.catalogue_export(&parse(query)?).await?;
    let response = public(
        &headers,
        "text/csv; charset=utf-8; header=present",
        export::csv(&listings),
    );
    let name = "attachment; filename=\"katalog.csv\"";
    Ok(([(header::CONTENT_DISPOSITION, name)], response).into_response())
}

/// `GET /api/v1/catalogue.ndjson`
pub(super) async fn ndjson(
    State(registry): State<Registry>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let listings = registry.catalogue_export(&parse(query)?).await?;
    let body = export::ndjson(&listings).map_err(RegistryError::from)?;
    Ok(public(&headers, "application/x-ndjson", body))
}

fn public(headers: &HeaderMap, media_type: &'static str, body: Vec<u8>) -> Response {
    let response = conditional::answer(headers, media_type, "", body);
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], response).into_response()
}

fn parse(query: Option<String>) -> Result<CatalogueQuery, RegistryError> {
    CatalogueQuery::parse(&query.unwrap_or_default()).map_err(RegistryError::Query)
}

//! The registry's tables, one file per aggregate. Functions over a transaction; no decisions.

pub(crate) mod app;
pub(crate) mod bundle;
pub(crate) mod history;
pub(crate) mod hosted;
pub(crate) mod listing;
pub(crate) mod notice;
pub(crate) mod organisation;
pub(crate) mod review;
pub(crate) mod standing;
pub(crate) mod token;
pub(crate) mod version;

use foundation::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a JSON column.
fn read<T: DeserializeOwned>(
    table: &'static str,
    column: &'static str,
    row: &str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::inconsistent(table, column, row))
}

/// Reads a column through `FromStr`.
fn parse<T: std::str::FromStr>(
    table: &'static str,
    column: &'static str,
    row: &str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| StoreError::inconsistent(table, column, row))
}

/// Writes a JSON column.
fn write<T: Serialize>(
    table: &'static str,
    column: &'static str,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::inconsistent(table, column, "new"))
}

//! What each page shows: one struct per page with its template and samples. A test renders every
//! sample in every language and checks the result, so a template cannot ask for what its page
//! does not have. Nothing here calls a service; the handlers in [`crate::http`] fill the structs.

pub(crate) mod catalogue;
pub(crate) mod chain;
pub(crate) mod check;
pub(crate) mod error;
pub(crate) mod front;
pub(crate) mod home;
pub(crate) mod integration;
pub(crate) mod parts;
pub(crate) mod problem;
pub(crate) mod product;
pub(crate) mod requirement;
pub(crate) mod review;
pub(crate) mod vendor;
pub(crate) mod version;

#[cfg(test)]
mod markup;
#[cfg(test)]
mod tests;

use axum::http::StatusCode;
use serde::Serialize;

/// A page: what the handler found, and the template that shows it.
pub(crate) trait Page: Serialize + Sized {
    /// File below `templates/`.
    const TEMPLATE: &'static str;

    /// Whether its script runs WebAssembly, which the browser asks leave for.
    const RUNS_WEBASSEMBLY: bool = false;

    /// Status of the answer that carries the page.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }

    /// Examples that together use every branch of the template.
    #[cfg(test)]
    fn samples() -> Vec<Self>;
}

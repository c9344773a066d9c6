//! Journeys through the whole product over HTTP and in a real browser, and the rules that hold
//! across crates.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected must fail there and then"
)]

mod access;
mod ceremony;
mod documentation;
mod journeys;
mod layering;
mod openapi;
mod support;

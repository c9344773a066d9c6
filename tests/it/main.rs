//! Journeys through the whole product over HTTP and in a real browser, and the rules that hold
//! across crates.

mod journeys;
mod layering;
mod support;

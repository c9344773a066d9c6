//! Tests of the store and the job queue on every engine there is.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected must fail there and then"
)]

mod jobs;
mod schema;

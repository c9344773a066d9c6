//! The witness through its router, on every database there is.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected shall stop there and say where"
)]

mod protocol;
mod race;
mod world;

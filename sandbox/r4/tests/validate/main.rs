//! The validator from outside: good examples, every way to break them, profiles, and hostile input.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected must fail there and then"
)]

mod broken;
mod examples;
mod good;
mod hostile;
mod profiles;

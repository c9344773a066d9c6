//! The portal over HTTP, in process: logging in at a small issuer, who may see what, forms and
//! their tokens, and that every problem code is explained.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected must fail there and then"
)]

mod access;
mod console;
mod issuer;
mod login;
mod pages;
mod problems;
mod support;

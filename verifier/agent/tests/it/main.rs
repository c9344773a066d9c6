//! The agent before a registry of the tests, over real connections: what it fetches, what it keeps,
//! what it answers, and what it says when the registry is away.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected must fail there and then"
)]

mod answers;
#[path = "../../../tests/it/authority.rs"]
mod authority;
mod book;
mod fresh;
#[path = "../../../tests/it/support.rs"]
#[expect(
    dead_code,
    reason = "the verifier's own world of keys, log and registry; not all is needed here"
)]
mod issuer;
#[path = "../../../tests/it/keys.rs"]
#[expect(dead_code, reason = "as above")]
mod keys;
mod offline;
mod registry;
mod stage;

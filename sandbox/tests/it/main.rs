//! The sandbox over HTTP, without sockets. Requirement numbers are those of SMART App Launch 2.2.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected must fail there and then"
)]

#[path = "../../../verifier/tests/it/authority.rs"]
mod authority;
mod authorize;
mod clients;
mod copies;
mod discovery;
mod epj;
mod fhir;
mod follow;
mod helseid;
#[path = "../../../verifier/tests/it/support.rs"]
#[expect(
    dead_code,
    reason = "the verifier's own world of keys, log and registry; not all is needed here"
)]
mod issuer;
#[path = "../../../verifier/tests/it/keys.rs"]
#[expect(dead_code, reason = "as above")]
mod keys;
mod management;
mod people;
mod planted;
mod recording;
mod refresh;
mod standalone;
mod subscription;
mod support;
mod token;

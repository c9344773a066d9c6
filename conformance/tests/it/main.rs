//! Checks through the public face of the room: on both databases, over HTTP, and once in full with a
//! small EPJ and a small app in a real browser.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world shall say where"
)]

mod checks;
mod epj;
mod examine;
mod http;
mod local;
mod world;

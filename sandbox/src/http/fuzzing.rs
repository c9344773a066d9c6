//! Entrance for the fuzzer to what is recorded: no secret may survive in it.

use super::{record, traffic_body};
use crate::domain::exchange::Surface;

/// Four lines and a body: what stands before and after the secret in a query, the scheme of an
/// `Authorization` header, the address before the query, and a JSON body that is looked into.
pub fn recording(bytes: &[u8]) {
    let mut parts = bytes.splitn(5, |byte| *byte == b'\n');
    let mut next = || parts.next().unwrap_or_default();
    let lines = [next(), next(), next(), next()].map(String::from_utf8_lossy);
    let [before, after, scheme, address] = &lines;
    let seen = traffic_body::look(next());
    assert!(seen.patients.iter().all(|patient| !patient.contains('/')));
    for name in ["access_token", "client_secret", "code", "refresh_token"] {
        let query = format!("{before}&{name}={SECRET}&{after}");
        for pair in record::pairs(Surface::Token, &query) {
            assert!(!pair.value.contains(SECRET), "{pair:?}");
        }
        // A fragment is never sent to a server.
        if !address.contains(['?', '#']) && !query.contains('#') {
            let marked = record::marked_address(&format!("{address}?{query}"));
            assert!(!marked.contains(SECRET), "{marked}");
        }
    }
    let marked = record::marked_authorization(&format!("{scheme} {SECRET}"));
    assert!(!marked.contains(SECRET), "{marked}");
}

const SECRET: &str = "tok-4f1c9a77e2b84d55b0";

//! By which names the agent is asked. A web page can make a browser send requests to this machine
//! under the page's own name (DNS rebinding); they are not answered.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use foundation::error::Problem;

use crate::error::AgentError;

/// The names that the agent answers to.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<BTreeSet<String>>);

impl Hosts {
    /// The names of this machine itself.
    pub fn loopback() -> Self {
        Self::with([])
    }

    /// The names of this machine itself, and these.
    pub fn with(names: impl IntoIterator<Item = String>) -> Self {
        let own = LOOPBACK.map(str::to_owned).into_iter();
        let more = names.into_iter().map(|name| name.to_ascii_lowercase());
        Self(Arc::new(own.chain(more).collect()))
    }

    fn answers(&self, authority: &str) -> bool {
        let name = match authority.rsplit_once(':') {
            // What follows the last colon of an IPv6 address without a port is not a port.
            Some((name, port)) if !port.ends_with(']') => name,
            _ => authority,
        };
        self.0.contains(&name.to_ascii_lowercase())
    }
}

/// Lets in whoever asks by one of the names.
pub(super) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(header::HOST).iter();
    let named = match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().ok(),
        // HTTP/2 has the name in the address.
        (None, None) => request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str),
        _ => None,
    };
    if named.is_some_and(|name| hosts.answers(name)) {
        next.run(request).await
    } else {
        Problem::from(AgentError::Host).into_response()
    }
}

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let hosts = Hosts::with(["epj.example.no".to_owned()]);
        for name in [
            "localhost",
            "localhost:8095",
            "LOCALHOST:1",
            "127.0.0.1:8095",
            "[::1]",
            "[::1]:8095",
            "epj.example.no:443",
        ] {
            assert!(hosts.answers(name), "{name}");
        }
        for name in [
            "",
            ":80",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8095",
            "[::2]:80",
            "::1",
            "evil.example:localhost",
        ] {
            assert!(!hosts.answers(name), "{name}");
        }
        assert!(!Hosts::loopback().answers("epj.example.no"));
    }
}

//! What vendors' own servers serve: the registry's monitor asks, and this fetches as a stranger's
//! browser would. No redirect is followed, and no private network is reached.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use bytes::BytesMut;
use foundation::{Entropy, entropy};
use registry::{Fetched, Hosted, PortError};
use reqwest::{Client, header};

use super::guard::{Guard, said};

/// Fetches over the network.
pub(crate) struct HostedFiles {
    client: Client,
    entropy: Arc<dyn Entropy>,
    guard: Guard,
}

impl fmt::Debug for HostedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedFiles")
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

impl HostedFiles {
    /// Fetches from the open network; from this machine and private networks too if `allow_local`.
    pub(crate) fn new(allow_local: bool, entropy: Arc<dyn Entropy>) -> anyhow::Result<Self> {
        let guard = Guard::new(allow_local);
        let client = guard
            .client()
            .timeout(TIMEOUT)
            .build()
            .context("the client for hosted apps")?;
        Ok(Self {
            client,
            entropy,
            guard,
        })
    }

    /// A server must not know the monitor by its name.
    fn user_agent(&self) -> &'static str {
        let [drawn] = entropy::bytes::<1>(&*self.entropy);
        let at = usize::from(drawn) % BROWSERS.len();
        BROWSERS.get(at).copied().unwrap_or_default()
    }
}

#[async_trait]
impl Hosted for HostedFiles {
    async fn fetch(&self, address: &str, limit: u64) -> Result<Fetched, PortError> {
        let request = self
            .client
            .get(self.guard.examine(address).map_err(failed)?)
            .header(header::USER_AGENT, self.user_agent())
            .header(header::ACCEPT, "*/*")
            .header(header::CACHE_CONTROL, "no-cache");
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            let room = most.saturating_sub(bytes.len());
            bytes.extend(chunk.iter().take(room));
            if chunk.len() > room {
                break;
            }
        }
        Ok(Fetched {
            status,
            bytes: bytes.freeze(),
        })
    }
}

fn failed(error: impl std::error::Error) -> PortError {
    PortError(said(&error))
}

/// A server that takes longer is out of reach.
const TIMEOUT: Duration = Duration::from_secs(20);

const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
];

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::response::Redirect;
    use axum::routing::get;
    use foundation::entropy::SystemEntropy;

    use super::*;

    fn files(allow_local: bool) -> HostedFiles {
        HostedFiles::new(allow_local, Arc::new(SystemEntropy::default())).unwrap()
    }

    async fn served() -> String {
        let router = Router::new()
            .route("/index.html", get(|| async { "innhold" }))
            .route("/moved", get(|| async { Redirect::to("/index.html") }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        origin
    }

    #[tokio::test]
    async fn bytes_are_fetched_as_they_are_and_redirects_are_not_followed() {
        let origin = served().await;
        let files = files(true);
        let whole = files.fetch(&format!("{origin}/index.html"), 100).await;
        let whole = whole.unwrap();
        assert_eq!((whole.status, whole.bytes.as_ref()), (200, &b"innhold"[..]));
        let cut = files.fetch(&format!("{origin}/index.html"), 3).await;
        assert_eq!(cut.unwrap().bytes.as_ref(), b"inn");
        let moved = files.fetch(&format!("{origin}/moved"), 100).await;
        assert_eq!(moved.unwrap().status, 303);
        let missing = files.fetch(&format!("{origin}/x"), 100).await;
        assert_eq!(missing.unwrap().status, 404);
    }

    #[tokio::test]
    async fn no_private_network_is_reached() {
        let origin = served().await;
        let port = origin.rsplit_once(':').unwrap().1;
        let files = files(false);
        for host in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"] {
            let address = format!("http://{host}:{port}/index.html");
            let refused = files.fetch(&address, 9).await.unwrap_err();
            assert!(refused.to_string().contains("private network"), "{refused}");
        }
    }
}

//! The guard before requests to addresses that strangers give: no private network is reached, by whatever
//! name, no redirect is followed, and no proxy is asked.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use conformance::is_private;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{ClientBuilder, redirect};
use url::{Host, Url};

/// What a request must keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    allow_local: bool,
}

/// An address that is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it is no web address")]
    Unreadable,
    #[error("an address of a private network")]
    Private,
}

impl Guard {
    /// Reaches the open network; this machine and private networks too if `allow_local`.
    pub(crate) const fn new(allow_local: bool) -> Self {
        Self { allow_local }
    }

    /// A client that keeps to it.
    pub(crate) fn client(self) -> ClientBuilder {
        let names = Public {
            allow_local: self.allow_local,
        };
        reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(names))
    }

    /// An address that is written as a number is resolved by nobody, so it is examined here.
    pub(crate) fn examine(self, address: &str) -> Result<Url, Refused> {
        let url = Url::parse(address).map_err(|_| Refused::Unreadable)?;
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        if literal.is_some_and(is_private) && !self.allow_local {
            return Err(Refused::Private);
        }
        Ok(url)
    }
}

/// An error with its causes: they say more than "error sending request".
pub(crate) fn said(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    said
}

/// Whether a request failed because its name leads to a private network.
pub(crate) fn was_private(error: &dyn std::error::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref::<PrivateName>().is_some() {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// A name that leads to an address of a private network.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name leads to an address of a private network")]
struct PrivateName;

/// Names that lead to public addresses alone.
#[derive(Debug)]
struct Public {
    allow_local: bool,
}

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_local = self.allow_local;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if !allow_local && found.iter().any(|address| is_private(address.ip())) {
                return Err(PrivateName.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

//! Where the browser may go: the stage, the app's own origins and the hosts that the manifest
//! declares. Everything else is refused and shows in the evidence as an undeclared contact.
//!
//! Two fences: each request is checked by its URL, and names are resolved here once and pinned, so
//! that a declared name cannot be turned towards a private address while the check runs.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The places that a check may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    origins: BTreeSet<String>,
    stage: BTreeSet<String>,
    hosts: BTreeSet<String>,
}

/// A place that the guard would have to open a private network for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} is an address of a private network, which the check may not reach")]
pub struct PrivateAddress {
    /// The host as declared.
    pub host: String,
}

impl Guard {
    /// From the stage's origins, the app's origins and the declared hosts.
    pub(crate) fn new(stage: &[String], app: &[String], hosts: &[String]) -> Self {
        let origin = |text: &String| Url::parse(text).ok().and_then(|url| origin_of(&url));
        Self {
            stage: stage.iter().filter_map(origin).collect(),
            origins: stage.iter().chain(app).filter_map(origin).collect(),
            hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        }
    }

    /// True when a request to this URL may leave.
    pub(crate) fn permits(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else {
            return false;
        };
        match url.scheme() {
            "data" | "blob" | "about" | "filesystem" => return true,
            "http" | "https" | "ws" | "wss" => {}
            _ => return false,
        }
        self.is_own(&url) || self.is_declared(&url)
    }

    /// True when a top-level visit that the suite asks for may be made.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        origin_of(url).is_some_and(|origin| self.origins.contains(&origin))
    }

    /// True when a request to this URL goes to the stage.
    pub(crate) fn is_of_stage(&self, url: &str) -> bool {
        let origin = Url::parse(url).ok().and_then(|url| origin_of(&url));
        origin.is_some_and(|origin| self.stage.contains(&origin))
    }

    fn is_declared(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().map(str::to_ascii_lowercase) else {
            return false;
        };
        let with_port = match url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        self.hosts.contains(&with_port) || (url.port().is_none() && self.hosts.contains(&host))
    }

    /// The resolver rules for Chromium: each name pinned to an address that was examined here, and
    /// every other name unknown.
    pub(crate) async fn pinned(&self, allow_local: bool) -> Result<String, PrivateAddress> {
        let mut rules = Vec::new();
        for origin in &self.stage {
            if let Some(host) = Url::parse(origin).ok().and_then(|url| bare_host(&url)) {
                rules.push(format!("EXCLUDE {host}"));
            }
        }
        let own = self.origins.difference(&self.stage).cloned();
        let declared = self.hosts.iter().map(|host| format!("https://{host}"));
        for place in own.chain(declared) {
            let Some(url) = Url::parse(&place).ok() else {
                continue;
            };
            if let Some(rule) = pin(&url, allow_local).await? {
                rules.push(rule);
            }
        }
        // Chromium takes the first rule that fits, so the catch-all goes last.
        rules.dedup();
        rules.push("MAP * ~NOTFOUND".to_owned());
        Ok(rules.join(","))
    }
}

async fn pin(url: &Url, allow_local: bool) -> Result<Option<String>, PrivateAddress> {
    let Some(host) = bare_host(url) else {
        return Ok(None);
    };
    let private = || PrivateAddress { host: host.clone() };
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    let local_name = host == "localhost" || host.ends_with(".localhost");
    if local_name || literal.is_some_and(is_private) {
        return if allow_local {
            Ok(Some(format!("EXCLUDE {host}")))
        } else {
            Err(private())
        };
    }
    if literal.is_some() {
        return Ok(Some(format!("EXCLUDE {host}")));
    }
    // A name that does not resolve stays unknown to the browser too; the evidence shows it.
    let Ok(addresses) = tokio::net::lookup_host((host.as_str(), 443)).await else {
        return Ok(None);
    };
    let addresses: Vec<IpAddr> = addresses.map(|address| address.ip()).collect();
    if !allow_local && addresses.iter().copied().any(is_private) {
        return Err(private());
    }
    Ok(addresses.first().map(|address| match address {
        IpAddr::V4(address) => format!("MAP {host} {address}"),
        IpAddr::V6(address) => format!("MAP {host} [{address}]"),
    }))
}

fn bare_host(url: &Url) -> Option<String> {
    url.host_str().map(str::to_ascii_lowercase)
}

/// Scheme, host and port; a WebSocket counts as the HTTP origin that it is opened to.
pub(crate) fn origin_of(url: &Url) -> Option<String> {
    let scheme = match url.scheme() {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        _ => return None,
    };
    let host = bare_host(url)?;
    Some(match url.port() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// The special-purpose address ranges of the IANA registries that are not globally reachable.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second))
        || (first == 192 && second == 0)
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_private_v4(v4);
    }
    let [first, second, ..] = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        // Only 2000::/3 is global unicast; documentation and translation prefixes are not.
        || (first & 0xe000) != 0x2000
        || (first == 0x2001 && second == 0x0db8)
        || first == 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(
            &["http://localhost:8081".to_owned()],
            &["https://app.example.no".to_owned()],
            &[
                "cdn.example.no".to_owned(),
                "api.example.no:8443".to_owned(),
            ],
        )
    }

    #[test]
    fn only_declared_places_are_open() {
        let guard = guard();
        for url in [
            "http://localhost:8081/demo/fhir/Patient",
            "https://app.example.no/x?y",
            "wss://app.example.no/live",
            "https://cdn.example.no/a.js",
            "https://api.example.no:8443/",
            "data:text/plain,x",
        ] {
            assert!(guard.permits(url), "{url}");
        }
        for url in [
            "http://localhost:8082/",
            "http://app.example.no/",
            "https://app.example.no:444/",
            "https://api.example.no/",
            "https://cdn.example.no:8443/",
            "https://xcdn.example.no/",
            "file:///etc/passwd",
            "ftp://cdn.example.no/",
            "chrome://version",
            "not a url",
        ] {
            assert!(!guard.permits(url), "{url}");
        }
    }

    #[test]
    fn private_ranges_are_known() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::1",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in ["1.1.1.1", "193.213.112.4", "2a01:798::1"] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }

    #[tokio::test]
    async fn a_local_app_needs_permission() {
        let guard = Guard::new(
            &["http://localhost:1".to_owned()],
            &["http://127.0.0.1:2".to_owned()],
            &[],
        );
        assert!(guard.pinned(false).await.is_err());
        assert_eq!(
            guard.pinned(true).await.unwrap(),
            "EXCLUDE localhost,EXCLUDE 127.0.0.1,MAP * ~NOTFOUND"
        );
    }
}

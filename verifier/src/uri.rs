//! Web addresses in claims, compared as bytes and never normalised; and which are allowed in which
//! environment: `https` everywhere, plain `http` on localhost in the test environment alone.

use serde::{Deserialize, Serialize};

/// Where approvals of a kind are meant to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Trying out, with invented people; may run on localhost.
    Test,
    /// Real use by a few.
    Pilot,
    /// Real use.
    Prod,
}

/// An address that may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUri {
    /// Not the plain shape that can be compared as bytes.
    #[error("not a plain address: scheme, lower-case host, no user, fragment, wildcard or spaces")]
    Shape,
    /// A scheme or host that the environment does not allow.
    #[error("https is required (http only for localhost, and only in the test environment)")]
    Scheme,
}

/// An address taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebUri<'a> {
    text: &'a str,
    origin_len: usize,
}

impl<'a> WebUri<'a> {
    /// Reads an address that this environment allows.
    pub fn parse(text: &'a str, environment: Environment) -> Result<Self, BadUri> {
        let printable = |byte: u8| {
            matches!(byte, 0x21..=0x7e)
                && !matches!(
                    byte,
                    b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{'..=b'}' | b'#' | b'*'
                )
        };
        if text.len() > MAX_LEN || !text.bytes().all(printable) {
            return Err(BadUri::Shape);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BadUri::Shape)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        if !is_host(host) || !port.is_none_or(is_port) {
            return Err(BadUri::Shape);
        }
        let local = host == "localhost" || host.ends_with(".localhost");
        match scheme {
            "https" => {}
            "http" if local && environment == Environment::Test => {}
            _ => return Err(BadUri::Scheme),
        }
        Ok(Self {
            text,
            origin_len: scheme.len() + 3 + authority.len(),
        })
    }

    /// Scheme, host and port, as written.
    pub fn origin(self) -> &'a str {
        self.text.get(..self.origin_len).unwrap_or_default()
    }

    /// Whether nothing follows the origin.
    pub const fn is_origin(self) -> bool {
        self.text.len() == self.origin_len
    }
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0')
        && port.bytes().all(|b| b.is_ascii_digit())
        && port.parse::<u16>().is_ok()
}

const MAX_LEN: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_over_http_is_for_the_test_environment_alone() {
        for uri in [
            "http://localhost:8081/launch",
            "http://abc.apps.localhost:8082/launch.html?x=1",
        ] {
            assert!(WebUri::parse(uri, Environment::Test).is_ok(), "{uri}");
            assert_eq!(WebUri::parse(uri, Environment::Pilot), Err(BadUri::Scheme));
            assert_eq!(WebUri::parse(uri, Environment::Prod), Err(BadUri::Scheme));
        }
        for uri in [
            "http://example.no/",
            "http://localhost.example.no/",
            "ftp://localhost/",
            "http://evillocalhost/",
        ] {
            assert_eq!(
                WebUri::parse(uri, Environment::Test),
                Err(BadUri::Scheme),
                "{uri}"
            );
        }
    }

    #[test]
    fn only_plain_addresses_are_read() {
        for uri in [
            "https://a@b.no/",
            "https://B.no/",
            "https://b.no/#x",
            "https://*.b.no/",
            "https://b.no/ x",
            "https:///x",
            "https://b.no:/",
            "https://b.no:099/",
            "https://b.no:70000/",
            "https://-b.no/",
            "https://b..no/",
            "https://b.no\\x",
            "https://b.no/æ",
            "//b.no/",
            "",
            "https://[::1]/",
        ] {
            assert_eq!(
                WebUri::parse(uri, Environment::Test),
                Err(BadUri::Shape),
                "{uri}"
            );
        }
        let uri = WebUri::parse("https://b.no:8443/x?y=z", Environment::Prod).unwrap();
        assert_eq!(uri.origin(), "https://b.no:8443");
        assert!(!uri.is_origin());
    }
}

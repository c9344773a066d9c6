//! The little that rules need to know of addresses, headers and scopes.

use crate::types::{Exchange, Pair};

/// Value of the first pair with this name.
pub(crate) fn value<'a>(pairs: &'a [Pair], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|pair| pair.name.eq_ignore_ascii_case(name))
        .map(|pair| pair.value.as_str())
}

/// A request parameter, from the query or the form.
pub(crate) fn parameter<'a>(exchange: &'a Exchange, name: &str) -> Option<&'a str> {
    value(&exchange.query, name).or_else(|| value(&exchange.form, name))
}

/// `scheme://host:port` of an absolute URL.
pub(crate) fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    url.get(..scheme.len() + 3 + host.len())
}

/// `host:port` of an absolute URL or an origin.
pub(crate) fn host(url: &str) -> Option<&str> {
    origin(url)?.split_once("://").map(|(_, host)| host)
}

/// Host without port.
pub(crate) fn name(host: &str) -> &str {
    if host.starts_with('[') {
        return host.split_inclusive(']').next().unwrap_or(host);
    }
    host.split(':').next().unwrap_or(host)
}

/// The URL without query and fragment.
pub(crate) fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// Whether a host is this machine (RFC 6761 §6.3): traffic to it never leaves.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = name(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || name.starts_with("127.")
        || name == "[::1]"
}

/// Whether `host` is `domain` or below it.
pub(crate) fn is_under(host: &str, domain: &str) -> bool {
    let name = name(host);
    name == domain
        || name
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// A clinical scope: level, resource type and permissions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scope<'a> {
    pub(crate) level: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) permissions: &'a str,
}

impl<'a> Scope<'a> {
    /// Reads `patient/Observation.rs?category=…`; anything else is no clinical scope.
    pub(crate) fn parse(scope: &'a str) -> Option<Self> {
        let (level, rest) = scope.split_once('/')?;
        if !["patient", "user", "system"].contains(&level) {
            return None;
        }
        let (resource, permissions) = rest.split('?').next()?.split_once('.')?;
        Some(Self {
            level,
            resource,
            permissions,
        })
    }

    /// The syntax of version 1: `read`, `write`, `*`.
    pub(crate) fn is_first_syntax(&self) -> bool {
        ["read", "write", "*"].contains(&self.permissions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fall_into_their_parts() {
        assert_eq!(origin("http://a.b:8/x?y#z"), Some("http://a.b:8"));
        assert_eq!(host("https://a.b?c"), Some("a.b"));
        assert_eq!(name("a.b:80"), "a.b");
        assert_eq!(name("[::1]:80"), "[::1]");
        assert_eq!(origin("data:text/plain,x"), None);
        assert!(is_loopback("abc.apps.localhost:8082") && !is_loopback("localhost.example"));
        assert!(is_under("www.google-analytics.com", "google-analytics.com"));
        assert!(!is_under("notgoogle-analytics.com", "google-analytics.com"));
    }

    #[test]
    fn scopes_fall_into_their_parts() {
        let scope = Scope::parse("patient/Observation.rs?category=vital-signs").unwrap();
        assert_eq!(
            (scope.level, scope.resource, scope.permissions),
            ("patient", "Observation", "rs")
        );
        assert!(Scope::parse("user/Patient.read").unwrap().is_first_syntax());
        assert_eq!(Scope::parse("launch/patient"), None);
        assert_eq!(Scope::parse("openid"), None);
    }
}

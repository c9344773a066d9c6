//! Web addresses that vendors give.

use foundation::error::Finding;
use verifier::uri::{BadUri, Environment, WebUri};

use super::finding;

/// The finding about an address that may not be used, if it may not.
pub(super) fn check(pointer: &str, address: &str, environment: Environment) -> Option<Finding> {
    match WebUri::parse(address, environment) {
        Ok(_) => None,
        Err(BadUri::Shape) => Some(finding(
            "address-shape",
            pointer,
            format!("{address} is not a plain web address."),
            "Write scheme, host in lower case and path; no user, fragment, wildcard or spaces.",
        )),
        Err(BadUri::Scheme) => Some(finding(
            "address-scheme",
            pointer,
            format!("{address} does not begin with https."),
            "Use https. Plain http is for localhost in the test environment only.",
        )),
    }
}

/// The finding about a path in a bundle that is not a plain one, if it is not.
pub(crate) fn check_path(pointer: &str, path: &str) -> Option<Finding> {
    let file = without_query(path);
    let plain = |byte: u8| (0x21..=0x7e).contains(&byte) && !b"\"<>\\^`{|}#*%".contains(&byte);
    let segments_plain = file
        .split('/')
        .skip(1)
        .all(|segment| segment != "." && segment != "..");
    let fits = path.starts_with('/')
        && !path.starts_with("//")
        && !file.get(1..).unwrap_or_default().contains("//")
        && path.bytes().all(plain)
        && segments_plain;
    (!fits).then(|| {
        finding(
            "path-shape",
            pointer,
            format!("{path} is not a plain path."),
            "Write the path of a file in the archive, such as /launch.html.",
        )
    })
}

/// The part of a path before its query.
pub(crate) fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_pass() {
        for good in ["/", "/launch.html", "/a/b/?x=1", "/a-b_c.d/e"] {
            assert_eq!(check_path("", good), None, "{good}");
        }
        for bad in [
            "launch.html",
            "//evil.no/",
            "/a//b",
            "/../x",
            "/./x",
            "/a%2fb",
            "/æ",
            "/a#b",
            "/a b",
        ] {
            assert!(check_path("", bad).is_some(), "{bad}");
        }
    }
}

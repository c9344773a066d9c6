//! The claims of every token, as issued and as checked: one type each.
//! Rules that need trust (keys, anchors, the log) are in the ingest steps, not here.

pub mod approval;
mod client;
pub mod delegation;
pub mod federation;
pub mod release;
pub mod review;
pub mod rotation;
pub mod status;

pub use approval::{
    Approval, Content, ContentLevel, Criteria, Grant, LogAnchor, StatusReference, TreeHead,
};
pub use delegation::Delegation;
pub use federation::{
    EntityStatement, HistoricalKey, KeyRevoked, KeySet, MarkStatus, TrustMark, TrustMarkStatus,
};
pub use release::{Component, Custody, Release};
pub use review::{Decision, Evidence, EvidenceKind, Review, ReviewRole};
pub use rotation::KeyRotation;
pub use status::{
    ListDigest, StatusCause, StatusDigest, StatusEvent, StatusListClaim, StatusListReference,
    StatusListToken,
};

use std::cmp::Ordering;

use crate::code::{Code, VerifyError};
use crate::jws::{self, Header, TokenType};
use crate::uri::{Environment, WebUri};

/// Claims that are the payload of one token type.
pub trait Claims: serde::Serialize + serde::de::DeserializeOwned {
    /// The token they are the payload of.
    const TYPE: TokenType;
}

/// The exact bytes to be signed for these claims by the key of this id.
///
/// Only fails when claims cannot be JSON, which none of the types here can be.
pub fn signing_input<C: Claims>(claims: &C, kid: &str) -> Result<String, serde_json::Error> {
    let payload = serde_json::to_vec(claims)?;
    Ok(jws::signing_input(&Header::new(C::TYPE, kid), &payload))
}

/// Whether this is `NO:ORGNR:` and nine digits of which the last is right (modulus 11).
pub fn is_organization_id(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("NO:ORGNR:") else {
        return false;
    };
    if digits.len() != 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    // With the check digit's own weight of 1, the weighted sum is a multiple of 11.
    let weighted = digits
        .bytes()
        .zip([3u32, 2, 7, 6, 5, 4, 3, 2, 1])
        .map(|(byte, weight)| u32::from(byte - b'0') * weight);
    weighted.sum::<u32>() % 11 == 0
}

/// Whether this is a reverse domain name of at least two labels, such as `no.example.app`.
pub fn is_software_id(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-')
    };
    text.len() <= 128 && text.contains('.') && text.split('.').all(label)
}

/// Whether this is a version as Semantic Versioning 2.0.0 writes it.
pub fn is_software_version(text: &str) -> bool {
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0'))
    };
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let (rest, build) = split_optional(text, '+');
    let (core, pre) = split_optional(rest, '-');
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 64
        && core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(|p| {
            p.split('.')
                .all(|w| word(w) && (!all_digits(w) || number(w)))
        })
        && build.is_none_or(|b| b.split('.').all(word))
}

/// Which of two versions comes first (Semantic Versioning §11).
pub fn precedence(left: &str, right: &str) -> Ordering {
    let parts = |text: &str| {
        let (rest, _) = split_optional(text, '+');
        let (core, pre) = split_optional(rest, '-');
        let core: Vec<String> = core.split('.').map(str::to_owned).collect();
        (core, pre.map(str::to_owned))
    };
    // Numbers have no leading zeros, so of two the longer one is larger.
    let numbers = |a: &str, b: &str| a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let words = |a: &str, b: &str| match (number(a), number(b)) {
        (true, true) => numbers(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    };
    let ((left_core, left_pre), (right_core, right_pre)) = (parts(left), parts(right));
    let core = left_core
        .iter()
        .zip(&right_core)
        .map(|(a, b)| numbers(a, b))
        .find(|order| order.is_ne());
    let pre = || match (left_pre, right_pre) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => {
            let (a, b): (Vec<_>, Vec<_>) = (a.split('.').collect(), b.split('.').collect());
            let first = a.iter().zip(&b).map(|(a, b)| words(a, b));
            let mut differing = first.filter(|order| order.is_ne());
            differing.next().unwrap_or_else(|| a.len().cmp(&b.len()))
        }
    };
    core.unwrap_or_else(pre)
}

/// Whether this is a version 4 UUID in lower case (RFC 9562).
pub fn is_uuid_v4(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'4',
        19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    text.len() == 36 && text.bytes().enumerate().all(shape)
}

fn split_optional(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(left, right)| (left, Some(right)))
}

/// Refuses with [`Code::Claim`] unless the condition holds.
pub(crate) fn require(condition: bool, rule: &'static str) -> Result<(), VerifyError> {
    if condition {
        Ok(())
    } else {
        Err(Code::Claim.because(rule))
    }
}

/// Reads an address in a claim, or refuses with the claim's name.
pub(crate) fn web_uri<'a>(
    claim: &'static str,
    text: &'a str,
    environment: Environment,
) -> Result<WebUri<'a>, VerifyError> {
    WebUri::parse(text, environment)
        .map_err(|error| Code::Claim.because(format!("{claim}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisation_numbers_are_checked() {
        // 974760673 is the public number of the register of business enterprises itself.
        assert!(is_organization_id("NO:ORGNR:974760673"));
        for bad in [
            "NO:ORGNR:974760674",
            "974760673",
            "NO:ORGNR:97476067",
            "NO:ORGNR:97476067a",
            "SE:ORGNR:974760673",
        ] {
            assert!(!is_organization_id(bad), "{bad}");
        }
    }

    #[test]
    fn versions_follow_semver() {
        for good in [
            "0.0.0",
            "1.2.3",
            "1.0.0-alpha.1",
            "1.0.0-x-y.7+build.01",
            "10.20.30+a",
        ] {
            assert!(is_software_version(good), "{good}");
        }
        for bad in [
            "1.2",
            "01.2.3",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3+",
            "v1.2.3",
            "1.2.3 ",
            "1.2.3-a..b",
            "",
        ] {
            assert!(!is_software_version(bad), "{bad}");
        }
    }

    #[test]
    fn versions_follow_one_another() {
        // The order that Semantic Versioning 2.0.0 §11 gives.
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.9",
            "1.0.10",
            "1.2.0",
            "2.0.0",
            "10.0.0",
        ];
        for (at, left) in order.iter().enumerate() {
            for (position, right) in order.iter().enumerate() {
                assert_eq!(precedence(left, right), at.cmp(&position), "{left} {right}");
            }
        }
        assert_eq!(precedence("1.0.0+a", "1.0.0+b"), Ordering::Equal);
    }

    #[test]
    fn ids_have_one_shape() {
        assert!(is_software_id("no.example.blodtrykk"));
        for bad in ["example", "no.Example.app", "no..app", ".no", "no.æ", ""] {
            assert!(!is_software_id(bad), "{bad}");
        }
        assert!(is_uuid_v4("9b2f0c8e-3c1d-4f5a-8b7e-0123456789ab"));
        assert!(!is_uuid_v4("9b2f0c8e-3c1d-1f5a-8b7e-0123456789ab"));
        assert!(!is_uuid_v4("9B2F0C8E-3C1D-4F5A-8B7E-0123456789AB"));
    }
}

//! A sandbox: a make-believe EPJ with its own people, clients and traffic.

use foundation::Timestamp;
use serde::{Deserialize, Serialize};
use synthetic_data::Settings;

/// The sandbox that always exists.
pub const DEMO: &str = "demo";

/// How what apps write in a sandbox is held against the rules of R4 and of the national profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// What breaks a rule is refused.
    #[default]
    Strict,
    /// What breaks a rule is kept, as EPJs do that validate nothing; `$validate` tells.
    Lenient,
}

impl Validation {
    /// As it is written in the API and kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
        }
    }
}

/// A sandbox to be made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewSandbox {
    /// Name in addresses; made up when absent.
    pub name: Option<String>,
    /// What people read.
    pub title: String,
    /// Organisation number of whom it belongs to; never taken from what a caller sends.
    #[serde(skip)]
    pub owner: Option<String>,
    /// Seed of its people.
    pub seed: Option<u64>,
    /// How many people.
    pub size: Option<u32>,
    /// Four-digit municipality.
    pub municipality: Option<String>,
    /// Seconds until it is deleted by itself; it stays when absent.
    pub lifetime: Option<u32>,
    /// How what apps write is held against the rules.
    pub validation: Validation,
}

/// A sandbox.
#[derive(Clone, Debug)]
pub struct SandboxInfo {
    /// Name in addresses.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Organisation number of whom it belongs to; such a sandbox is managed by them alone.
    pub owner: Option<String>,
    /// What its people are computed from.
    pub settings: Settings,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is deleted by itself.
    pub expires_at: Option<Timestamp>,
    /// How what apps write is held against the rules.
    pub validation: Validation,
}

impl SandboxInfo {
    /// Whether it is there for everybody: nobody owns it, and it stays.
    pub(crate) fn is_open(&self) -> bool {
        self.owner.is_none() && self.expires_at.is_none()
    }
}

/// Who can play in a launch that a test makes.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Logical ids of patients with distinct names, the best-documented adults first.
    pub patients: Vec<String>,
    /// Logical ids of the practitioners.
    pub practitioners: Vec<String>,
    /// The client that was registered first, by name.
    pub client_id: String,
}

/// True for a name that can stand first in a path: it is no path of ours, and reads the same
/// everywhere.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = (2..=40).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    fits && !RESERVED.contains(&text)
}

const RESERVED: [&str; 9] = [
    "api", "assets", "healthz", "helseid", "metrics", "openapi", "problems", "readyz", "static",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_not_ours() {
        for good in [DEMO, "s1", "run-01hzx"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "helseid",
            "api",
            "Demo",
            "1a",
            "a/b",
            "a.b",
            "blå",
            &"a".repeat(41),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}

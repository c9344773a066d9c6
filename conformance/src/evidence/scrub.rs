//! Secrets out, markers in: a value that was learnt as a secret is replaced wherever it stands, by a
//! marker that still tells its kind and whether two places held the same value.

use std::collections::BTreeMap;

use foundation::Digest;
use serde_json::Value;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretKind {
    /// An OAuth access token.
    AccessToken,
    /// A client's secret or assertion.
    ClientSecret,
    /// An authorization code.
    Code,
    /// A PKCE verifier.
    CodeVerifier,
    /// An OpenID Connect id token.
    IdToken,
    /// The opaque `launch` value.
    Launch,
    /// A refresh token.
    RefreshToken,
}

impl SecretKind {
    /// The word in the marker.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::ClientSecret => "client_secret",
            Self::Code => "code",
            Self::CodeVerifier => "code_verifier",
            Self::IdToken => "id_token",
            Self::Launch => "launch",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The kind of an OAuth parameter or token-response member; `None` for those that stay readable
    /// (`state`, `nonce`, `code_challenge` and everything that is no secret).
    pub(crate) fn of_parameter(name: &str) -> Option<Self> {
        Some(match name {
            "access_token" => Self::AccessToken,
            "client_assertion" | "client_secret" => Self::ClientSecret,
            "code" => Self::Code,
            "code_verifier" => Self::CodeVerifier,
            "id_token" | "id_token_hint" => Self::IdToken,
            "launch" => Self::Launch,
            "refresh_token" => Self::RefreshToken,
            _ => return None,
        })
    }
}

/// What a secret is replaced by: `secret:<kind>:<first 16 hexadecimal digits of its SHA-256>`.
pub fn marker(kind: SecretKind, value: &str) -> String {
    if value.starts_with(PREFIX) {
        return value.to_owned();
    }
    let hex = Digest::of(value.as_bytes()).hex();
    format!(
        "{PREFIX}{}:{}",
        kind.as_str(),
        hex.get(..16).unwrap_or(&hex)
    )
}

/// A value that must not stand in evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    pub(crate) kind: SecretKind,
    pub(crate) value: String,
}

/// The secrets of a run.
#[derive(Debug, Default)]
pub(super) struct Scrubber {
    /// What to look for, and its marker.
    known: BTreeMap<String, String>,
    /// The same, longest first, so that a secret inside another does not spoil it.
    ordered: Vec<(String, String)>,
}

impl Scrubber {
    /// Learns a secret; true when it is new.
    pub(super) fn learn(&mut self, secret: &Secret) -> bool {
        let Secret { kind, value } = secret;
        if value.is_empty() || value.starts_with(PREFIX) || self.known.len() >= MOST {
            return false;
        }
        let marker = marker(*kind, value);
        let mut spellings = vec![value.clone()];
        spellings.push(url::form_urlencoded::byte_serialize(value.as_bytes()).collect());
        let mut new = false;
        for spelling in spellings {
            // A short value would strike innocent text, so it is replaced as a parameter only.
            let (needle, replacement) = if spelling.len() >= LONG {
                (spelling, marker.clone())
            } else {
                let name = kind.as_str();
                (format!("{name}={spelling}"), format!("{name}={marker}"))
            };
            new |= self.known.insert(needle, replacement).is_none();
        }
        if new {
            self.ordered = self.known.clone().into_iter().collect();
            self.ordered
                .sort_by_key(|(needle, _)| std::cmp::Reverse(needle.len()));
        }
        new
    }

    /// Replaces every known secret in every text of `value`.
    pub(super) fn clean(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for (needle, marker) in &self.ordered {
                    if text.contains(needle.as_str()) {
                        *text = text.replace(needle.as_str(), marker);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.clean(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

pub(super) const PREFIX: &str = "secret:";

/// No name of a variant in the evidence is this long, so replacing cannot break a record.
const LONG: usize = 16;

/// A page that invents secrets without end must not make recording slow.
const MOST: usize = 4000;

//! The status list token (`statuslist+jwt`, IETF Token Status List) and the logged event behind
//! each change (`app-status-event+jwt`).

use serde::{Deserialize, Serialize};

use super::Claims;
use crate::digest::Digest;
use crate::jws::TokenType;
use crate::status::{BadStatusList, StatusList, StatusValue};

/// Which status list a token is in, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusListReference {
    /// The place in the list.
    pub idx: u64,
    /// The list's address, which is also its `sub`.
    pub uri: String,
}

/// The claims of a status list token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusListToken {
    /// The registry's entity id.
    pub iss: String,
    /// The list's address.
    pub sub: String,
    /// When it was made.
    pub iat: i64,
    /// When it must no longer be read in.
    pub exp: i64,
    /// Seconds until a newer one should be fetched.
    pub ttl: i64,
    /// The list.
    pub status_list: StatusListClaim,
    /// Counts up with every change.
    pub r#gen: u64,
}

impl Claims for StatusListToken {
    const TYPE: TokenType = TokenType::StatusList;
}

/// The compressed list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusListClaim {
    /// Bits per entry.
    pub bits: u8,
    /// The list: zlib, then base64url.
    pub lst: String,
}

impl StatusListClaim {
    /// Compresses a list.
    pub fn of(list: &StatusList) -> Self {
        Self {
            bits: list.bits(),
            lst: list.encode(),
        }
    }

    /// Reads the list, of at most `max_entries`.
    pub fn decode(&self, max_entries: usize) -> Result<StatusList, BadStatusList> {
        StatusList::decode(self.bits, &self.lst, max_entries)
    }
}

/// The claims of a status event, logged before the list is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEvent {
    /// The registry's entity id.
    pub iss: String,
    /// When it was decided.
    pub iat: i64,
    /// The approval.
    pub jti: String,
    /// Its place in the list.
    pub status_list: StatusListReference,
    /// The value before.
    pub from: StatusValue,
    /// The value after.
    pub to: StatusValue,
    /// What led to it.
    #[serde(default, skip_serializing_if = "StatusCause::is_decision")]
    pub cause: StatusCause,
    /// Why, in words.
    pub reason: String,
    /// Who decided: a pseudonymous URI, or a key id.
    pub actor: String,
    /// Who proposed it, where two must agree: another person than the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposer: Option<String>,
}

impl Claims for StatusEvent {
    const TYPE: TokenType = TokenType::StatusEvent;
}

/// What led to a change of status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusCause {
    /// People decided; their reason is in words.
    #[default]
    Decision,
    /// The hosted app is no longer what was approved, seen twice in a row.
    ContentDrift,
    /// The vendor no longer controls where the app is served from, seen twice in a row.
    OriginLost,
}

impl StatusCause {
    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::ContentDrift => "content-drift",
            Self::OriginLost => "origin-lost",
        }
    }

    /// The cause spelled `text`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Decision, Self::ContentDrift, Self::OriginLost]
            .into_iter()
            .find(|cause| cause.as_str() == text)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_decision(&self) -> bool {
        matches!(self, Self::Decision)
    }
}

/// The claims of the regular entry in the log that says which status lists were published: with
/// the events, whoever replays the log can tell that no list said anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusDigest {
    /// The registry's entity id.
    pub iss: String,
    /// When it was made.
    pub iat: i64,
    /// The newest list at each address.
    pub lists: Vec<ListDigest>,
}

impl Claims for StatusDigest {
    const TYPE: TokenType = TokenType::StatusDigest;
}

/// Which list was published at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDigest {
    /// The list's address.
    pub uri: String,
    /// The list's `gen`.
    pub r#gen: u64,
    /// The digest of the exact token.
    pub digest: Digest,
}

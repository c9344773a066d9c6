//! The status list token (`statuslist+jwt`, IETF Token Status List) and the logged event behind
//! each change (`app-status-event+jwt`).

use serde::{Deserialize, Serialize};

use super::Claims;
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
    /// Why, in words.
    pub reason: String,
    /// Who decided: a pseudonymous URI, or a key id.
    pub actor: String,
}

impl Claims for StatusEvent {
    const TYPE: TokenType = TokenType::StatusEvent;
}

//! The delegation, `trust-mark-delegation+jwt` (OpenID Federation §7.2.1): the owner of a trust mark
//! lets the registry issue it.

use serde::{Deserialize, Serialize};

use super::Claims;
use crate::jws::TokenType;

/// The claims of a delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The owner's entity id.
    pub iss: String,
    /// Who may issue the mark: the registry's entity id.
    pub sub: String,
    /// Which trust mark.
    pub trust_mark_type: String,
    /// When it was given.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// A page about it for people.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Claims for Delegation {
    const TYPE: TokenType = TokenType::Delegation;
}

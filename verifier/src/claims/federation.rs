//! The `OpenID` Federation 1.0 view: entity statements, the status of a trust mark, and an entity's
//! past keys. EPJs with stock federation support read these; the verifier itself does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Claims;
use crate::jwk::JwkSet;
use crate::jws::TokenType;
use crate::trust::RevocationReason;

/// An entity configuration (issuer and subject the same) or a subordinate statement (§3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityStatement {
    /// Who says it.
    pub iss: String,
    /// Whom it is about.
    pub sub: String,
    /// When it was issued.
    pub iat: i64,
    /// Until when it may be relied on.
    pub exp: i64,
    /// The subject's federation keys.
    pub jwks: JwkSet,
    /// The subject's superiors; in the configuration of an entity that has some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authority_hints: Vec<String>,
    /// Metadata by entity type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// What the subject's metadata is narrowed to; in a subordinate statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_policy: Option<Map<String, Value>>,
    /// The subject's trust marks; in an entity configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trust_marks: Vec<TrustMark>,
    /// Who may issue which trust mark; in a trust anchor's configuration.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trust_mark_issuers: BTreeMap<String, Vec<String>>,
    /// Where it was fetched; in a subordinate statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_endpoint: Option<String>,
}

impl Claims for EntityStatement {
    const TYPE: TokenType = TokenType::EntityStatement;
}

/// A trust mark in an entity configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustMark {
    /// The trust mark's type.
    pub trust_mark_type: String,
    /// The exact JWS.
    pub trust_mark: String,
}

/// Whether a trust mark is in force (§8.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustMarkStatus {
    /// The trust mark's issuer.
    pub iss: String,
    /// When it was answered.
    pub iat: i64,
    /// The exact trust mark.
    pub trust_mark: String,
    /// Its status.
    pub status: MarkStatus,
}

impl Claims for TrustMarkStatus {
    const TYPE: TokenType = TokenType::TrustMarkStatus;
}

/// A trust mark's status. The specification lets an issuer define more than its four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkStatus {
    /// In force.
    Active,
    /// Past its end.
    Expired,
    /// Ended for good.
    Revoked,
    /// Not to be relied on for the time being: our own value.
    Suspended,
    /// Not what was issued.
    Invalid,
}

/// An entity's federation keys, past ones too (§8.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// The entity.
    pub iss: String,
    /// When it was issued.
    pub iat: i64,
    /// The keys.
    pub keys: Vec<HistoricalKey>,
}

impl Claims for KeySet {
    const TYPE: TokenType = TokenType::KeySet;
}

/// A key with the time during which it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoricalKey {
    /// Always `EC`.
    pub kty: String,
    /// Always `P-256`.
    pub crv: String,
    /// The x coordinate.
    pub x: String,
    /// The y coordinate.
    pub y: String,
    /// Always `ES256`.
    pub alg: String,
    /// The RFC 7638 thumbprint.
    pub kid: String,
    /// From when on.
    pub iat: i64,
    /// Until when.
    pub exp: i64,
    /// That it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<KeyRevoked>,
}

/// A key's withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRevoked {
    /// From when on.
    pub revoked_at: i64,
    /// Why.
    pub reason: RevocationReason,
}

//! `issuers.jwks`, `reviewers.jwks` and `status.jwks`: every key with its one use, whose it is, and
//! from where on in a log it is no longer believed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::claims::{ReviewRole, is_organization_id};
use crate::jwk::{EcJwk, EcPublicKey, KeyUse};
use crate::jws::ALG;

/// A set of trusted keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKeys {
    /// The keys; no two are the same.
    pub keys: Vec<TrustedKey>,
}

/// A trusted key: a public JWK with what it is for and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
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
    /// The one thing it may sign.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// When and from where on it is no longer believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
    /// A reviewer's organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// A reviewer's pseudonymous URI: the same person keeps it on every card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What a reviewer may answer for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<ReviewRole>,
}

impl TrustedKey {
    /// A key that is not a reviewer's.
    pub fn service(key: &EcPublicKey, key_use: KeyUse) -> Self {
        let EcJwk { kty, crv, x, y } = key.to_jwk();
        Self {
            kty,
            crv,
            x,
            y,
            alg: ALG.to_owned(),
            kid: key.thumbprint(),
            key_use,
            revoked: None,
            organization_id: None,
            person: None,
            roles: Vec::new(),
        }
    }

    /// A reviewer's key.
    pub fn reviewer(
        key: &EcPublicKey,
        organization_id: &str,
        person: &str,
        roles: &[ReviewRole],
    ) -> Self {
        Self {
            organization_id: Some(organization_id.to_owned()),
            person: Some(person.to_owned()),
            roles: roles.to_vec(),
            ..Self::service(key, KeyUse::Review)
        }
    }

    /// The key ready for use, or what is wrong with it.
    pub(super) fn ready(&self) -> Result<Key, &'static str> {
        let jwk = EcJwk {
            kty: self.kty.clone(),
            crv: self.crv.clone(),
            x: self.x.clone(),
            y: self.y.clone(),
        };
        let public = jwk.to_key().map_err(|_| "not an EC P-256 public key")?;
        if self.alg != ALG {
            return Err("alg is not ES256");
        }
        if self.kid != public.thumbprint() {
            return Err("kid is not the key's RFC 7638 thumbprint");
        }
        Ok(Key {
            public,
            purpose: self.key_use,
            revoked: self.revoked.clone(),
            reviewer: self.owner()?,
        })
    }

    fn owner(&self) -> Result<Option<Reviewer>, &'static str> {
        let reviewer = match (&self.organization_id, &self.person) {
            (Some(organization_id), Some(person)) if self.key_use == KeyUse::Review => Reviewer {
                organization_id: organization_id.clone(),
                person: person.clone(),
                roles: self.roles.clone(),
            },
            (None, None) if self.key_use != KeyUse::Review && self.roles.is_empty() => {
                return Ok(None);
            }
            _ => {
                return Err(
                    "organization_id, person and roles belong to review keys, and to them all",
                );
            }
        };
        if !is_organization_id(&reviewer.organization_id) || reviewer.roles.is_empty() {
            return Err("a reviewer needs a valid organization_id and at least one role");
        }
        Ok(Some(reviewer))
    }
}

/// A key's withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// When it was withdrawn.
    pub revoked_at: i64,
    /// Why.
    pub reason: RevocationReason,
    /// By log origin: what it signed before this place in that log stays valid. In a log that is
    /// not named, nothing does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub log_index_cutoff: BTreeMap<String, u64>,
}

impl Revocation {
    /// Whether something logged at this place is no longer believed. What was never looked up in
    /// a log has no place: it is believed when nobody else can have had the key.
    pub fn applies_to(&self, origin: &str, log_index: Option<u64>) -> bool {
        match (log_index, self.log_index_cutoff.get(origin)) {
            (Some(index), Some(cutoff)) => index >= *cutoff,
            (Some(_), None) => true,
            (None, _) => self.reason != RevocationReason::Superseded,
        }
    }
}

/// Why a key was withdrawn (OpenID Federation §8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RevocationReason {
    /// Not said.
    Unspecified,
    /// Somebody else may have it.
    Compromised,
    /// Another key took its place.
    Superseded,
}

/// A key, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) public: EcPublicKey,
    pub(crate) purpose: KeyUse,
    pub(crate) revoked: Option<Revocation>,
    pub(crate) reviewer: Option<Reviewer>,
}

/// Who a reviewer's key belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Reviewer {
    pub(crate) organization_id: String,
    pub(crate) person: String,
    pub(crate) roles: Vec<ReviewRole>,
}

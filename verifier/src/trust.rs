//! The trust configuration: one `trust-config+jwt`, signed by the pinned root key, that says which
//! keys, logs, witnesses and marks are believed, and who is denied. Rollback is prevented by version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::claims::{Claims, ContentLevel, ReviewRole, is_organization_id};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::jwk::{EcJwk, EcPublicKey, KeyUse};
use crate::jws::{ALG, Token, TokenType};
use crate::policy::Policy;
use crate::uri::Environment;

/// The claims of the trust configuration. Closed: a reader that does not know a rule must not
/// ignore it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustConfig {
    /// Who publishes it.
    pub iss: String,
    /// Counts up with every change.
    pub version: u64,
    /// When it was signed.
    pub iat: i64,
    /// When it must have been replaced.
    pub exp: i64,
    /// The environment that it is for.
    pub environment: Environment,
    /// Every key, each for one use.
    pub keys: Vec<TrustedKey>,
    /// A C2SP tlog-policy: logs, witnesses, quorum.
    pub log_policy: String,
    /// What approvals are believed.
    pub anchors: Anchors,
    /// What is denied whatever else says yes.
    #[serde(default)]
    pub denylist: Denylist,
}

impl Claims for TrustConfig {
    const TYPE: TokenType = TokenType::TrustConfig;
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
}

/// A key's withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// When it was withdrawn.
    pub revoked_at: i64,
    /// Why.
    pub reason: RevocationReason,
    /// What it signed before this place in the log stays valid; nothing does when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_index_cutoff: Option<u64>,
}

impl Revocation {
    /// Whether something logged at this place is no longer believed. What was never looked up in
    /// a log has no place, and is not believed.
    pub fn applies_to(self, log_index: Option<u64>) -> bool {
        match (log_index, self.log_index_cutoff) {
            (Some(index), Some(cutoff)) => index >= cutoff,
            _ => true,
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

/// What approvals are believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// The registry's entity id.
    pub registry: String,
    /// The trust marks it may issue, and what for.
    pub marks: Vec<TrustedMark>,
    /// The weakest binding of content that is accepted.
    pub min_content_level: ContentLevel,
    /// The longest that anybody may run on an old status list, in seconds.
    pub max_stale: i64,
}

/// A trust mark and its environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedMark {
    /// The trust mark's type.
    #[serde(rename = "type")]
    pub mark_type: String,
    /// Where it counts.
    pub environment: Environment,
}

/// What is denied whatever else says yes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denylist {
    /// Vendors.
    #[serde(default)]
    pub organizations: Vec<String>,
    /// Bundles or manifests.
    #[serde(default)]
    pub digests: Vec<Digest>,
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

/// A configuration that has been checked and made ready for look-ups.
#[derive(Clone, Debug)]
pub struct Trust {
    config: TrustConfig,
    policy: Policy,
    keys: BTreeMap<String, Key>,
}

impl Trust {
    /// Checks a configuration's signature and everything in it, but not its time.
    pub fn verify(token: &str, root: &EcPublicKey) -> Result<Self, VerifyError> {
        let token = Token::parse(token, TokenType::TrustConfig)?;
        if token.kid() != root.thumbprint() {
            return Err(Code::Kid.because("not signed by the pinned root key"));
        }
        Self::prepare(token.verify(root)?, root)
    }

    fn prepare(config: TrustConfig, root: &EcPublicKey) -> Result<Self, VerifyError> {
        if config.exp <= config.iat {
            return Err(Code::TrustConfig.because("exp is not after iat"));
        }
        let policy = Policy::parse(&config.log_policy)
            .map_err(|error| Code::TrustConfig.because(format!("log_policy: {error}")))?;
        let mut keys = BTreeMap::new();
        for key in &config.keys {
            let ready = ready(key)
                .map_err(|e| Code::TrustConfig.because(format!("key {}: {e}", key.kid)))?;
            if ready.public == *root || keys.insert(key.kid.clone(), ready).is_some() {
                return Err(Code::TrustConfig.because(format!("key {} is listed twice", key.kid)));
            }
        }
        Ok(Self {
            config,
            policy,
            keys,
        })
    }

    /// The claims.
    pub const fn config(&self) -> &TrustConfig {
        &self.config
    }

    /// The logs, witnesses and quorum.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether the key is listed, and for what.
    pub fn key_use(&self, kid: &str) -> Option<KeyUse> {
        self.keys.get(kid).map(|key| key.purpose)
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
    }

    /// Step 5: the key of this id, if it may sign tokens of this type.
    pub(crate) fn key_for(&self, kid: &str, typ: TokenType) -> Result<&Key, VerifyError> {
        let key = self
            .key(kid)
            .ok_or_else(|| Code::Kid.because(format!("no trusted key {kid:.64}")))?;
        if key.purpose == typ.key_use() {
            return Ok(key);
        }
        let (listed, wanted) = (key.purpose.as_str(), typ.key_use().as_str());
        Err(Code::KeyUse.because(format!(
            "key {kid} is listed for {listed}, not for {wanted}"
        )))
    }

    /// Whether the vendor or the content is denied.
    pub(crate) fn denies(&self, organization_id: &str, digests: [Option<Digest>; 2]) -> bool {
        let denylist = &self.config.denylist;
        denylist
            .organizations
            .iter()
            .any(|denied| denied == organization_id)
            || digests
                .into_iter()
                .flatten()
                .any(|digest| denylist.digests.contains(&digest))
    }
}

fn ready(key: &TrustedKey) -> Result<Key, &'static str> {
    let jwk = EcJwk {
        kty: key.kty.clone(),
        crv: key.crv.clone(),
        x: key.x.clone(),
        y: key.y.clone(),
    };
    let public = jwk.to_key().map_err(|_| "not an EC P-256 public key")?;
    if key.alg != ALG {
        return Err("alg is not ES256");
    }
    if key.kid != public.thumbprint() {
        return Err("kid is not the key's RFC 7638 thumbprint");
    }
    if key.key_use == KeyUse::TrustConfig {
        return Err("root keys are pinned, not listed");
    }
    let reviewer = match (&key.organization_id, &key.person) {
        (Some(organization_id), Some(person)) if key.key_use == KeyUse::Review => Some(Reviewer {
            organization_id: organization_id.clone(),
            person: person.clone(),
            roles: key.roles.clone(),
        }),
        (None, None) if key.key_use != KeyUse::Review => None,
        _ => return Err("organization_id and person belong to review keys, and to them all"),
    };
    let complete = reviewer.as_ref().is_none_or(|reviewer| {
        is_organization_id(&reviewer.organization_id) && !reviewer.roles.is_empty()
    });
    if !complete {
        return Err("a reviewer needs a valid organization_id and at least one role");
    }
    Ok(Key {
        public,
        purpose: key.key_use,
        revoked: key.revoked,
        reviewer,
    })
}

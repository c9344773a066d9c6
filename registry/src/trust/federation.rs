//! The `OpenID` Federation 1.0 view: what an authorization server with stock support reads. The
//! registry's statements and those of each app are signed with federation keys, one for each entity;
//! trust marks are the approvals themselves, byte for byte.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use verifier::claims::{
    Approval, Claims, EntityStatement, HistoricalKey, KeyRevoked, KeySet, MarkStatus, TrustMark,
    TrustMarkStatus,
};
use verifier::jwk::{EcPublicKey, JwkSet, KeyUse};
use verifier::trust::RevocationReason;

use super::Trust;
use super::error::TrustError;
use super::keys::{KeyLife, TokenSigner};

/// An app with the approvals that are in force, the highest version first.
#[derive(Clone, Debug)]
pub(crate) struct MarkedApp {
    pub(crate) software_id: String,
    /// The highest version's, read.
    pub(crate) approval: Approval,
    /// All of them, exact.
    pub(crate) marks: Vec<String>,
}

impl Trust {
    /// The registry's own entity configuration: a trust anchor and the issuer of its mark.
    pub(crate) async fn anchor_configuration(&self) -> Result<String, TrustError> {
        let signer = self.keys.token_signer(KeyUse::Federation, "").await?;
        // Trust marks are verified with their issuer's keys as its configuration has them.
        let approvals = self.keys.token_signer(KeyUse::Approval, "").await?;
        let id = &self.config.public_url;
        let entity = json!({
            "organization_name": "Markedsplass",
            "federation_fetch_endpoint": format!("{id}{FETCH}"),
            "federation_list_endpoint": format!("{id}{LIST}"),
            "federation_trust_mark_status_endpoint": format!("{id}{MARK_STATUS}"),
            "federation_trust_mark_list_endpoint": format!("{id}{MARK_LIST}"),
            "federation_trust_mark_endpoint": format!("{id}{MARK}"),
            "federation_historical_keys_endpoint": format!("{id}{HISTORICAL_KEYS}"),
        });
        let metadata = Map::from_iter([("federation_entity".to_owned(), entity)]);
        let statement = EntityStatement {
            jwks: key_set(&[signer.public(), approvals.public()]),
            metadata: Some(metadata),
            trust_mark_issuers: BTreeMap::from([(self.mark_type(), vec![id.clone()])]),
            ..self.statement(id, id)
        };
        self.say(&signer, &statement)
    }

    /// The entity configuration of an app, kept here on behalf of its vendor.
    pub(crate) async fn app_configuration(&self, app: &MarkedApp) -> Result<String, TrustError> {
        let signer = self.app_signer(app).await?;
        let id = &app.approval.sub;
        let mark = |jws: &String| TrustMark {
            trust_mark_type: app.approval.trust_mark_type.clone(),
            trust_mark: jws.clone(),
        };
        let statement = EntityStatement {
            jwks: key_set(&[signer.public()]),
            authority_hints: vec![self.config.public_url.clone()],
            metadata: Some(by_type(client(&app.approval))),
            trust_marks: app.marks.iter().map(mark).collect(),
            ..self.statement(id, id)
        };
        self.say(&signer, &statement)
    }

    /// What the registry says about an app: its key, and what its metadata is narrowed to.
    pub(crate) async fn subordinate_statement(
        &self,
        app: &MarkedApp,
    ) -> Result<String, TrustError> {
        let signer = self.keys.token_signer(KeyUse::Federation, "").await?;
        let subject = self.app_signer(app).await?;
        let id = &self.config.public_url;
        let statement = EntityStatement {
            jwks: key_set(&[subject.public()]),
            metadata_policy: Some(by_type(policy(&app.approval))),
            source_endpoint: Some(format!("{id}{FETCH}")),
            ..self.statement(id, &app.approval.sub)
        };
        self.say(&signer, &statement)
    }

    /// Says whether a trust mark is in force.
    pub(crate) async fn mark_status(
        &self,
        trust_mark: &str,
        status: MarkStatus,
    ) -> Result<String, TrustError> {
        let signer = self.keys.token_signer(KeyUse::Federation, "").await?;
        let status = TrustMarkStatus {
            iss: self.config.public_url.clone(),
            iat: self.clock.now().seconds(),
            trust_mark: trust_mark.to_owned(),
            status,
        };
        self.say(&signer, &status)
    }

    /// The registry's keys that its configuration no longer has: former federation keys, and former
    /// keys of approvals, by which older trust marks are still verified.
    pub(crate) async fn historical_keys(&self) -> Result<String, TrustError> {
        let signer = self.keys.token_signer(KeyUse::Federation, "").await?;
        let withdrawn = self.withdrawn_issuers().await?;
        let mut keys = Vec::new();
        for key_use in [KeyUse::Federation, KeyUse::Approval] {
            for life in self.keys.replaced(key_use).await? {
                keys.push(historical(&life, &withdrawn));
            }
        }
        keys.sort_by(|one, other| (one.iat, &one.kid).cmp(&(other.iat, &other.kid)));
        let set = KeySet {
            iss: self.config.public_url.clone(),
            iat: self.clock.now().seconds(),
            keys,
        };
        self.say(&signer, &set)
    }

    /// Puts a new federation key in the registry's place of the one in force; gives its thumbprint.
    pub(crate) async fn replace_federation_key(
        &self,
        reason: RevocationReason,
    ) -> Result<String, TrustError> {
        let current = self.keys.token_signer(KeyUse::Federation, "").await?;
        let replacement = self.keys.replacement(current.kid(), reason).await?;
        let replacement = replacement
            .ok_or_else(|| TrustError::Format("the key was replaced already".to_owned()))?;
        let mut tx = self.database.begin().await?;
        self.keys.replace(&mut tx, &replacement).await?;
        self.keys.say_why(&mut tx, current.kid(), reason).await?;
        tx.commit().await?;
        Ok(replacement.kid().to_owned())
    }

    fn say<C: Claims + Serialize>(
        &self,
        signer: &TokenSigner,
        claims: &C,
    ) -> Result<String, TrustError> {
        let now = self.clock.now().seconds();
        Ok(self.statements.sign(signer, claims, now)?)
    }

    async fn app_signer(&self, app: &MarkedApp) -> Result<TokenSigner, TrustError> {
        let signer = self.keys.token_signer(KeyUse::Federation, &app.software_id);
        Ok(signer.await?)
    }

    fn statement(&self, iss: &str, sub: &str) -> EntityStatement {
        let now = self.clock.now().seconds();
        EntityStatement {
            iss: iss.to_owned(),
            sub: sub.to_owned(),
            iat: now,
            exp: now + LIFETIME,
            jwks: JwkSet { keys: Vec::new() },
            authority_hints: Vec::new(),
            metadata: None,
            metadata_policy: None,
            trust_marks: Vec::new(),
            trust_mark_issuers: BTreeMap::new(),
            source_endpoint: None,
        }
    }
}

fn by_type(members: Map<String, Value>) -> Map<String, Value> {
    Map::from_iter([(CLIENT.to_owned(), Value::Object(members))])
}

/// The app's metadata as it was approved.
fn client(approval: &Approval) -> Map<String, Value> {
    let mut members = Map::from_iter([
        // Nobody holds a key with which the app itself could sign its way in.
        ("client_registration_types".to_owned(), json!(["explicit"])),
        ("client_name".to_owned(), json!(approval.client_name)),
        (
            "organization_name".to_owned(),
            json!(approval.developer_name),
        ),
        ("redirect_uris".to_owned(), json!(approval.redirect_uris)),
        ("response_types".to_owned(), json!(approval.response_types)),
        ("grant_types".to_owned(), json!(approval.grant_types)),
        ("scope".to_owned(), json!(approval.scope)),
        (
            "token_endpoint_auth_method".to_owned(),
            json!(approval.token_endpoint_auth_method),
        ),
        ("software_id".to_owned(), json!(approval.software_id)),
        (
            "software_version".to_owned(),
            json!(approval.software_version),
        ),
        ("contacts".to_owned(), json!(approval.contacts)),
        (
            "dpop_bound_access_tokens".to_owned(),
            json!(approval.dpop_bound_access_tokens),
        ),
    ]);
    for (name, value) in [
        ("logo_uri", &approval.logo_uri),
        ("client_uri", &approval.client_uri),
        ("tos_uri", &approval.tos_uri),
        ("policy_uri", &approval.policy_uri),
        ("initiate_login_uri", &approval.launch_uri),
    ] {
        if let Some(value) = value {
            members.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(jwks) = &approval.jwks {
        members.insert("jwks".to_owned(), json!(jwks));
    }
    members
}

/// The approval as a metadata policy (§6.1): no superior or subject can widen it.
fn policy(approval: &Approval) -> Map<String, Value> {
    let scopes: Vec<&str> = approval.scope.split(' ').collect();
    let mut members = Map::new();
    let mut rule = |name: &str, operator: &str, value: Value| {
        let rule = Map::from_iter([(operator.to_owned(), value)]);
        members.insert(name.to_owned(), Value::Object(rule));
    };
    rule("redirect_uris", "subset_of", json!(approval.redirect_uris));
    rule("scope", "subset_of", json!(scopes));
    rule("grant_types", "subset_of", json!(approval.grant_types));
    rule(
        "response_types",
        "subset_of",
        json!(approval.response_types),
    );
    let method = &approval.token_endpoint_auth_method;
    rule("token_endpoint_auth_method", "value", json!(method));
    rule("software_id", "value", json!(approval.software_id));
    rule(
        "software_version",
        "value",
        json!(approval.software_version),
    );
    rule("client_name", "value", json!(approval.client_name));
    let dpop = approval.dpop_bound_access_tokens;
    rule("dpop_bound_access_tokens", "value", json!(dpop));
    if let Some(jwks) = &approval.jwks {
        rule("jwks", "value", json!(jwks));
    }
    members
}

fn key_set(keys: &[&EcPublicKey]) -> JwkSet {
    let member = |key: &&EcPublicKey| {
        let jwk = key.to_jwk();
        Map::from_iter([
            ("kty".to_owned(), json!(jwk.kty)),
            ("crv".to_owned(), json!(jwk.crv)),
            ("x".to_owned(), json!(jwk.x)),
            ("y".to_owned(), json!(jwk.y)),
            ("kid".to_owned(), json!(key.thumbprint())),
            ("alg".to_owned(), json!(verifier::jws::ALG)),
            ("use".to_owned(), json!("sig")),
        ])
    };
    JwkSet {
        keys: keys.iter().map(member).collect(),
    }
}

fn historical(life: &KeyLife, withdrawn: &BTreeMap<String, KeyRevoked>) -> HistoricalKey {
    let kid = life.public.thumbprint();
    let jwk = life.public.to_jwk();
    let own = life.reason.map(|reason| KeyRevoked {
        revoked_at: life.ended_at,
        reason,
    });
    HistoricalKey {
        kty: jwk.kty,
        crv: jwk.crv,
        x: jwk.x,
        y: jwk.y,
        alg: verifier::jws::ALG.to_owned(),
        revoked: withdrawn.get(&kid).cloned().or(own),
        kid,
        iat: life.created_at,
        exp: life.ended_at,
    }
}

/// Subordinate statements.
pub(crate) const FETCH: &str = "/federation/fetch";
/// The registry's subordinates.
pub(crate) const LIST: &str = "/federation/list";
/// Whether a trust mark is in force.
pub(crate) const MARK_STATUS: &str = "/federation/trust-mark-status";
/// Who has a trust mark.
pub(crate) const MARK_LIST: &str = "/federation/trust-mark-list";
/// A trust mark itself.
pub(crate) const MARK: &str = "/federation/trust-mark";
/// The registry's former keys.
pub(crate) const HISTORICAL_KEYS: &str = "/federation/historical-keys";
/// The entity type of an app.
pub(crate) const CLIENT: &str = "openid_relying_party";
/// How long a statement may be relied on: as long as a status list.
const LIFETIME: i64 = 86_400;

//! The desk: vendors' and reviewers' own signatures, made with keys that the registry keeps for
//! those who have none, or taken from a key or card of their own. Who has one is not signed for.
//! The registry's keys are not used here.

use std::collections::BTreeSet;

use async_trait::async_trait;
use foundation::access::Actor;
use foundation::error::Finding;
use foundation::{Digest, entropy};
use serde::de::DeserializeOwned;
use serde_json::Value;
use verifier::VerifyError;
use verifier::claims::{
    Claims, Content, ContentLevel, Custody, Decision, Evidence, EvidenceKind, Release, Review,
    ReviewRole,
};
use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::jws::{Token, TokenType};

use super::keys::{KeyError, Keys};
use crate::config::RegistryConfig;
use crate::service::ports::{Once, ReviewCase, Signing, SigningError, Subject};

/// Signs with the keys of vendors and reviewers.
#[derive(Clone, Debug)]
pub struct Desk {
    keys: Keys,
    config: RegistryConfig,
}

impl Desk {
    /// A desk with these keys.
    pub const fn new(keys: Keys, config: RegistryConfig) -> Self {
        Self { keys, config }
    }

    fn now(&self) -> i64 {
        self.keys.clock.now().seconds()
    }
}

#[async_trait]
impl Signing for Desk {
    async fn release(&self, subject: &Subject) -> Result<String, SigningError> {
        let vendor = subject.vendor.orgnr.as_str();
        let own = self.keys.own_keys(KeyUse::Release, vendor).await?;
        if !own.is_empty() {
            return Err(SigningError::OwnKey);
        }
        let now = self.now();
        let release = release(subject, &self.config, Custody::Desk, self.keys.uuid(), now);
        release
            .check(&self.config.public_url, self.config.environment, now)
            .map_err(|error| SigningError::Refused(error.to_string()))?;
        let signer = self.keys.token_signer(KeyUse::Release, vendor).await?;
        Ok(signer.sign(&release)?)
    }

    fn release_claims(&self, subject: &Subject) -> Result<Value, SigningError> {
        let (jti, now) = (self.keys.uuid(), self.now());
        let claims = release(subject, &self.config, Custody::Vendor, jti, now);
        serde_json::to_value(claims).map_err(|error| SigningError::Failed(error.to_string()))
    }

    async fn accept_release(&self, jws: &str, subject: &Subject) -> Result<Once, SigningError> {
        let vendor = &subject.vendor;
        let own = self.keys.own_keys(KeyUse::Release, vendor.orgnr.as_str());
        let Some(key) = own.await?.pop() else {
            return Err(SigningError::NoKey(vendor.name.clone()));
        };
        let refused = |error: VerifyError| SigningError::Release(error.to_string());
        let token = Token::parse(jws, TokenType::Release).map_err(refused)?;
        if token.kid() != key.kid {
            let text = format!("not signed by the key in force, {}", key.kid);
            return Err(SigningError::Release(text));
        }
        let signed: Value = token.verify(&key.public).map_err(refused)?;
        let text = |name: &str| signed.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str| signed.get(name).and_then(Value::as_i64).unwrap_or_default();
        let (jti, iat, exp) = (text("jti").to_owned(), number("iat"), number("exp"));
        let wanted = Release {
            exp,
            ..release(subject, &self.config, Custody::Vendor, jti.clone(), iat)
        };
        let differences = differences(&signed, &wanted)?;
        if !differences.is_empty() {
            return Err(SigningError::Mismatch(differences));
        }
        wanted
            .check(&self.config.public_url, self.config.environment, self.now())
            .map_err(refused)?;
        Ok(Once { jti, exp })
    }

    async fn review(&self, reviewer: &Actor, case: &ReviewCase) -> Result<String, SigningError> {
        let own = self.keys.own_keys(KeyUse::Review, &reviewer.person).await?;
        if !own.is_empty() {
            return Err(SigningError::OwnKey);
        }
        let claims = review(reviewer, case, &self.config, self.now());
        let signer = self
            .keys
            .token_signer(KeyUse::Review, &reviewer.person)
            .await?;
        Ok(signer.sign(&claims)?)
    }

    fn review_claims(&self, reviewer: &Actor, case: &ReviewCase) -> Result<Value, SigningError> {
        let claims = review(reviewer, case, &self.config, self.now());
        serde_json::to_value(claims).map_err(|error| SigningError::Failed(error.to_string()))
    }

    fn offered(&self, jws: &str) -> Result<(Decision, ReviewRole), SigningError> {
        let review: Review = unverified(jws)?;
        Ok((review.decision, review.role))
    }

    async fn accept(
        &self,
        reviewer: &Actor,
        jws: &str,
        case: &ReviewCase,
    ) -> Result<(), SigningError> {
        let token = Token::parse(jws, TokenType::Review).map_err(|error| refused(&error))?;
        let signed: Review = token
            .verify(&self.reviewers_key(reviewer, token.kid()).await?)
            .map_err(|error| refused(&error))?;
        let wanted = review(reviewer, case, &self.config, signed.iat);
        if signed != wanted {
            return Err(SigningError::Refused(
                "the signed review says something else than this case".to_owned(),
            ));
        }
        if signed.iat > self.now().saturating_add(verifier::verifier::SKEW) {
            return Err(SigningError::Refused(
                "the review is signed in the future".to_owned(),
            ));
        }
        Ok(())
    }
}

impl Desk {
    /// The reviewer's key with this thumbprint: a card of their own, or the one kept here.
    async fn reviewers_key(
        &self,
        reviewer: &Actor,
        kid: &str,
    ) -> Result<EcPublicKey, SigningError> {
        let own = self.keys.own_keys(KeyUse::Review, &reviewer.person).await?;
        if let Some(key) = own.iter().find(|key| key.kid == kid) {
            return Ok(key.public.clone());
        }
        if !own.is_empty() {
            return Err(SigningError::NoKey(reviewer.name.clone()));
        }
        let desk = self.keys.token_signer(KeyUse::Review, &reviewer.person);
        let desk = desk.await?;
        if desk.kid() == kid {
            Ok(desk.public().clone())
        } else {
            Err(SigningError::NoKey(reviewer.name.clone()))
        }
    }
}

/// Every claim that is not what it must be.
fn differences(signed: &Value, wanted: &Release) -> Result<Vec<Finding>, SigningError> {
    let wanted =
        serde_json::to_value(wanted).map_err(|error| SigningError::Failed(error.to_string()))?;
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (signed, wanted) = (members(signed), members(&wanted));
    let names: BTreeSet<&String> = signed.keys().chain(wanted.keys()).collect();
    let differing = names
        .into_iter()
        .filter(|name| signed.get(*name) != wanted.get(*name));
    let finding = |name: &String| {
        let shown =
            |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
        Finding {
            code: "release-mismatch".to_owned(),
            pointer: format!("/{name}"),
            detail: format!(
                "You signed {}; this version is {}.",
                shown(signed.get(name)),
                shown(wanted.get(name))
            ),
            remedy: "Sign what GET …/release gives, unchanged.".to_owned(),
        }
    };
    Ok(differing.map(finding).collect())
}

/// The claims of a release (O2): what the vendor vouches for, valid for five minutes.
fn release(
    subject: &Subject,
    config: &RegistryConfig,
    custody: Custody,
    jti: String,
    now: i64,
) -> Release {
    let entry = &subject.entry;
    let manifest = &subject.manifest;
    let contacts = &entry.contacts;
    Release {
        iss: vendor_id(config, subject.vendor.orgnr.as_str()),
        sub: subject.entity_id.clone(),
        aud: config.public_url.clone(),
        iat: now,
        exp: now + RELEASE_SECONDS,
        jti,
        software_id: subject.software_id.clone(),
        software_version: subject.software_version.clone(),
        client_name: entry.name.nb.clone(),
        logo_uri: None,
        client_uri: Some(entry.links.home.clone()),
        tos_uri: Some(entry.links.terms.clone()),
        policy_uri: Some(entry.links.privacy.clone()),
        contacts: vec![
            contacts.security.clone(),
            contacts.privacy.clone(),
            contacts.clinical.clone(),
        ],
        developer_name: subject.vendor.name.clone(),
        organization_id: organization_id(subject.vendor.orgnr.as_str()),
        redirect_uris: subject.addresses.redirect_uris.clone(),
        launch_uri: Some(subject.addresses.launch_uri.clone()),
        origins: subject.addresses.origins.clone(),
        scope: manifest.scope.clone(),
        grant_types: manifest.grant_types.clone(),
        response_types: vec!["code".to_owned()],
        token_endpoint_auth_method: manifest.token_endpoint_auth_method.clone(),
        dpop_bound_access_tokens: manifest.dpop_bound_access_tokens,
        require_pushed_authorization_requests: false,
        jwks: manifest.jwks.clone(),
        content: content(subject),
        custody,
        evidence: Vec::new(),
    }
}

fn content(subject: &Subject) -> Content {
    match (
        subject.level,
        subject.bundle,
        subject.integrity,
        subject.size,
    ) {
        (ContentLevel::Bundle, Some(bundle), Some(integrity), Some(size)) => {
            Content::bundle(signed(&bundle), signed(&integrity), size)
        }
        (ContentLevel::Manifest, _, Some(integrity), _) => Content::manifest(signed(&integrity)),
        _ => Content::origin(),
    }
}

/// The claims of a review (O3).
fn review(reviewer: &Actor, case: &ReviewCase, config: &RegistryConfig, now: i64) -> Review {
    let verdict = &case.verdict;
    Review {
        iss: reviewer_id(config, &reviewer.person),
        sub: case.subject.entity_id.clone(),
        iat: now,
        release_digest: verifier::Digest::of(case.release_jws.as_bytes()),
        software_id: case.subject.software_id.clone(),
        software_version: case.subject.software_version.clone(),
        decision: case.decision,
        role: case.role,
        criteria: case.criteria.clone(),
        evidence: vec![
            Evidence::new(EvidenceKind::Suite, signed(&verdict.suite)),
            Evidence::new(EvidenceKind::Evidence, signed(&verdict.evidence)),
        ],
        scope: None,
        redirect_uris: None,
    }
}

/// A reviewer's pseudonymous URI: the same for every key of theirs, and not their login.
pub(crate) fn reviewer_id(config: &RegistryConfig, person: &str) -> String {
    let label = Digest::of(person.as_bytes()).label();
    format!("{}/vurderere/{label}", config.public_url)
}

/// A vendor's entity id.
pub(crate) fn vendor_id(config: &RegistryConfig, orgnr: &str) -> String {
    format!("{}/leverandorer/{orgnr}", config.public_url)
}

/// An organisation as the signed objects name it.
pub(crate) fn organization_id(orgnr: &str) -> String {
    format!("NO:ORGNR:{orgnr}")
}

/// A digest of ours as the signed objects spell it.
pub(crate) const fn signed(digest: &Digest) -> verifier::Digest {
    verifier::Digest::from_bytes(*digest.as_bytes())
}

/// What a token says before anything about it is trusted.
pub(crate) fn unverified<C: Claims + DeserializeOwned>(jws: &str) -> Result<C, SigningError> {
    let token = Token::parse(jws, C::TYPE).map_err(|error| refused(&error))?;
    serde_json::from_slice(token.unverified_payload())
        .map_err(|error| SigningError::Refused(error.to_string()))
}

fn refused(error: &VerifyError) -> SigningError {
    SigningError::Refused(error.to_string())
}

impl From<KeyError> for SigningError {
    fn from(error: KeyError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Keys {
    /// A random UUID (RFC 9562 version 4).
    pub(crate) fn uuid(&self) -> String {
        let random = entropy::bytes::<16>(&*self.entropy);
        uuid::Builder::from_random_bytes(random)
            .into_uuid()
            .to_string()
    }
}

/// UDAP's bound on a software statement's life: it limits the submission, not the app.
const RELEASE_SECONDS: i64 = 300;

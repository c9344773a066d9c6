//! The desk: vendors' and reviewers' own signatures, made with keys that the registry keeps for
//! them, or taken from a card of their own. The registry's keys are not used here.

use async_trait::async_trait;
use foundation::access::Actor;
use foundation::{Digest, entropy};
use serde::de::DeserializeOwned;
use verifier::claims::{
    Claims, Content, ContentLevel, Custody, Decision, Evidence, EvidenceKind, Release, Review,
    ReviewRole,
};
use verifier::jwk::KeyUse;
use verifier::jws::{Token, TokenType};

use super::keys::{KeyError, Keys};
use crate::config::RegistryConfig;
use crate::service::ports::{ReviewCase, Signing, SigningError, Subject};

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
        let now = self.now();
        let release = release(subject, &self.config, self.keys.uuid(), now);
        release
            .check(&self.config.public_url, self.config.environment, now)
            .map_err(|error| SigningError::Refused(error.to_string()))?;
        let vendor = subject.vendor.orgnr.as_str();
        let signer = self.keys.token_signer(KeyUse::Release, vendor).await?;
        Ok(signer.sign(&release)?)
    }

    async fn review(&self, reviewer: &Actor, case: &ReviewCase) -> Result<String, SigningError> {
        let claims = review(reviewer, case, &self.config, self.now());
        let signer = self
            .keys
            .token_signer(KeyUse::Review, &reviewer.person)
            .await?;
        Ok(signer.sign(&claims)?)
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
        let signer = self
            .keys
            .token_signer(KeyUse::Review, &reviewer.person)
            .await?;
        if token.kid() != signer.kid() {
            return Err(SigningError::NoKey(reviewer.name.clone()));
        }
        let signed: Review = token
            .verify(signer.public())
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

/// The claims of a release (O2): what the vendor vouches for, valid for five minutes.
fn release(subject: &Subject, config: &RegistryConfig, jti: String, now: i64) -> Release {
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
        custody: Custody::Desk,
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

fn refused(error: &verifier::VerifyError) -> SigningError {
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

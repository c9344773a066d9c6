//! The approval, `trust-mark+jwt`: at once an OpenID Federation trust mark and an RFC 7591 software
//! statement, about exactly one version of one app.

use serde::{Deserialize, Serialize};

use super::client::ClientClaims;
use super::{Claims, Release, StatusListReference, is_uuid_v4, require, web_uri};
use crate::code::VerifyError;
use crate::digest::Digest;
use crate::jwk::JwkSet;
use crate::jws::TokenType;
use crate::uri::Environment;

/// The claims of an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The registry's entity id.
    pub iss: String,
    /// The app's entity id, stable across versions.
    pub sub: String,
    /// Which trust mark.
    pub trust_mark_type: String,
    /// When it was issued.
    pub iat: i64,
    /// When it ends, at most 400 days after `iat`.
    pub exp: i64,
    /// A UUID; also what to search the log for.
    pub jti: String,
    /// The decision's page for people.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Reverse domain name of the software.
    pub software_id: String,
    /// The version, as Semantic Versioning writes it.
    pub software_version: String,
    /// The app's name.
    pub client_name: String,
    /// The app's logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// The app's home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Privacy notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Whom to write to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// The vendor's name.
    pub developer_name: String,
    /// The vendor: `NO:ORGNR:` and nine digits.
    pub organization_id: String,
    /// Exact redirect addresses, at most ten.
    pub redirect_uris: Vec<String>,
    /// The exact SMART launch address; absent for apps that only start on their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_uri: Option<String>,
    /// The origins that the launch and redirect addresses have.
    pub origins: Vec<String>,
    /// The most that may be asked for, separated by spaces.
    pub scope: String,
    /// OAuth grant types.
    pub grant_types: Vec<String>,
    /// OAuth response types.
    pub response_types: Vec<String>,
    /// How the client authenticates at the token endpoint.
    pub token_endpoint_auth_method: String,
    /// Whether tokens are bound with `DPoP`.
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// Whether authorization requests must be pushed.
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// The keys of a confidential client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// What was approved, in bytes.
    pub content: Content,
    /// Digest of the vendor's signed release.
    pub release_digest: Digest,
    /// The reviewers' own signed decisions, 2 to 4.
    pub reviews: Vec<String>,
    /// What it was reviewed against.
    pub criteria: Criteria,
    /// Where its status is found.
    pub status: StatusReference,
    /// For how many seconds an EPJ may run on an old status list.
    pub max_stale: i64,
    /// The log, and its last witnessed checkpoint before signing.
    pub log: LogAnchor,
    /// The approval of the previous version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
}

impl Claims for Approval {
    const TYPE: TokenType = TokenType::Approval;
}

/// How firmly the approved content is bound to what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentLevel {
    /// Only where it is served from.
    Origin,
    /// A manifest of digests that the vendor publishes and others watch.
    Manifest,
    /// The exact bytes, served by the registry.
    Bundle,
}

/// The approved content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// How firmly it is bound.
    pub level: ContentLevel,
    /// Digest of the uploaded archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Digest>,
    /// Digest of the manifest file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
    /// Size of the archive in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

impl Content {
    /// An uploaded archive, with the manifest made of its files.
    pub const fn bundle(bundle: Digest, manifest: Digest, size: u64) -> Self {
        Self {
            level: ContentLevel::Bundle,
            bundle: Some(bundle),
            manifest: Some(manifest),
            size: Some(size),
        }
    }

    /// A hosted app that publishes a manifest.
    pub const fn manifest(manifest: Digest) -> Self {
        Self {
            level: ContentLevel::Manifest,
            bundle: None,
            manifest: Some(manifest),
            size: None,
        }
    }

    /// A hosted app that is only bound to its origins.
    pub const fn origin() -> Self {
        Self {
            level: ContentLevel::Origin,
            bundle: None,
            manifest: None,
            size: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), VerifyError> {
        let fits = match self.level {
            ContentLevel::Bundle => {
                self.bundle.is_some() && self.manifest.is_some() && self.size.is_some()
            }
            ContentLevel::Manifest => self.bundle.is_none() && self.manifest.is_some(),
            ContentLevel::Origin => self.bundle.is_none() && self.manifest.is_none(),
        };
        require(fits, "content: the digests do not fit the level")
    }
}

/// What an app was reviewed against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// The versioned address of the criteria.
    pub uri: String,
    /// The digest of what was there.
    pub digest: Digest,
}

/// The `status` claim of a referenced token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusReference {
    /// Which list, and where in it.
    pub status_list: StatusListReference,
}

/// Where an approval was logged, and what it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogAnchor {
    /// The log's origin.
    pub origin: String,
    /// The last witnessed tree head before signing.
    pub after: TreeHead,
}

/// A tree's size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeHead {
    /// How many entries.
    pub size: u64,
    /// The root hash, in the SRI spelling.
    pub root: Digest,
}

/// What the registry adds to a release to approve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The registry's entity id.
    pub iss: String,
    /// Which trust mark.
    pub trust_mark_type: String,
    /// When it is issued.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// A new UUID.
    pub jti: String,
    /// The decision's page.
    pub reference: Option<String>,
    /// Digest of the signed release.
    pub release_digest: Digest,
    /// The signed reviews.
    pub reviews: Vec<String>,
    /// What it was reviewed against.
    pub criteria: Criteria,
    /// Where its status is.
    pub status: StatusListReference,
    /// How old a status list may be, in seconds.
    pub max_stale: i64,
    /// The log and its last witnessed checkpoint.
    pub log: LogAnchor,
    /// The previous version's approval.
    pub supersedes: Option<String>,
}

impl Approval {
    /// An approval of exactly what the release asks for.
    pub fn of_release(release: &Release, grant: Grant) -> Self {
        let release = release.clone();
        Self {
            iss: grant.iss,
            sub: release.sub,
            trust_mark_type: grant.trust_mark_type,
            iat: grant.iat,
            exp: grant.exp,
            jti: grant.jti,
            reference: grant.reference,
            software_id: release.software_id,
            software_version: release.software_version,
            client_name: release.client_name,
            logo_uri: release.logo_uri,
            client_uri: release.client_uri,
            tos_uri: release.tos_uri,
            policy_uri: release.policy_uri,
            contacts: release.contacts,
            developer_name: release.developer_name,
            organization_id: release.organization_id,
            redirect_uris: release.redirect_uris,
            launch_uri: release.launch_uri,
            origins: release.origins,
            scope: release.scope,
            grant_types: release.grant_types,
            response_types: release.response_types,
            token_endpoint_auth_method: release.token_endpoint_auth_method,
            dpop_bound_access_tokens: release.dpop_bound_access_tokens,
            require_pushed_authorization_requests: release.require_pushed_authorization_requests,
            jwks: release.jwks,
            content: release.content,
            release_digest: grant.release_digest,
            reviews: grant.reviews,
            criteria: grant.criteria,
            status: StatusReference {
                status_list: grant.status,
            },
            max_stale: grant.max_stale,
            log: grant.log,
            supersedes: grant.supersedes,
        }
    }

    /// Every rule that needs no keys and no clock. An issuer calls it before signing.
    pub fn check(&self, environment: Environment) -> Result<(), VerifyError> {
        require(is_uuid_v4(&self.jti), "jti: not a version 4 UUID")?;
        require(self.exp > self.iat, "exp: not after iat")?;
        require(
            (2..=4).contains(&self.reviews.len()),
            "reviews: there must be 2 to 4",
        )?;
        require(
            (0..=MAX_STALE).contains(&self.max_stale),
            "max_stale: at most 7 days",
        )?;
        require(!self.log.origin.is_empty(), "log.origin: empty")?;
        self.content.check()?;
        for (claim, uri) in [
            ("sub", &self.sub),
            ("trust_mark_type", &self.trust_mark_type),
            ("criteria.uri", &self.criteria.uri),
            ("status.status_list.uri", &self.status.status_list.uri),
        ] {
            web_uri(claim, uri, environment)?;
        }
        ClientClaims {
            software_id: &self.software_id,
            software_version: &self.software_version,
            client_name: &self.client_name,
            organization_id: &self.organization_id,
            redirect_uris: &self.redirect_uris,
            launch_uri: self.launch_uri.as_deref(),
            origins: &self.origins,
            scope: &self.scope,
            token_endpoint_auth_method: &self.token_endpoint_auth_method,
            jwks: self.jwks.as_ref(),
            pages: [
                &self.logo_uri,
                &self.client_uri,
                &self.tos_uri,
                &self.policy_uri,
            ],
        }
        .check(environment)
    }
}

/// The longest time an EPJ may run on an old status list: sites that are offline for days.
const MAX_STALE: i64 = 604_800;

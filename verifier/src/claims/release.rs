//! A vendor's release, `app-release+jwt`: an RFC 7591 software statement signed by the vendor about
//! exactly the bytes submitted. Its five minutes bound the submission, not the app.

use serde::{Deserialize, Serialize};

use super::approval::Content;
use super::client::ClientClaims;
use super::{Claims, is_uuid_v4, require, web_uri};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::jwk::JwkSet;
use crate::jws::TokenType;
use crate::uri::Environment;

/// The claims of a release. The client's metadata is as in [`super::Approval`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The vendor's entity id.
    pub iss: String,
    /// The app's entity id.
    pub sub: String,
    /// The registry.
    pub aud: String,
    /// When it was signed.
    pub iat: i64,
    /// Until when it may be submitted, at most five minutes later.
    pub exp: i64,
    /// A UUID, used once.
    pub jti: String,
    /// Reverse domain name of the software.
    pub software_id: String,
    /// The version.
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
    /// The vendor's organisation.
    pub organization_id: String,
    /// Exact redirect addresses.
    pub redirect_uris: Vec<String>,
    /// The exact SMART launch address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_uri: Option<String>,
    /// The origins that those addresses have.
    pub origins: Vec<String>,
    /// The most the app will ask for.
    pub scope: String,
    /// OAuth grant types.
    pub grant_types: Vec<String>,
    /// OAuth response types.
    pub response_types: Vec<String>,
    /// How the client authenticates.
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
    /// The submitted bytes.
    pub content: Content,
    /// Who keeps the key that it is signed with.
    #[serde(default)]
    pub custody: Custody,
    /// What was delivered beside the app, such as its bill of materials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Component>,
}

/// Something delivered beside the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// What it is, such as `sbom`.
    pub kind: String,
    /// Its digest.
    pub digest: Digest,
}

/// Who keeps a vendor's key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Custody {
    /// The registry's desk, for vendors that have none of their own: then the signature says no
    /// more than that somebody was logged in as the vendor.
    #[default]
    Desk,
    /// The vendor alone.
    Vendor,
}

impl Claims for Release {
    const TYPE: TokenType = TokenType::Release;
}

impl Release {
    /// Every rule that needs no keys: the registry calls it on submission.
    pub fn check(
        &self,
        registry: &str,
        environment: Environment,
        now: i64,
    ) -> Result<(), VerifyError> {
        require(is_uuid_v4(&self.jti), "jti: not a version 4 UUID")?;
        require(self.aud == registry, "aud: another registry")?;
        if self.iat > now.saturating_add(60) {
            return Err(Code::IatFuture.because("the release was signed in the future"));
        }
        if self.exp <= now {
            return Err(Code::Expired.because("the release is to be submitted within five minutes"));
        }
        if self.exp.saturating_sub(self.iat) > 300 {
            return Err(Code::Lifetime.because("a release is valid for at most five minutes"));
        }
        self.content.check()?;
        web_uri("sub", &self.sub, environment)?;
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

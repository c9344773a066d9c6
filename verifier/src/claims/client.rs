//! The rules for the client metadata that releases and approvals share.

use super::{is_organization_id, is_software_id, is_software_version, require, web_uri};
use crate::code::{Code, VerifyError};
use crate::jwk::JwkSet;
use crate::scope::ScopeSet;
use crate::uri::Environment;

/// The client metadata that releases and approvals share, for their common rules.
pub(super) struct ClientClaims<'a> {
    pub(super) software_id: &'a str,
    pub(super) software_version: &'a str,
    pub(super) client_name: &'a str,
    pub(super) organization_id: &'a str,
    pub(super) redirect_uris: &'a [String],
    pub(super) launch_uri: Option<&'a str>,
    pub(super) origins: &'a [String],
    pub(super) scope: &'a str,
    pub(super) token_endpoint_auth_method: &'a str,
    pub(super) jwks: Option<&'a JwkSet>,
    pub(super) pages: [&'a Option<String>; 4],
}

impl ClientClaims<'_> {
    pub(super) fn check(&self, environment: Environment) -> Result<(), VerifyError> {
        require(
            is_software_id(self.software_id),
            "software_id: not a reverse domain name",
        )?;
        require(
            is_software_version(self.software_version),
            "software_version: not SemVer",
        )?;
        require(!self.client_name.trim().is_empty(), "client_name: empty")?;
        require(
            is_organization_id(self.organization_id),
            "organization_id: not NO:ORGNR: and a valid number",
        )?;
        ScopeSet::parse(self.scope)
            .map_err(|error| Code::Claim.because(format!("scope: {error}")))?;
        self.check_keys()?;
        for page in self.pages.into_iter().flatten() {
            web_uri(
                "logo_uri, client_uri, tos_uri or policy_uri",
                page,
                environment,
            )?;
        }
        self.check_addresses(environment)
    }

    fn check_keys(&self) -> Result<(), VerifyError> {
        let confidential = self.token_endpoint_auth_method != "none";
        require(
            confidential == self.jwks.as_ref().is_some_and(|set| !set.keys.is_empty()),
            "jwks: needed by confidential clients, and by them only",
        )?;
        if let Some(jwks) = self.jwks {
            jwks.thumbprints()
                .map_err(|error| Code::Claim.because(format!("jwks: {error}")))?;
        }
        Ok(())
    }

    fn check_addresses(&self, environment: Environment) -> Result<(), VerifyError> {
        require(
            self.redirect_uris.len() <= 10,
            "redirect_uris: more than ten",
        )?;
        for origin in self.origins {
            let uri = web_uri("origins", origin, environment)?;
            require(uri.is_origin(), "origins: more than scheme, host and port")?;
        }
        let addresses = self
            .redirect_uris
            .iter()
            .map(String::as_str)
            .chain(self.launch_uri);
        for address in addresses {
            let origin = web_uri("redirect_uris or launch_uri", address, environment)?.origin();
            require(
                self.origins.iter().any(|allowed| allowed == origin),
                "origins: a redirect or launch address has another origin",
            )?;
        }
        Ok(())
    }
}

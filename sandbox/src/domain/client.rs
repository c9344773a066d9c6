//! An app as the authorization server knows it: what it registered, and nothing it says later.

use serde::{Deserialize, Serialize};
use url::Url;

/// How a client proves who it is at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// It does not: a public client.
    #[default]
    None,
    /// HTTP Basic with a secret (SMART: client-confidential-symmetric).
    ClientSecretBasic,
    /// The secret in the form.
    ClientSecretPost,
    /// A signed assertion (SMART: client-confidential-asymmetric).
    PrivateKeyJwt,
}

impl AuthMethod {
    /// The name in RFC 7591.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// The method with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::None,
            Self::ClientSecretBasic,
            Self::ClientSecretPost,
            Self::PrivateKeyJwt,
        ]
        .into_iter()
        .find(|method| method.as_str() == text)
    }

    /// True when the client has a secret.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// A client to be registered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewClient {
    /// The identifier; made up when absent.
    pub client_id: Option<String>,
    /// What people read.
    pub name: String,
    /// How it authenticates.
    pub token_endpoint_auth_method: AuthMethod,
    /// Public keys for `private_key_jwt`.
    pub jwks: Option<serde_json::Value>,
    /// Where codes may be sent, compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Where a launch begins; absent for apps that start on their own.
    pub launch_uri: Option<String>,
    /// The most that it may ask for.
    pub scope: String,
    /// Where its scripts run, beyond the origins of the addresses above.
    pub origins: Vec<String>,
}

/// A registered client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its identifier.
    pub client_id: String,
    /// What people read.
    pub name: String,
    /// How it authenticates.
    pub auth_method: AuthMethod,
    /// SHA-256 of its secret.
    pub(crate) secret_digest: Option<Vec<u8>>,
    /// Public keys for `private_key_jwt`, as JSON.
    pub(crate) jwks: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a launch begins.
    pub launch_uri: Option<String>,
    /// The most that it may ask for.
    pub scope: String,
}

/// Why a client cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadClient {
    /// An identifier with characters that do not survive HTTP Basic or a URL.
    #[error("client_id: 1 to 128 letters, digits, dots, hyphens and underscores")]
    ClientId,
    /// No or a wrong redirect address.
    #[error(
        "redirect_uris: at least one absolute http or https address without fragment; wrong: {0}"
    )]
    RedirectUri(String),
    /// A wrong launch address.
    #[error("launch_uri: must be an absolute http or https address without fragment")]
    LaunchUri,
    /// A scope that cannot be read.
    #[error("scope: {0}")]
    Scope(verifier::scope::BadScope),
    /// Keys that are missing or cannot be read.
    #[error("jwks: private_key_jwt needs a JWK Set with at least one public RSA or P-384 key")]
    Jwks,
    /// An origin that is none.
    #[error("origins: must be scheme, host and port only; wrong: {0}")]
    Origin(String),
}

impl NewClient {
    /// Checks everything that registration promises later.
    pub(crate) fn check(&self) -> Result<(), BadClient> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if let Some(id) = &self.client_id
            && !((1..=128).contains(&id.len()) && id.bytes().all(plain))
        {
            return Err(BadClient::ClientId);
        }
        if self.redirect_uris.is_empty() && !self.is_backend() {
            return Err(BadClient::RedirectUri("none given".to_owned()));
        }
        if let Some(wrong) = self.redirect_uris.iter().find(|uri| web_url(uri).is_none()) {
            return Err(BadClient::RedirectUri(wrong.clone()));
        }
        if self
            .launch_uri
            .as_ref()
            .is_some_and(|uri| web_url(uri).is_none())
        {
            return Err(BadClient::LaunchUri);
        }
        verifier::scope::ScopeSet::parse(&self.scope).map_err(BadClient::Scope)?;
        self.check_keys()?;
        let wrong = self
            .origins
            .iter()
            .find(|origin| origin_of(origin).as_ref() != Some(origin));
        wrong.map_or(Ok(()), |origin| Err(BadClient::Origin(origin.clone())))
    }

    /// True for a backend service: it has a key, asks for system scopes alone, and nobody is ever sent
    /// back to it.
    fn is_backend(&self) -> bool {
        let mut scopes = self.scope.split_ascii_whitespace().peekable();
        self.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt
            && scopes.peek().is_some()
            && scopes.all(|scope| scope.starts_with("system/"))
    }

    fn check_keys(&self) -> Result<(), BadClient> {
        let needed = self.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt;
        let set = match &self.jwks {
            Some(jwks) => serde_json::from_value::<jsonwebtoken::jwk::JwkSet>(jwks.clone())
                .map_err(|_| BadClient::Jwks)?,
            None if needed => return Err(BadClient::Jwks),
            None => return Ok(()),
        };
        let private = self.jwks.as_ref().is_some_and(|jwks| {
            let keys = jwks.get("keys").and_then(serde_json::Value::as_array);
            keys.is_some_and(|keys| keys.iter().any(|key| key.get("d").is_some()))
        });
        if set.keys.is_empty() || private {
            Err(BadClient::Jwks)
        } else {
            Ok(())
        }
    }

    /// Every origin where its scripts may run.
    pub(crate) fn all_origins(&self) -> std::collections::BTreeSet<String> {
        let addresses = self.redirect_uris.iter().chain(&self.launch_uri);
        let derived = addresses.filter_map(|uri| origin_of(uri));
        derived.chain(self.origins.iter().cloned()).collect()
    }
}

fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    (web && url.fragment().is_none() && !text.contains('*')).then_some(url)
}

/// Scheme, host and port, as browsers write `Origin`.
pub(crate) fn origin_of(text: &str) -> Option<String> {
    web_url(text).map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> NewClient {
        NewClient {
            redirect_uris: vec!["https://app.example/callback".to_owned()],
            launch_uri: Some("https://start.example:8443/launch".to_owned()),
            scope: "launch patient/*.rs".to_owned(),
            ..NewClient::default()
        }
    }

    #[test]
    fn requirement_21_redirects_are_fixed_and_fully_specified() {
        assert_eq!(client().check(), Ok(()));
        for bad in [
            "",
            "/callback",
            "https://*.example/",
            "https://a.example/#x",
            "javascript:1",
        ] {
            let wrong = NewClient {
                redirect_uris: vec![bad.to_owned()],
                ..client()
            };
            assert_eq!(
                wrong.check(),
                Err(BadClient::RedirectUri(bad.to_owned())),
                "{bad}"
            );
        }
        let none = NewClient {
            redirect_uris: vec![],
            ..client()
        };
        assert!(matches!(none.check(), Err(BadClient::RedirectUri(_))));
    }

    #[test]
    fn origins_come_from_the_addresses() {
        let origins = client().all_origins();
        assert!(origins.contains("https://app.example"));
        assert!(origins.contains("https://start.example:8443"));
        let wrong = NewClient {
            origins: vec!["https://a.example/".to_owned()],
            ..client()
        };
        assert!(matches!(wrong.check(), Err(BadClient::Origin(_))));
    }

    #[test]
    fn a_private_key_is_not_taken() {
        let keys = serde_json::json!({"keys": [{"kty": "oct", "k": "AA", "d": "AA"}]});
        let wrong = NewClient {
            jwks: Some(keys),
            ..client()
        };
        assert_eq!(wrong.check(), Err(BadClient::Jwks));
    }
}

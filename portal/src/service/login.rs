//! The login, OpenID Connect code flow: `state` ties the answer to the login, a cookie ties the
//! login to the browser, PKCE (RFC 7636, S256) ties the code to us and `nonce` the token to it.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use foundation::access::Actor;
use foundation::store::Database;
use foundation::token::{Token, same};
use foundation::{Clock, Digest, Entropy, entropy};
use serde::Deserialize;

use super::id_token::{self, Expected, Identity, Refused};
use super::oidc::{Exchange, Issuer};
use crate::config::PortalConfig;
use crate::error::LoginError;
use crate::store;
use crate::store::login::PendingLogin;

/// A login must be finished within this time.
pub(crate) const LIFETIME: Duration = Duration::from_mins(10);

/// Who a subject is on the marketplace; the registry keeps organisations and people.
#[async_trait::async_trait]
pub(crate) trait Directory: Send + Sync + std::fmt::Debug {
    async fn sign_in(&self, identity: &Identity) -> Result<Actor, LoginError>;
}

/// A login that has begun: where to send the browser and the cookie that it keeps.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) address: String,
    pub(crate) browser: Token,
}

/// What the issuer sends the browser back with.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Answer {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) iss: Option<String>,
}

/// A login that succeeded.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) actor: Actor,
    pub(crate) id_token: String,
    pub(crate) return_to: String,
}

/// Begins and finishes logins.
#[derive(Clone, Debug)]
pub(crate) struct Logins {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) config: Arc<PortalConfig>,
    pub(crate) issuer: Issuer,
    pub(crate) directory: Arc<dyn Directory>,
}

impl Logins {
    /// Begins a login that returns to `return_to`, a path of ours.
    pub(crate) async fn begin(&self, return_to: &str) -> Result<Begun, LoginError> {
        let state = Token::generate("st", &*self.entropy);
        let browser = Token::generate("mpl", &*self.entropy);
        let nonce = self.random();
        let code_verifier = self.random();
        let challenge = BASE64URL_NOPAD.encode(Digest::of(code_verifier.as_bytes()).as_bytes());
        let redirect_uri = self.config.redirect_uri();
        let address = self
            .issuer
            .authorization_url(
                &self.config.client_id,
                &[
                    ("response_type", "code"),
                    ("client_id", &self.config.client_id),
                    ("redirect_uri", &redirect_uri),
                    ("scope", &self.config.scope),
                    ("state", state.expose()),
                    ("nonce", &nonce),
                    ("code_challenge", &challenge),
                    ("code_challenge_method", "S256"),
                ],
            )
            .await?;
        let login = PendingLogin {
            browser_digest: browser.digest().hex(),
            nonce,
            code_verifier,
            return_to: return_to.to_owned(),
            expires_at: self.clock.now().plus(LIFETIME).millis(),
        };
        let mut tx = self.database.begin().await?;
        store::login::sweep(&mut tx, self.clock.now()).await?;
        store::login::insert(&mut tx, &state.digest(), &login).await?;
        tx.commit().await?;
        Ok(Begun { address, browser })
    }

    /// Finishes the login that `answer` belongs to, for the browser that holds the cookie.
    pub(crate) async fn finish(
        &self,
        answer: &Answer,
        browser: Option<&str>,
    ) -> Result<Finished, LoginError> {
        let state = answer.state.as_deref().ok_or(LoginError::Stale)?;
        let login = self.take(&Token::presented(state).digest()).await?;
        let browser = browser.map(|cookie| Token::presented(cookie).digest().hex());
        if !browser.is_some_and(|b| same(b.as_bytes(), login.browser_digest.as_bytes())) {
            return Err(LoginError::OtherBrowser);
        }
        if let Some(error) = &answer.error {
            return Err(LoginError::BrokenOff(error.clone()));
        }
        let discovery = self.issuer.discovery().await?;
        // RFC 9207: an answer that names its issuer must name ours.
        if answer
            .iss
            .as_ref()
            .is_some_and(|iss| *iss != discovery.issuer)
        {
            return Err(LoginError::IssuerWrong(
                "another issuer answered".to_owned(),
            ));
        }
        let code = answer
            .code
            .as_deref()
            .ok_or_else(|| LoginError::BrokenOff("no code".to_owned()))?;
        let token = self
            .issuer
            .exchange(Exchange {
                code,
                code_verifier: &login.code_verifier,
                redirect_uri: &self.config.redirect_uri(),
                client_id: &self.config.client_id,
                client_secret: self.config.secret(),
            })
            .await?;
        let identity = self.verify(&token, &discovery.issuer, &login.nonce).await?;
        let actor = self.directory.sign_in(&identity).await?;
        Ok(Finished {
            actor,
            id_token: token,
            return_to: login.return_to,
        })
    }

    /// Where the issuer ends its own session and sends the browser back to the front page, with
    /// the language as `state` (OpenID Connect RP-Initiated Logout 1.0). `None` when it has no such
    /// place, or is away: whoever logs out here is not held up by that.
    pub(crate) async fn end_session_url(&self, id_token: &str, state: &str) -> Option<String> {
        let after = format!("{}/", self.config.public_url);
        self.issuer
            .end_session_url(&[
                ("id_token_hint", id_token),
                ("client_id", &self.config.client_id),
                ("post_logout_redirect_uri", &after),
                ("state", state),
            ])
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "the issuer was not told of a logout");
                None
            })
    }

    async fn take(&self, state: &Digest) -> Result<PendingLogin, LoginError> {
        let mut tx = self.database.begin().await?;
        let login = store::login::take(&mut tx, state).await?;
        tx.commit().await?;
        login
            .filter(|login| login.expires_at > self.clock.now().millis())
            .ok_or(LoginError::Stale)
    }

    async fn verify(&self, token: &str, issuer: &str, nonce: &str) -> Result<Identity, LoginError> {
        let expected = Expected {
            issuer,
            client_id: &self.config.client_id,
            nonce,
            now: self.clock.now(),
        };
        let keys = self.issuer.keys(false).await?;
        let result = match id_token::verify(token, &keys, expected) {
            // The issuer may have rotated its keys since they were fetched.
            Err(Refused::UnknownKey) => {
                let keys = self.issuer.keys(true).await?;
                id_token::verify(token, &keys, expected)
            }
            other => other,
        };
        result.map_err(|refused| LoginError::TokenRefused(refused.to_string()))
    }

    fn random(&self) -> String {
        BASE64URL_NOPAD.encode(&entropy::bytes::<32>(&*self.entropy))
    }
}

//! The HelseID simulator: an OpenID provider whose people are the personas. Endpoints and claims are
//! named as HelseID names them; the login is a click on a name. PAR, `DPoP`, refresh and single
//! sign-on are not built, and the discovery document does not say they are.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use foundation::Digest;
use foundation::token::Token;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};

use super::Core;
use super::client_auth::{AssertionRules, claimed_client};
use super::token::has;
use crate::config::HelseIdClient;
use crate::domain::authorization::{PageReason, Parameters, RedirectError, Refusal, with_answer};
use crate::domain::pkce;
use crate::domain::token::{Code, Reason, Redemption, Verdict};
use crate::error::{ClientRefusal, SandboxError, TokenError};
use crate::personas::{self, Persona};
use crate::store::helseid::{self, Login};

impl Core {
    fn helseid_client(&self, id: &str) -> Option<&HelseIdClient> {
        self.config
            .helseid
            .clients
            .iter()
            .find(|client| client.client_id == id)
    }

    /// Checks an authorization request; what is right may show the personas.
    pub(crate) fn check_login(&self, parameters: &Parameters) -> Result<(), Refusal> {
        let client = parameters
            .get("client_id")
            .and_then(|id| self.helseid_client(id));
        let client = client.ok_or(Refusal::Page(PageReason::UnknownClient))?;
        let redirect_uri = parameters
            .get("redirect_uri")
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(Refusal::Page(PageReason::RedirectUri))?;
        let refuse = |error: &'static str, description: &str| {
            Refusal::Redirect(RedirectError {
                redirect_uri: redirect_uri.to_owned(),
                state: parameters.get("state").map(str::to_owned),
                error,
                description: description.to_owned(),
            })
        };
        if parameters.repeated().is_some() {
            return Err(refuse("invalid_request", "A parameter stands twice."));
        }
        if parameters.get("response_type") != Some("code") {
            return Err(refuse(
                "unsupported_response_type",
                "response_type must be code.",
            ));
        }
        let challenge = parameters
            .get("code_challenge")
            .is_some_and(pkce::is_challenge);
        if !challenge || parameters.get("code_challenge_method") != Some("S256") {
            return Err(refuse("invalid_request", "PKCE with S256 is required."));
        }
        if !has(parameters.get("scope").unwrap_or_default(), "openid") {
            return Err(refuse("invalid_scope", "scope must contain openid."));
        }
        match parameters.get("prompt") {
            // Nobody is ever logged in beforehand.
            Some("none") => Err(refuse("login_required", "The user must log in.")),
            _ => Ok(()),
        }
    }

    /// Logs a persona in; gives the address to send the browser to.
    pub(crate) async fn log_in(
        &self,
        parameters: &Parameters,
        persona: &Persona,
    ) -> Result<String, SandboxError> {
        let text = |name| parameters.get(name).unwrap_or_default().to_owned();
        let value = Token::generate("mph", &*self.entropy);
        let code = Code {
            client_id: text("client_id"),
            redirect_uri: text("redirect_uri"),
            challenge: text("code_challenge"),
            expires_at: self.now().plus(Duration::from_mins(1)),
            redeemed: false,
        };
        let nonce = parameters.get("nonce").map(str::to_owned);
        let login = Login::new(persona.key, text("scope"), nonce, code);
        let mut tx = self.database.begin().await?;
        helseid::insert(&mut tx, value.digest(), &login).await?;
        tx.commit().await?;
        let issuer = self.helseid_issuer();
        let mut answer = vec![("code", value.expose())];
        answer.extend(parameters.get("state").map(|state| ("state", state)));
        answer.push(("iss", &issuer));
        Ok(with_answer(&text("redirect_uri"), &answer))
    }

    /// Answers a token request.
    pub(crate) async fn helseid_token(&self, form: &Parameters) -> Result<Value, TokenError> {
        if form.get("grant_type") != Some("authorization_code") {
            return Err(TokenError::GrantType);
        }
        let client_id = self.helseid_authenticate(form).await?;
        let presented = form.get("code").ok_or(TokenError::Parameter("code"))?;
        let digest = Token::presented(presented).digest();
        let by = Redemption {
            client_id: &client_id,
            redirect_uri: form.get("redirect_uri"),
            code_verifier: form.get("code_verifier"),
        };
        let now = self.now();
        let mut tx = self.database.begin().await?;
        let login = helseid::find(&mut tx, digest)
            .await?
            .ok_or(TokenError::Code(Reason::Unknown))?;
        let mut verdict = login.code().redeem(by, now);
        if matches!(verdict, Verdict::Issue | Verdict::Burn(_))
            && !helseid::redeem(&mut tx, digest, now).await?
        {
            verdict = Verdict::Revoke(Reason::Reused);
        }
        if let Verdict::Revoke(_) = verdict {
            helseid::revoke(&mut tx, digest).await?;
        }
        tx.commit().await?;
        match verdict {
            Verdict::Issue => self.helseid_issue(&login, digest).await,
            Verdict::Refuse(reason) | Verdict::Burn(reason) | Verdict::Revoke(reason) => {
                Err(TokenError::Code(reason))
            }
        }
    }

    async fn helseid_authenticate(&self, form: &Parameters) -> Result<String, TokenError> {
        let refuse = |refusal| TokenError::Client(refusal);
        let assertion = form.get("client_assertion");
        let id = match assertion {
            Some(assertion) => claimed_client(assertion).map_err(refuse)?,
            None => form
                .get("client_id")
                .ok_or_else(|| refuse(ClientRefusal::Missing))?
                .to_owned(),
        };
        let client = self
            .helseid_client(&id)
            .ok_or_else(|| refuse(ClientRefusal::Unknown))?;
        match (&client.jwks, assertion) {
            (None, None) => Ok(id),
            (Some(jwks), Some(assertion)) => {
                let issuer = self.helseid_issuer();
                let rules = AssertionRules {
                    issuer: &issuer,
                    audiences: &[&issuer],
                    algorithms: &ASSERTION_ALGORITHMS,
                    lifetime: Duration::from_mins(1),
                };
                self.check_assertion(&id, &jwks.to_string(), assertion, rules)
                    .await?;
                Ok(id)
            }
            _ => Err(refuse(ClientRefusal::Method)),
        }
    }

    async fn helseid_issue(&self, login: &Login, code: Digest) -> Result<Value, TokenError> {
        let persona = personas::by_key(&login.persona).ok_or(SandboxError::Stored("persona"))?;
        let key = self.helseid_key().await?;
        let (now, lifetime) = (self.now(), self.config.helseid.access_token_seconds);
        let expires_at = now.plus(Duration::from_secs(u64::from(lifetime)));
        let mut common = Map::new();
        let mut set = |name: &str, value: Value| common.insert(name.to_owned(), value);
        set("iss", self.helseid_issuer().into());
        set("sub", persona.sub.into());
        set("client_id", login.client_id.clone().into());
        set("iat", now.seconds().into());
        set("nbf", now.seconds().into());
        set("exp", expires_at.seconds().into());
        set("auth_time", now.seconds().into());
        set("idp", "testidp-oidc".into());
        set("amr", json!(["pwd"]));
        set(
            "jti",
            foundation::id::generate("jti", &*self.clock, &*self.entropy).into(),
        );
        let mut access = common.clone();
        access.insert("scope".to_owned(), login.scope.clone().into());
        access.insert("aud".to_owned(), self.helseid_issuer().into());
        let access = key.sign("at+jwt", &Value::Object(access))?;
        let mut id = common;
        id.insert("aud".to_owned(), login.client_id.clone().into());
        id.insert("at_hash".to_owned(), at_hash(&access).into());
        id.extend(
            login
                .nonce
                .clone()
                .map(|nonce| ("nonce".to_owned(), nonce.into())),
        );
        id.extend(identity(persona, &login.scope));
        let id_token = key.sign("JWT", &Value::Object(id))?;
        let mut tx = self.database.begin().await?;
        helseid::insert_token(&mut tx, Digest::of(access.as_bytes()), code, expires_at).await?;
        tx.commit().await?;
        Ok(json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": lifetime,
            "scope": login.scope,
            "id_token": id_token,
        }))
    }

    /// What the holder of an access token may know of the user; `None` when it is not valid.
    pub(crate) async fn userinfo(&self, bearer: &str) -> Result<Option<Value>, SandboxError> {
        let digest = Token::presented(bearer).digest();
        let mut tx = self.database.read().await?;
        let Some(login) = helseid::login_of_token(&mut tx, digest, self.now()).await? else {
            return Ok(None);
        };
        let persona = personas::by_key(&login.persona).ok_or(SandboxError::Stored("persona"))?;
        let mut claims = identity(persona, &login.scope);
        claims.insert("sub".to_owned(), persona.sub.into());
        claims.insert("userinfo_issued_at".to_owned(), self.now().seconds().into());
        Ok(Some(Value::Object(claims)))
    }

    /// Where a logout may go on to.
    pub(crate) fn after_logout(&self, parameters: &Parameters) -> Option<String> {
        let uri = parameters.get("post_logout_redirect_uri")?;
        let mut clients = self.config.helseid.clients.iter();
        clients
            .any(|client| {
                client
                    .post_logout_redirect_uris
                    .iter()
                    .any(|known| known == uri)
            })
            .then(|| match parameters.get("state") {
                Some(state) => with_answer(uri, &[("state", state)]),
                None => uri.to_owned(),
            })
    }

    /// The discovery document.
    pub(crate) fn helseid_metadata(&self) -> Value {
        let issuer = self.helseid_issuer();
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/openid-configuration/jwks"),
            "authorization_endpoint": format!("{issuer}/connect/authorize"),
            "token_endpoint": format!("{issuer}/connect/token"),
            "userinfo_endpoint": format!("{issuer}/connect/userinfo"),
            "end_session_endpoint": format!("{issuer}/connect/endsession"),
            "scopes_supported": SCOPES,
            "claims_supported": CLAIMS,
            "grant_types_supported": ["authorization_code"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
            "token_endpoint_auth_signing_alg_values_supported":
                ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["none", "login"],
            "authorization_response_iss_parameter_supported": true,
        })
    }
}

/// The claims about the user that the scopes open. The organisation is always told: a persona acts
/// for one.
fn identity(persona: &Persona, scope: &str) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    if has(scope, "profile") {
        set("name", persona.name().into());
        set("given_name", persona.given_name.into());
        set("family_name", persona.family_name.into());
    }
    if has(scope, "helseid://scopes/identity/pid") {
        set("helseid://claims/identity/pid", persona.pid.into());
    }
    if has(scope, "helseid://scopes/identity/security_level") {
        set("helseid://claims/identity/security_level", "4".into());
    }
    if has(scope, "helseid://scopes/identity/assurance_level") {
        set("helseid://claims/identity/assurance_level", "high".into());
    }
    if has(scope, "helseid://scopes/hpr/hpr_number")
        && let Some(number) = persona.hpr_number
    {
        set("helseid://claims/hpr/hpr_number", number.into());
    }
    set(
        "helseid://claims/client/claims/orgnr_parent",
        persona.organisation.into(),
    );
    claims
}

/// OpenID Connect Core §3.1.3.6: the left half of the digest.
fn at_hash(access_token: &str) -> String {
    let digest = Digest::of(access_token.as_bytes());
    let half = digest.as_bytes().get(..16).unwrap_or_default();
    BASE64URL_NOPAD.encode(half)
}

const ASSERTION_ALGORITHMS: [Algorithm; 8] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
];

const SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "helseid://scopes/identity/pid",
    "helseid://scopes/identity/security_level",
    "helseid://scopes/identity/assurance_level",
    "helseid://scopes/hpr/hpr_number",
];

const CLAIMS: [&str; 9] = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "helseid://claims/identity/pid",
    "helseid://claims/identity/security_level",
    "helseid://claims/identity/assurance_level",
    "helseid://claims/hpr/hpr_number",
    "helseid://claims/client/claims/orgnr_parent",
];

//! The token endpoint: a code or a refresh token becomes an access token. The database makes the
//! one atomic change (redeemed, used); `domain::token` decides what follows.

use std::time::Duration;

use foundation::token::Token;
use foundation::{Digest, Timestamp};
use serde_json::{Map, Value, json};

use super::Core;
use crate::domain::authorization::Parameters;
use crate::domain::behaviour::{AccessTokenForm, FhirUserForm};
use crate::domain::exchange::Trace;
use crate::domain::token::{Reason, Redemption, Refresh, Verdict};
use crate::error::{ClientRefusal, SandboxError, TokenError};
use crate::store::grants::{self, Authorization};
use crate::store::tokens::{self, Kind};

mod backend;
mod id_token;

impl Core {
    /// Answers a token request.
    pub(crate) async fn exchange(
        &self,
        sandbox: &str,
        authorization: Option<&str>,
        form: &Parameters,
        trace: &mut Trace,
    ) -> Result<Value, TokenError> {
        self.known(sandbox).await?;
        match form.get("grant_type") {
            Some("authorization_code") => {
                let client = self.authenticate(sandbox, authorization, form).await?;
                trace.client_id = Some(client.client_id.clone());
                self.redeem(sandbox, &client.client_id, form, trace).await
            }
            Some("refresh_token") => {
                let client = self.refreshing_client(sandbox, authorization, form).await?;
                trace.client_id = Some(client.clone());
                self.refresh(sandbox, &client, form, trace).await
            }
            Some("client_credentials") => {
                let client = self.authenticate(sandbox, authorization, form).await?;
                trace.client_id = Some(client.client_id.clone());
                self.for_backend(sandbox, client, form, trace).await
            }
            Some(_) => Err(TokenError::GrantType),
            None => Err(TokenError::Parameter("grant_type")),
        }
    }

    pub(crate) async fn known(&self, sandbox: &str) -> Result<(), TokenError> {
        match self.sandbox(sandbox).await {
            Ok(_) => Ok(()),
            Err(SandboxError::UnknownSandbox(_)) => Err(TokenError::UnknownSandbox),
            Err(error) => Err(error.into()),
        }
    }

    async fn redeem(
        &self,
        sandbox: &str,
        client_id: &str,
        form: &Parameters,
        trace: &mut Trace,
    ) -> Result<Value, TokenError> {
        let presented = form.get("code").ok_or(TokenError::Parameter("code"))?;
        let digest = Token::presented(presented).digest();
        let by = Redemption {
            client_id,
            redirect_uri: form.get("redirect_uri"),
            code_verifier: form.get("code_verifier"),
        };
        let now = self.now();
        let mut tx = self.database.begin().await?;
        let (grant_id, code) = grants::find_code(&mut tx, sandbox, digest)
            .await?
            .ok_or(TokenError::Code(Reason::Unknown))?;
        let mut verdict = code.redeem(by, now);
        if matches!(verdict, Verdict::Issue | Verdict::Burn(_))
            && !grants::redeem_code(&mut tx, digest, now).await?
        {
            verdict = Verdict::Revoke(Reason::Reused);
        }
        if let Verdict::Revoke(_) = verdict {
            grants::revoke(&mut tx, &grant_id, "code reused", now).await?;
        }
        tx.commit().await?;
        if let Verdict::Revoke(_) = verdict {
            self.admissions.forget();
        }
        match verdict {
            Verdict::Issue => {}
            Verdict::Refuse(reason) | Verdict::Burn(reason) | Verdict::Revoke(reason) => {
                return Err(TokenError::Code(reason));
            }
        }
        let grant = self.grant_of(&grant_id).await?;
        let scope = grant.scope.clone();
        self.issue(&grant, &scope, 0, trace).await
    }

    /// `fhirclient` sends no `client_id` when it refreshes for a public client; the token itself
    /// names the client then.
    async fn refreshing_client(
        &self,
        sandbox: &str,
        authorization: Option<&str>,
        form: &Parameters,
    ) -> Result<String, TokenError> {
        let missing = match self.authenticate(sandbox, authorization, form).await {
            Err(TokenError::Client(ClientRefusal::Missing)) => ClientRefusal::Missing,
            other => return other.map(|client| client.client_id),
        };
        let presented = form
            .get("refresh_token")
            .ok_or(TokenError::Parameter("refresh_token"))?;
        let mut tx = self.database.read().await?;
        let found = tokens::find(&mut tx, sandbox, Token::presented(presented).digest()).await?;
        drop(tx);
        let (_, grant) = found.ok_or(TokenError::Client(missing))?;
        let client = self.client(sandbox, &grant.client_id).await?;
        match client {
            Some(client) if client.auth_method == crate::domain::client::AuthMethod::None => {
                Ok(client.client_id)
            }
            _ => Err(TokenError::Client(missing)),
        }
    }

    async fn refresh(
        &self,
        sandbox: &str,
        client_id: &str,
        form: &Parameters,
        trace: &mut Trace,
    ) -> Result<Value, TokenError> {
        let presented = form
            .get("refresh_token")
            .ok_or(TokenError::Parameter("refresh_token"))?;
        let digest = Token::presented(presented).digest();
        let now = self.now();
        let mut tx = self.database.begin().await?;
        let (token, grant) = tokens::find(&mut tx, sandbox, digest)
            .await?
            .filter(|(token, _)| token.kind == Kind::Refresh)
            .ok_or(TokenError::Refresh(Reason::Unknown))?;
        trace.launch.clone_from(&grant.launch);
        let state = Refresh {
            client_id: grant.client_id.clone(),
            scope: token.scope.clone(),
            expires_at: token.expires_at,
            used: token.used,
            revoked: grant.revoked,
        };
        let mut verdict = state.rotate(client_id, form.get("scope"), now);
        if verdict == Verdict::Issue && !tokens::mark_used(&mut tx, digest, now).await? {
            verdict = Verdict::Revoke(Reason::Reused);
        }
        if let Verdict::Revoke(_) = verdict {
            grants::revoke(&mut tx, &grant.id, "refresh token reused", now).await?;
        }
        tx.commit().await?;
        if let Verdict::Revoke(_) = verdict {
            self.admissions.forget();
        }
        match verdict {
            Verdict::Issue => {}
            Verdict::Refuse(reason) | Verdict::Burn(reason) | Verdict::Revoke(reason) => {
                return Err(TokenError::Refresh(reason));
            }
        }
        let scope = form.get("scope").map_or(token.scope, str::to_owned);
        self.issue(&grant, &scope, token.generation.saturating_add(1), trace)
            .await
    }

    async fn grant_of(&self, id: &str) -> Result<Authorization, SandboxError> {
        let mut tx = self.database.read().await?;
        grants::find(&mut tx, id)
            .await?
            .ok_or(SandboxError::Stored("grant"))
    }

    /// Makes and keeps the tokens, and gives the answer of RFC 6749 §5.1 with SMART's additions.
    async fn issue(
        &self,
        grant: &Authorization,
        scope: &str,
        generation: i64,
        trace: &mut Trace,
    ) -> Result<Value, TokenError> {
        trace.launch.clone_from(&grant.launch);
        trace.scope = Some(scope.to_owned());
        let now = self.now();
        let lifetime = grant
            .behaviour
            .token_lifetime
            .unwrap_or(self.config.access_token_seconds);
        let expires_at = now.plus(Duration::from_secs(u64::from(lifetime)));
        let access = self.access_token(grant, scope, now, expires_at).await?;
        let refresh = self
            .refresh_until(grant, scope, now)
            .map(|until| (Token::generate("mprt", &*self.entropy), until));
        let kept = |kind, expires_at| tokens::Token {
            kind,
            scope: scope.to_owned(),
            issued_at: now,
            expires_at,
            generation,
            used: false,
        };
        let mut tx = self.database.begin().await?;
        let access_digest = Digest::of(access.as_bytes());
        tokens::insert(
            &mut tx,
            access_digest,
            &grant.id,
            &kept(Kind::Access, expires_at),
        )
        .await?;
        if let Some((token, until)) = &refresh {
            tokens::insert(
                &mut tx,
                token.digest(),
                &grant.id,
                &kept(Kind::Refresh, *until),
            )
            .await?;
        }
        tx.commit().await?;
        let mut answer = Map::new();
        answer.insert("access_token".to_owned(), access.into());
        answer.insert("token_type".to_owned(), "Bearer".into());
        answer.insert("expires_in".to_owned(), lifetime.into());
        answer.insert("scope".to_owned(), scope.into());
        if let Some((token, _)) = &refresh {
            answer.insert("refresh_token".to_owned(), token.expose().into());
        }
        add_context(&mut answer, grant);
        if has(scope, "openid") {
            let id_token = self.id_token(grant, scope, generation == 0).await?;
            answer.insert("id_token".to_owned(), id_token.into());
        }
        Ok(Value::Object(answer))
    }

    /// Until when the authorization may be refreshed; `None` when it may not.
    fn refresh_until(
        &self,
        grant: &Authorization,
        scope: &str,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        if grant.behaviour.without_refresh {
            None
        } else if has(scope, "offline_access") {
            Some(now.plus(seconds(self.config.offline_seconds)))
        } else if has(scope, "online_access") {
            let until = grant
                .authenticated_at
                .plus(seconds(self.config.online_seconds));
            (until > now).then_some(until)
        } else {
            None
        }
    }

    async fn access_token(
        &self,
        grant: &Authorization,
        scope: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, SandboxError> {
        if grant.behaviour.access_token == AccessTokenForm::Opaque {
            return Ok(Token::generate("mpat", &*self.entropy).expose().to_owned());
        }
        let base = self.fhir_base(&grant.sandbox);
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", base.clone().into());
        set("aud", base.into());
        set("sub", self.subject(grant).into());
        set("client_id", grant.client_id.clone().into());
        set("iat", now.seconds().into());
        set("exp", expires_at.seconds().into());
        set(
            "jti",
            foundation::id::generate("jti", &*self.clock, &*self.entropy).into(),
        );
        set("scope", scope.into());
        add_context(&mut claims, grant);
        self.key_of(&grant.sandbox)
            .await?
            .sign("at+jwt", &Value::Object(claims))
    }

    /// A stable name of the user that tells nobody who it is.
    pub(crate) fn subject(&self, grant: &Authorization) -> String {
        let text = format!("{}/{}", self.fhir_base(&grant.sandbox), grant.fhir_user);
        Digest::of(text.as_bytes()).label()
    }

    /// `fhirUser` in the form that the launch asks for.
    pub(crate) fn fhir_user(&self, grant: &Authorization) -> String {
        match grant.behaviour.fhir_user {
            FhirUserForm::Absolute => {
                format!("{}/{}", self.fhir_base(&grant.sandbox), grant.fhir_user)
            }
            FhirUserForm::Relative => grant.fhir_user.clone(),
        }
    }
}

/// Launch context parameters (SMART 2.2 §2.0.10), typed as the specification says.
pub(crate) fn add_context(answer: &mut Map<String, Value>, grant: &Authorization) {
    if let Some(patient) = &grant.patient {
        answer.insert("patient".to_owned(), json!(patient));
        answer.insert(
            "need_patient_banner".to_owned(),
            json!(grant.behaviour.need_patient_banner),
        );
    }
    if let Some(encounter) = &grant.encounter {
        answer.insert("encounter".to_owned(), json!(encounter));
    }
    if grant.behaviour.practitioner_parameter
        && let Some(id) = grant.fhir_user.strip_prefix("Practitioner/")
    {
        answer.insert("practitioner".to_owned(), json!(id));
    }
}

/// True when the scope is among those granted.
pub(crate) fn has(scope: &str, name: &str) -> bool {
    scope.split(' ').any(|granted| granted == name)
}

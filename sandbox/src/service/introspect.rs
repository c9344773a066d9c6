//! Token introspection (RFC 7662) and revocation (RFC 7009).
//!
//! Introspection is open to confidential clients that authenticate and to whoever holds a valid
//! access token of the sandbox, about tokens of any client (SMART 2.2, requirements 282 and 283).

use foundation::token::Token;
use serde_json::{Map, Value, json};

use super::Core;
use super::token::{add_context, has};
use crate::domain::authorization::Parameters;
use crate::domain::client::AuthMethod;
use crate::domain::exchange::Trace;
use crate::error::TokenError;
use crate::store::grants::{self, Authorization};
use crate::store::tokens::{self, Kind};

impl Core {
    /// Tells what a token is worth now.
    pub(crate) async fn introspect(
        &self,
        sandbox: &str,
        authorization: Option<&str>,
        form: &Parameters,
        trace: &mut Trace,
    ) -> Result<Value, TokenError> {
        self.known(sandbox).await?;
        self.may_introspect(sandbox, authorization, form, trace)
            .await?;
        let presented = form.get("token").ok_or(TokenError::Parameter("token"))?;
        match self.valid_token(sandbox, presented).await? {
            Some((token, grant)) => {
                trace.launch.clone_from(&grant.launch);
                Ok(self.description(&token, &grant))
            }
            None => Ok(json!({"active": false})),
        }
    }

    async fn may_introspect(
        &self,
        sandbox: &str,
        authorization: Option<&str>,
        form: &Parameters,
        trace: &mut Trace,
    ) -> Result<(), TokenError> {
        if let Some(bearer) = authorization.and_then(|value| value.strip_prefix("Bearer ")) {
            let holder = self.valid_token(sandbox, bearer).await?;
            let (_, grant) = holder
                .filter(|(token, _)| token.kind == Kind::Access)
                .ok_or(TokenError::IntrospectionDenied)?;
            trace.client_id = Some(grant.client_id);
            return Ok(());
        }
        let client = self.authenticate(sandbox, authorization, form).await?;
        if client.auth_method == AuthMethod::None {
            return Err(TokenError::IntrospectionDenied);
        }
        trace.client_id = Some(client.client_id);
        Ok(())
    }

    /// The token and its authorization, if a request with it would be let in now.
    pub(crate) async fn valid_token(
        &self,
        sandbox: &str,
        presented: &str,
    ) -> Result<Option<(tokens::Token, Authorization)>, TokenError> {
        let mut tx = self.database.read().await?;
        let found = tokens::find(&mut tx, sandbox, Token::presented(presented).digest()).await?;
        let now = self.now();
        Ok(found.filter(|(token, grant)| !grant.revoked && !token.used && now < token.expires_at))
    }

    fn description(&self, token: &tokens::Token, grant: &Authorization) -> Value {
        let mut answer = Map::new();
        let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        set("active", true.into());
        set("scope", token.scope.clone().into());
        set("client_id", grant.client_id.clone().into());
        set("exp", token.expires_at.seconds().into());
        set("iat", token.issued_at.seconds().into());
        if token.kind == Kind::Access {
            set("token_type", "Bearer".into());
            set("aud", self.fhir_base(&grant.sandbox).into());
        }
        if has(&token.scope, "openid") {
            set("iss", self.fhir_base(&grant.sandbox).into());
            set("sub", self.subject(grant).into());
        }
        if has(&token.scope, "fhirUser") {
            set("fhirUser", self.fhir_user(grant).into());
        }
        add_context(&mut answer, grant);
        Value::Object(answer)
    }

    /// Takes a token away from the client that it was given to; a refresh token takes its whole
    /// authorization with it.
    pub(crate) async fn revoke(
        &self,
        sandbox: &str,
        authorization: Option<&str>,
        form: &Parameters,
        trace: &mut Trace,
    ) -> Result<(), TokenError> {
        self.known(sandbox).await?;
        let client = self.authenticate(sandbox, authorization, form).await?;
        trace.client_id = Some(client.client_id.clone());
        let presented = form.get("token").ok_or(TokenError::Parameter("token"))?;
        let digest = Token::presented(presented).digest();
        let mut tx = self.database.begin().await?;
        let found = tokens::find(&mut tx, sandbox, digest).await?;
        // RFC 7009 §2.2: an unknown token is no error; another client's is none of its business.
        let Some((token, grant)) = found.filter(|(_, grant)| grant.client_id == client.client_id)
        else {
            return Ok(());
        };
        match token.kind {
            Kind::Access => tokens::expire(&mut tx, digest, self.now()).await?,
            Kind::Refresh => {
                grants::revoke(&mut tx, &grant.id, "revoked by its client", self.now()).await?;
            }
        }
        tx.commit().await?;
        self.admissions.forget();
        Ok(())
    }
}

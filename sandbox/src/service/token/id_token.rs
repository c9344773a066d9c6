//! The `id_token` (OpenID Connect Core §2, SMART `sso-openid-connect`), and the forged ones that an app
//! must refuse.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::has;
use crate::domain::behaviour::IdTokenFault;
use crate::error::SandboxError;
use crate::service::Core;
use crate::store::grants::Authorization;

impl Core {
    /// `first` is true for the token that answers the code; only that one carries the nonce.
    pub(super) async fn id_token(
        &self,
        grant: &Authorization,
        scope: &str,
        first: bool,
    ) -> Result<String, SandboxError> {
        let fault = grant.behaviour.id_token;
        let claims = Value::Object(self.id_claims(grant, scope, first, fault));
        if fault == Some(IdTokenFault::AlgNone) {
            let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
            let header = json!({"alg": "none", "typ": "JWT"});
            return Ok(format!("{}.{}.", encode(&header), encode(&claims)));
        }
        let key = self.key_of(&grant.sandbox).await?;
        let token = key.sign("JWT", &claims)?;
        if fault != Some(IdTokenFault::Signature) {
            return Ok(token);
        }
        // A well-formed signature by the right key, of something else.
        let other = key.sign("JWT", &json!({"iss": "https://elsewhere.example"}))?;
        match (token.rsplit_once('.'), other.rsplit_once('.')) {
            (Some((signed, _)), Some((_, signature))) => Ok(format!("{signed}.{signature}")),
            _ => Err(SandboxError::Key),
        }
    }

    fn id_claims(
        &self,
        grant: &Authorization,
        scope: &str,
        first: bool,
        fault: Option<IdTokenFault>,
    ) -> Map<String, Value> {
        let wrong = |kind| fault == Some(kind);
        let now = self.now();
        let issued_at = if wrong(IdTokenFault::Expired) {
            now.minus(2 * HOUR)
        } else {
            now
        };
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        let issuer = if wrong(IdTokenFault::Issuer) {
            "https://elsewhere.example/fhir".to_owned()
        } else {
            self.fhir_base(&grant.sandbox)
        };
        set("iss", issuer.into());
        set("sub", self.subject(grant).into());
        let audience = if wrong(IdTokenFault::Audience) {
            "another-client"
        } else {
            &grant.client_id
        };
        set("aud", audience.into());
        set("iat", issued_at.seconds().into());
        set("exp", issued_at.plus(HOUR).seconds().into());
        set("auth_time", grant.authenticated_at.seconds().into());
        match &grant.nonce {
            Some(_) if wrong(IdTokenFault::Nonce) => {
                set("nonce", "another-nonce".into());
            }
            Some(nonce) if first => {
                set("nonce", nonce.clone().into());
            }
            _ => {}
        }
        if has(scope, "fhirUser") {
            set("fhirUser", self.fhir_user(grant).into());
        }
        if has(scope, "profile") {
            set("profile", self.fhir_user(grant).into());
        }
        claims
    }
}

const HOUR: Duration = Duration::from_hours(1);

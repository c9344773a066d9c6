//! Client authentication at the token, introspection and revocation endpoints: public clients by
//! name alone, confidential ones by secret (RFC 6749 §2.3.1) or by signed assertion (RFC 7523, SMART
//! client-confidential-asymmetric). A client uses the method it registered and no other.

use std::time::Duration;

use data_encoding::BASE64;
use foundation::{Timestamp, token};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::Core;
use crate::domain::authorization::Parameters;
use crate::domain::client::{AuthMethod, Client};
use crate::error::{ClientRefusal, TokenError};
use crate::store::assertions;

/// What the request says about who sent it.
#[derive(Debug)]
enum Proof {
    Name(String),
    Basic(String, String),
    Post(String, String),
    Assertion(String),
}

/// What an assertion must fulfil.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssertionRules<'a> {
    /// Whose replay memory it goes to.
    pub(crate) issuer: &'a str,
    /// Any of these may be its `aud`.
    pub(crate) audiences: &'a [&'a str],
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) lifetime: Duration,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    jti: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn is_one_of(&self, allowed: &[&str]) -> bool {
        match self {
            Self::One(one) => allowed.contains(&one.as_str()),
            Self::Several(all) => all.iter().any(|one| allowed.contains(&one.as_str())),
        }
    }
}

impl Core {
    /// The client that sent the request. `authorization` is the header of that name.
    pub(crate) async fn authenticate(
        &self,
        sandbox: &str,
        authorization: Option<&str>,
        form: &Parameters,
    ) -> Result<Client, TokenError> {
        let proof = proof(authorization, form).map_err(TokenError::Client)?;
        let id = match &proof {
            Proof::Name(id) | Proof::Basic(id, _) | Proof::Post(id, _) => id.clone(),
            Proof::Assertion(assertion) => claimed_client(assertion).map_err(TokenError::Client)?,
        };
        let client = self
            .client(sandbox, &id)
            .await?
            .ok_or(TokenError::Client(ClientRefusal::Unknown))?;
        match (&proof, client.auth_method) {
            (Proof::Name(_), AuthMethod::None) => {}
            (Proof::Basic(_, secret), AuthMethod::ClientSecretBasic)
            | (Proof::Post(_, secret), AuthMethod::ClientSecretPost) => {
                check_secret(&client, secret).map_err(TokenError::Client)?;
            }
            (Proof::Assertion(assertion), AuthMethod::PrivateKeyJwt) => {
                let issuer = self.fhir_base(sandbox);
                let endpoint = self.auth_url(sandbox, "token");
                let rules = AssertionRules {
                    issuer: &issuer,
                    audiences: &[&endpoint, &issuer],
                    algorithms: &[Algorithm::RS384, Algorithm::ES384],
                    lifetime: Duration::from_mins(5),
                };
                let jwks = client.jwks.as_deref().unwrap_or_default();
                self.check_assertion(&id, jwks, assertion, rules).await?;
            }
            _ => return Err(TokenError::Client(ClientRefusal::Method)),
        }
        if form
            .get("client_id")
            .is_some_and(|named| named != client.client_id)
        {
            return Err(TokenError::Client(ClientRefusal::Several));
        }
        Ok(client)
    }

    /// Checks an assertion of the client `client_id` against its registered keys.
    pub(crate) async fn check_assertion(
        &self,
        client_id: &str,
        jwks: &str,
        assertion: &str,
        rules: AssertionRules<'_>,
    ) -> Result<(), TokenError> {
        let claims = verify(jwks, assertion, rules.algorithms).map_err(TokenError::Client)?;
        let refuse = |refusal| Err(TokenError::Client(refusal));
        if claims.iss != client_id || claims.sub != client_id {
            return refuse(ClientRefusal::Subject);
        }
        if !claims.aud.is_one_of(rules.audiences) {
            return refuse(ClientRefusal::Audience);
        }
        let (now, expires_at) = (self.now(), Timestamp::from_seconds(claims.exp));
        if expires_at <= now || expires_at > now.plus(rules.lifetime).plus(SKEW) {
            return refuse(ClientRefusal::Expiry);
        }
        let Some(jti) = claims.jti.filter(|jti| !jti.is_empty() && jti.len() <= 256) else {
            return refuse(ClientRefusal::Replay);
        };
        let mut tx = self.database.begin().await?;
        let fresh =
            assertions::remember(&mut tx, rules.issuer, client_id, &jti, expires_at).await?;
        tx.commit().await?;
        if fresh {
            Ok(())
        } else {
            refuse(ClientRefusal::Replay)
        }
    }
}

fn proof(authorization: Option<&str>, form: &Parameters) -> Result<Proof, ClientRefusal> {
    let basic = authorization
        .and_then(|value| value.strip_prefix("Basic "))
        .map(basic);
    let assertion = form.get("client_assertion");
    let secret = form.get("client_secret");
    let several = [basic.is_some(), assertion.is_some(), secret.is_some()];
    if several.into_iter().filter(|sent| *sent).count() > 1 {
        return Err(ClientRefusal::Several);
    }
    if let Some(basic) = basic {
        return basic
            .map(|(id, secret)| Proof::Basic(id, secret))
            .ok_or(ClientRefusal::Secret);
    }
    if let Some(assertion) = assertion {
        if form.get("client_assertion_type") != Some(JWT_BEARER) {
            return Err(ClientRefusal::AssertionForm);
        }
        return Ok(Proof::Assertion(assertion.to_owned()));
    }
    let id = form
        .get("client_id")
        .ok_or(ClientRefusal::Missing)?
        .to_owned();
    Ok(match secret {
        Some(secret) => Proof::Post(id, secret.to_owned()),
        None => Proof::Name(id),
    })
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
fn basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |half: &str| {
        let pair = format!("v={half}");
        url::form_urlencoded::parse(pair.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}

fn check_secret(client: &Client, secret: &str) -> Result<(), ClientRefusal> {
    let presented = token::Token::presented(secret).digest();
    let kept = client.secret_digest.as_deref().unwrap_or_default();
    if token::same(presented.as_bytes(), kept) {
        Ok(())
    } else {
        Err(ClientRefusal::Secret)
    }
}

/// Whom the assertion says it is from; checked against the signature afterwards.
pub(crate) fn claimed_client(assertion: &str) -> Result<String, ClientRefusal> {
    let claims: Claims = jsonwebtoken::dangerous::insecure_decode_claims(assertion)
        .map_err(|_| ClientRefusal::AssertionForm)?;
    Ok(claims.sub)
}

fn verify(jwks: &str, assertion: &str, algorithms: &[Algorithm]) -> Result<Claims, ClientRefusal> {
    let header =
        jsonwebtoken::decode_header(assertion).map_err(|_| ClientRefusal::AssertionForm)?;
    if !algorithms.contains(&header.alg) {
        return Err(ClientRefusal::Algorithm);
    }
    let set: JwkSet = serde_json::from_str(jwks).map_err(|_| ClientRefusal::Key)?;
    let kid = header.kid.ok_or(ClientRefusal::Key)?;
    let key = set.find(&kid).ok_or(ClientRefusal::Key)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| ClientRefusal::Key)?;
    let mut validation = Validation::new(header.alg);
    // Time and audience are checked with our clock and our rules.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let data = jsonwebtoken::decode::<Claims>(assertion, &key, &validation);
    data.map(|data| data.claims)
        .map_err(|_| ClientRefusal::Signature)
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SKEW: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_decoded() {
        let encoded = BASE64.encode(b"my%3Aclient:s+%2B");
        assert_eq!(
            basic(&encoded),
            Some(("my:client".to_owned(), "s +".to_owned()))
        );
        assert_eq!(basic("!"), None);
    }

    #[test]
    fn two_authentications_at_once_are_refused() {
        let form = Parameters::read("client_id=a&client_secret=b");
        let header = format!("Basic {}", BASE64.encode(b"a:b"));
        assert_eq!(
            proof(Some(&header), &form).err(),
            Some(ClientRefusal::Several)
        );
        assert!(matches!(proof(None, &form), Ok(Proof::Post(..))));
        assert_eq!(
            proof(None, &Parameters::read("")).err(),
            Some(ClientRefusal::Missing)
        );
    }
}

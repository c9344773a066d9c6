//! Checks an `id_token` (OpenID Connect Core 1.0 §3.1.3.7): RS256 by a key of the issuer, and every
//! claim that ties it to this login. The time is passed in.

use foundation::Timestamp;
use foundation::token::same;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// Clocks of two machines may differ this much.
const LEEWAY_SECONDS: i64 = 30;

/// What the portal reads of an `id_token`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Identity {
    /// Stable pseudonymous subject.
    pub(crate) sub: String,
    /// Name to show.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Organisation that the person acts for, as HelseID names the claim.
    #[serde(rename = "helseid://claims/client/claims/orgnr_parent", default)]
    pub(crate) organisation: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(flatten)]
    identity: Identity,
    nonce: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    azp: Option<String>,
}

/// What the token must say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Timestamp,
}

/// Why a token is refused; `UnknownKey` may be cured by fetching the keys again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no key of the issuer has the key id of the token")]
    UnknownKey,
    #[error("{0}")]
    Wrong(String),
}

/// Verifies `token` with the issuer's `keys`.
pub(crate) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: Expected<'_>,
) -> Result<Identity, Refused> {
    let wrong = |reason: &str| Refused::Wrong(reason.to_owned());
    let header = jsonwebtoken::decode_header(token).map_err(|error| wrong(&error.to_string()))?;
    if header.alg != Algorithm::RS256 {
        return Err(wrong("it is not signed with RS256"));
    }
    let kid = header.kid.ok_or_else(|| wrong("it names no key"))?;
    let jwk = keys.find(&kid).ok_or(Refused::UnknownKey)?;
    let key = DecodingKey::from_jwk(jwk).map_err(|error| wrong(&error.to_string()))?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client_id]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // The library reads the machine's clock; ours is passed in, so times are checked below.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .map_err(|error| wrong(&error.to_string()))?
        .claims;
    let now = expected.now.seconds();
    if claims.exp <= now - LEEWAY_SECONDS {
        return Err(wrong("it has expired"));
    }
    if claims.iat > now + LEEWAY_SECONDS || claims.nbf.is_some_and(|at| at > now + LEEWAY_SECONDS) {
        return Err(wrong("it is from the future"));
    }
    if claims
        .azp
        .as_deref()
        .is_some_and(|azp| azp != expected.client_id)
    {
        return Err(wrong("it was issued to another client"));
    }
    let nonce = claims.nonce.ok_or_else(|| wrong("it has no nonce"))?;
    if !same(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err(wrong("its nonce is of another login"));
    }
    Ok(claims.identity)
}

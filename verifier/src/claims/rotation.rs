//! A vendor's next key, `app-key-rotation+jwt`: signed by the key that it follows, or by itself when
//! there is none or that one is lost. Which of the two counts when is the registry's rule.

use serde::{Deserialize, Serialize};

use super::{Claims, is_uuid_v4, require};
use crate::code::{Code, VerifyError};
use crate::jwk::{EcJwk, EcPublicKey};
use crate::jws::TokenType;

/// The claims of a rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotation {
    /// The vendor's entity id.
    pub iss: String,
    /// The registry.
    pub aud: String,
    /// When it was signed.
    pub iat: i64,
    /// Until when it may be sent, at most five minutes later.
    pub exp: i64,
    /// A UUID, used once.
    pub jti: String,
    /// The next key.
    pub key: EcJwk,
    /// The key that it follows; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

impl Claims for KeyRotation {
    const TYPE: TokenType = TokenType::KeyRotation;
}

impl KeyRotation {
    /// Every rule that needs no keys; gives the next key.
    pub fn check(
        &self,
        vendor: &str,
        registry: &str,
        now: i64,
    ) -> Result<EcPublicKey, VerifyError> {
        require(is_uuid_v4(&self.jti), "jti: not a version 4 UUID")?;
        require(self.iss == vendor, "iss: another vendor")?;
        require(self.aud == registry, "aud: another registry")?;
        if self.iat > now.saturating_add(60) {
            return Err(Code::IatFuture.because("the rotation was signed in the future"));
        }
        if self.exp <= now {
            return Err(Code::Expired.because("the rotation is to be sent within five minutes"));
        }
        if self.exp.saturating_sub(self.iat) > 300 {
            return Err(Code::Lifetime.because("a rotation is valid for at most five minutes"));
        }
        let key = self
            .key
            .to_key()
            .map_err(|error| Code::Claim.because(format!("key: {error}")))?;
        let itself = self.replaces.as_ref() == Some(&key.thumbprint());
        require(!itself, "replaces: the key cannot follow itself")?;
        Ok(key)
    }
}

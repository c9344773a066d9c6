//! P-256 public keys as JWK (RFC 7517) with RFC 7638 thumbprints, and what each key is for.
//! Public keys only: a private member in a key is refused.

use serde::{Deserialize, Serialize};

use crate::digest::sha256;
use crate::{base64url, crypto};

/// What a key may sign. A key listed for one use is refused for every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyUse {
    /// Signs approvals (`trust-mark+jwt`).
    Approval,
    /// Signs reviews (`app-review+jwt`).
    Review,
    /// Signs status lists (`statuslist+jwt`).
    Status,
    /// Signs status events (`app-status-event+jwt`).
    StatusEvent,
    /// Signs the digests of published status lists (`app-status-digest+jwt`).
    StatusDigest,
    /// A vendor's own: signs its releases (`app-release+jwt`) and names the key that follows it
    /// (`app-key-rotation+jwt`).
    Release,
    /// Signs the owner's leave to issue a trust mark (`trust-mark-delegation+jwt`).
    Delegation,
    /// Signs the `OpenID` Federation view of an entity: statements, key sets, mark status.
    Federation,
}

impl KeyUse {
    /// Every use.
    pub const ALL: [Self; 8] = [
        Self::Approval,
        Self::Review,
        Self::Status,
        Self::StatusEvent,
        Self::StatusDigest,
        Self::Release,
        Self::Delegation,
        Self::Federation,
    ];

    /// The word in a key's `use` member.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Review => "review",
            Self::Status => "status",
            Self::StatusEvent => "status-event",
            Self::StatusDigest => "status-digest",
            Self::Release => "release",
            Self::Delegation => "delegation",
            Self::Federation => "federation",
        }
    }
}

/// A key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not an uncompressed P-256 point or not on the curve.
    #[error("not a P-256 public key: give an uncompressed point of 65 bytes on the curve")]
    Point,
    /// The JWK is not an EC P-256 key.
    #[error("not an EC P-256 JWK: kty must be EC, crv P-256, x and y 32 bytes of base64url each")]
    Jwk,
    /// A public key was expected, and the JWK holds private parts.
    #[error("a private key: publish the public part only")]
    Private,
    /// A key type that has no thumbprint here.
    #[error("an unsupported key type: use EC, RSA or OKP")]
    Unsupported,
}

/// A P-256 public key.
#[derive(Clone, PartialEq, Eq)]
pub struct EcPublicKey {
    point: [u8; 65],
}

impl std::fmt::Debug for EcPublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EcPublicKey({})", self.thumbprint())
    }
}

impl EcPublicKey {
    /// From an uncompressed point (0x04, x, y), as crypto libraries give it.
    pub fn from_uncompressed(point: &[u8]) -> Result<Self, KeyError> {
        let point: [u8; 65] = point.try_into().map_err(|_| KeyError::Point)?;
        if point.first() != Some(&4) {
            return Err(KeyError::Point);
        }
        Ok(Self { point })
    }

    /// From the two coordinates.
    pub fn from_coordinates(x: &[u8; 32], y: &[u8; 32]) -> Self {
        let mut point = [4; 65];
        let (_, rest) = point.split_at_mut(1);
        let (left, right) = rest.split_at_mut(32);
        left.copy_from_slice(x);
        right.copy_from_slice(y);
        Self { point }
    }

    /// The uncompressed point.
    pub const fn as_uncompressed(&self) -> &[u8; 65] {
        &self.point
    }

    /// The RFC 7638 thumbprint, which is the key's `kid`.
    pub fn thumbprint(&self) -> String {
        let jwk = self.to_jwk();
        let canonical = format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            jwk.x, jwk.y
        );
        base64url::encode(&sha256(canonical.as_bytes()))
    }

    /// The key's four members.
    pub fn to_jwk(&self) -> EcJwk {
        let (_, rest) = self.point.split_at(1);
        let (x, y) = rest.split_at(32);
        EcJwk {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x: base64url::encode(x),
            y: base64url::encode(y),
        }
    }

    /// Whether the 64-byte ES256 signature matches the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        crypto::p256_fixed(&self.point, message, signature)
    }
}

/// The members of an EC public key in JWK form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EcJwk {
    /// Always `EC`.
    pub kty: String,
    /// Always `P-256`.
    pub crv: String,
    /// The x coordinate, base64url of 32 bytes.
    pub x: String,
    /// The y coordinate, base64url of 32 bytes.
    pub y: String,
}

impl EcJwk {
    /// The key, when the members describe one.
    pub fn to_key(&self) -> Result<EcPublicKey, KeyError> {
        if self.kty != "EC" || self.crv != "P-256" {
            return Err(KeyError::Jwk);
        }
        let x = base64url::decode_array(&self.x).ok_or(KeyError::Jwk)?;
        let y = base64url::decode_array(&self.y).ok_or(KeyError::Jwk)?;
        Ok(EcPublicKey::from_coordinates(&x, &y))
    }
}

/// A set of public keys as clients publish them (RFC 7517 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwkSet {
    /// The keys, each with whatever members its owner gave it.
    pub keys: Vec<serde_json::Map<String, serde_json::Value>>,
}

impl JwkSet {
    /// The RFC 7638 thumbprints, in order; refuses private and symmetric keys.
    pub fn thumbprints(&self) -> Result<Vec<String>, KeyError> {
        self.keys.iter().map(thumbprint).collect()
    }
}

/// The RFC 7638 thumbprint of a public EC, RSA or OKP key.
pub fn thumbprint(key: &serde_json::Map<String, serde_json::Value>) -> Result<String, KeyError> {
    let text = |name: &str| key.get(name).and_then(serde_json::Value::as_str);
    if ["d", "p", "q", "dp", "dq", "qi", "k"]
        .iter()
        .any(|name| key.contains_key(*name))
    {
        return Err(KeyError::Private);
    }
    let required: &[&str] = match text("kty") {
        Some("EC") => &["crv", "kty", "x", "y"],
        Some("RSA") => &["e", "kty", "n"],
        Some("OKP") => &["crv", "kty", "x"],
        _ => return Err(KeyError::Unsupported),
    };
    let mut members = Vec::with_capacity(required.len());
    for name in required {
        let value = text(name).ok_or(KeyError::Jwk)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !value.bytes().all(plain) {
            return Err(KeyError::Jwk);
        }
        members.push(format!(r#""{name}":"{value}""#));
    }
    let canonical = format!("{{{}}}", members.join(","));
    Ok(base64url::encode(&sha256(canonical.as_bytes())))
}

//! Compact JWS (RFC 7515) in one strict profile: ES256, a header of exactly alg, kid and typ, the
//! canonical base64url spelling. Also the two pure steps around a signature made elsewhere.

use serde::{Deserialize, Serialize};

use crate::base64url;
use crate::code::{Code, VerifyError};
use crate::json;
use crate::jwk::{EcPublicKey, KeyUse};

/// The tokens of the trust design. A type has one key use; a vendor's key and a federation key each
/// sign the few types that are theirs, which their `typ` keeps apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenType {
    /// A vendor's release: `app-release+jwt`.
    Release,
    /// A reviewer's decision: `app-review+jwt`.
    Review,
    /// An approval: `trust-mark+jwt`.
    Approval,
    /// A status list: `statuslist+jwt`.
    StatusList,
    /// A status event: `app-status-event+jwt`.
    StatusEvent,
    /// The owner's leave to issue a trust mark: `trust-mark-delegation+jwt`.
    Delegation,
    /// The digests of the published status lists: `app-status-digest+jwt`.
    StatusDigest,
    /// A vendor's next key: `app-key-rotation+jwt`.
    KeyRotation,
    /// An entity configuration or subordinate statement: `entity-statement+jwt`.
    EntityStatement,
    /// Whether a trust mark is in force: `trust-mark-status-response+jwt`.
    TrustMarkStatus,
    /// An entity's keys, past ones too: `jwk-set+jwt`.
    KeySet,
}

impl TokenType {
    /// Every type.
    pub const ALL: [Self; 11] = [
        Self::Release,
        Self::Review,
        Self::Approval,
        Self::StatusList,
        Self::StatusEvent,
        Self::Delegation,
        Self::StatusDigest,
        Self::KeyRotation,
        Self::EntityStatement,
        Self::TrustMarkStatus,
        Self::KeySet,
    ];

    /// The header's `typ`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "app-release+jwt",
            Self::Review => "app-review+jwt",
            Self::Approval => "trust-mark+jwt",
            Self::StatusList => "statuslist+jwt",
            Self::StatusEvent => "app-status-event+jwt",
            Self::Delegation => "trust-mark-delegation+jwt",
            Self::StatusDigest => "app-status-digest+jwt",
            Self::KeyRotation => "app-key-rotation+jwt",
            Self::EntityStatement => "entity-statement+jwt",
            Self::TrustMarkStatus => "trust-mark-status-response+jwt",
            Self::KeySet => "jwk-set+jwt",
        }
    }

    /// The only use a key that signs this type may have.
    pub const fn key_use(self) -> KeyUse {
        match self {
            Self::Release | Self::KeyRotation => KeyUse::Release,
            Self::Review => KeyUse::Review,
            Self::Approval => KeyUse::Approval,
            Self::StatusList => KeyUse::Status,
            Self::StatusEvent => KeyUse::StatusEvent,
            Self::Delegation => KeyUse::Delegation,
            Self::StatusDigest => KeyUse::StatusDigest,
            Self::EntityStatement | Self::TrustMarkStatus | Self::KeySet => KeyUse::Federation,
        }
    }

    /// The longest token of this type that is read, in bytes.
    pub const fn max_len(self) -> usize {
        match self {
            // 2²⁰ entries of two bits that do not compress are 256 KiB, base64url twice over less.
            Self::StatusList => 512 * 1024,
            Self::EntityStatement | Self::TrustMarkStatus | Self::KeySet => 256 * 1024,
            Self::StatusDigest => 64 * 1024,
            Self::Release
            | Self::Review
            | Self::Approval
            | Self::StatusEvent
            | Self::Delegation
            | Self::KeyRotation => MAX_LEN,
        }
    }
}

/// The limit for approvals and the objects inside and around them.
pub const MAX_LEN: usize = 16 * 1024;

/// The only signature algorithm.
pub const ALG: &str = "ES256";

/// A token's header, exactly these three members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Always `ES256`.
    pub alg: String,
    /// The signing key's RFC 7638 thumbprint.
    pub kid: String,
    /// The token type.
    pub typ: String,
}

impl Header {
    /// The header for a token of this type signed by this key.
    pub fn new(typ: TokenType, kid: impl Into<String>) -> Self {
        Self {
            alg: ALG.to_owned(),
            kid: kid.into(),
            typ: typ.as_str().to_owned(),
        }
    }
}

/// The exact bytes that are to be signed with ES256.
pub fn signing_input(header: &Header, payload_json: &[u8]) -> String {
    // The three members are plain strings; writing them by serde keeps any kid well-formed.
    let header = serde_json::json!({ "alg": header.alg, "kid": header.kid, "typ": header.typ });
    format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(payload_json)
    )
}

/// The compact token: what was signed, and its 64-byte signature (IEEE P1363: r then s).
pub fn assemble(signing_input: &str, signature: &[u8; 64]) -> String {
    format!("{signing_input}.{}", base64url::encode(signature))
}

/// A token's parts before anything about the header is believed.
#[derive(Clone, Debug)]
pub struct Compact<'a> {
    header: Vec<u8>,
    payload: Vec<u8>,
    signing_input: &'a str,
    signature: [u8; 64],
}

impl<'a> Compact<'a> {
    /// Step 1: size, three parts of canonical base64url, a signature of 64 bytes.
    pub fn split(token: &'a str, max_len: usize) -> Result<Self, VerifyError> {
        if token.len() > max_len {
            return Err(Code::Format.because(format!("longer than {max_len} bytes")));
        }
        let three = || Code::Format.because("not three parts separated by full stops");
        let (signing_input, signature) = token.rsplit_once('.').ok_or_else(three)?;
        let (header, payload) = signing_input.split_once('.').ok_or_else(three)?;
        if header.is_empty() || payload.is_empty() || payload.contains('.') {
            return Err(three());
        }
        let signature = base64url::decode_array(signature)
            .ok_or_else(|| Code::Format.because("the signature is not 64 bytes of base64url"))?;
        let spelling = || Code::Format.because("not canonical base64url");
        Ok(Self {
            header: base64url::decode(header).ok_or_else(spelling)?,
            payload: base64url::decode(payload).ok_or_else(spelling)?,
            signing_input,
            signature,
        })
    }

    /// The header's bytes.
    pub(crate) fn header(&self) -> &[u8] {
        &self.header
    }

    /// Whether the signature is this key's over the exact bytes.
    pub fn verifies(&self, key: &EcPublicKey) -> bool {
        key.verifies(self.signing_input.as_bytes(), &self.signature)
    }
}

/// A well-formed token of the expected type, whose signature has not been checked yet.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    compact: Compact<'a>,
    kid: String,
    typ: TokenType,
}

impl<'a> Token<'a> {
    /// Steps 1, 3 and 4: format, header and type.
    pub fn parse(token: &'a str, typ: TokenType) -> Result<Self, VerifyError> {
        Self::of(Compact::split(token, typ.max_len())?, typ)
    }

    /// Steps 3 and 4: header and type.
    pub fn of(compact: Compact<'a>, typ: TokenType) -> Result<Self, VerifyError> {
        let header: Header =
            json::from_slice(&compact.header).map_err(|e| e.recast(Code::Header))?;
        if header.typ != typ.as_str() {
            let found: String = header.typ.chars().take(64).collect();
            let wanted = typ.as_str();
            return Err(Code::Typ.because(format!("typ is {found:?}, expected {wanted}")));
        }
        if header.alg != ALG {
            return Err(Code::Alg.because("alg is not ES256"));
        }
        Ok(Self {
            compact,
            kid: header.kid,
            typ,
        })
    }

    /// The signing key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The token's type.
    pub const fn typ(&self) -> TokenType {
        self.typ
    }

    /// The payload's claims, when the signature is this key's: steps 6 and 7.
    pub fn verify<T: serde::de::DeserializeOwned>(
        &self,
        key: &EcPublicKey,
    ) -> Result<T, VerifyError> {
        if !self.compact.verifies(key) {
            return Err(Code::Sig.because(format!("not signed by key {}", self.kid)));
        }
        json::from_slice(&self.compact.payload)
    }

    /// The payload without any check: for display, and for finding which key to ask for.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.compact.payload
    }
}

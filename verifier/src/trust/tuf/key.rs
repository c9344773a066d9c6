//! The keys of roles: TUF key objects with PEM or hexadecimal public keys, identified by the SHA-256
//! of their canonical form.
//!
//! Ours are P-256. The specification's two other reference types are read as well, so that a root
//! may move to them by its own signatures; any other type is carried along and counts for nothing.

use serde_json::{Value, json};

use super::canonical;
use crate::digest::{Digest, sha256};
use crate::jwk::EcPublicKey;
use crate::{base64url, crypto};

/// A key of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleKey {
    /// The key object as it was written, with whatever members it has.
    object: Value,
    public: Public,
}

/// The public part, by type.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    /// `ecdsa`, `ecdsa-sha2-nistp256`: PEM.
    P256(EcPublicKey),
    /// `ed25519`: hexadecimal.
    Ed25519([u8; 32]),
    /// `rsa`, `rsassa-pss-sha256`: PEM; here the PKCS #1 public key.
    Rsa(Vec<u8>),
    /// Something else, which can sign nothing here.
    Other,
}

impl RoleKey {
    /// A P-256 key.
    pub fn p256(key: &EcPublicKey) -> Self {
        let object = json!({
            "keytype": "ecdsa",
            "scheme": "ecdsa-sha2-nistp256",
            "keyval": { "public": to_pem(key) },
        });
        Self {
            object,
            public: Public::P256(key.clone()),
        }
    }

    /// Reads a key object; `None` when it is not one.
    pub(super) fn read(object: Value) -> Option<Self> {
        let text = |name: &str| object.get(name)?.as_str();
        let public = object.get("keyval")?.get("public")?.as_str()?;
        let public = match (text("keytype")?, text("scheme")?) {
            // The second type is how the first was written before version 1.0.29.
            ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => {
                Public::P256(from_pem(public)?)
            }
            ("ed25519", "ed25519") => Public::Ed25519(from_hex(public)?.try_into().ok()?),
            ("rsa", "rsassa-pss-sha256") => Public::Rsa(rsa_from_pem(public)?),
            _ => Public::Other,
        };
        Some(Self { object, public })
    }

    /// The key object.
    pub const fn object(&self) -> &Value {
        &self.object
    }

    /// The key id: SHA-256 of the canonical key object, in hexadecimal.
    pub fn id(&self) -> String {
        // A key object that was read holds no fractions, and one made here holds no numbers.
        let canonical = canonical::encode(&self.object).unwrap_or_default();
        Digest::from_bytes(sha256(&canonical)).to_hex()
    }

    /// The P-256 key, when it is one.
    pub const fn as_p256(&self) -> Option<&EcPublicKey> {
        match &self.public {
            Public::P256(key) => Some(key),
            _ => None,
        }
    }

    /// Whether both are the same key, whatever else their objects say.
    pub(super) fn same_key(&self, other: &Self) -> bool {
        self.public == other.public && self.public != Public::Other
    }

    /// Whether the signature matches the message.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.public {
            Public::P256(key) => crypto::p256_asn1(key.as_uncompressed(), message, signature),
            Public::Ed25519(key) => crypto::ed25519(key, message, signature),
            Public::Rsa(key) => crypto::rsa_pss_sha256(key, message, signature),
            Public::Other => false,
        }
    }
}

/// A P-256 key as PEM (`SubjectPublicKeyInfo`, RFC 5480).
pub fn to_pem(key: &EcPublicKey) -> String {
    let der = [&P256_PREFIX, key.as_uncompressed().as_slice()].concat();
    let text = base64url::encode_standard(&der);
    let mut pem = String::from(BEGIN);
    for (at, letter) in text.chars().enumerate() {
        if at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push('\n');
    pem.push_str(END);
    pem.push('\n');
    pem
}

/// Reads a P-256 key from PEM; `None` for anything else.
pub fn from_pem(pem: &str) -> Option<EcPublicKey> {
    let der = der(pem)?;
    EcPublicKey::from_uncompressed(der.strip_prefix(&P256_PREFIX)?).ok()
}

fn rsa_from_pem(pem: &str) -> Option<Vec<u8>> {
    let der = der(pem)?;
    let (spki, rest) = element(&der, 0x30)?;
    let spki = spki.strip_prefix(&RSA_ALGORITHM)?;
    let (bits, end) = element(spki, 0x03)?;
    (rest.is_empty() && end.is_empty()).then_some(())?;
    bits.strip_prefix(&[0]).map(<[u8]>::to_vec)
}

/// The contents of a DER element with this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [first, 0x82, high, low, rest @ ..] if *first == tag => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        [first, 0x81, length, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, length @ 0..=0x7f, rest @ ..] if *first == tag => (usize::from(*length), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let inner = pem.trim_end().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let text: String = inner.chars().filter(|letter| *letter != '\n').collect();
    base64url::decode_standard(&text)
}

/// Lower-case hexadecimal; `None` for any other spelling.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    pairs.iter().map(byte).collect()
}

/// Lower-case hexadecimal.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// What precedes the uncompressed point: two sequences, the two object identifiers, a bit string.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// rsaEncryption with NULL parameters (RFC 3279 §2.3.1).
const RSA_ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// As other implementations write it.
    const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEohqIdE+yTl4OxpX8ZxNUPrg3SL9H\nBDnhZuceKkxy2oMhUOxhWweZeG3bfM1T4ZLnJimC6CAYVU5+F5jZCoftRw==\n-----END PUBLIC KEY-----\n";

    #[test]
    fn a_pem_key_is_read_and_written_back() {
        let key = from_pem(PEM).unwrap();
        assert_eq!(to_pem(&key), PEM);
        assert_eq!(from_pem(PEM.trim_end()), Some(key.clone()));
        let object = RoleKey::p256(&key);
        assert_eq!(RoleKey::read(object.object().clone()), Some(object.clone()));
        assert_eq!(object.id().len(), 64);
        for bad in [
            PEM.replace("BEGIN PUBLIC", "BEGIN PRIVATE"),
            PEM.replace("MFkw", "MFkx"),
            PEM.replace("0MgQ", "\r"),
            PEM.replace("Rw==", "Rx=="),
            String::new(),
        ] {
            assert!(bad == PEM || from_pem(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_key_of_another_type_signs_nothing() {
        let object = json!({"keytype": "x", "scheme": "y", "keyval": {"public": "z"}});
        let key = RoleKey::read(object).unwrap();
        assert!(!key.verifies(b"", b"") && !key.same_key(&key) && key.as_p256().is_none());
        for bad in [
            json!({"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": "z"}}),
            json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": "00"}}),
            json!({"keytype": "rsa", "scheme": "rsassa-pss-sha256", "keyval": {"public": PEM}}),
            json!({"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256"}),
            json!([]),
        ] {
            assert_eq!(RoleKey::read(bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn hexadecimal_has_one_spelling() {
        assert_eq!(from_hex("00ff1a"), Some(vec![0, 255, 26]));
        assert_eq!(to_hex(&[0, 255, 26]), "00ff1a");
        for bad in ["0", "0G", "FF", "æ", " 0"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}

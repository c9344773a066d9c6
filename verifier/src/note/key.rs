//! Verifier keys: a public key with a name and a signature type, the messages it signs and the
//! lines its signatures are written in.

use std::fmt;
use std::str::FromStr;

use super::{NoteError, cosignature_message, cosigned_message};
use crate::checkpoint::Checkpoint;
use crate::digest::sha256;
use crate::{base64url, crypto, mldsa};

/// What a key's signatures look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignatureType {
    /// Ed25519 over the note's text: 0x01.
    Ed25519,
    /// Timestamped Ed25519 checkpoint cosignature: 0x04.
    CosignatureV1,
    /// Timestamped ML-DSA-44 (sub)tree cosignature, which logs sign their checkpoints with too: 0x06.
    MlDsa44,
}

impl SignatureType {
    /// The identifier byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }

    const fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::CosignatureV1),
            0x06 => Some(Self::MlDsa44),
            _ => None,
        }
    }

    /// How long the public key is, in bytes.
    pub const fn public_key_len(self) -> usize {
        match self {
            Self::Ed25519 | Self::CosignatureV1 => 32,
            Self::MlDsa44 => mldsa::PUBLIC_KEY_LEN,
        }
    }

    /// True when a log signs its checkpoints so.
    pub const fn is_of_a_log(self) -> bool {
        matches!(self, Self::Ed25519 | Self::MlDsa44)
    }

    /// True when a witness cosigns so.
    pub const fn is_of_a_witness(self) -> bool {
        matches!(self, Self::CosignatureV1 | Self::MlDsa44)
    }
}

/// A public key with its name, written as `name+hash+key` (a vkey).
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    signature_type: SignatureType,
    public_key: Vec<u8>,
}

impl VerifierKey {
    /// A key of this name; refuses bad names, other lengths, and keys for which anybody can sign.
    pub fn new(
        name: &str,
        signature_type: SignatureType,
        public_key: impl AsRef<[u8]>,
    ) -> Result<Self, NoteError> {
        let public_key = public_key.as_ref();
        if !is_key_name(name) || public_key.len() != signature_type.public_key_len() {
            return Err(NoteError::Key);
        }
        if signature_type == SignatureType::MlDsa44 {
            if mldsa::is_hollow(public_key) {
                return Err(NoteError::Hollow);
            }
            if name.len() > MAX_COMMITTED {
                return Err(NoteError::Key);
            }
        } else if is_small_order(public_key) {
            return Err(NoteError::SmallOrder);
        }
        Ok(Self {
            name: name.to_owned(),
            id: key_id(name, signature_type, public_key),
            signature_type,
            public_key: public_key.to_vec(),
        })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The four-byte id in signature lines.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The kind of signatures it makes.
    pub const fn signature_type(&self) -> SignatureType {
        self.signature_type
    }

    /// The public key: 32 bytes of Ed25519, or 1312 of ML-DSA-44.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The exact bytes that this key signs for a note's text; `None` when the text is nothing that
    /// its type signs. Plain Ed25519 signatures say no time.
    pub fn message(&self, timestamp: u64, text: &str) -> Option<Vec<u8>> {
        match self.signature_type {
            SignatureType::Ed25519 => Some(text.as_bytes().to_vec()),
            SignatureType::CosignatureV1 => Some(cosignature_message(timestamp, text)),
            SignatureType::MlDsa44 => {
                let checkpoint = Checkpoint::parse(text).ok()?;
                cosigned_message(&self.name, timestamp, &checkpoint)
            }
        }
    }

    /// The signature line for a signature made over [`Self::message`] with the same time.
    pub fn line(&self, timestamp: u64, signature: &[u8]) -> String {
        match self.signature_type {
            SignatureType::Ed25519 => self.signature_line(signature),
            SignatureType::CosignatureV1 | SignatureType::MlDsa44 => {
                self.cosignature_line(timestamp, signature)
            }
        }
    }

    /// The signature line for a signature made over the note's text.
    pub fn signature_line(&self, signature: &[u8]) -> String {
        line(&self.name, self.id, signature)
    }

    /// The signature line for a timestamped cosignature.
    pub fn cosignature_line(&self, timestamp: u64, signature: &[u8]) -> String {
        let mut body = timestamp.to_be_bytes().to_vec();
        body.extend_from_slice(signature);
        line(&self.name, self.id, &body)
    }

    pub(super) fn made(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.signature_type {
            SignatureType::Ed25519 | SignatureType::CosignatureV1 => {
                crypto::ed25519(&self.public_key, message, signature)
            }
            SignatureType::MlDsa44 => mldsa::verifies(&self.public_key, message, signature),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut material = vec![self.signature_type.byte()];
        material.extend_from_slice(&self.public_key);
        let key = base64url::encode_standard(&material);
        write!(f, "{}+{:08x}+{key}", self.name, self.id)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text.split_once('+').ok_or(NoteError::Key)?;
        let (id, material) = rest.split_once('+').ok_or(NoteError::Key)?;
        let material = base64url::decode_standard(material).ok_or(NoteError::Key)?;
        let (byte, public_key) = material.split_first().ok_or(NoteError::Key)?;
        let signature_type = SignatureType::of_byte(*byte).ok_or(NoteError::Type)?;
        let key = Self::new(name, signature_type, public_key)?;
        if id == format!("{:08x}", key.id) {
            Ok(key)
        } else {
            Err(NoteError::Key)
        }
    }
}

/// The key id that C2SP signed-note derives from name, type and key.
pub fn key_id(name: &str, signature_type: SignatureType, public_key: &[u8]) -> u32 {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(&[b'\n', signature_type.byte()]);
    bytes.extend_from_slice(public_key);
    let [a, b, c, d, ..] = sha256(&bytes);
    u32::from_be_bytes([a, b, c, d])
}

fn line(name: &str, id: u32, signature: &[u8]) -> String {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend_from_slice(signature);
    format!("\u{2014} {name} {}\n", base64url::encode_standard(&bytes))
}

pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
}

/// The encodings of the points whose order divides 8, canonical and not; the sign bit is ignored.
fn is_small_order(public_key: &[u8]) -> bool {
    let Ok(mut unsigned) = <[u8; 32]>::try_from(public_key) else {
        return false;
    };
    if let Some(last) = unsigned.last_mut() {
        *last &= 0x7f;
    }
    let mut ends = [0xff; 32];
    if let Some(last) = ends.last_mut() {
        *last = 0x7f;
    }
    // y of 0 and 1, and of p − 1, p and p + 1 where p = 2²⁵⁵ − 19 begins 0xed in little endian.
    let near = |first: u8, fill: [u8; 32]| {
        let mut point = fill;
        if let Some(byte) = point.first_mut() {
            *byte = first;
        }
        point
    };
    let plain = [near(0, [0; 32]), near(1, [0; 32])];
    let wrapped = [near(0xec, ends), near(0xed, ends), near(0xee, ends)];
    plain.contains(&unsigned) || wrapped.contains(&unsigned) || ORDER_EIGHT.contains(&unsigned)
}

/// The two y coordinates of the points of order 8 (RFC 7748 §6 lists their counterparts).
const ORDER_EIGHT: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// The longest name that fits the message of ML-DSA-44.
const MAX_COMMITTED: usize = 255;

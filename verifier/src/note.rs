//! C2SP signed notes: verifier keys, notes, Ed25519 log signatures (0x01) and timestamped
//! cosignatures (cosignature/v1, 0x04). The messages to be signed are made here; the signing is not.

use std::fmt;
use std::str::FromStr;

use ring::signature::{ED25519, UnparsedPublicKey};

use crate::base64url;
use crate::digest::sha256;

/// What a key's signatures look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignatureType {
    /// Ed25519 over the note's text: 0x01.
    Ed25519,
    /// Timestamped Ed25519 checkpoint cosignature: 0x04.
    CosignatureV1,
}

impl SignatureType {
    /// The identifier byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }
}

/// Something that is no note, key or signature line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A malformed verifier key.
    #[error("not a verifier key: write name+hash+key with the key's own hash")]
    Key,
    /// A key with a signature type that is not supported.
    #[error("an unsupported signature type: use Ed25519 (0x01) or cosignature/v1 (0x04)")]
    Type,
    /// An Ed25519 key of small order, for which anybody can make signatures.
    #[error("an Ed25519 key of small order: make a proper key pair")]
    SmallOrder,
    /// A malformed note.
    #[error("not a signed note")]
    Note,
    /// More signatures than are read.
    #[error("more than 16 signatures")]
    TooMany,
}

/// A public key with its name, written as `name+hash+key` (a vkey).
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    signature_type: SignatureType,
    public_key: [u8; 32],
}

impl VerifierKey {
    /// A key of this name; refuses bad names and keys of small order.
    pub fn new(
        name: &str,
        signature_type: SignatureType,
        public_key: [u8; 32],
    ) -> Result<Self, NoteError> {
        if !is_key_name(name) {
            return Err(NoteError::Key);
        }
        if is_small_order(&public_key) {
            return Err(NoteError::SmallOrder);
        }
        Ok(Self {
            name: name.to_owned(),
            id: key_id(name, signature_type, &public_key),
            signature_type,
            public_key,
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

    /// The Ed25519 key.
    pub const fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// The signature line for a signature made over the note's text.
    pub fn signature_line(&self, signature: &[u8; 64]) -> String {
        line(&self.name, self.id, signature)
    }

    /// The signature line for a cosignature made over [`cosignature_message`].
    pub fn cosignature_line(&self, timestamp: u64, signature: &[u8; 64]) -> String {
        let mut body = timestamp.to_be_bytes().to_vec();
        body.extend_from_slice(signature);
        line(&self.name, self.id, &body)
    }

    fn made(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public_key)
            .verify(message, signature)
            .is_ok()
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
        let signature_type = match byte {
            0x01 => SignatureType::Ed25519,
            0x04 => SignatureType::CosignatureV1,
            _ => return Err(NoteError::Type),
        };
        let public_key = public_key.try_into().map_err(|_| NoteError::Key)?;
        let key = Self::new(name, signature_type, public_key)?;
        if id == format!("{:08x}", key.id) {
            Ok(key)
        } else {
            Err(NoteError::Key)
        }
    }
}

/// The key id that C2SP signed-note derives from name, type and key.
pub fn key_id(name: &str, signature_type: SignatureType, public_key: &[u8; 32]) -> u32 {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(&[b'\n', signature_type.byte()]);
    bytes.extend_from_slice(public_key);
    let [a, b, c, d, ..] = sha256(&bytes);
    u32::from_be_bytes([a, b, c, d])
}

/// The exact bytes a witness signs for a checkpoint's text (C2SP tlog-cosignature, Ed25519).
pub fn cosignature_message(timestamp: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {timestamp}\n{text}").into_bytes()
}

/// A whole note out of its text (which ends in a newline) and signature lines.
pub fn assemble<S: AsRef<str>>(text: &str, lines: impl IntoIterator<Item = S>) -> String {
    let mut note = format!("{text}\n");
    for line in lines {
        note.push_str(line.as_ref());
    }
    note
}

/// A signature line, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The signer's name.
    pub name: &'a str,
    /// The signer's key id.
    pub id: u32,
    /// The bytes after the id.
    pub bytes: Vec<u8>,
}

/// What a known key's signature on a note is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The key has not signed.
    Absent,
    /// The key has signed; a cosignature says when.
    Valid {
        /// Seconds since 1970, of a cosignature.
        timestamp: Option<u64>,
    },
    /// A signature under the key's name and id is wrong: the whole note is to be refused.
    Forged,
}

/// A parsed note. Nothing about it is to be believed before a known key's verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The text, with its final newline.
    pub text: &'a str,
    /// The signature lines, in order.
    pub signatures: Vec<Signature<'a>>,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > MAX_LEN || note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::Note);
        }
        let middle = note.rfind("\n\n").ok_or(NoteError::Note)?;
        let (text, rest) = note.split_at_checked(middle + 1).ok_or(NoteError::Note)?;
        let lines = rest
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or(NoteError::Note)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooMany);
            }
            signatures.push(parse_line(line).ok_or(NoteError::Note)?);
        }
        Ok(Self { text, signatures })
    }

    /// What this key has said about the text. A key may sign several times (a witness at different
    /// moments); one wrong signature spoils the note, and the earliest time counts.
    pub fn verdict(&self, key: &VerifierKey) -> Verdict {
        let mut verdict = Verdict::Absent;
        let mine = |s: &&Signature<'_>| s.id == key.id && s.name == key.name;
        for signature in self.signatures.iter().filter(mine) {
            verdict = match (verdict, self.check(key, &signature.bytes)) {
                (_, Verdict::Forged | Verdict::Absent) => return Verdict::Forged,
                (
                    Verdict::Valid {
                        timestamp: Some(first),
                    },
                    Verdict::Valid {
                        timestamp: Some(second),
                    },
                ) => Verdict::Valid {
                    timestamp: Some(first.min(second)),
                },
                (_, valid) => valid,
            };
        }
        verdict
    }

    fn check(&self, key: &VerifierKey, bytes: &[u8]) -> Verdict {
        let (made, timestamp) = match key.signature_type {
            SignatureType::Ed25519 => (key.made(self.text.as_bytes(), bytes), None),
            SignatureType::CosignatureV1 => {
                let Some((timestamp, signature)) = bytes.split_first_chunk::<8>() else {
                    return Verdict::Forged;
                };
                let timestamp = u64::from_be_bytes(*timestamp);
                let message = cosignature_message(timestamp, self.text);
                let in_range = i64::try_from(timestamp).is_ok();
                (in_range && key.made(&message, signature), Some(timestamp))
            }
        };
        if made {
            Verdict::Valid { timestamp }
        } else {
            Verdict::Forged
        }
    }
}

fn parse_line(line: &str) -> Option<Signature<'_>> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    if !is_key_name(name) {
        return None;
    }
    let decoded = base64url::decode_standard(encoded)?;
    let (id, bytes) = decoded.split_first_chunk::<4>()?;
    if bytes.is_empty() {
        return None;
    }
    Some(Signature {
        name,
        id: u32::from_be_bytes(*id),
        bytes: bytes.to_vec(),
    })
}

fn line(name: &str, id: u32, signature: &[u8]) -> String {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend_from_slice(signature);
    format!("\u{2014} {name} {}\n", base64url::encode_standard(&bytes))
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
}

/// The encodings of the points whose order divides 8, canonical and not; the sign bit is ignored.
fn is_small_order(public_key: &[u8; 32]) -> bool {
    let mut unsigned = *public_key;
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

/// The most signatures that are read on one note.
pub const MAX_SIGNATURES: usize = 16;
/// The longest note that is read: 16 post-quantum signatures of nearly 5 kB fit.
pub const MAX_LEN: usize = 128 * 1024;

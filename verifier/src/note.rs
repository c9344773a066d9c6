//! C2SP signed notes: verifier keys, notes, Ed25519 log signatures (0x01) and timestamped
//! cosignatures with Ed25519 (cosignature/v1, 0x04) and ML-DSA-44 (subtree/v1, 0x06). The messages
//! to be signed are made here; the signing is not.

mod key;

pub use key::{SignatureType, VerifierKey, key_id};

use crate::base64url;
use crate::checkpoint::Checkpoint;

/// Something that is no note, key or signature line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A malformed verifier key.
    #[error("not a verifier key: write name+hash+key with the key's own hash")]
    Key,
    /// A key with a signature type that is not supported.
    #[error(
        "an unsupported signature type: use Ed25519 (0x01), cosignature/v1 (0x04) or ML-DSA-44 (0x06)"
    )]
    Type,
    /// An Ed25519 key of small order, for which anybody can make signatures.
    #[error("an Ed25519 key of small order: make a proper key pair")]
    SmallOrder,
    /// An ML-DSA-44 key of zeroes, for which anybody can make signatures.
    #[error("an ML-DSA-44 key of zeroes: make a proper key pair")]
    Hollow,
    /// A malformed note.
    #[error("not a signed note")]
    Note,
    /// More signatures than are read.
    #[error("more than 16 signatures")]
    TooMany,
}

/// The exact bytes a witness signs for a checkpoint's text (C2SP tlog-cosignature, Ed25519).
pub fn cosignature_message(timestamp: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {timestamp}\n{text}").into_bytes()
}

/// The exact bytes that are signed for a checkpoint with ML-DSA-44: the `cosigned_message` of C2SP
/// tlog-cosignature. Extension lines are not in it. `None` when a name is empty or too long.
pub fn cosigned_message(
    cosigner: &str,
    timestamp: u64,
    checkpoint: &Checkpoint,
) -> Option<Vec<u8>> {
    let mut message = b"subtree/v1\n\0".to_vec();
    push_name(&mut message, cosigner)?;
    message.extend_from_slice(&timestamp.to_be_bytes());
    push_name(&mut message, &checkpoint.origin)?;
    // A checkpoint is the subtree that begins with the first entry.
    message.extend_from_slice(&0u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size.to_be_bytes());
    message.extend_from_slice(&checkpoint.root);
    Some(message)
}

/// A vector of RFC 8446 §3.4 with one byte of length and at least one byte.
fn push_name(message: &mut Vec<u8>, name: &str) -> Option<()> {
    let length = u8::try_from(name.len()).ok().filter(|length| *length > 0)?;
    message.push(length);
    message.extend_from_slice(name.as_bytes());
    Some(())
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
        /// Seconds since 1970, of a cosignature that says when: one with time 0 does not.
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
    /// The line with which this key has signed, whatever it is worth.
    pub fn line_of(&self, key: &VerifierKey) -> Option<String> {
        let own = |line: &&Signature<'_>| line.id == key.id() && line.name == key.name();
        let line = self.signatures.iter().find(own)?;
        Some(key.signature_line(&line.bytes))
    }

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
        let mine = |s: &&Signature<'_>| s.id == key.id() && s.name == key.name();
        for signature in self.signatures.iter().filter(mine) {
            verdict = match (verdict, self.check(key, &signature.bytes)) {
                (_, Verdict::Forged | Verdict::Absent) => return Verdict::Forged,
                (Verdict::Valid { timestamp: first }, Verdict::Valid { timestamp: second }) => {
                    let earliest = first.into_iter().chain(second).min();
                    Verdict::Valid {
                        timestamp: earliest,
                    }
                }
                (_, valid) => valid,
            };
        }
        verdict
    }

    fn check(&self, key: &VerifierKey, bytes: &[u8]) -> Verdict {
        let (timestamp, signature) = if key.signature_type() == SignatureType::Ed25519 {
            (0, bytes)
        } else {
            let Some((timestamp, signature)) = bytes.split_first_chunk::<8>() else {
                return Verdict::Forged;
            };
            (u64::from_be_bytes(*timestamp), signature)
        };
        let in_range = i64::try_from(timestamp).is_ok();
        let made = in_range
            && key
                .message(timestamp, self.text)
                .is_some_and(|message| key.made(&message, signature));
        if made {
            // Time 0 makes no statement about time.
            Verdict::Valid {
                timestamp: Some(timestamp).filter(|time| *time > 0),
            }
        } else {
            Verdict::Forged
        }
    }
}

fn parse_line(line: &str) -> Option<Signature<'_>> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    if !key::is_key_name(name) {
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

/// The most signatures that are read on one note.
pub const MAX_SIGNATURES: usize = 16;
/// The longest note that is read: 16 post-quantum signatures of nearly 5 kB fit.
pub const MAX_LEN: usize = 128 * 1024;

//! Checkpoints (C2SP tlog-checkpoint): a log's origin, size and root as the text of a signed note.

use std::fmt;

use crate::base64url;
use crate::merkle::Hash;

/// A log's tree head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of its Merkle tree.
    pub root: Hash,
}

/// A text that is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint: origin, size and root hash, each on its own line")]
pub struct BadCheckpoint;

impl Checkpoint {
    /// Reads a note's text. Extension lines are allowed, as the specification says, and ignored.
    pub fn parse(text: &str) -> Result<Self, BadCheckpoint> {
        let body = text.strip_suffix('\n').ok_or(BadCheckpoint)?;
        let mut lines = body.split('\n');
        let origin = lines
            .next()
            .filter(|line| !line.is_empty())
            .ok_or(BadCheckpoint)?;
        let size = lines.next().and_then(decimal).ok_or(BadCheckpoint)?;
        let root = lines
            .next()
            .and_then(base64url::decode_standard_array)
            .ok_or(BadCheckpoint)?;
        if lines.any(str::is_empty) {
            return Err(BadCheckpoint);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }
}

/// The note's text, as the log signs it.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = base64url::encode_standard(&self.root);
        writeln!(f, "{}\n{}\n{root}", self.origin, self.size)
    }
}

/// An unsigned decimal number without leading zeroes, at most 2⁶³ − 1.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if !digits || leading_zero {
        return None;
    }
    text.parse::<i64>()
        .ok()
        .and_then(|value| u64::try_from(value).ok())
}

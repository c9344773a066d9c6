//! The ticket: `c2sp.org/tlog-proof@v1`, an inclusion proof with the checkpoint it leads to.

use std::fmt;

use crate::base64url;
use crate::checkpoint::decimal;
use crate::merkle::{Hash, MAX_PROOF};

/// A proof that an entry is in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof<'a> {
    /// Opaque and not authenticated; ours have none.
    pub extra: Option<Vec<u8>>,
    /// The entry's place in the log.
    pub index: u64,
    /// The inclusion proof, leaf's sibling first.
    pub hashes: Vec<Hash>,
    /// The checkpoint, a signed note, verbatim.
    pub checkpoint: &'a str,
}

/// A text that is no tlog-proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// Another format or version.
    #[error("the first line is not c2sp.org/tlog-proof@v1")]
    Magic,
    /// A bad extra line.
    #[error("the extra line is not base64")]
    Extra,
    /// A bad index line.
    #[error("the index line is missing or malformed")]
    Index,
    /// A bad hash line.
    #[error("a hash line is not 32 bytes of base64")]
    Hash,
    /// More hashes than any tree needs.
    #[error("more than 63 hashes")]
    TooMany,
    /// No checkpoint after the empty line.
    #[error("the checkpoint is missing")]
    Checkpoint,
    /// Longer than is read.
    #[error("the proof is too long")]
    TooLong,
}

impl<'a> TlogProof<'a> {
    /// Reads a ticket. The checkpoint inside is not looked into.
    pub fn parse(text: &'a str) -> Result<Self, BadProof> {
        if text.len() > MAX_LEN {
            return Err(BadProof::TooLong);
        }
        let rest = text
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(BadProof::Magic)?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(BadProof::Checkpoint)?;
        if checkpoint.is_empty() {
            return Err(BadProof::Checkpoint);
        }
        let mut lines = head.split('\n').peekable();
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(encoded) => {
                lines.next();
                Some(base64url::decode_standard(encoded).ok_or(BadProof::Extra)?)
            }
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(decimal)
            .ok_or(BadProof::Index)?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == MAX_PROOF {
                return Err(BadProof::TooMany);
            }
            hashes.push(base64url::decode_standard_array(line).ok_or(BadProof::Hash)?);
        }
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint,
        })
    }
}

impl fmt::Display for TlogProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MAGIC}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64url::encode_standard(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", base64url::encode_standard(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// The longest ticket that is read: a full note and a proof of 63 hashes.
pub const MAX_LEN: usize = crate::note::MAX_LEN + 8 * 1024;

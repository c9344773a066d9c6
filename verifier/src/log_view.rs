//! What an EPJ has seen of one log: the verified checkpoints, and whether they tell one story.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::verifier::SKEW;

/// The checkpoints seen of one log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogView {
    seen: BTreeMap<u64, Seen>,
    fork: Option<Fork>,
}

/// A verified checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The root of the tree.
    pub root: Digest,
    /// The earliest time that a witness has put to it.
    pub witnessed_at: i64,
    /// The signed note.
    pub note: String,
    /// The generation of the trust configuration under which it was verified.
    pub generation: u64,
}

/// Two verified checkpoints that cannot both be true: evidence to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fork {
    /// The checkpoint that was seen first.
    pub first: String,
    /// The one that contradicts it.
    pub second: String,
}

impl LogView {
    /// The largest checkpoint: its size and what was seen.
    pub fn newest(&self) -> Option<(u64, &Seen)> {
        self.seen.last_key_value().map(|(size, seen)| (*size, seen))
    }

    /// The verified checkpoint of this size.
    pub fn at(&self, size: u64) -> Option<&Seen> {
        self.seen.get(&size)
    }

    /// The evidence, when the log has shown two histories.
    pub const fn fork(&self) -> Option<&Fork> {
        self.fork.as_ref()
    }

    /// Step 15: whether a verified checkpoint continues what has been seen.
    ///
    /// A smaller checkpoint is no rollback when its witnesses saw it earlier: approvals may be
    /// taken in in any order, and each ticket has the checkpoint of its own day. It is one when
    /// the witnesses saw it later than a larger one.
    pub(crate) fn compare(&self, checkpoint: &Checkpoint, at: i64) -> Result<(), VerifyError> {
        let Checkpoint { origin, size, root } = checkpoint;
        if self.fork.is_some() {
            return Err(Code::LogFork.because(format!("{origin} has shown two histories")));
        }
        if self
            .at(*size)
            .is_some_and(|seen| seen.root.as_bytes() != root)
        {
            let detail = format!("{origin} has shown two roots at size {size}");
            return Err(Code::LogFork.because(detail));
        }
        let below = self.seen.range(..size).next_back();
        let above = self.seen.range((size + 1)..).next();
        let shrunk = below.is_some_and(|(_, seen)| at < seen.witnessed_at - SKEW)
            || above.is_some_and(|(_, seen)| at > seen.witnessed_at + SKEW);
        if shrunk {
            let detail = format!("{origin} was larger before it had size {size}");
            return Err(Code::LogRollback.because(detail));
        }
        Ok(())
    }

    /// Keeps a verified checkpoint that has passed [`Self::compare`].
    pub(crate) fn remember(&mut self, size: u64, seen: Seen) {
        self.seen.insert(size, seen);
        if self.seen.len() > MAX_SEEN {
            self.seen.pop_first();
        }
    }

    /// Keeps the evidence of a fork at this size; nothing more is accepted from the log.
    pub(crate) fn remember_fork(&mut self, size: u64, note: &str) {
        if let (None, Some(seen)) = (&self.fork, self.seen.get(&size)) {
            self.fork = Some(Fork {
                first: seen.note.clone(),
                second: note.to_owned(),
            });
        }
    }
}

/// How many checkpoints are kept of one log.
const MAX_SEEN: usize = 256;

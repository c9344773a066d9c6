//! What an EPJ has seen of one log: the verified checkpoints, and whether they tell one story.

use std::cmp::Ordering;
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
    /// The largest checkpoint that was read on its own. It is not among those of tickets: witnesses
    /// sign a checkpoint again while nothing is added, and an approval that followed it when it was
    /// signed first is not backdated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<(u64, Seen)>,
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
        let last = self.seen.last_key_value().map(|(size, seen)| (*size, seen));
        let head = self.head.as_ref().map(|(size, seen)| (*size, seen));
        last.into_iter().chain(head).max_by_key(|(size, _)| *size)
    }

    /// The verified checkpoint of a ticket of this size.
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
        if self.known(*size).any(|seen| seen.root.as_bytes() != root) {
            let detail = format!("{origin} has shown two roots at size {size}");
            return Err(Code::LogFork.because(detail));
        }
        // All of them, not the nearest: each step may hide within the skew what many do not.
        let head = self.head.as_ref().map(|(size, seen)| (size, seen));
        let mut others = self.seen.iter().chain(head);
        let shrunk = others.any(|(other, seen)| match other.cmp(size) {
            Ordering::Less => at < seen.witnessed_at.saturating_sub(SKEW),
            Ordering::Equal => false,
            Ordering::Greater => at > seen.witnessed_at.saturating_add(SKEW),
        });
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
        if self.fork.is_none() {
            let first = self.known(size).next().map(|seen| seen.note.clone());
            self.fork = first.map(|first| Fork {
                first,
                second: note.to_owned(),
            });
        }
    }

    /// Keeps a verified checkpoint that came on its own and has passed [`Self::compare`], when it is
    /// larger than what is known, or witnessed again later.
    pub(crate) fn remember_head(&mut self, size: u64, seen: Seen) {
        let newer = (size, seen.witnessed_at);
        let known = self.newest();
        if known.is_none_or(|(size, known)| (size, known.witnessed_at) < newer) {
            self.head = Some((size, seen));
        }
    }

    /// What has been seen at this size, by ticket and on its own.
    fn known(&self, size: u64) -> impl Iterator<Item = &Seen> {
        let head = self.head.as_ref().filter(|(known, _)| *known == size);
        let head = head.map(|(_, seen)| seen);
        self.seen.get(&size).into_iter().chain(head)
    }
}

/// How many checkpoints are kept of one log.
const MAX_SEEN: usize = 256;

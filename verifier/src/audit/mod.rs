//! The audit of a log, as a monitor makes it: the checkpoint's signatures and witnesses, the tree made
//! again from the entries, its continuation of what was seen before, every entry's own signature,
//! and every published status list against the logged events and digests. Bytes in, findings out:
//! whoever calls fetches the files.
//!
//! In order: [`Audit::begin`] with the checkpoint, each of [`Audit::bundles`] with its lowest tile,
//! each of [`Audit::upper_tiles`], [`Audit::finish`], each of [`Audit::lists`], [`Audit::report`].
//! A list is never ahead of the log, so a list has to be fetched before the checkpoint that it is
//! compared with: begin again after the lists are fetched.

mod finding;
mod kind;
mod replay;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::finding::{AuditCode, Finding};
pub use self::replay::Context;

use self::finding::Findings;
use self::replay::{At, Replay};
use self::tree::{Growing, Seen};
use crate::checkpoint::Checkpoint;
use crate::note::Note;
use crate::seals::{LogVerdict, check_frozen, log_verdict, witnesses};
use crate::tiles::{Bundle, Tile};
use crate::verifier::SKEW;

/// What is kept from one audit to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditState {
    /// By origin.
    logs: BTreeMap<String, Seen>,
    replay: Replay,
}

impl AuditState {
    /// The size of a log that was audited up to.
    pub fn size(&self, origin: &str) -> u64 {
        self.logs.get(origin).map_or(0, |seen| seen.size)
    }

    /// The addresses of the status lists that are known of.
    pub fn lists(&self) -> BTreeSet<String> {
        self.replay.lists()
    }
}

/// What an audit came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What to keep for the next audit. A tree that is wrong is not in it, nor what its entries said.
    pub state: AuditState,
}

/// An audit on its way.
#[derive(Debug)]
pub struct Audit<'a> {
    context: Context<'a>,
    state: AuditState,
    findings: Findings,
    tree: Option<(String, Growing)>,
    /// What the entries had said before a tree that has not been found to be right.
    kept: Option<Replay>,
}

impl<'a> Audit<'a> {
    /// An audit that goes on from what was seen before.
    pub fn new(context: Context<'a>, state: AuditState) -> Self {
        Self {
            context,
            state,
            findings: Findings::default(),
            tree: None,
            kept: None,
        }
    }

    /// Judges the checkpoint; gives it when its tree can be looked into.
    pub fn begin(&mut self, note: &str) -> Option<Checkpoint> {
        self.take_back();
        self.tree = None;
        let Ok(note) = Note::parse(note) else {
            self.findings
                .add(AuditCode::Checkpoint, "the checkpoint is no signed note");
            return None;
        };
        let Ok(checkpoint) = Checkpoint::parse(note.text) else {
            self.findings
                .add(AuditCode::Checkpoint, "the note is about no checkpoint");
            return None;
        };
        if !self.check_log(&note, &checkpoint.origin) {
            return None;
        }
        if let Err(error) = check_frozen(&checkpoint, self.context.trust) {
            self.findings.add(AuditCode::Fork, error.detail);
            return None;
        }
        self.check_witnesses(&note);
        let before = self.state.logs.get(&checkpoint.origin).cloned();
        let before = before.unwrap_or_default();
        if !self.continues(&before, &checkpoint) {
            return None;
        }
        let tree = Growing::new(before, checkpoint.clone());
        self.tree = Some((checkpoint.origin.clone(), tree));
        self.kept = Some(self.state.replay.clone());
        Some(checkpoint)
    }

    fn check_log(&mut self, note: &Note<'_>, origin: &str) -> bool {
        let detail = match log_verdict(note, origin, self.context.trust.policy()) {
            LogVerdict::Signed => return true,
            LogVerdict::Forged => format!("a signature of {origin} is wrong"),
            LogVerdict::Unknown | LogVerdict::Absent => {
                format!("not signed by {origin} as the trusted policy lists it")
            }
        };
        self.findings.add(AuditCode::LogSignature, detail);
        false
    }

    fn check_witnesses(&mut self, note: &Note<'_>) {
        let witnessed = witnesses(note, self.context.trust.policy());
        for witness in &witnessed.forged {
            let detail = format!("the cosignature of {} is wrong", witness.name);
            self.findings.add(AuditCode::WitnessSignature, detail);
        }
        let latest = self.context.now.saturating_add(SKEW);
        for (witness, time) in &witnessed.cosigned {
            if time.is_some_and(|time| time > latest) {
                let detail = format!("{} has cosigned in the future", witness.name);
                self.findings.add(AuditCode::Future, detail);
            }
        }
        if let Err(lack) = witnessed.since() {
            self.findings.add(AuditCode::Quorum, lack);
        }
    }

    /// Whether the checkpoint can continue what was seen before, as far as it says itself.
    fn continues(&mut self, before: &Seen, checkpoint: &Checkpoint) -> bool {
        let Checkpoint { origin, size, root } = checkpoint;
        let (code, detail) = if *size < before.size {
            let detail = format!("{origin} has {size} entries and had {}", before.size);
            (AuditCode::Rollback, detail)
        } else if *size == before.size && root != before.root.as_bytes() {
            (
                AuditCode::Fork,
                format!("{origin} has two roots at size {size}"),
            )
        } else if *size - before.size > MAX_GROWTH {
            // A size is one line of text, and what it makes an auditor read is not.
            let detail = format!(
                "{size} entries, {} are known: too many at once",
                before.size
            );
            (AuditCode::Checkpoint, detail)
        } else {
            return true;
        };
        self.findings.add(code, detail);
        false
    }

    /// Forgets what the entries of a tree said that was not found to be right.
    fn take_back(&mut self) {
        if let Some(kept) = self.kept.take() {
            self.state.replay.take_back(kept);
        }
    }

    /// The bundles to read, in order; each comes with the tile of [`leaf_tile`].
    pub fn bundles(&self) -> Vec<Bundle> {
        self.tree
            .as_ref()
            .map_or_else(Vec::new, |(_, tree)| tree.bundles())
    }

    /// The tiles above the lowest to read.
    pub fn upper_tiles(&self) -> Vec<Tile> {
        self.tree
            .as_ref()
            .map_or_else(Vec::new, |(_, tree)| tree.upper_tiles())
    }

    /// Takes in a bundle and its lowest tile. A full file may stand in for a partial one.
    pub fn bundle(&mut self, bundle: Bundle, bytes: &[u8], tile: Option<&[u8]>) {
        let Some((origin, tree)) = &mut self.tree else {
            return;
        };
        let entries = tree.bundle(bundle, bytes, &mut self.findings);
        for (number, entry) in entries {
            let at = At { origin, number };
            let replay = &mut self.state.replay;
            replay.entry(self.context, at, entry, &mut self.findings);
        }
        let lowest = leaf_tile(bundle);
        match tile {
            Some(bytes) => tree.leaf_tile(lowest, bytes, &mut self.findings),
            None => tree.missing(&lowest.path(), &mut self.findings),
        }
    }

    /// Takes in a tile above the lowest.
    pub fn upper_tile(&mut self, tile: Tile, bytes: &[u8]) {
        if let Some((_, tree)) = &mut self.tree {
            tree.upper_tile(tile, bytes, &mut self.findings);
        }
    }

    /// Tells of a file of the log that is not there.
    pub fn missing(&mut self, path: &str) {
        if let Some((_, tree)) = &mut self.tree {
            tree.missing(path, &mut self.findings);
        }
    }

    /// Compares the tree with the checkpoint, once every file has been taken in.
    pub fn finish(&mut self) {
        let Some((origin, tree)) = self.tree.take() else {
            return;
        };
        if let Some(seen) = tree.finish(&mut self.findings) {
            self.kept = None;
            self.state.replay.audited(&origin, seen.size, seen.root);
            self.state.logs.insert(origin, seen);
        }
    }

    /// True when the tree of this checkpoint was read and found to be right.
    pub fn has_seen(&self, checkpoint: &Checkpoint) -> bool {
        let seen = self.state.logs.get(&checkpoint.origin);
        seen.is_some_and(|seen| {
            seen.size == checkpoint.size && *seen.root.as_bytes() == checkpoint.root
        })
    }

    /// The addresses of the status lists that approvals are in.
    pub fn lists(&self) -> BTreeSet<String> {
        self.state.lists()
    }

    /// Compares the status list at this address with the logged events; `None` when it is missing.
    pub fn list(&mut self, uri: &str, token: Option<&str>) {
        if let Some(token) = token {
            let replay = &mut self.state.replay;
            replay.list(self.context, uri, token, &mut self.findings);
        } else {
            let detail = format!("{uri} is missing");
            self.findings.add(AuditCode::ListMissing, detail);
        }
    }

    /// Compares a root or targets document that the trust repository serves under this name with
    /// what was logged of it.
    pub fn trust_document(&mut self, name: &str, bytes: &[u8]) {
        let replay = &self.state.replay;
        replay.served(name, bytes, &mut self.findings);
    }

    /// What it came to.
    pub fn report(mut self) -> Report {
        self.take_back();
        Report {
            findings: self.findings.0,
            state: self.state,
        }
    }
}

/// The tile that holds the hashes of a bundle's entries.
pub const fn leaf_tile(bundle: Bundle) -> Tile {
    Tile {
        level: 0,
        index: bundle.index,
        width: bundle.width,
    }
}

/// The most entries that one audit reads: what it lists of them fits in memory.
const MAX_GROWTH: u64 = 1 << 28;

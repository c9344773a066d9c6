//! The tree of an audited log: made again from the entries, compared with the checkpoint, with what
//! was seen before, and with every published tile.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::finding::{AuditCode, Findings};
use crate::checkpoint::Checkpoint;
use crate::digest::Digest;
use crate::merkle::{Frontier, Hash, NodeId, NodeReader, leaf_hash, proof};
use crate::tiles::{Bundle, HEIGHT, Tile, WIDTH};

/// What an audit remembers of a tree: enough to see that the next one continues it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    pub(super) size: u64,
    pub(super) root: Digest,
    /// The tree as far as its bundles are full, from which reading goes on.
    full: Frontier,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            size: 0,
            root: Digest::from_bytes(crate::merkle::empty_root()),
            full: Frontier::new(),
        }
    }
}

/// A tree that is being made again.
#[derive(Clone, Debug)]
pub(super) struct Growing {
    before: Seen,
    target: Checkpoint,
    frontier: Frontier,
    /// The tree at its last full bundle.
    full: Frontier,
    /// The leaves of the bundle read last.
    leaves: Vec<Hash>,
    /// Complete subtrees that tiles above the lowest level list.
    nodes: BTreeMap<NodeId, Hash>,
    /// The tiles at the right edge, which the root is folded from.
    edge: BTreeMap<Tile, Vec<u8>>,
    forked: bool,
    whole: bool,
}

impl Growing {
    pub(super) fn new(before: Seen, target: Checkpoint) -> Self {
        let full = before.full.clone();
        let edge = proof::range_nodes(0, target.size)
            .into_iter()
            .filter_map(|node| Tile::locate(node, target.size))
            .map(|(tile, _)| (tile, Vec::new()))
            .collect();
        Self {
            frontier: full.clone(),
            full,
            before,
            target,
            leaves: Vec::new(),
            nodes: BTreeMap::new(),
            edge,
            forked: false,
            whole: true,
        }
    }

    /// Where reading begins: the first entry of the last bundle that was not full.
    pub(super) const fn base(&self) -> u64 {
        self.before.full.size()
    }

    /// The bundles to be read, in order.
    pub(super) fn bundles(&self) -> Vec<Bundle> {
        Bundle::changed(self.base(), self.target.size)
    }

    /// The tiles to be read above the lowest level, and those of the right edge.
    pub(super) fn upper_tiles(&self) -> Vec<Tile> {
        let changed = Tile::changed(self.base(), self.target.size);
        // The edge at a level that has not grown since is needed for the root as well.
        let tiles: BTreeSet<_> = changed.iter().chain(self.edge.keys()).copied().collect();
        tiles.into_iter().filter(|tile| tile.level > 0).collect()
    }

    /// Takes in a bundle; gives its entries that have not been seen before, with their numbers.
    pub(super) fn bundle<'b>(
        &mut self,
        bundle: Bundle,
        bytes: &'b [u8],
        findings: &mut Findings,
    ) -> Vec<(u64, &'b [u8])> {
        self.leaves.clear();
        let start = bundle.index.saturating_mul(WIDTH);
        let wanted = usize::from(bundle.width);
        let entries = Bundle::entries(bytes).filter(|entries| entries.len() >= wanted);
        let Some(entries) = entries.filter(|_| start == self.frontier.size()) else {
            self.whole = false;
            findings.add(AuditCode::Bundle, format!("{} is damaged", bundle.path()));
            return Vec::new();
        };
        let mut new = Vec::new();
        for (number, entry) in (start..).zip(entries.into_iter().take(wanted)) {
            let leaf = leaf_hash(entry);
            self.leaves.push(leaf);
            for (node, hash) in self.frontier.append(leaf) {
                if node.level > 0 && node.level % HEIGHT == 0 {
                    self.nodes.insert(node, hash);
                }
            }
            if self.frontier.size() == self.before.size {
                self.compare_before(findings);
            }
            if number >= self.before.size {
                new.push((number, entry));
            }
        }
        if u64::from(bundle.width) == WIDTH {
            self.full = self.frontier.clone();
        }
        new
    }

    fn compare_before(&mut self, findings: &mut Findings) {
        if self.frontier.root() != *self.before.root.as_bytes() {
            self.forked = true;
            let size = self.before.size;
            let detail = format!("the first {size} entries are others than were seen before");
            findings.add(AuditCode::Fork, detail);
        }
    }

    /// Compares the lowest tile with the bundle read last.
    pub(super) fn leaf_tile(&mut self, tile: Tile, bytes: &[u8], findings: &mut Findings) {
        let wanted = usize::from(tile.width) * 32;
        let expected = self.leaves.as_flattened();
        if bytes.get(..wanted) != expected.get(..wanted) || expected.len() < wanted {
            let detail = format!("{} holds other hashes than the entries give", tile.path());
            findings.add(AuditCode::Tile, detail);
        }
        self.keep_edge(tile, bytes);
    }

    /// Compares a tile above the lowest with what the entries give.
    pub(super) fn upper_tile(&mut self, tile: Tile, bytes: &[u8], findings: &mut Findings) {
        let wanted = usize::from(tile.width) * 32;
        let (hashes, _) = bytes.as_chunks::<32>();
        let agrees = |(node, hash): (NodeId, &Hash)| {
            let known = self.nodes.get(&node);
            known.is_none_or(|known| known == hash)
        };
        if bytes.len() < wanted || !tile.nodes().zip(hashes).all(agrees) {
            let detail = format!("{} holds other hashes than the entries give", tile.path());
            findings.add(AuditCode::Tile, detail);
        }
        self.keep_edge(tile, bytes);
    }

    fn keep_edge(&mut self, tile: Tile, bytes: &[u8]) {
        if let Some(kept) = self.edge.get_mut(&tile) {
            *kept = bytes.to_vec();
        }
    }

    /// A file that could not be read.
    pub(super) fn missing(&mut self, path: &str, findings: &mut Findings) {
        self.whole = false;
        findings.add(AuditCode::Missing, format!("{path} is missing"));
    }

    /// Compares the tree with the checkpoint; gives what to remember, when it may be remembered.
    pub(super) fn finish(self, findings: &mut Findings) -> Option<Seen> {
        if self.forked || !self.whole {
            return None;
        }
        let Checkpoint { size, root, .. } = self.target;
        if self.frontier.size() != size || self.frontier.root() != root {
            let detail = format!("the {size} entries make another tree than the checkpoint's");
            findings.add(AuditCode::Root, detail);
            return None;
        }
        if proof::root(
            size,
            &Edge {
                tiles: &self.edge,
                size,
            },
        )
        .ok()
            != Some(root)
        {
            let detail = "the tiles make another tree than the checkpoint's";
            findings.add(AuditCode::Tile, detail);
        }
        Some(Seen {
            size,
            root: Digest::from_bytes(root),
            full: self.full,
        })
    }
}

/// The tree's right edge, as its tiles say.
struct Edge<'t> {
    tiles: &'t BTreeMap<Tile, Vec<u8>>,
    size: u64,
}

impl NodeReader for Edge<'_> {
    type Error = NodeId;

    fn node(&self, id: NodeId) -> Result<Hash, NodeId> {
        let (tile, range) = Tile::locate(id, self.size).ok_or(id)?;
        let bytes = self.tiles.get(&tile).ok_or(id)?;
        // A full tile may stand in for a partial one that was removed.
        let bytes = bytes.get(..usize::from(tile.width) * 32).ok_or(id)?;
        Tile::hash(bytes, range).ok_or(id)
    }
}

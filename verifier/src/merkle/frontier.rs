//! The right edge of a growing tree: enough to append entries and to know the root, in memory
//! proportional to the tree's height. It cannot make proofs; [`super::proof`] does, from nodes.

use serde::{Deserialize, Serialize};

use super::{Hash, NodeId, empty_root, node_hash};

/// The complete subtrees of a tree, largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// An empty tree.
    pub const fn new() -> Self {
        Self {
            size: 0,
            hashes: Vec::new(),
        }
    }

    /// A tree of this size from its complete subtrees' hashes, in the order of
    /// [`super::proof::range_nodes`] from 0; `None` when their number does not fit the size.
    pub fn from_nodes(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        let expected = size.count_ones() as usize;
        (hashes.len() == expected).then_some(Self { size, hashes })
    }

    /// How many entries the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf and returns the nodes that it completed, the leaf itself first.
    pub fn append(&mut self, leaf: Hash) -> Vec<(NodeId, Hash)> {
        let mut node = NodeId::leaf(self.size);
        let mut hash = leaf;
        let mut completed = vec![(node, hash)];
        while node.index & 1 == 1 {
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(&left, &hash);
            node = node.parent();
            completed.push((node, hash));
        }
        self.hashes.push(hash);
        self.size += 1;
        completed
    }

    /// The tree's root.
    pub fn root(&self) -> Hash {
        super::proof::fold(&self.hashes).unwrap_or_else(empty_root)
    }
}

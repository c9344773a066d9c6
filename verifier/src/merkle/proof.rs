//! Which nodes a proof is made of, and making it from them. The plan ([`inclusion_plan`],
//! [`consistency_plan`]) is separate from reading, so a store may fetch tiles as it likes.

use super::{Hash, node_hash};

/// A complete subtree: `index` counts subtrees of 2^`level` entries from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// The subtree's height; 0 is a leaf.
    pub level: u8,
    /// The subtree's place among those of its height.
    pub index: u64,
}

impl NodeId {
    /// The leaf at this index.
    pub const fn leaf(index: u64) -> Self {
        Self { level: 0, index }
    }

    /// The subtree that this one is half of.
    #[must_use]
    pub const fn parent(self) -> Self {
        Self {
            level: self.level + 1,
            index: self.index >> 1,
        }
    }

    /// The first entry of the subtree.
    pub const fn start(self) -> u64 {
        self.index << self.level
    }

    /// The first entry after the subtree.
    pub const fn end(self) -> u64 {
        (self.index + 1) << self.level
    }
}

/// Reads hashes of complete subtrees, from tiles or from memory.
pub trait NodeReader {
    /// Why a node could not be read.
    type Error;

    /// The hash of a complete subtree.
    fn node(&self, id: NodeId) -> Result<Hash, Self::Error>;
}

/// A position that no tree of that size has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such position: index or old size must lie within the tree")]
pub struct OutOfTree;

/// A failure to make a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MakeError<E> {
    /// The position does not exist.
    #[error(transparent)]
    OutOfTree(#[from] OutOfTree),
    /// A node could not be read.
    #[error("a node of the tree could not be read")]
    Read(E),
}

/// The complete subtrees that cover the entries from `start` to before `end`, left to right.
/// Folding their hashes with [`fold`] gives the hash of the range when it is itself a subtree of
/// the tree (as every range in a plan is).
pub fn range_nodes(mut start: u64, end: u64) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    while start < end {
        let aligned = if start == 0 {
            63
        } else {
            start.trailing_zeros()
        };
        let fits = (end - start).ilog2();
        let level = aligned.min(fits).min(63);
        nodes.push(NodeId {
            level: u8::try_from(level).unwrap_or(63),
            index: start >> level,
        });
        start += 1 << level;
    }
    nodes
}

/// One hash out of a range's subtree hashes, left to right; `None` when there are none.
pub fn fold(hashes: &[Hash]) -> Option<Hash> {
    let (last, rest) = hashes.split_last()?;
    Some(
        rest.iter()
            .rev()
            .fold(*last, |right, left| node_hash(left, &right)),
    )
}

/// The ranges whose hashes are the inclusion proof of `index` in a tree of `size`, leaf's sibling
/// first.
pub fn inclusion_plan(index: u64, size: u64) -> Result<Vec<Vec<NodeId>>, OutOfTree> {
    if index >= size {
        return Err(OutOfTree);
    }
    let (mut start, mut end) = (0, size);
    let mut plan = Vec::new();
    while end - start > 1 {
        let middle = start + largest_power_below(end - start);
        if index < middle {
            plan.push(range_nodes(middle, end));
            end = middle;
        } else {
            plan.push(range_nodes(start, middle));
            start = middle;
        }
    }
    plan.reverse();
    Ok(plan)
}

/// The ranges whose hashes prove that the tree of `old` entries begins the tree of `new`.
pub fn consistency_plan(old: u64, new: u64) -> Result<Vec<Vec<NodeId>>, OutOfTree> {
    if old > new {
        return Err(OutOfTree);
    }
    let mut plan = Vec::new();
    if old == 0 || old == new {
        return Ok(plan);
    }
    let (mut start, mut end) = (0, new);
    // RFC 6962 §2.1.2: while the old tree ends inside, step to the half where it ends.
    while old != end {
        let middle = start + largest_power_below(end - start);
        if old <= middle {
            plan.push(range_nodes(middle, end));
            end = middle;
        } else {
            plan.push(range_nodes(start, middle));
            start = middle;
        }
    }
    // The old root itself is known to the verifier when the old tree is one complete subtree.
    if start != 0 {
        plan.push(range_nodes(start, end));
    }
    plan.reverse();
    Ok(plan)
}

/// The inclusion proof of `index` in a tree of `size`.
pub fn inclusion<R: NodeReader + ?Sized>(
    index: u64,
    size: u64,
    nodes: &R,
) -> Result<Vec<Hash>, MakeError<R::Error>> {
    read_plan(&inclusion_plan(index, size)?, nodes)
}

/// The proof that the tree of `old` entries begins the tree of `new`.
pub fn consistency<R: NodeReader + ?Sized>(
    old: u64,
    new: u64,
    nodes: &R,
) -> Result<Vec<Hash>, MakeError<R::Error>> {
    read_plan(&consistency_plan(old, new)?, nodes)
}

/// The root of the first `size` entries.
pub fn root<R: NodeReader + ?Sized>(size: u64, nodes: &R) -> Result<Hash, R::Error> {
    let hashes = range_nodes(0, size)
        .into_iter()
        .map(|id| nodes.node(id))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(fold(&hashes).unwrap_or_else(super::empty_root))
}

fn read_plan<R: NodeReader + ?Sized>(
    plan: &[Vec<NodeId>],
    nodes: &R,
) -> Result<Vec<Hash>, MakeError<R::Error>> {
    plan.iter()
        .map(|range| {
            let hashes = range
                .iter()
                .map(|id| nodes.node(*id))
                .collect::<Result<Vec<_>, _>>()
                .map_err(MakeError::Read)?;
            fold(&hashes).ok_or(MakeError::OutOfTree(OutOfTree))
        })
        .collect()
}

/// The largest power of two smaller than `count`, for `count` of at least 2.
const fn largest_power_below(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

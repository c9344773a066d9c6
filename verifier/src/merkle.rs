//! The RFC 6962 Merkle tree: hashing, and the check of inclusion and consistency proofs.
//! Making proofs is in [`proof`]; an append-only summary of a tree is [`Frontier`].

pub mod frontier;
pub mod proof;

pub use frontier::Frontier;
pub use proof::{NodeId, NodeReader};

use crate::crypto::Sha256;
use crate::digest::sha256;

/// A node's hash.
pub type Hash = [u8; 32];

/// The most hashes an inclusion proof can need: one per level of a tree of 2⁶³ entries.
pub const MAX_PROOF: usize = 63;

/// A proof that does not prove what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index lies outside the tree.
    #[error("the index lies outside the tree")]
    Index,
    /// The number of hashes is not what the position asks for.
    #[error("the proof has {found} hashes, the position asks for {expected}")]
    Length {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The first tree is larger than the second.
    #[error("the older tree is larger than the newer")]
    Order,
    /// The hashes lead to another root.
    #[error("the hashes lead to another root")]
    Root,
}

/// The hash of a leaf: SHA-256 of 0x00 and the entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(&[0]);
    hash.update(entry);
    hash.finish()
}

/// The hash of an inner node: SHA-256 of 0x01 and its two children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    let (_, rest) = bytes.split_at_mut(1);
    let (first, second) = rest.split_at_mut(32);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    sha256(&bytes)
}

/// The root of a tree without entries.
pub fn empty_root() -> Hash {
    sha256(b"")
}

/// Checks that a leaf is at `index` in the tree of `size` entries with this root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Index);
    }
    let (inner, border) = decompose(index, size);
    let (below, above) = split(proof, inner, border)?;
    let hash = chain_inner(*leaf, below, index);
    let hash = chain_right(hash, above);
    if hash == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// Checks that the tree of `old_size` entries is the beginning of the tree of `new_size`.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Order);
    }
    if old_size == new_size {
        expect_length(proof, 0)?;
        return if old_root == new_root {
            Ok(())
        } else {
            Err(ProofError::Root)
        };
    }
    if old_size == 0 {
        expect_length(proof, 0)?;
        return if *old_root == empty_root() {
            Ok(())
        } else {
            Err(ProofError::Root)
        };
    }
    let (inner, border) = decompose(old_size - 1, new_size);
    let shift = old_size.trailing_zeros() as usize;
    let inner = inner - shift;
    // A tree of 2^shift entries is itself a node of the new tree: its root is not in the proof.
    let whole = old_size.is_power_of_two();
    let (seed, rest) = if whole {
        (*old_root, proof)
    } else {
        let (seed, rest) = proof.split_first().ok_or(ProofError::Length {
            expected: 1 + inner + border,
            found: 0,
        })?;
        (*seed, rest)
    };
    let (below, above) = split(rest, inner, border)?;
    let mask = (old_size - 1) >> shift;
    let old = chain_right(chain_inner_right(seed, below, mask), above);
    if old != *old_root {
        return Err(ProofError::Root);
    }
    let new = chain_right(chain_inner(seed, below, mask), above);
    if new == *new_root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// How many proof hashes lie inside the smallest complete subtree that spans both `index` and the
/// tree's right edge, and how many on that edge above it.
fn decompose(index: u64, size: u64) -> (usize, usize) {
    let inner = (64 - (index ^ (size - 1)).leading_zeros()) as usize;
    let border = index
        .checked_shr(u32::try_from(inner).unwrap_or(64))
        .unwrap_or(0);
    (inner, border.count_ones() as usize)
}

fn split(proof: &[Hash], inner: usize, border: usize) -> Result<(&[Hash], &[Hash]), ProofError> {
    expect_length(proof, inner + border)?;
    proof.split_at_checked(inner).ok_or(ProofError::Length {
        expected: inner + border,
        found: proof.len(),
    })
}

fn expect_length(proof: &[Hash], expected: usize) -> Result<(), ProofError> {
    let found = proof.len();
    if found == expected {
        Ok(())
    } else {
        Err(ProofError::Length { expected, found })
    }
}

fn chain_inner(seed: Hash, proof: &[Hash], index: u64) -> Hash {
    proof
        .iter()
        .enumerate()
        .fold(seed, |hash, (level, sibling)| {
            if index >> level & 1 == 0 {
                node_hash(&hash, sibling)
            } else {
                node_hash(sibling, &hash)
            }
        })
}

fn chain_inner_right(seed: Hash, proof: &[Hash], index: u64) -> Hash {
    proof
        .iter()
        .enumerate()
        .fold(seed, |hash, (level, sibling)| {
            if index >> level & 1 == 1 {
                node_hash(sibling, &hash)
            } else {
                hash
            }
        })
}

fn chain_right(seed: Hash, proof: &[Hash]) -> Hash {
    proof
        .iter()
        .fold(seed, |hash, sibling| node_hash(sibling, &hash))
}

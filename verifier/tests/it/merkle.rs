//! Merkle trees: the RFC 6962 reference tree, the published proof vectors, and properties.

use proptest::prelude::*;
use serde::Deserialize;
use verifier::base64url;
use verifier::merkle::{
    Frontier, Hash, NodeId, NodeReader, ProofError, empty_root, leaf_hash, proof,
    verify_consistency, verify_inclusion,
};
use verifier::tiles::{Bundle, Tile};

use crate::keys::{Tree, frontier_root};
use crate::vectors;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    #[serde(default)]
    name: String,
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    #[serde(default)]
    name: String,
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
struct Committed {
    inclusion: Vec<Inclusion>,
    consistency: Vec<Consistency>,
}

fn hash(text: &str) -> Option<Hash> {
    base64url::decode_standard_array(text)
}

fn hashes(proof: Option<&Vec<String>>) -> Option<Vec<Hash>> {
    proof.into_iter().flatten().map(|text| hash(text)).collect()
}

/// A hash of another length than 32 bytes is a refusal of its own.
fn inclusion_holds(case: &Inclusion) -> bool {
    let parts = (
        hash(&case.leaf_hash),
        hash(&case.root),
        hashes(case.proof.as_ref()),
    );
    let (Some(leaf), Some(root), Some(proof)) = parts else {
        return false;
    };
    verify_inclusion(&leaf, case.leaf_idx, case.tree_size, &proof, &root).is_ok()
}

fn consistency_holds(case: &Consistency) -> bool {
    let parts = (
        hash(&case.root1),
        hash(&case.root2),
        hashes(case.proof.as_ref()),
    );
    let (Some(first), Some(second), Some(proof)) = parts else {
        return false;
    };
    verify_consistency(case.size1, case.size2, &proof, &first, &second).is_ok()
}

/// The one published case whose "roots" are 12 bytes: valid where lengths are not checked.
const SHORT_ROOTS: &str = "sizes-are-equal-one-and-proof-is-empty";

#[test]
fn the_committed_vectors_are_decided_as_published() {
    let set: Committed = vectors::committed("merkle.json");
    assert!(set.inclusion.len() > 30 && set.consistency.len() > 30);
    for case in &set.inclusion {
        assert_eq!(inclusion_holds(case), !case.want_err, "{}", case.name);
    }
    for case in &set.consistency {
        let expected = !case.want_err && !case.name.ends_with(SHORT_ROOTS);
        assert_eq!(consistency_holds(case), expected, "{}", case.name);
    }
}

#[test]
fn the_whole_published_set_is_decided_as_published() {
    let Some(folder) = vectors::published("merkle") else {
        return;
    };
    let inclusion = vectors::files(&folder.join("inclusion"));
    let consistency = vectors::files(&folder.join("consistency"));
    assert_eq!(inclusion.len() + consistency.len(), 196);
    for path in inclusion {
        let case: Inclusion = vectors::read(&path);
        assert_eq!(inclusion_holds(&case), !case.want_err, "{}", path.display());
    }
    let mut short_roots = 0;
    for path in consistency {
        let case: Consistency = vectors::read(&path);
        let short = path.file_stem().is_some_and(|stem| stem == SHORT_ROOTS);
        short_roots += u32::from(short);
        assert_eq!(
            consistency_holds(&case),
            !case.want_err && !short,
            "{}",
            path.display()
        );
    }
    assert_eq!(
        short_roots, 1,
        "the case whose roots are too short is in the set"
    );
}

/// The eight entries and the roots after each, from the test suite of the RFC's reference
/// implementation (google/certificate-transparency, `merkle_tree_test`).
const REFERENCE: [(&str, &str); 8] = [
    (
        "",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    ),
    (
        "00",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    ),
    (
        "10",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ),
    (
        "2021",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        "3031",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    ),
    (
        "40414243",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ),
    (
        "5051525354555657",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

#[test]
fn the_reference_tree_has_its_published_roots() {
    let mut tree = Tree::default();
    let mut frontier = Frontier::new();
    assert_eq!(tree.root(), empty_root());
    assert_eq!(frontier.root(), empty_root());
    for (entry, root) in REFERENCE {
        let leaf = leaf_hash(&vectors::hex(entry));
        tree.0.push(leaf);
        frontier.append(leaf);
        assert_eq!(tree.root().as_slice(), vectors::hex(root));
        assert_eq!(frontier.root(), tree.root());
    }
}

fn tree(size: u64) -> Tree {
    Tree(
        (0..size)
            .map(|entry| leaf_hash(&entry.to_be_bytes()))
            .collect(),
    )
}

#[test]
fn every_proof_of_every_small_tree_holds_and_no_neighbour_of_it() {
    let all = tree(70);
    for size in 1..=70u64 {
        let root = proof::root(size, &all).unwrap();
        for index in 0..size {
            let proof = proof::inclusion(index, size, &all).unwrap();
            let leaf = all.0[usize::try_from(index).unwrap()];
            assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
            assert!(verify_inclusion(&leaf, index ^ 1, size, &proof, &root).is_err());
            let mut longer = proof.clone();
            longer.push(root);
            let error = verify_inclusion(&leaf, index, size, &longer, &root);
            assert!(matches!(error, Err(ProofError::Length { .. })));
        }
        for old in 0..=size {
            let proof = proof::consistency(old, size, &all).unwrap();
            let old_root = proof::root(old, &all).unwrap();
            assert_eq!(
                verify_consistency(old, size, &proof, &old_root, &root),
                Ok(())
            );
            let forked = leaf_hash(b"another");
            assert!(verify_consistency(old, size, &proof, &forked, &root).is_err());
            if old > 0 {
                assert!(verify_consistency(old, size, &proof, &old_root, &forked).is_err());
            }
        }
        assert!(proof::inclusion(size, size, &all).is_err());
        assert!(proof::consistency(size + 1, size, &all).is_err());
    }
}

/// Reads nodes the way a log does: from tiles.
struct Tiles(std::collections::BTreeMap<String, Vec<u8>>, u64);

impl Tiles {
    /// Writes the tiles that an append changes, as the log does.
    fn append(&mut self, frontier: &mut Frontier, nodes: &Tree, new: u64) {
        for tile in Tile::changed(self.1, new) {
            let bytes = tile
                .nodes()
                .flat_map(|id| nodes.node(id).unwrap())
                .collect();
            self.0.insert(tile.path(), bytes);
        }
        for leaf in &nodes.0[usize::try_from(self.1).unwrap()..usize::try_from(new).unwrap()] {
            frontier.append(*leaf);
        }
        self.1 = new;
    }
}

impl NodeReader for Tiles {
    type Error = String;

    fn node(&self, id: NodeId) -> Result<Hash, String> {
        let (tile, range) = Tile::locate(id, self.1).ok_or("not complete")?;
        let bytes = self.0.get(&tile.path()).ok_or_else(|| tile.path())?;
        Tile::hash(bytes, range).ok_or_else(|| "short".to_owned())
    }
}

#[test]
fn proofs_from_tiles_equal_proofs_from_the_tree() {
    let all = tree(700);
    let mut tiles = Tiles(std::collections::BTreeMap::new(), 0);
    let mut frontier = Frontier::new();
    for new in [1, 2, 255, 256, 257, 511, 512, 700] {
        tiles.append(&mut frontier, &all, new);
        assert_eq!(proof::root(new, &tiles), Ok(frontier.root()));
        for index in [0, new / 2, new - 1] {
            assert_eq!(
                proof::inclusion(index, new, &tiles).unwrap(),
                proof::inclusion(index, new, &all).unwrap()
            );
            assert_eq!(
                proof::consistency(index, new, &tiles).unwrap(),
                proof::consistency(index, new, &all).unwrap()
            );
        }
    }
}

#[test]
fn tiles_are_named_as_the_specification_says() {
    // Every figure here is from C2SP tlog-tiles.
    let tile = Tile {
        level: 0,
        index: 1_234_067,
        width: 256,
    };
    assert_eq!(tile.path(), "tile/0/x001/x234/067");
    let tiles = Tile::changed(0, 70_000);
    let of_level = |level, full: bool| {
        let chosen = tiles
            .iter()
            .filter(|t| t.level == level && (t.width == 256) == full);
        chosen.map(|t| t.width).collect::<Vec<_>>()
    };
    assert_eq!(
        (of_level(0, true).len(), of_level(0, false)),
        (273, vec![112])
    );
    assert_eq!((of_level(1, true).len(), of_level(1, false)), (1, vec![17]));
    assert_eq!((of_level(2, true).len(), of_level(2, false)), (0, vec![1]));
    let small = Tile::changed(0, 256);
    assert_eq!(small.iter().map(|t| t.width).collect::<Vec<_>>(), [256, 1]);
    assert_eq!(Bundle { index: 0, width: 8 }.path(), "tile/entries/000.p/8");
    for bad in [
        "tile/0/0",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/08",
        "tile/0/x001",
        "tile/0/1000",
        "tile/0/001/",
        "tile/-1/001",
    ] {
        assert_eq!(Tile::parse_path(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn tile_paths_read_back(level in 0u8..8, index in 0u64..=u64::MAX / 256, width in 1u16..=256) {
        let tile = Tile { level, index, width };
        prop_assert_eq!(Tile::parse_path(&tile.path()), Some(tile));
        let bundle = Bundle { index, width };
        prop_assert_eq!(Bundle::parse_path(&bundle.path()), Some(bundle));
    }

    #[test]
    fn bundles_read_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
        let mut bytes = Vec::new();
        for entry in &entries {
            prop_assert!(Bundle::push(&mut bytes, entry));
        }
        prop_assert_eq!(Bundle::entries(&bytes).unwrap(), entries);
        bytes.push(0);
        prop_assert!(Bundle::entries(&bytes).is_none());
    }

    #[test]
    fn a_frontier_is_the_tree(size in 0u64..400) {
        let all = tree(size);
        prop_assert_eq!(frontier_root(&all.0), all.root());
        let nodes: Vec<_> = proof::range_nodes(0, size).into_iter().map(|id| all.node(id).unwrap()).collect();
        prop_assert_eq!(Frontier::from_nodes(size, nodes).unwrap().root(), all.root());
    }

    #[test]
    fn proofs_hold_in_trees_of_any_size(index in 0u64..=1 << 40, beyond in 1u64..=1 << 40, seed: [u8; 32]) {
        // A made-up proof of the right length defines its own root; only that root is accepted.
        let size = index + beyond;
        let plan = proof::inclusion_plan(index, size).unwrap();
        let hashes: Vec<Hash> = (0..plan.len()).map(|at| leaf_hash(&[seed[at % 32]])).collect();
        prop_assert_eq!(verify_inclusion(&seed, index, size, &hashes, &seed), Err(ProofError::Root));
        let shorter = &hashes[..hashes.len().saturating_sub(1)];
        if shorter.len() < hashes.len() {
            let found = verify_inclusion(&seed, index, size, shorter, &seed);
            let wrong_length = matches!(found, Err(ProofError::Length { .. }));
            prop_assert!(wrong_length);
        }
    }
}

#[test]
fn an_entry_too_long_for_a_bundle_is_refused_whole() {
    let mut bytes = vec![1];
    assert!(!Bundle::push(&mut bytes, &vec![0; 65_536]));
    assert_eq!(bytes, [1]);
    assert!(Bundle::push(
        &mut bytes,
        &vec![0; verifier::tiles::MAX_ENTRY]
    ));
}

//! The files of a log: paths are written back byte for byte, bundles give their entries and nothing
//! else, and whatever a file holds an audit ends.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::merkle::{Frontier, NodeId, leaf_hash};
use verifier::tiles::{Bundle, Tile};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(path) = std::str::from_utf8(bytes) {
        if let Some(tile) = Tile::parse_path(path) {
            assert_eq!(tile.path(), path);
        }
        if let Some(bundle) = Bundle::parse_path(path) {
            assert_eq!(bundle.path(), path);
        }
    }
    if let Some(entries) = Bundle::entries(bytes) {
        let mut again = Vec::new();
        let mut frontier = Frontier::new();
        for entry in &entries {
            assert!(Bundle::push(&mut again, entry));
            frontier.append(leaf_hash(entry));
        }
        assert_eq!(again, bytes);
        assert_eq!(frontier.size(), entries.len() as u64);
    }
    // Wherever a node lies, its tile gives it from exactly the hashes that the tile lists.
    if let Some((first, rest)) = bytes.split_first_chunk::<17>() {
        let [level, index @ ..] = first;
        let (index, size) = index.split_at(8);
        let number = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().expect("eight bytes"));
        let node = NodeId { level: level % 64, index: number(index) };
        if let Some((tile, range)) = Tile::locate(node, number(size)) {
            assert!(range.end <= usize::from(tile.width));
            assert_eq!(range.len(), 1 << (node.level % 8));
            let _ = Tile::hash(rest, range);
        }
    }
});

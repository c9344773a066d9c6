//! The files of a log: paths are written back byte for byte, bundles give their entries and nothing
//! else, and whatever a file holds an audit ends.

#![no_main]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use verifier::audit::{Audit, AuditState, Context, leaf_tile};
use verifier::merkle::{Frontier, NodeId, leaf_hash};
use verifier::tiles::{Bundle, Tile};
use verifier::trust::Trust;

/// The vector pack: a trust configuration, and a checkpoint that its log and witness have signed.
static TRUST: &str = include_str!("../../vectors/trust.json");
static CASES: &str = include_str!("../../vectors/cases/form.json");

fn signed() -> &'static (Trust, String, i64) {
    static SIGNED: OnceLock<(Trust, String, i64)> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let trust: Value = serde_json::from_str(TRUST).expect("the pack");
        let files = trust["configurations"]["base"]["files"].clone();
        let files: BTreeMap<String, String> = serde_json::from_value(files).expect("texts");
        let trust = Trust::read(&files, std::iter::empty()).expect("the pack's configuration");
        let cases: Value = serde_json::from_str(CASES).expect("the pack");
        let mut cases = cases["cases"].as_array().expect("a list").iter();
        let honest = cases.find(|case| case["name"] == "form/honest").expect("the case");
        let step = honest["steps"].as_array().and_then(|steps| steps.last()).expect("steps");
        let ticket = step["ticket"].as_str().expect("a ticket");
        let (_, note) = ticket.split_once("\n\n").expect("a note");
        (trust, note.to_owned(), step["now"].as_i64().expect("a time"))
    })
}

/// An audit of a signed checkpoint whose files are anything.
fn audit(bytes: &[u8]) {
    let (trust, note, now) = signed();
    let context = Context { trust, now: *now, organization: None };
    let mut audit = Audit::new(context, AuditState::default());
    let checkpoint = audit.begin(note).expect("signed and witnessed");
    for bundle in audit.bundles() {
        // As a bundle of its own, as the one entry that is asked for, and as the tile beside it.
        let mut entry = Vec::new();
        let _ = Bundle::push(&mut entry, bytes);
        audit.bundle(bundle, bytes, Some(bytes));
        audit.bundle(bundle, &entry.repeat(bundle.width.into()), Some(bytes));
        audit.upper_tile(leaf_tile(bundle), bytes);
    }
    audit.upper_tile(Tile { level: 1, index: 0, width: 256 }, bytes);
    audit.list("https://registry.example.no/status/0", std::str::from_utf8(bytes).ok());
    audit.trust_document("1.root.json", bytes);
    audit.finish();
    // No bytes but the log's own make its tree.
    assert!(!audit.has_seen(&checkpoint));
    let report = audit.report();
    assert_eq!(report.state, AuditState::default());
    assert!(!report.findings.is_empty());
}

fuzz_target!(|bytes: &[u8]| {
    audit(bytes);
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

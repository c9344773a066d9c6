//! What a log sends to a witness: what is read is written back byte for byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::add_checkpoint::{AddCheckpoint, parse_size};
use verifier::checkpoint::Checkpoint;
use verifier::merkle::{MAX_PROOF, empty_root, verify_consistency};
use verifier::note::Note;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(size) = parse_size(text) {
        assert_eq!(format!("{size}\n"), text);
    }
    let Ok(request) = AddCheckpoint::parse(text) else { return };
    assert_eq!(request.to_string(), text);
    assert!(request.proof.len() <= MAX_PROOF);
    let Ok(note) = Note::parse(request.checkpoint) else { return };
    let Ok(checkpoint) = Checkpoint::parse(note.text) else { return };
    // Nothing but the empty tree is the beginning of every other.
    let root = [7; 32];
    let (old, new) = (request.old, checkpoint.size);
    if verify_consistency(old, new, &request.proof, &root, &checkpoint.root).is_ok() {
        assert!(old <= new && old > 0);
    }
    if verify_consistency(0, new, &request.proof, &empty_root(), &checkpoint.root).is_ok() {
        assert!(request.proof.is_empty());
    }
});

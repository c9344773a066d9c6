//! Signed notes, checkpoints, verifier keys and policies.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use verifier::checkpoint::Checkpoint;
use verifier::note::{MAX_SIGNATURES, Note, VerifierKey};
use verifier::policy::Policy;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(note) = Note::parse(text) {
        assert!(note.text.ends_with('\n'));
        assert!((1..=MAX_SIGNATURES).contains(&note.signatures.len()));
        if let Ok(checkpoint) = Checkpoint::parse(note.text) {
            assert!(note.text.starts_with(&checkpoint.to_string()));
        }
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(policy) = Policy::parse(text) {
        let all: BTreeSet<usize> = (0..policy.witnesses().len()).collect();
        // More witnesses never turn yes into no, so all of them say yes.
        assert!(policy.is_met_by(&all));
    }
});

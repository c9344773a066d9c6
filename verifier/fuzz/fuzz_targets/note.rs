//! Signed notes, checkpoints, verifier keys and policies.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use verifier::checkpoint::Checkpoint;
use verifier::note::{MAX_SIGNATURES, Note, SignatureType, Verdict, VerifierKey};
use verifier::policy::Policy;

/// A key of each kind, under the name of a seed.
fn strangers() -> [VerifierKey; 3] {
    let key = |kind: SignatureType| {
        let bytes = vec![7; kind.public_key_len()];
        VerifierKey::new("example.com/behind-the-sofa", kind, bytes).expect("a key")
    };
    [SignatureType::Ed25519, SignatureType::CosignatureV1, SignatureType::MlDsa44].map(key)
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(note) = Note::parse(text) {
        assert!(note.text.ends_with('\n'));
        assert!((1..=MAX_SIGNATURES).contains(&note.signatures.len()));
        // Whoever made these bytes has none of these keys.
        for key in strangers() {
            assert!(!matches!(note.verdict(&key), Verdict::Valid { .. }));
        }
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

//! Tickets: what is read is written back byte for byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::merkle::{MAX_PROOF, verify_inclusion};
use verifier::tlog_proof::TlogProof;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(proof.to_string(), text);
        assert!(proof.hashes.len() <= MAX_PROOF);
        let hash = [7; 32];
        let size = proof.index.saturating_add(bytes.len() as u64);
        let _ = verify_inclusion(&hash, proof.index, size, &proof.hashes, &hash);
    }
});

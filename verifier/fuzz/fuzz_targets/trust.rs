//! The trust repository: documents, canonical form, keys and moments. What is read is written back
//! in the same meaning, and a client that is fed anything keeps what it had.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use verifier::trust::tuf::{Refresh, Repository, canonical, from_pem, time, to_pem};
use verifier::trust::{Anchors, Denylist, Trust, TrustedKeys};
use verifier::{Environment, LocalPolicy, TrustUpdate, Verifier, json};

/// A root document to start from: the first seed of the corpus.
static PINNED: &[u8] = include_bytes!("../seeds/trust/root.json");

fn pinned() -> &'static Repository {
    static REPOSITORY: OnceLock<Repository> = OnceLock::new();
    REPOSITORY.get_or_init(|| Repository::pin(PINNED).expect("the seed is a root document"))
}

fuzz_target!(|bytes: &[u8]| {
    if json::check(bytes).is_ok() {
        let value: serde_json::Value = serde_json::from_slice(bytes).expect("checked");
        let spelled = canonical::encode(&value).expect("whole numbers alone");
        let again = serde_json::from_slice::<serde_json::Value>(bytes).expect("checked");
        assert_eq!(canonical::encode(&again).expect("as before"), spelled);
    }
    // Nothing that the role keys have not signed changes what is believed.
    for skip in 0..4 {
        let mut repository = pinned().clone();
        let mut refresh = Refresh::new(&mut repository, 0);
        for _ in 0..skip {
            if refresh.take(None).is_err() {
                break;
            }
        }
        // The seeds are signed with the keys of the first; nothing else gets past them.
        if refresh.take(Some(bytes)).is_err() {
            assert_eq!(repository, *pinned());
        }
    }
    if let Ok(repository) = Repository::pin(bytes) {
        assert_eq!(repository.root().text().as_bytes(), bytes);
    }
    let mut verifier = Verifier::new(PINNED, LocalPolicy::new(Environment::Prod)).expect("the seed");
    let update = TrustUpdate {
        roots: vec![bytes.to_vec()],
        timestamp: bytes.to_vec(),
        snapshot: bytes.to_vec(),
        targets: bytes.to_vec(),
        files: Default::default(),
    };
    assert!(verifier.update_trust(&update, 0).is_err());
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(seconds) = time::parse(text) {
        assert_eq!(time::format(seconds), text);
    }
    if let Some(key) = from_pem(text) {
        assert_eq!(from_pem(&to_pem(&key)), Some(key));
    }
    let _ = serde_json::from_str::<Anchors>(text);
    let _ = serde_json::from_str::<Denylist>(text);
    let _ = serde_json::from_str::<TrustedKeys>(text);
    let files = verifier::trust::files::ALL.map(|name| (name.to_owned(), text.to_owned()));
    assert!(Trust::read(&files.into(), std::iter::empty()).is_err());
});

//! ML-DSA-44 in notes and policies, against the text of C2SP tlog-cosignature.

use std::collections::BTreeSet;

use verifier::checkpoint::Checkpoint;
use verifier::note::{self, Note, NoteError, SignatureType, Verdict, VerifierKey};
use verifier::policy::{Policy, PolicyError};

use crate::support::{NOW, NoteKey};

/// A checkpoint's text.
const TREE: &str = "example.no/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

#[test]
fn an_ml_dsa_cosignature_commits_to_name_time_and_tree() {
    let witness = NoteKey::new("w.example", SignatureType::MlDsa44, 5);
    let vkey = witness.key.to_string();
    assert_eq!(vkey.parse::<VerifierKey>().unwrap(), witness.key);
    let line = witness.cosign(TREE, NOW);
    // Four bytes of id, eight of time, 2420 of signature.
    let note = note::assemble(TREE, [&line]);
    let parsed = Note::parse(&note).unwrap();
    assert_eq!(parsed.signatures[0].bytes.len(), 8 + 2420);
    let seconds = u64::try_from(NOW).unwrap();
    let at = Some(seconds);
    assert_eq!(
        parsed.verdict(&witness.key),
        Verdict::Valid { timestamp: at }
    );

    // The bytes of C2SP tlog-cosignature, written out by hand.
    let checkpoint = Checkpoint::parse(TREE).unwrap();
    let mut expected = b"subtree/v1\n\0\x09w.example".to_vec();
    expected.extend(u64::try_from(NOW).unwrap().to_be_bytes());
    expected.extend(b"\x0eexample.no/log");
    expected.extend(0u64.to_be_bytes());
    expected.extend(1u64.to_be_bytes());
    expected.extend(checkpoint.root);
    assert_eq!(witness.key.message(seconds, TREE), Some(expected.clone()));

    // Another time, size, root, origin or name is another message.
    for (text, at) in [
        (TREE.to_owned(), NOW + 1),
        (TREE.replace("\n1\n", "\n2\n"), NOW),
        (TREE.replace("CsUY", "DsUY"), NOW),
        (TREE.replace("example.no/log", "example.no/lag"), NOW),
    ] {
        let mut forged = Note::parse(&note).unwrap();
        forged.text = &text;
        forged.signatures[0].bytes[..8].copy_from_slice(&at.to_be_bytes());
        assert_eq!(forged.verdict(&witness.key), Verdict::Forged, "{text} {at}");
    }
    let same_key = NoteKey::new("x.example", SignatureType::MlDsa44, 5);
    let signed_as_other = witness.key.line(
        seconds,
        &same_key.sign_bytes(&same_key.key.message(seconds, TREE).unwrap()),
    );
    let renamed = note::assemble(TREE, [signed_as_other]);
    assert_eq!(
        Note::parse(&renamed).unwrap().verdict(&witness.key),
        Verdict::Forged
    );

    // Extension lines are not in the message, and a text that is no checkpoint cannot be signed.
    let extended = format!("{TREE}extension\n");
    let extended = note::assemble(&extended, [&line]);
    assert_eq!(
        Note::parse(&extended).unwrap().verdict(&witness.key),
        Verdict::Valid { timestamp: at }
    );
    let other = note::assemble("no checkpoint\n", [&line]);
    assert_eq!(
        Note::parse(&other).unwrap().verdict(&witness.key),
        Verdict::Forged
    );
    for cut in [0, 8, 9, 2427] {
        let mut short = Note::parse(&note).unwrap();
        short.signatures[0].bytes.truncate(cut);
        assert_eq!(short.verdict(&witness.key), Verdict::Forged, "{cut}");
    }
}

#[test]
fn an_ml_dsa_cosignature_of_time_0_says_no_time() {
    let witness = NoteKey::new("w.example", SignatureType::MlDsa44, 5);
    let timeless = witness.cosign(TREE, 0);
    let note = note::assemble(TREE, [&timeless]);
    assert_eq!(
        Note::parse(&note).unwrap().verdict(&witness.key),
        Verdict::Valid { timestamp: None }
    );
    // Beside one with a time, that one's counts.
    let at = Some(u64::try_from(NOW).unwrap());
    let lines = [timeless, witness.cosign(TREE, NOW)];
    for order in [[0, 1], [1, 0]] {
        let note = note::assemble(TREE, order.map(|at| lines[at].as_str()));
        assert_eq!(
            Note::parse(&note).unwrap().verdict(&witness.key),
            Verdict::Valid { timestamp: at }
        );
    }
    let late = witness
        .key
        .message(1 << 63, TREE)
        .map(|message| witness.sign_bytes(&message))
        .unwrap();
    let late = note::assemble(TREE, [witness.key.line(1 << 63, &late)]);
    assert_eq!(
        Note::parse(&late).unwrap().verdict(&witness.key),
        Verdict::Forged
    );
}

#[test]
fn ml_dsa_keys_of_another_length_or_of_zeroes_are_refused() {
    let key = |bytes: &[u8]| VerifierKey::new("a", SignatureType::MlDsa44, bytes).map(drop);
    assert_eq!(key(&[7; 1312]), Ok(()));
    assert_eq!(key(&[7; 1311]), Err(NoteError::Key));
    assert_eq!(key(&[7; 32]), Err(NoteError::Key));
    let mut hollow = [0; 1312];
    hollow[..32].fill(7);
    assert_eq!(key(&hollow), Err(NoteError::Hollow));
    let long = "a".repeat(256);
    let made = VerifierKey::new(&long, SignatureType::MlDsa44, [7; 1312]);
    assert_eq!(made.map(drop), Err(NoteError::Key));
    let made = VerifierKey::new("a", SignatureType::Ed25519, [7; 1312]);
    assert_eq!(made.map(drop), Err(NoteError::Key));
}

#[test]
fn a_policy_takes_ml_dsa_keys_of_logs_and_witnesses() {
    let key = |name, kind, seed| NoteKey::new(name, kind, seed).key.to_string();
    let log = key("example.no/log", SignatureType::MlDsa44, 1);
    let plain = key("example.no/log", SignatureType::Ed25519, 1);
    let witness = key("w.example", SignatureType::MlDsa44, 2);
    let text = format!("log {log}\nlog {plain}\nwitness w {witness}\nquorum w\n");
    let policy = Policy::parse(&text).unwrap();
    assert_eq!(policy.logs("example.no/log").count(), 2);
    assert!(policy.is_met_by(&BTreeSet::from([0])));
    let twice = format!("{text}witness v {witness}\n");
    assert_eq!(Policy::parse(&twice), Err(PolicyError::Duplicate(5)));
    let cosigner = key("example.no/log", SignatureType::CosignatureV1, 1);
    let wrong = format!("log {cosigner}\nquorum none\n");
    assert!(matches!(
        Policy::parse(&wrong),
        Err(PolicyError::Key { line: 1, .. })
    ));
}

/// A key that both sides may have must not count on both: one line would be log and quorum.
#[test]
fn a_log_is_not_its_own_witness() {
    use SignatureType::{CosignatureV1, Ed25519, MlDsa44};
    let key = |name: &str, kind, seed| NoteKey::new(name, kind, seed).key;
    let refused = |log: &VerifierKey, witness: &VerifierKey| {
        let lines = [format!("log {log}"), format!("witness w {witness}")];
        for order in [[0, 1], [1, 0]] {
            let policy = order.map(|at| lines[at].as_str()).join("\n") + "\nquorum w\n";
            assert_eq!(Policy::parse(&policy), Err(PolicyError::Duplicate(2)));
        }
    };
    let both = key("both.example", MlDsa44, 5);
    refused(&both, &both);
    // Under another name, or another type of the same Ed25519 key: the same holder still.
    refused(&both, &key("other.example", MlDsa44, 5));
    refused(
        &key("log.example", Ed25519, 6),
        &key("w.example", CosignatureV1, 6),
    );
    let policy = format!(
        "log {both}\nwitness w {}\nquorum w\n",
        key("w.example", MlDsa44, 6)
    );
    assert!(Policy::parse(&policy).is_ok());
}

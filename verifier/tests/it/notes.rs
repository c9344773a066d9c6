//! Signed notes, checkpoints, cosignatures, tlog-proofs and policies.

use std::collections::BTreeSet;

use proptest::prelude::*;
use verifier::checkpoint::Checkpoint;
use verifier::note::{self, Note, NoteError, SignatureType, Verdict, VerifierKey};
use verifier::policy::{Policy, PolicyError};
use verifier::tlog_proof::{BadProof, TlogProof};

use crate::support::{NOW, NoteKey};

/// The key and note of C2SP signed-note, "Example".
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
/// The checkpoint of C2SP tlog-cosignature; its keys are not published.
const CHECKPOINT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

#[test]
fn the_specifications_note_verifies_with_its_key() {
    let key: VerifierKey = VKEY.parse().unwrap();
    assert_eq!(key.to_string(), VKEY);
    assert_eq!((key.name(), key.id()), ("example.com/foo", 0x530d_903a));
    let note = Note::parse(NOTE).unwrap();
    assert_eq!(note.text, "This is an example message.\n");
    assert_eq!(note.verdict(&key), Verdict::Valid { timestamp: None });
    let altered = NOTE.replace("example message", "Example message");
    let altered = Note::parse(&altered).unwrap();
    assert_eq!(altered.verdict(&key), Verdict::Forged);
    let other = NoteKey::new("example.com/foo", SignatureType::Ed25519, 9).key;
    assert_eq!(note.verdict(&other), Verdict::Absent);
}

#[test]
fn the_specifications_checkpoint_is_taken_apart() {
    let note = Note::parse(CHECKPOINT).unwrap();
    let checkpoint = Checkpoint::parse(note.text).unwrap();
    assert_eq!(
        (checkpoint.origin.as_str(), checkpoint.size),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    assert_eq!(checkpoint.to_string(), note.text);
    let [log, witness] = &note.signatures[..] else {
        panic!()
    };
    assert_eq!(
        (log.name, log.bytes.len()),
        ("example.com/behind-the-sofa", 64)
    );
    assert_eq!((witness.id, witness.bytes.len()), (0x8d66_cf3f, 72));
    // The header and time of the message as the specification prints it.
    let timestamp = u64::from_be_bytes(witness.bytes[..8].try_into().unwrap());
    let message = note::cosignature_message(timestamp, note.text);
    assert!(
        message.starts_with(
            b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        )
    );
}

#[test]
fn a_cosignature_says_when_and_binds_the_time() {
    let witness = NoteKey::new("w.example", SignatureType::CosignatureV1, 5);
    let text = "example.no/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let line = witness.cosign(text, NOW);
    let note = note::assemble(text, [&line]);
    let at = Some(u64::try_from(NOW).unwrap());
    assert_eq!(
        Note::parse(&note).unwrap().verdict(&witness.key),
        Verdict::Valid { timestamp: at }
    );
    // Twice: the earliest counts. Once right, once wrong: refused.
    let both = note::assemble(text, [&witness.cosign(text, NOW + 5), &line]);
    assert_eq!(
        Note::parse(&both).unwrap().verdict(&witness.key),
        Verdict::Valid { timestamp: at }
    );
    let wrong = witness.cosign("other\n", NOW);
    let mixed = note::assemble(text, [&line, &wrong]);
    assert_eq!(
        Note::parse(&mixed).unwrap().verdict(&witness.key),
        Verdict::Forged
    );
    let mut moved = Note::parse(&note).unwrap();
    moved.signatures[0].bytes[7] ^= 1;
    assert_eq!(moved.verdict(&witness.key), Verdict::Forged);
    // The same Ed25519 key as a plain note key has another id: not confused.
    let plain = NoteKey::new("w.example", SignatureType::Ed25519, 5);
    assert_ne!(plain.key.id(), witness.key.id());
    assert_eq!(
        Note::parse(&note).unwrap().verdict(&plain.key),
        Verdict::Absent
    );
}

#[test]
fn malformed_notes_and_keys_are_refused() {
    let line = NOTE.lines().nth(2).unwrap();
    let many = format!("text\n\n{}", format!("{line}\n").repeat(17));
    assert_eq!(Note::parse(&many), Err(NoteError::TooMany));
    assert!(Note::parse(&format!("text\n\n{}", format!("{line}\n").repeat(16))).is_ok());
    let bad = [
        "",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        &NOTE.replace('\u{2014}', "-"),
        &NOTE.replace("\n\n", "\n"),
        &NOTE.replace("This", "Th\ris"),
        NOTE.trim_end(),
        &format!("{NOTE}x"),
        &NOTE.replace("aQM=", "aQN="),
        &NOTE.replace("example.com/foo ", "example.com/f+o "),
        &NOTE.replace("example.com/foo ", " "),
        "text\n\n\u{2014} name AAAA\n",
        "text\n\n\u{2014} name AAAAAA==\n",
    ];
    for note in bad {
        assert_eq!(Note::parse(note), Err(NoteError::Note), "{note:?}");
    }
    for key in [
        "",
        "a+b",
        &VKEY.replace("530d903a", "530d903b"),
        &VKEY.replace("530d903a", "530D903A"),
        &VKEY.replace("Aeky", "Aeky "),
    ] {
        assert_eq!(
            key.parse::<VerifierKey>().map(drop),
            Err(NoteError::Key),
            "{key}"
        );
    }
    assert_eq!(
        VKEY.replace("+Aeky", "+Ceky")
            .parse::<VerifierKey>()
            .map(drop),
        Err(NoteError::Type)
    );
}

#[test]
fn keys_of_small_order_are_refused() {
    let mut one = [0; 32];
    one[0] = 1;
    let mut negative_one = [0xff; 32];
    negative_one[0] = 0xec;
    let mut unreduced = [0xff; 32];
    unreduced[0] = 0xee;
    unreduced[31] = 0x7f;
    for key in [[0; 32], one, negative_one, unreduced] {
        let made = VerifierKey::new("a", SignatureType::Ed25519, key);
        assert_eq!(made.map(drop), Err(NoteError::SmallOrder), "{key:?}");
    }
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    assert!(Checkpoint::parse(&format!("a\n0\n{root}\nextension\n")).is_ok());
    let bad = [
        format!("a\n1\n{root}"),
        format!("\n1\n{root}\n"),
        format!("a\n01\n{root}\n"),
        format!("a\n-1\n{root}\n"),
        format!("a\n+1\n{root}\n"),
        format!("a\n\n{root}\n"),
        "a\n1\n".to_owned(),
        format!("a\n1\n{}\n", root.get(4..).unwrap()),
        format!("a\n9223372036854775808\n{root}\n"),
        format!("a\n1\n{root}\n\n"),
        format!("a\n1\n{root} \n"),
    ];
    for text in bad {
        assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
    }
}

#[test]
fn proofs_are_read_line_by_line() {
    let hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=";
    let proof = format!("c2sp.org/tlog-proof@v1\nindex 73894\n{hash}\n{hash}\n\n{CHECKPOINT}");
    let read = TlogProof::parse(&proof).unwrap();
    assert_eq!(
        (read.index, read.hashes.len(), read.checkpoint),
        (73_894, 2, CHECKPOINT)
    );
    assert_eq!(read.to_string(), proof);
    let alone = "c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n";
    assert_eq!(TlogProof::parse(alone).unwrap().hashes.len(), 0);
    let extra = "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\ncheckpoint\n";
    assert_eq!(
        TlogProof::parse(extra).unwrap().extra.as_deref(),
        Some([0, 0, 0].as_slice())
    );
    let many = format!(
        "c2sp.org/tlog-proof@v1\nindex 0\n{}\nx\n",
        format!("{hash}\n").repeat(64)
    );
    let bad = [
        (proof.replace("@v1", "@v2"), BadProof::Magic),
        (format!(" {proof}"), BadProof::Magic),
        (
            proof.replace("index 73894", "index 073894"),
            BadProof::Index,
        ),
        (proof.replace("index 73894", "index -1"), BadProof::Index),
        (proof.replace("index 73894", "Index 1"), BadProof::Index),
        (proof.replace("PlQ=\n\n", "PlQ\n\n"), BadProof::Hash),
        (proof.replace("PlQ=\n\n", "PlR=\n\n"), BadProof::Hash),
        (
            proof.replace("index 73894\n", "index 73894\r\n"),
            BadProof::Index,
        ),
        (extra.replace("AAAA", "A"), BadProof::Extra),
        (
            "c2sp.org/tlog-proof@v1\nindex 0\n".to_owned(),
            BadProof::Checkpoint,
        ),
        (
            "c2sp.org/tlog-proof@v1\nindex 0\n\n".to_owned(),
            BadProof::Checkpoint,
        ),
        (many, BadProof::TooMany),
        ("x".repeat(200_000), BadProof::TooLong),
    ];
    for (text, error) in bad {
        assert_eq!(TlogProof::parse(&text), Err(error), "{text:.200}");
    }
}

fn policy(lines: &str) -> (Result<Policy, PolicyError>, Vec<NoteKey>) {
    let mut text = String::new();
    let mut keys = Vec::new();
    for (seed, word) in lines.split_inclusive(' ').enumerate() {
        // WITNESS and LOG in a line stand for a fresh key of that kind.
        let kind = match word.trim() {
            "WITNESS" => Some(SignatureType::CosignatureV1),
            "LOG" => Some(SignatureType::Ed25519),
            _ => None,
        };
        match kind {
            Some(kind) => {
                let key = NoteKey::new(
                    &format!("k{seed}.example"),
                    kind,
                    u8::try_from(seed).unwrap(),
                );
                text.push_str(&key.key.to_string());
                text.push(' ');
                keys.push(key);
            }
            None => text.push_str(word),
        }
    }
    (Policy::parse(&text), keys)
}

#[test]
fn a_quorum_of_groups_is_decided_as_written() {
    let (policy, _) = policy(
        "# the sample\nlog LOG https://log.example\n\twitness nhn  WITNESS \nwitness a WITNESS \nwitness b WITNESS https://b.example\nwitness hdir WITNESS \nwitness ext WITNESS \n\ngroup national 2 nhn a b hdir\ngroup all-groups all national ext\nquorum all-groups\n",
    );
    let policy = policy.unwrap();
    assert_eq!(policy.witnesses().len(), 5);
    assert_eq!(
        policy.witnesses()[2].url.as_deref(),
        Some("https://b.example")
    );
    for chosen in 0u8..32 {
        let cosigned: BTreeSet<usize> = (0..5).filter(|at| chosen >> at & 1 == 1).collect();
        let expected = (chosen & 15).count_ones() >= 2 && chosen & 16 != 0;
        assert_eq!(policy.is_met_by(&cosigned), expected, "{cosigned:?}");
    }
}

#[test]
fn malformed_policies_are_refused() {
    let met = |lines: &str| {
        policy(lines)
            .0
            .map(|policy| policy.is_met_by(&BTreeSet::new()))
    };
    assert_eq!(met("quorum none"), Ok(true));
    assert_eq!(met("witness a WITNESS \nquorum a"), Ok(false));
    assert_eq!(met(""), Err(PolicyError::Quorum));
    assert_eq!(met("quorum none\nquorum none"), Err(PolicyError::Quorum));
    assert_eq!(met("quorum a"), Err(PolicyError::Undefined(1)));
    assert_eq!(
        met("quorum a\nwitness a WITNESS "),
        Err(PolicyError::Undefined(1))
    );
    assert_eq!(
        met("witness a WITNESS \ngroup g 2 a\nquorum g"),
        Err(PolicyError::Threshold(2))
    );
    assert_eq!(
        met("witness a WITNESS \ngroup g 0 a\nquorum g"),
        Err(PolicyError::Threshold(2))
    );
    assert_eq!(
        met("witness a WITNESS \ngroup g all a a\nquorum g"),
        Err(PolicyError::Duplicate(2))
    );
    assert_eq!(
        met("witness a WITNESS \ngroup g all a\ngroup h all a g\nquorum h"),
        Err(PolicyError::Duplicate(3))
    );
    assert_eq!(
        met("witness none WITNESS \nquorum none"),
        Err(PolicyError::Duplicate(1))
    );
    assert_eq!(
        met("group g all none\nquorum g"),
        Err(PolicyError::Undefined(1))
    );
    assert_eq!(
        met("witness a WITNESS \nwitness a WITNESS \nquorum a"),
        Err(PolicyError::Duplicate(2))
    );
    assert_eq!(met("frob x"), Err(PolicyError::Line(1)));
    assert_eq!(met("group g all\nquorum none"), Err(PolicyError::Line(1)));
    assert_eq!(met("quorum none\r\n"), Err(PolicyError::Control));
    // A log's key cannot serve as a witness's, nor the other way round.
    let wrong = |line| PolicyError::Key {
        line,
        reason: NoteError::Type,
    };
    assert_eq!(met("witness a LOG \nquorum a"), Err(wrong(1)));
    assert_eq!(met("log WITNESS \nquorum none"), Err(wrong(1)));
    let key = NoteKey::new("a.example", SignatureType::CosignatureV1, 3).key;
    let renamed = NoteKey::new("b.example", SignatureType::CosignatureV1, 3).key;
    let twice = format!("witness a {key}\nwitness b {renamed}\nquorum a\n");
    assert_eq!(Policy::parse(&twice), Err(PolicyError::Duplicate(2)));
}

proptest! {
    #[test]
    fn notes_read_back(text in "([a-zæøå ]{1,20}\n){1,4}", seeds in prop::collection::vec(1u8..9, 1..4)) {
        let keys: Vec<_> = seeds.iter().enumerate()
            .map(|(at, seed)| NoteKey::new(&format!("k{at}.example"), SignatureType::Ed25519, *seed)).collect();
        let note = note::assemble(&text, keys.iter().map(|key| key.sign(&text)));
        let read = Note::parse(&note).unwrap();
        prop_assert_eq!(read.text, &text);
        for key in &keys {
            prop_assert_eq!(read.verdict(&key.key), Verdict::Valid { timestamp: None });
            prop_assert_eq!(key.key.to_string().parse::<VerifierKey>().unwrap(), key.key.clone());
        }
    }

    #[test]
    fn parsers_never_panic(text in "\\PC{0,200}") {
        drop(Note::parse(&text));
        drop(Checkpoint::parse(&text));
        drop(TlogProof::parse(&format!("c2sp.org/tlog-proof@v1\n{text}")));
        drop(Policy::parse(&text));
        drop(text.parse::<VerifierKey>());
    }

    #[test]
    fn proofs_read_back(index in 0..=i64::MAX.cast_unsigned(), hashes in prop::collection::vec(any::<[u8; 32]>(), 0..63), extra in prop::option::of(prop::collection::vec(any::<u8>(), 0..40))) {
        let proof = TlogProof { extra, index, hashes, checkpoint: CHECKPOINT };
        let text = proof.to_string();
        prop_assert_eq!(TlogProof::parse(&text).unwrap(), proof);
    }
}

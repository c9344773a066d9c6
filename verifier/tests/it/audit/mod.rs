//! The audit: an honest log has no findings, and every way to cheat has one.

mod digests;
mod lists;
mod memory;
mod published;
mod vendors;

use verifier::Digest;
use verifier::audit::{Audit, AuditCode, AuditState, Context};
use verifier::note;
use verifier::status::StatusValue;
use verifier::trust::LoggedDocument;
use verifier::trust::tuf::RoleName;

use crate::support::{NOW, ORIGIN, VENDOR, World};

use self::published::{Published, codes, document, trust};

#[test]
fn an_honest_log_has_no_findings_and_is_read_on_from_where_it_was() {
    let mut published = Published::new();
    let report = published.audit(AuditState::default(), None);
    assert_eq!(report.findings, []);
    assert_eq!(report.state.size(ORIGIN), 301);
    // Kept as JSON from one audit to the next, through every alignment of bundles.
    let mut state = report.state;
    for more in [0, 1, 210, 1, 255, 256, 3] {
        let size = u32::try_from(published.entries.len()).unwrap();
        published.entries.extend((size..size + more).map(document));
        published.publish();
        let text = serde_json::to_string(&state).unwrap();
        let report = published.audit(serde_json::from_str(&text).unwrap(), None);
        assert_eq!(report.findings, [], "{more} more than {size}");
        state = report.state;
        assert_eq!(state.size(ORIGIN), published.entries.len() as u64);
    }
    // And what happens to the approval is followed.
    published.event(StatusValue::Valid, StatusValue::Suspended, NOW - 100);
    published.publish();
    published.world.set_status(StatusValue::Suspended, NOW);
    let report = published.audit(state, None);
    assert_eq!(report.findings, []);
}

#[test]
fn every_changed_file_is_found() {
    let mut published = Published::new();
    let honest = published.files.clone();
    assert!(honest.contains_key("tile/1/000.p/1"));
    for (path, bytes) in &honest {
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        let shorter = bytes[..bytes.len() - 1].to_vec();
        for changed in [flipped, shorter] {
            published.put(path, changed);
            assert_ne!(published.codes(), [], "{path}");
        }
        if path != "checkpoint" {
            published.files.remove(path);
            assert!(published.codes().contains(&AuditCode::Missing), "{path}");
        }
        published.files.clone_from(&honest);
    }
    assert_eq!(published.codes(), []);
}

#[test]
fn another_history_or_a_smaller_tree_is_found() {
    let mut published = Published::new();
    let state = published.audit(AuditState::default(), None).state;
    // One entry another, and the tree longer than before, all of it signed and cosigned.
    let kept = published.entries.clone();
    published.entries[280] = document(9_999);
    published.entries.push(document(1));
    published.publish();
    let report = published.audit(state.clone(), None);
    assert_eq!(codes(&report), [AuditCode::Fork]);
    assert_eq!(report.state.size(ORIGIN), 301, "what was seen stays");
    // In a bundle that was full then: the tree cannot be made from where it was.
    published.entries.clone_from(&kept);
    published.entries[3] = document(9_999);
    published.entries.push(document(1));
    published.publish();
    let report = published.audit(state.clone(), None);
    assert!(!codes(&report).is_empty());
    assert_eq!(report.state.size(ORIGIN), 301);
    // The same size with another root, and fewer entries.
    published.entries.pop();
    published.publish();
    assert_eq!(
        codes(&published.audit(state.clone(), None)),
        [AuditCode::Fork]
    );
    published.entries.clone_from(&kept);
    published.entries.pop();
    published.publish();
    assert_eq!(codes(&published.audit(state, None)), [AuditCode::Rollback]);
}

#[test]
fn signatures_of_log_and_witnesses_are_checked() {
    let mut published = Published::new();
    let note = String::from_utf8(published.files["checkpoint"].clone()).unwrap();
    let lines: Vec<&str> = note.lines().collect();
    let without = |line: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != line);
        kept.flat_map(|(_, line)| [*line, "\n"]).collect::<String>()
    };
    published.put("checkpoint", without(4).into_bytes());
    assert_eq!(published.codes(), [AuditCode::LogSignature]);
    published.put("checkpoint", without(5).into_bytes());
    assert_eq!(published.codes(), [AuditCode::Quorum]);
    published.put("checkpoint", b"nothing".to_vec());
    assert_eq!(published.codes(), [AuditCode::Checkpoint]);
    let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let forged = published.world.witness.cosign("other\n", NOW);
    let forged = note::assemble(&text, [published.world.log.sign(&text), forged]);
    published.put("checkpoint", forged.into_bytes());
    let found = published.codes();
    assert_eq!(found, [AuditCode::WitnessSignature, AuditCode::Quorum]);
    let early = published.world.witness.cosign(&text, NOW + 3600);
    let early = note::assemble(&text, [published.world.log.sign(&text), early]);
    published.put("checkpoint", early.into_bytes());
    assert_eq!(published.codes(), [AuditCode::Future]);
}

#[test]
fn entries_that_do_not_belong_are_found() {
    let check = |entry: Vec<u8>, code: AuditCode| {
        let mut published = Published::new();
        published.entries.push(entry);
        published.publish();
        let report = published.audit(AuditState::default(), None);
        assert_eq!(codes(&report), [code], "{:?}", report.findings);
        assert_eq!(report.findings[0].entry, Some(301));
    };
    check(b"junk".to_vec(), AuditCode::EntryFormat);
    check(b"{\"a\":1,\"a\":2}".to_vec(), AuditCode::EntryFormat);
    check(vec![0xff], AuditCode::EntryFormat);
    check(
        b"a.example/log\n1\nx\n\n\xe2\x80\x94 a AAAAAAAA\n".to_vec(),
        AuditCode::EntryFormat,
    );
    let stranger = World::new();
    let approval = stranger.issue.sign(&stranger.approval());
    check(approval.into_bytes(), AuditCode::EntryKey);

    // By our own keys: a wrong signature, a wrong use, another approval under the same id, other
    // content of the same version, and a date before the tree that it follows.
    let ours = |change: &dyn Fn(&mut Published)| {
        let mut published = Published::new();
        change(&mut published);
        published.publish();
        published.codes()
    };
    let forged = ours(&|published| {
        let token = published.world.issue.sign(&published.approval());
        let (head, _) = token.rsplit_once('.').unwrap();
        let other = published.world.issue.sign(&published.world.approval());
        let (_, signature) = other.rsplit_once('.').unwrap();
        published
            .entries
            .push(format!("{head}.{signature}").into_bytes());
    });
    assert_eq!(forged, [AuditCode::EntrySignature]);
    let wrong_use = ours(&|published| {
        let token = published.world.event.sign(&published.approval());
        published.entries.push(token.into_bytes());
    });
    assert_eq!(wrong_use, [AuditCode::EntryKey]);
    let twice = ours(&|published| {
        let approval = published.approval();
        published.sign(&approval);
    });
    assert_eq!(twice, [AuditCode::Duplicate]);
    let reused = ours(&|published| {
        let mut approval = published.approval();
        approval.jti = "0d6f1f9e-5c1b-4f0a-9d51-6f0c6a0e7d22".to_owned();
        approval.status.status_list.idx = 9;
        approval.content.bundle = Some(Digest::of(b"other"));
        published.sign(&approval);
    });
    assert!(reused.contains(&AuditCode::VersionReused), "{reused:?}");
    let backdated = ours(&|published| {
        let mut approval = published.approval();
        approval.jti = "0d6f1f9e-5c1b-4f0a-9d51-6f0c6a0e7d22".to_owned();
        approval.status.status_list.idx = 9;
        approval.iat = NOW - 20;
        approval.log.after.size = 1000;
        published.sign(&approval);
    });
    assert_eq!(backdated, [AuditCode::Backdated]);
    let alone = ours(&|published| {
        let mut approval = published.approval();
        approval.jti = "0d6f1f9e-5c1b-4f0a-9d51-6f0c6a0e7d22".to_owned();
        approval.status.status_list.idx = 9;
        approval.iat = NOW - 20;
        approval.reviews.truncate(1);
        published.sign(&approval);
    });
    assert!(alone.contains(&AuditCode::Reviews), "{alone:?}");
}

#[test]
fn a_withdrawn_key_signs_nothing_after_its_cut_off() {
    use verifier::trust::{Revocation, RevocationReason};
    for (cutoff, expected) in [(20, 1), (21, 0), (300, 0)] {
        let mut published = Published::new();
        let kid = published.world.issue.kid();
        let keys = &mut published.world.config.keys;
        let key = keys.iter_mut().find(|key| key.kid == kid).unwrap();
        key.revoked = Some(Revocation {
            revoked_at: NOW - 5,
            reason: RevocationReason::Compromised,
            log_index_cutoff: [(ORIGIN.to_owned(), cutoff)].into(),
        });
        let found = published.codes();
        let entries = found.iter().filter(|code| **code == AuditCode::EntryKey);
        assert_eq!(entries.count(), expected, "{cutoff} {found:?}");
    }
}

#[test]
fn a_status_list_says_what_was_logged() {
    use StatusValue::{Invalid, NotIssued, Suspended, Valid};
    // What is logged, what the list says, and what is found.
    type Case = (
        &'static [(StatusValue, StatusValue)],
        StatusValue,
        Option<AuditCode>,
    );

    let cases: [Case; 15] = [
        (&[], Valid, None),
        (&[], Invalid, Some(AuditCode::ListSilent)),
        (&[], Suspended, Some(AuditCode::ListSilent)),
        (&[], NotIssued, Some(AuditCode::ListWithheld)),
        (&[(Valid, Suspended)], Suspended, None),
        (&[(Valid, Suspended)], Valid, Some(AuditCode::ListUndone)),
        (&[(Valid, Suspended)], Invalid, Some(AuditCode::ListSilent)),
        (&[(Valid, Suspended), (Suspended, Valid)], Valid, None),
        (&[(Valid, Invalid)], Invalid, None),
        (&[(Valid, Invalid)], Valid, Some(AuditCode::ListUndone)),
        (
            &[(Valid, Invalid), (Invalid, Valid)],
            Invalid,
            Some(AuditCode::Unrevoked),
        ),
        (&[(Suspended, Valid)], Valid, Some(AuditCode::EventFrom)),
        // What may not follow is told of, and does not count.
        (&[(Valid, NotIssued)], Valid, Some(AuditCode::EventFrom)),
        (&[(Valid, Valid)], Valid, Some(AuditCode::EventFrom)),
        (
            &[(Valid, Invalid), (Invalid, Invalid)],
            Invalid,
            Some(AuditCode::EventFrom),
        ),
    ];
    for (events, listed, expected) in cases {
        let mut published = Published::new();
        for (from, to) in events {
            published.event(*from, *to, NOW - 400);
        }
        published.publish();
        published.world.set_status(listed, NOW);
        let found = published.codes();
        assert_eq!(
            found,
            expected.into_iter().collect::<Vec<_>>(),
            "{events:?} {listed:?}"
        );
    }
    // An event that was logged a moment ago may not have reached the list yet.
    let mut published = Published::new();
    published.event(Valid, Suspended, NOW - 20);
    published.publish();
    assert_eq!(published.codes(), []);

    let mut published = Published::new();
    assert!(published.world.list.set(9, Valid.byte()));
    assert_eq!(published.codes(), [AuditCode::ListUnlogged]);
    let mut published = Published::new();
    let event = published.entries.len();
    published.event(Valid, Suspended, NOW - 20);
    published.entries[20] = document(20);
    published.entries.swap(event, event - 1);
    published.publish();
    assert_eq!(published.codes(), [AuditCode::EventUnknown]);
}

#[test]
fn an_organisation_is_told_of_every_entry_about_it() {
    let mut published = Published::new();
    published.event(StatusValue::Valid, StatusValue::Suspended, NOW - 20);
    published.publish();
    let report = published.audit(AuditState::default(), Some(VENDOR));
    assert_eq!(codes(&report), [AuditCode::Organization; 2]);
    assert_eq!(
        report.findings[0].to_string(),
        format!("A_ORGANIZATION entry 20: an approval of no.example.blodtrykk 1.2.0 for {VENDOR}")
    );
    let other = published.audit(AuditState::default(), Some("NO:ORGNR:889640782"));
    assert_eq!(other.findings, []);
    // Once told, not again.
    let again = published.audit(report.state, Some(VENDOR));
    assert_eq!(again.findings, []);
}

#[test]
fn a_trust_document_that_was_not_logged_is_found() {
    let published = Published::new();
    let judged = |name: &str, bytes: &[u8]| {
        let trust = trust(&published.world);
        let context = Context {
            trust: &trust,
            now: NOW,
            organization: None,
        };
        let state = published.audit(AuditState::default(), None).state;
        let mut audit = Audit::new(context, state);
        audit.trust_document(name, bytes);
        codes(&audit.report())
    };
    assert_eq!(judged("7.targets.json", &7u32.to_be_bytes()), []);
    assert_eq!(
        judged("7.targets.json", b"other"),
        [AuditCode::TrustChanged]
    );
    assert_eq!(judged("7.root.json", b"x"), [AuditCode::TrustUnlogged]);
    let mut published = Published::new();
    let again = LoggedDocument::of(RoleName::Targets, 7, b"other").to_string();
    published.entries.push(again.into_bytes());
    published.publish();
    assert_eq!(published.codes(), [AuditCode::TrustChanged]);
}

#[test]
fn codes_are_distinct() {
    let texts: std::collections::BTreeSet<_> =
        AuditCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), AuditCode::ALL.len());
    assert!(texts.iter().all(|text| text.starts_with("A_")));
}

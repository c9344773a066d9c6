//! What an audit keeps from one time to the next: only what a tree that was right has said. And what
//! it holds a checkpoint to beyond its own tree.

use verifier::Digest;
use verifier::audit::{Audit, AuditCode, AuditState, Context};
use verifier::checkpoint::Checkpoint;
use verifier::merkle::empty_root;
use verifier::note;
use verifier::status::StatusValue;
use verifier::trust::FrozenLog;

use super::published::{Published, codes, document, trust};
use crate::support::{DAY, NOW, ORIGIN};

/// A log that has grown by an event and some documents since it was audited.
fn grown() -> (Published, AuditState) {
    let mut published = Published::new();
    let state = published.audit(AuditState::default(), None).state;
    published.event(StatusValue::Valid, StatusValue::Suspended, NOW - 400);
    published.entries.extend((1000..1020).map(document));
    published.publish();
    published.world.set_status(StatusValue::Suspended, NOW);
    (published, state)
}

#[test]
fn what_a_broken_tree_said_is_forgotten() {
    let (mut published, state) = grown();
    let honest = published.files.clone();
    let list = published.world.status_token(NOW - 10);
    let audit = |published: &Published, state| published.audit_at(NOW, state, None, &list);
    let whole = audit(&published, state.clone());
    assert_eq!(whole.findings, []);
    let needed = |path: &&String| path.ends_with("/001.p/66") || path.starts_with("tile/1/");
    assert_eq!(honest.keys().filter(needed).count(), 3);
    for path in honest.keys().filter(needed) {
        published.files.remove(path);
        let broken = audit(&published, state.clone());
        assert!(codes(&broken).contains(&AuditCode::Missing), "{path}");
        published.files.clone_from(&honest);
        let again = audit(&published, broken.state);
        assert_eq!(again.findings, [], "{path}");
        assert_eq!(again.state, whole.state, "{path}");
    }
    // From nothing, too, and when the audit begins again by itself.
    published.files.remove("tile/0/001.p/66");
    let broken = published.audit(AuditState::default(), None);
    assert_eq!(broken.state.lists().len(), 0);
    let trust = trust(&published.world);
    let context = Context {
        trust: &trust,
        now: NOW,
        organization: None,
    };
    let mut audit = Audit::new(context, state);
    assert!(published.read_into(&mut audit));
    published.files.clone_from(&honest);
    assert!(published.read_into(&mut audit));
    let report = audit.report();
    assert_eq!(codes(&report), [AuditCode::Missing]);
    assert_eq!(report.state.size(ORIGIN), whole.state.size(ORIGIN));
}

#[test]
fn what_somebody_slipped_into_the_files_is_forgotten() {
    let mut published = Published::new();
    let honest = (published.entries.clone(), published.files.clone());
    published.entries.push(document(5_000));
    published.publish();
    published
        .files
        .insert("checkpoint".to_owned(), honest.1["checkpoint"].clone());
    // One entry more than the checkpoint names is not read; one in another's place is.
    published.entries.swap_remove(10);
    published.publish();
    published
        .files
        .insert("checkpoint".to_owned(), honest.1["checkpoint"].clone());
    let slipped = published.audit(AuditState::default(), None);
    assert!(codes(&slipped).contains(&AuditCode::Root));
    let trust = trust(&published.world);
    let context = Context {
        trust: &trust,
        now: NOW,
        organization: None,
    };
    let mut audit = Audit::new(context, slipped.state);
    audit.trust_document("5000.targets.json", &5_000_u32.to_be_bytes());
    assert_eq!(codes(&audit.report()), [AuditCode::TrustUnlogged]);
}

#[test]
fn the_generation_of_a_list_is_remembered_whatever_the_log_is() {
    let (mut published, state) = grown();
    published.files.remove("tile/0/001.p/66");
    let broken = published.audit(state, None);
    let older = {
        let mut claims = published.world.status_claims(NOW - 10);
        claims.r#gen -= 1;
        published.world.status.sign(&claims)
    };
    published.publish();
    let report = published.audit_at(NOW, broken.state, None, &older);
    assert_eq!(codes(&report), [AuditCode::ListRollback]);
}

#[test]
fn a_frozen_log_that_went_on_is_found() {
    let mut published = Published::new();
    let size = published.entries.len() as u64;
    let text = String::from_utf8(published.files["checkpoint"].clone()).unwrap();
    let root = Checkpoint::parse(note::Note::parse(&text).unwrap().text)
        .unwrap()
        .root;
    let mut found = |size: u64, root: Digest| {
        published.world.config.anchors.frozen_logs = vec![FrozenLog {
            origin: ORIGIN.to_owned(),
            size,
            root,
        }];
        published.codes()
    };
    let root = Digest::from_bytes(root);
    assert_eq!(found(size, root), []);
    assert_eq!(found(size + 1, Digest::of(b"later")), []);
    assert_eq!(found(size - 1, Digest::of(b"before")), [AuditCode::Fork]);
    assert_eq!(found(size, Digest::of(b"other")), [AuditCode::Fork]);
}

#[test]
fn a_size_that_nobody_can_read_ends_the_audit() {
    let mut published = Published::new();
    let state = published.audit(AuditState::default(), None).state;
    for size in [i64::MAX as u64, (1 << 28) + 302] {
        published.checkpoint(size, empty_root(), NOW);
        let report = published.audit(state.clone(), None);
        assert_eq!(codes(&report), [AuditCode::Checkpoint], "{size}");
        assert_eq!(report.state, state);
    }
}

#[test]
fn an_approval_says_where_it_is_logged_and_after_what() {
    let mut published = Published::new();
    let state = published.audit(AuditState::default(), None).state;
    let text = String::from_utf8(published.files["checkpoint"].clone()).unwrap();
    let root = Checkpoint::parse(note::Note::parse(&text).unwrap().text)
        .unwrap()
        .root;
    let kept = published.entries.clone();
    let mut found = |origin: &str, size: u64, root: Digest| {
        published.entries.clone_from(&kept);
        let mut approval = published.approval();
        approval.jti = "0d6f1f9e-5c1b-4f0a-9d51-6f0c6a0e7d22".to_owned();
        approval.status.status_list.idx = 9;
        approval.iat = NOW - 20;
        approval.log.origin = origin.to_owned();
        approval.log.after.size = size;
        approval.log.after.root = root;
        published.sign(&approval);
        published.publish();
        codes(&published.audit(state.clone(), None))
    };
    let right = Digest::from_bytes(root);
    assert_eq!(found(ORIGIN, 301, right), []);
    let other = Digest::of(b"other");
    assert_eq!(found(ORIGIN, 301, other), [AuditCode::Backdated]);
    // The root of a size that was no checkpoint is not known.
    assert_eq!(found(ORIGIN, 300, other), []);
    let elsewhere = found("other.example/log", 301, right);
    assert_eq!(elsewhere, [AuditCode::EntryClaims]);
}

#[test]
fn cosignatures_that_do_not_say_when_are_too_few() {
    let mut published = Published::new();
    let text = String::from_utf8(published.files["checkpoint"].clone()).unwrap();
    let text = text.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let lines = [
        published.world.log.sign(&text),
        published.world.witness.cosign(&text, 0),
    ];
    published.put("checkpoint", note::assemble(&text, lines).into_bytes());
    assert_eq!(published.codes(), [AuditCode::Quorum]);
}

#[test]
fn another_tree_of_the_same_size_was_not_seen() {
    let published = Published::new();
    let trust = trust(&published.world);
    let context = Context {
        trust: &trust,
        now: NOW,
        organization: None,
    };
    let mut audit = Audit::new(context, AuditState::default());
    assert!(published.read_into(&mut audit));
    let text = String::from_utf8(published.files["checkpoint"].clone()).unwrap();
    let seen = Checkpoint::parse(note::Note::parse(&text).unwrap().text).unwrap();
    assert!(audit.has_seen(&seen));
    let other = Checkpoint {
        root: empty_root(),
        ..seen
    };
    assert!(!audit.has_seen(&other));
}

#[test]
fn entries_from_the_future_are_found() {
    for (ahead, expected) in [
        (60, None),
        (61, Some(AuditCode::EntryClaims)),
        (DAY, Some(AuditCode::EntryClaims)),
    ] {
        let mut published = Published::new();
        published.event(StatusValue::Valid, StatusValue::Suspended, NOW + ahead);
        published.publish();
        let found = published.codes();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{ahead}");
    }
}

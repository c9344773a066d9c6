//! The digests that the log holds of published status lists: one list for all, or a finding.

use verifier::Digest;
use verifier::audit::{AuditCode, AuditState, Report};
use verifier::claims::{ListDigest, StatusDigest};

use super::published::{Published, codes};
use crate::support::{DAY, LIST, NOW, REGISTRY};

/// What the log says was out at this moment.
fn log(published: &mut Published, at: i64, generation: u64, token: &str) {
    let digest = StatusDigest {
        iss: REGISTRY.to_owned(),
        iat: at,
        lists: vec![ListDigest {
            uri: LIST.to_owned(),
            r#gen: generation,
            digest: Digest::of(token.as_bytes()),
        }],
    };
    let entry = published.world.digest.sign(&digest);
    published.entries.push(entry.into_bytes());
    published.publish();
}

fn served(published: &Published, now: i64, state: AuditState, list: &str) -> Report {
    published.audit_at(now, state, None, list)
}

#[test]
fn the_list_that_was_logged_is_the_one_that_is_served() {
    let mut published = Published::new();
    let list = published.world.set_generation(5, NOW - 400);
    log(&mut published, NOW - 300, 5, &list);
    let report = served(&published, NOW, AuditState::default(), &list);
    assert_eq!(report.findings, []);
    // The same list is the newest one an hour later too.
    log(&mut published, NOW - 10, 5, &list);
    let report = served(&published, NOW, report.state, &list);
    assert_eq!(report.findings, []);
    // And a newer one follows, whether the log has named it or not.
    let newer = published.world.set_generation(6, NOW - 5);
    let report = served(&published, NOW, report.state, &newer);
    assert_eq!(report.findings, []);
    log(&mut published, NOW + 3600, 6, &newer);
    let report = served(&published, NOW + 3600, report.state, &newer);
    assert_eq!(report.findings, []);
}

#[test]
fn another_list_than_the_logged_one_is_found() {
    // Both are signed by the status key and say the same of every approval.
    let mut published = Published::new();
    let logged = published.world.set_generation(5, NOW - 400);
    let other = published.world.status_token(NOW - 400);
    log(&mut published, NOW - 300, 5, &logged);
    let report = served(&published, NOW, AuditState::default(), &other);
    assert_eq!(codes(&report), [AuditCode::ListFork]);
    assert_eq!(
        report.findings[0].to_string(),
        format!("A_LIST_FORK {LIST} generation 5 is served as another list than was logged")
    );
    // Also when the log says so only after it was served, and the state was kept as JSON.
    let mut published = Published::new();
    let logged = published.world.set_generation(5, NOW - 400);
    let other = published.world.status_token(NOW - 400);
    let first = served(&published, NOW, AuditState::default(), &other);
    assert_eq!(first.findings, []);
    let kept = serde_json::to_string(&first.state).unwrap();
    log(&mut published, NOW - 1, 5, &logged);
    let next = published.world.set_generation(6, NOW);
    let report = served(&published, NOW, serde_json::from_str(&kept).unwrap(), &next);
    assert_eq!(codes(&report), [AuditCode::ListFork]);
    assert_eq!(report.findings[0].entry, Some(301));
}

#[test]
fn a_list_that_the_log_passes_over_is_found() {
    // Made at NOW - 400, and two minutes later the log should have known of it.
    for (at, expected) in [
        (NOW - 280, None),
        (NOW - 279, Some(AuditCode::ListFork)),
        (NOW - 10, Some(AuditCode::ListFork)),
    ] {
        let mut published = Published::new();
        let public = published.world.set_generation(5, NOW - 500);
        let hidden = published.world.set_generation(9, NOW - 400);
        log(&mut published, at, 5, &public);
        let report = served(&published, NOW, AuditState::default(), &hidden);
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(codes(&report), expected, "{at}");
        // In the other order: served, and then passed over.
        let mut published = Published::new();
        let public = published.world.set_generation(5, NOW - 500);
        let hidden = published.world.set_generation(9, NOW - 400);
        let before = served(&published, NOW, AuditState::default(), &hidden).state;
        log(&mut published, at, 5, &public);
        let next = published.world.set_generation(10, NOW);
        let report = served(&published, NOW, before, &next);
        assert_eq!(codes(&report), expected, "{at}");
    }
}

#[test]
fn one_list_has_one_digest_in_the_log() {
    let mut published = Published::new();
    let list = published.world.set_generation(5, NOW - 4000);
    log(&mut published, NOW - 3900, 5, &list);
    log(&mut published, NOW - 300, 5, "another");
    let report = served(&published, NOW, AuditState::default(), &list);
    assert_eq!(codes(&report), [AuditCode::ListFork]);
    assert_eq!(
        report.findings[0].to_string(),
        format!("A_LIST_FORK entry 302: {LIST} generation 5 was logged with two digests")
    );
}

#[test]
fn digests_are_signed_dated_and_believed_only_of_a_tree_that_is_right() {
    let mut published = Published::new();
    let list = published.world.set_generation(5, NOW - 400);
    let forged = StatusDigest {
        iss: REGISTRY.to_owned(),
        iat: NOW - 300,
        lists: Vec::new(),
    };
    let entry = published.world.status.sign(&forged);
    published.entries.push(entry.into_bytes());
    published.publish();
    let report = served(&published, NOW, AuditState::default(), &list);
    assert_eq!(codes(&report), [AuditCode::EntryKey]);

    let mut published = Published::new();
    let list = published.world.set_generation(5, NOW - 400);
    log(&mut published, NOW + DAY, 5, &list);
    let report = served(&published, NOW, AuditState::default(), &list);
    assert_eq!(codes(&report), [AuditCode::EntryClaims]);

    // What a broken tree said of a list is forgotten; the list that was served is not.
    let mut published = Published::new();
    let honest = published.world.set_generation(5, NOW - 400);
    let other = published.world.status_token(NOW - 400);
    let first = served(&published, NOW, AuditState::default(), &honest);
    let whole = published.entries.clone();
    log(&mut published, NOW - 300, 5, &other);
    published.files.remove("tile/0/001.p/46");
    let broken = served(&published, NOW, first.state, &honest);
    assert!(codes(&broken).contains(&AuditCode::Missing));
    published.entries = whole;
    log(&mut published, NOW - 300, 5, &honest);
    let report = served(&published, NOW, broken.state.clone(), &honest);
    assert_eq!(report.findings, []);
    published.entries.pop();
    log(&mut published, NOW - 300, 5, &other);
    let report = served(&published, NOW, broken.state, &honest);
    assert_eq!(codes(&report), [AuditCode::ListFork; 2]);
}

#[test]
fn what_is_kept_of_a_list_does_not_grow_without_end() {
    let mut published = Published::new();
    let mut state = AuditState::default();
    let mut sizes = Vec::new();
    for generation in 1..=70 {
        let at = NOW + 3600 * i64::try_from(generation).unwrap();
        let list = published.world.set_generation(1000 + generation, at);
        log(&mut published, at + 10, 1000 + generation, &list);
        let report = served(&published, at + 20, state, &list);
        assert_eq!(report.findings, [], "{generation}");
        state = report.state;
        let kept = serde_json::to_value(&state).unwrap();
        sizes.push(
            ["logged", "seen"].map(|what| kept["replay"][what][LIST].as_object().unwrap().len()),
        );
    }
    assert_eq!(sizes[..3], [[1; 2], [2; 2], [3; 2]]);
    assert_eq!(sizes[63..], [[64; 2]; 7]);
}

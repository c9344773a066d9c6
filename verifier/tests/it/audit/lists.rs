//! The status lists that an audit is given: whatever an EPJ would refuse is found, and no date that
//! the operator writes hides what a list withholds.

use verifier::audit::{AuditCode, AuditState};
use verifier::claims::StatusListToken;
use verifier::status::StatusValue;
use verifier::trust::{Revocation, RevocationReason};

use super::published::{Published, codes};
use crate::support::{DAY, NOW};

#[test]
fn a_list_that_no_epj_reads_is_found() {
    type Change = fn(&mut StatusListToken);
    let cases: [(Change, &[AuditCode]); 8] = [
        (|_| {}, &[]),
        (|list| list.iss.push('x'), &[AuditCode::List]),
        (|list| list.sub.push('x'), &[AuditCode::List]),
        (|list| list.iat = NOW + 61, &[AuditCode::List]),
        (|list| list.iat = NOW + 60, &[]),
        (|list| list.status_list.bits = 4, &[AuditCode::List]),
        (|list| list.exp = NOW - 59, &[]),
        (|list| list.exp = NOW - 60, &[AuditCode::ListStale]),
    ];
    let published = Published::new();
    for (at, (change, expected)) in cases.into_iter().enumerate() {
        assert_eq!(published.with_list(change), expected, "case {at}");
    }
}

#[test]
fn a_list_that_has_expired_is_compared_all_the_same() {
    let mut published = Published::new();
    published.event(StatusValue::Valid, StatusValue::Suspended, NOW - 400);
    published.publish();
    let found = published.with_list(|list| list.exp = NOW - 60);
    assert_eq!(found, [AuditCode::ListStale, AuditCode::ListUndone]);
}

#[test]
fn a_status_key_that_another_has_replaced_signs_no_list() {
    for reason in [
        RevocationReason::Superseded,
        RevocationReason::Compromised,
        RevocationReason::Unspecified,
    ] {
        let mut published = Published::new();
        let list = published.world.status_token(NOW - 10);
        let kid = published.world.status.kid();
        let keys = &mut published.world.config.keys;
        let key = keys.iter_mut().find(|key| key.kid == kid).unwrap();
        key.revoked = Some(Revocation {
            revoked_at: NOW - 5,
            reason,
            log_index_cutoff: [].into(),
        });
        let report = published.audit_at(NOW, AuditState::default(), None, &list);
        assert_eq!(codes(&report), [AuditCode::List], "{reason:?}");
    }
}

#[test]
fn no_date_of_the_operators_hides_what_a_list_withholds() {
    // The list is dated so that the event seems new to it.
    let mut published = Published::new();
    published.event(StatusValue::Valid, StatusValue::Suspended, NOW - 400);
    published.publish();
    for iat in [NOW - 10, NOW - 281, NOW - 390, NOW - DAY + 1] {
        let found = published.with_list(|list| list.iat = iat);
        assert_eq!(found, [AuditCode::ListUndone], "{iat}");
    }
    // The approval is old, and the list older.
    let mut published = Published::new();
    published.world.list = verifier::status::StatusList::allow_list(1 << 10);
    let found = published.with_list(|list| list.iat = NOW - DAY + 1);
    assert_eq!(found, [AuditCode::ListWithheld]);
    // The event is from the future, and would never have been long ago.
    let mut published = Published::new();
    published.event(StatusValue::Valid, StatusValue::Suspended, NOW + 300 * DAY);
    published.publish();
    let list = published.world.status_token(NOW - 10);
    let first = published.audit_at(NOW, AuditState::default(), None, &list);
    assert_eq!(codes(&first), [AuditCode::EntryClaims]);
    let list = published.world.status_token(NOW + 110);
    let second = published.audit_at(NOW + 120, first.state.clone(), None, &list);
    assert_eq!(codes(&second), []);
    let second = published.audit_at(NOW + 121, first.state, None, &list);
    assert_eq!(codes(&second), [AuditCode::ListUndone]);
}

#[test]
fn a_list_full_of_what_was_never_logged_is_one_finding() {
    let mut published = Published::new();
    for idx in 0..1 << 10 {
        assert!(published.world.list.set(idx, StatusValue::Valid.byte()));
    }
    let report = published.audit(AuditState::default(), None);
    assert_eq!(codes(&report), [AuditCode::ListUnlogged]);
    assert_eq!(
        report.findings[0].detail,
        "https://registry.example.no/status/0 has values at 1023 places where no approval is logged, the first is 0"
    );
}

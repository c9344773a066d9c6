//! Taking approvals in: what is accepted, clocks, order, keys withdrawn, snapshots.

use proptest::prelude::*;
use verifier::claims::Content;
use verifier::status::StatusValue;
use verifier::{
    Code, Digest, Environment, Freshness, LaunchRequest, LocalPolicy, ObservedContent, Verifier,
};

use crate::support::{DAY, LIST, NOW, ORIGIN, TEST_MARK, VENDOR, World};

const APP: (&str, &str) = ("no.example.blodtrykk", "1.2.0");

pub(crate) fn launch(verifier: &Verifier, now: i64) -> Result<Freshness, Code> {
    let content = ObservedContent::Bundle(Digest::of(b"bundle"));
    let request = LaunchRequest::new(APP.0, APP.1, VENDOR, content);
    verifier
        .launch(&request, now)
        .map(|granted| granted.freshness)
        .map_err(|e| e.code)
}

#[test]
fn a_good_approval_is_accepted_and_launches() {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    assert!(
        token.len() + ticket.len() < 6_000,
        "{} + {}",
        token.len(),
        ticket.len()
    );
    let mut verifier = world.verifier();
    assert_eq!(launch(&verifier, NOW), Err(Code::NotApproved));
    let accepted = verifier.ingest(&token, &ticket, NOW).unwrap();
    assert_eq!(
        (accepted.log_index, accepted.witnessed_at),
        (Some(20), Some(NOW - 598))
    );
    assert!(accepted.in_force);
    assert_eq!(accepted.freshness, Freshness::Fresh);
    assert_eq!(launch(&verifier, NOW), Ok(Freshness::Fresh));
    assert_eq!(verifier.approval(APP.0, APP.1), Some(&approval));
    assert_eq!(verifier.approvals().count(), 1);
    assert_eq!(
        verifier.status_lists().collect::<Vec<_>>(),
        [(LIST, NOW - 10)]
    );
    assert_eq!(verifier.log(ORIGIN).unwrap().newest().unwrap().0, 21);
    // Again: the same answer.
    assert_eq!(verifier.ingest(&token, &ticket, NOW).unwrap(), accepted);
    assert_eq!(verifier.approvals().count(), 1);
}

#[test]
fn the_test_environment_allows_localhost_and_no_other_does() {
    for environment in [Environment::Test, Environment::Pilot, Environment::Prod] {
        let mut world = World::in_environment(environment);
        let found = world.ingest_changed(|approval| {
            approval.launch_uri = Some("http://abc.apps.localhost:8082/launch.html".to_owned());
            approval.redirect_uris = vec!["http://localhost:3000/".to_owned()];
            approval.origins = vec![
                "http://abc.apps.localhost:8082".to_owned(),
                "http://localhost:3000".to_owned(),
            ];
        });
        let expected = if environment == Environment::Test {
            None
        } else {
            Some(Code::Claim)
        };
        assert_eq!(found.err().map(|e| e.code), expected, "{environment:?}");
    }
    // And a test mark is refused in production even where the configuration lists it.
    let found = World::new().ingest_changed(|approval| {
        approval.trust_mark_type = TEST_MARK.to_owned();
    });
    assert_eq!(found.unwrap_err().code, Code::Env);
}

#[test]
fn the_clock_matrix() {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    let (iat, exp) = (approval.iat, approval.exp);
    (world.config.exp, world.config.online) = (exp + DAY, exp + DAY);
    world.config.iat = iat - 2 * DAY;
    world.config.anchors.max_stale.offline = 400 * DAY;
    let mut verifier = world.blank(LocalPolicy::new(Environment::Prod));
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    verifier
        .update_status(&world.status_token(iat - 100), iat)
        .unwrap();
    let cases = [
        (iat - 25 * 3600, Some(Code::IatFuture)),
        (iat - 61, Some(Code::IatFuture)),
        (iat - 59, Some(Code::IatFuture)), // the witness's time is then 61 s ahead
        (iat - 58, None),
        (iat, None),
        (iat + 59, None),
        (iat + DAY - 101, None),
        (exp - 1, Some(Code::StatusStale)),
        (exp, Some(Code::Expired)),
        (exp + 1, Some(Code::Expired)),
    ];
    for (now, code) in cases {
        let found = verifier.clone().ingest(&token, &ticket, now);
        assert_eq!(found.err().map(|e| e.code), code, "iat {:+}", now - iat);
    }
}

#[test]
fn the_launch_clock_matrix() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let made = NOW - 10;
    let stale = world.approval().max_stale;
    let floor = verifier.t_floor();
    assert_eq!(floor, made);
    let cases = [
        (floor - 25 * 3600, Err(Code::ClockRollback)),
        (floor - 61, Err(Code::ClockRollback)),
        (floor - 60, Ok(Freshness::Fresh)),
        (made + 360, Ok(Freshness::Fresh)),
        (made + 361, Ok(Freshness::Stale)),
        (made + stale, Ok(Freshness::Stale)),
        (made + stale + 1, Err(Code::StatusStale)),
        (world.config.exp - 1, Err(Code::StatusStale)),
        (world.config.exp, Err(Code::TrustExpired)),
    ];
    for (now, expected) in cases {
        assert_eq!(launch(&verifier, now), expected, "{:+}", now - made);
    }
    // With everything else renewed, the approval's own end counts, to the second.
    let exp = world.approval().exp;
    world.config.version = 2;
    (world.config.exp, world.config.online) = (exp + DAY, exp + DAY);
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    verifier
        .update_status(&world.status_token(exp - 5), exp - 1)
        .unwrap();
    assert_eq!(launch(&verifier, exp - 1), Ok(Freshness::Fresh));
    assert_eq!(launch(&verifier, exp), Err(Code::Expired));
    assert_eq!(launch(&verifier, exp + 1), Err(Code::Expired));
}

#[test]
fn suspended_comes_back_and_revoked_never_does() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let steps = [
        (StatusValue::Suspended, Err(Code::Suspended)),
        (StatusValue::Valid, Ok(Freshness::Fresh)),
        (StatusValue::Invalid, Err(Code::Revoked)),
    ];
    for (at, (value, expected)) in (1i64..).zip(steps) {
        let token = world.set_status(value, NOW + at);
        verifier.update_status(&token, NOW + at).unwrap();
        assert_eq!(launch(&verifier, NOW + at), expected);
    }
    for (at, value) in (10i64..).zip([
        StatusValue::Valid,
        StatusValue::Suspended,
        StatusValue::NotIssued,
    ]) {
        let token = world.set_status(value, NOW + at);
        let error = verifier.update_status(&token, NOW + at).unwrap_err();
        assert_eq!(error.code, Code::StatusRollback);
        assert_eq!(launch(&verifier, NOW + at), Err(Code::Revoked));
    }
}

#[test]
fn a_version_keeps_its_content_and_the_newest_approval_counts() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let mut other = World::release();
    other.content = Content::bundle(Digest::of(b"other"), Digest::of(b"manifest"), 5);
    let approval = world.approval_of(&other);
    let (token, ticket) = world.issue(&approval);
    assert_eq!(
        verifier.ingest(&token, &ticket, NOW).unwrap_err().code,
        Code::VersionReused
    );
    // A renewal takes over; the older one, taken in again, does not take it back.
    let older = world.approval();
    let (old_token, old_ticket) = world.issue(&older);
    let mut renewal = world.approval();
    renewal.iat = NOW - 100;
    renewal.exp = NOW + 399 * DAY;
    let (token, ticket) = world.issue(&renewal);
    assert!(verifier.ingest(&token, &ticket, NOW).unwrap().in_force);
    assert!(
        !verifier
            .ingest(&old_token, &old_ticket, NOW)
            .unwrap()
            .in_force
    );
    assert_eq!(verifier.approval(APP.0, APP.1), Some(&renewal));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn status_never_leaves_revoked(steps in prop::collection::vec(0u8..4, 1..12)) {
        let mut world = World::new();
        let mut verifier = world.ready();
        let mut revoked = false;
        for (at, step) in (1i64..).zip(steps) {
            let value = StatusValue::from_byte(step);
            let token = world.set_status(value, NOW + at);
            let taken = verifier.update_status(&token, NOW + at).is_ok();
            prop_assert_eq!(taken, !revoked || value == StatusValue::Invalid);
            revoked |= value == StatusValue::Invalid;
            let expected = match (revoked, value) {
                (true, _) => Err(Code::Revoked),
                (_, StatusValue::Valid) => Ok(Freshness::Fresh),
                (_, StatusValue::Suspended) => Err(Code::Suspended),
                _ => Err(Code::NotIssued),
            };
            prop_assert_eq!(launch(&verifier, NOW + at), expected);
        }
    }
}

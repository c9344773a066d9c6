//! What a newer trust configuration does to accepted approvals, and what a restart keeps.

use verifier::jwk::KeyUse;
use verifier::status::StatusValue;
use verifier::trust::{Revocation, RevocationReason, TrustedKey};
use verifier::{Assurance, Code, Environment, Freshness, LocalPolicy, Snapshot, Verifier};

use crate::authority::Authority;
use crate::ingest::launch;
use crate::support::{EcKey, LIST, NOW, ORIGIN, World};

fn revoke(world: &mut World, kid: &str, cutoff: Option<u64>) {
    world.config.version += 1;
    let key = world
        .config
        .keys
        .iter_mut()
        .find(|key| key.kid == kid)
        .unwrap();
    key.revoked = Some(Revocation {
        revoked_at: NOW,
        reason: RevocationReason::Compromised,
        log_index_cutoff: cutoff
            .map(|cutoff| (ORIGIN.to_owned(), cutoff))
            .into_iter()
            .collect(),
    });
}

#[test]
fn a_withdrawn_key_counts_from_its_place_in_the_log() {
    for reviewer in [false, true] {
        for (cutoff, refused) in [
            (Some(21), false),
            (Some(20), true),
            (Some(0), true),
            (None, true),
        ] {
            let mut world = World::new();
            let mut verifier = world.ready();
            let kid = if reviewer {
                world.clinical.kid()
            } else {
                world.issue.kid()
            };
            revoke(&mut world, &kid, cutoff);
            verifier.update_trust(&world.trust_update(), NOW).unwrap();
            let expected = if refused {
                Err(Code::KeyRevoked)
            } else {
                Ok(Freshness::Fresh)
            };
            assert_eq!(launch(&verifier, NOW), expected, "{cutoff:?}");
            // And the same on taking it in anew.
            let mut world = World::new();
            let approval = world.approval();
            let (token, ticket) = world.issue(&approval);
            let kid = if reviewer {
                world.clinical.kid()
            } else {
                world.issue.kid()
            };
            revoke(&mut world, &kid, cutoff);
            let found = world.verifier().ingest(&token, &ticket, NOW);
            assert_eq!(
                found.err().map(|e| e.code),
                refused.then_some(Code::KeyRevoked)
            );
        }
    }
}

#[test]
fn a_key_that_is_no_longer_listed_blocks_what_it_signed() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let kid = world.security.kid();
    world.config.version = 2;
    world.config.keys.retain(|key| key.kid != kid);
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    assert_eq!(launch(&verifier, NOW), Err(Code::KeyRevoked));
}

#[test]
fn tier_a_is_for_those_who_ask_for_it() {
    let mut world = World::new();
    let approval = world.approval();
    let (token, _) = world.issue(&approval);
    let mut strict = world.verifier();
    let error = strict.ingest_without_ticket(&token, NOW).unwrap_err();
    assert_eq!(error.code, Code::LocalPolicy);
    let local = LocalPolicy {
        min_assurance: Assurance::JoseOnly,
        ..LocalPolicy::new(Environment::Prod)
    };
    let mut verifier = world.verifier_with(local);
    verifier.ingest_without_ticket(&token, NOW).unwrap();
    assert_eq!(launch(&verifier, NOW), Ok(Freshness::Fresh));
    // Without a place in the log, a key that was only replaced is believed, and a stolen one counts
    // for everything it signed.
    let kid = world.issue.kid();
    revoke(&mut world, &kid, Some(0));
    let key = world.config.keys.iter_mut().find(|key| key.kid == kid);
    key.unwrap().revoked.as_mut().unwrap().reason = RevocationReason::Superseded;
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    assert_eq!(launch(&verifier, NOW), Ok(Freshness::Fresh));
    revoke(&mut world, &kid, Some(1 << 40));
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    assert_eq!(launch(&verifier, NOW), Err(Code::KeyRevoked));
}

#[test]
fn removing_a_signer_never_turns_no_into_yes() {
    // Every subset of the trusted keys, for a good approval: only the whole set says yes.
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    let all = world.config.keys.clone();
    let needed = [
        world.issue.kid(),
        world.status.kid(),
        world.security.kid(),
        world.clinical.kid(),
    ];
    for chosen in 0u32..1 << all.len() {
        let keep = |at: &usize| chosen >> at & 1 == 1;
        world.config.keys = (0..all.len())
            .filter(keep)
            .map(|at| all[at].clone())
            .collect();
        let mut verifier = world.blank(LocalPolicy::new(Environment::Prod));
        verifier.update_trust(&world.trust_update(), NOW).unwrap();
        let status = verifier.update_status(&world.status_token(NOW - 10), NOW);
        let found = status.is_ok() && verifier.ingest(&token, &ticket, NOW).is_ok();
        let has = |kid: &String| world.config.keys.iter().any(|key| key.kid == *kid);
        assert_eq!(found, needed.iter().all(has), "{chosen:b}");
    }
}

#[test]
fn a_snapshot_brings_everything_back() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let saved = serde_json::to_string(&verifier.snapshot()).unwrap();
    let load = |text: &str| -> Snapshot { serde_json::from_str(text).unwrap() };
    let local = LocalPolicy::new(Environment::Prod);
    let pinned = world.pinned_root();
    let restored = Verifier::restore(&pinned, local.clone(), load(&saved)).unwrap();
    assert_eq!(restored.snapshot(), verifier.snapshot());
    assert_eq!(launch(&restored, NOW), Ok(Freshness::Fresh));
    assert_eq!(launch(&restored, NOW - 100), Err(Code::ClockRollback));
    // An old status list or trust configuration is refused after a restart too.
    let old_status = world.status_token(NOW - 20);
    let old_trust = world.trust_update();
    world.config.version = 2;
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    let snapshot = verifier.snapshot();
    let mut again = Verifier::restore(&pinned, local.clone(), snapshot.clone()).unwrap();
    assert_eq!(
        again.update_status(&old_status, NOW).unwrap_err().code,
        Code::StatusRollback
    );
    assert_eq!(
        again.update_trust(&old_trust, NOW).unwrap_err().code,
        Code::TrustRollback
    );
    // Another pinned root does not believe the configuration inside.
    let other = Authority::with_keys(&|_| EcKey::new()).pinned(NOW);
    let error = Verifier::restore(&other, local, snapshot.clone()).unwrap_err();
    assert_eq!(error.code, Code::TrustConfig);
    let pilot = LocalPolicy::new(Environment::Pilot);
    let error = Verifier::restore(&pinned, pilot, snapshot).unwrap_err();
    assert_eq!(error.code, Code::Env);
    assert!(
        serde_json::from_str::<Snapshot>(&saved.replace("\"format\":4", "\"format\":4,\"x\":1"))
            .is_err()
    );
}

/// A list of the status key's thief: valid for ever, it says.
fn forged(world: &World) -> String {
    let mut claims = world.status_claims(NOW + 60);
    claims.r#gen = (1 << 53) - 1;
    world.status.sign(&claims)
}

#[test]
fn a_thiefs_list_is_forgotten_with_its_key_over_restarts_too() {
    let mut world = World::new();
    let mut verifier = world.ready();
    verifier.update_status(&forged(&world), NOW).unwrap();
    let stolen = std::mem::replace(&mut world.status, EcKey::new());
    // The next key alone is not enough: as long as the old one is believed, so is its list.
    let next = TrustedKey::service(&world.status.public, KeyUse::Status);
    world.config.keys.push(next);
    world.config.version += 1;
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    let suspended = world.set_status(StatusValue::Suspended, NOW);
    let refused = verifier.update_status(&suspended, NOW).unwrap_err();
    assert_eq!(refused.code, Code::StatusRollback);
    assert_eq!(launch(&verifier, NOW), Ok(Freshness::Fresh));

    revoke(&mut world, &stolen.kid(), Some(1 << 40));
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    // What the thief could do to the clock's floor is within what clocks may differ.
    assert_eq!(verifier.t_floor(), NOW + 60);
    let local = LocalPolicy::new(Environment::Prod);
    let snapshot = verifier.snapshot();
    let restored = Verifier::restore(&world.pinned_root(), local, snapshot.clone()).unwrap();
    assert_eq!(restored.snapshot(), snapshot);
    for mut verifier in [verifier, restored] {
        assert_eq!(launch(&verifier, NOW), Err(Code::StatusStale));
        // Its address is known, for it to be fetched anew.
        assert_eq!(verifier.status_list(LIST), None);
        assert_eq!(verifier.status_lists().count(), 0);
        assert_eq!(verifier.status_addresses().collect::<Vec<_>>(), [LIST]);
        verifier.update_status(&suspended, NOW).unwrap();
        assert_eq!(launch(&verifier, NOW), Err(Code::Suspended));
        assert_eq!(verifier.status_list(LIST).unwrap().generation, 2);
    }
}

#[test]
fn a_place_in_another_log_is_not_before_the_cutoff() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let kid = world.issue.kid();
    revoke(&mut world, &kid, Some(1 << 40));
    let key = world.config.keys.iter_mut().find(|key| key.kid == kid);
    let revoked = key.unwrap().revoked.as_mut().unwrap();
    revoked.log_index_cutoff = [("registry.example.no/log2025".to_owned(), 1 << 40)].into();
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    assert_eq!(launch(&verifier, NOW), Err(Code::KeyRevoked));
}

#[test]
fn damaged_state_is_not_taken_up() {
    let mut world = World::new();
    let verifier = world.ready();
    let saved = serde_json::to_string(&verifier.snapshot()).unwrap();
    let local = LocalPolicy::new(Environment::Prod);
    let restore = |text: &str| {
        let snapshot: Snapshot = serde_json::from_str(text).unwrap();
        let restored = Verifier::restore(&world.pinned_root(), local.clone(), snapshot);
        restored.map(drop).map_err(|error| error.code)
    };
    assert_eq!(restore(&saved), Ok(()));
    for (from, to) in [
        ("\"format\":4", "\"format\":3"),
        ("quorum nhn", "quorum none"),
        ("\\\"organizations\\\":[]", "\\\"organizations\\\":[ ]"),
    ] {
        let changed = saved.replacen(from, to, 1);
        assert_ne!(changed, saved, "{from}");
        assert_eq!(restore(&changed), Err(Code::TrustConfig), "{from}");
    }
}

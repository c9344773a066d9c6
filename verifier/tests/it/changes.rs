//! What a newer trust configuration does to accepted approvals, and what a restart keeps.

use verifier::jwk::KeyUse;
use verifier::trust::{Revocation, RevocationReason, TrustConfig};
use verifier::{Assurance, Code, Environment, Freshness, LocalPolicy, Snapshot, Verifier};

use crate::ingest::launch;
use crate::support::{EcKey, MARK, NOW, REGISTRY, World};

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
        log_index_cutoff: cutoff,
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
            verifier.update_trust(&world.trust_token(), NOW).unwrap();
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
    verifier.update_trust(&world.trust_token(), NOW).unwrap();
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
    // Without a place in the log, a withdrawn key counts for everything it signed.
    let kid = world.issue.kid();
    revoke(&mut world, &kid, Some(1 << 40));
    verifier.update_trust(&world.trust_token(), NOW).unwrap();
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
        let mut verifier = Verifier::new(
            world.root.public.clone(),
            LocalPolicy::new(Environment::Prod),
        );
        verifier.update_trust(&world.trust_token(), NOW).unwrap();
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
    let restored =
        Verifier::restore(world.root.public.clone(), local.clone(), load(&saved)).unwrap();
    assert_eq!(restored.snapshot(), verifier.snapshot());
    assert_eq!(launch(&restored, NOW), Ok(Freshness::Fresh));
    assert_eq!(launch(&restored, NOW - 100), Err(Code::ClockRollback));
    // An old status list or trust configuration is refused after a restart too.
    let old_status = world.status_token(NOW - 20);
    let old_trust = world.trust_token();
    world.config.version = 2;
    verifier.update_trust(&world.trust_token(), NOW).unwrap();
    let snapshot = verifier.snapshot();
    let mut again =
        Verifier::restore(world.root.public.clone(), local.clone(), snapshot.clone()).unwrap();
    assert_eq!(
        again.update_status(&old_status, NOW).unwrap_err().code,
        Code::StatusRollback
    );
    assert_eq!(
        again.update_trust(&old_trust, NOW).unwrap_err().code,
        Code::TrustRollback
    );
    // Another pinned root key does not believe the configuration inside.
    let other = EcKey::new().public;
    assert_eq!(
        Verifier::restore(other, local, snapshot.clone())
            .unwrap_err()
            .code,
        Code::Kid
    );
    let test = LocalPolicy::new(Environment::Test);
    let root = world.root.public.clone();
    assert_eq!(
        Verifier::restore(root, test, snapshot).unwrap_err().code,
        Code::Env
    );
    assert!(
        serde_json::from_str::<Snapshot>(&saved.replace("\"format\":1", "\"format\":1,\"x\":1"))
            .is_err()
    );
}

#[test]
fn trust_configurations_are_refused_whole() {
    let world = World::new();
    let mut broken = Vec::new();
    let mut change = |change: &dyn Fn(&mut TrustConfig)| {
        let mut config = world.config.clone();
        change(&mut config);
        broken.push(world.root.sign(&config));
    };
    change(&|config| config.log_policy = "quorum nobody".to_owned());
    change(&|config| config.keys[0].kid = "other".to_owned());
    change(&|config| config.keys[0].alg = "ES384".to_owned());
    change(&|config| config.keys[0].kty = "RSA".to_owned());
    change(&|config| config.keys.push(config.keys[0].clone()));
    change(&|config| config.keys[0].key_use = KeyUse::TrustConfig);
    change(&|config| config.keys[0].key_use = KeyUse::Review);
    change(&|config| config.keys[4].roles.clear());
    change(&|config| config.keys[4].organization_id = Some("NO:ORGNR:123456789".to_owned()));
    change(&|config| config.keys[4].person = None);
    change(&|config| config.exp = config.iat);
    for token in broken {
        let mut verifier = world.verifier();
        assert_eq!(
            verifier.update_trust(&token, NOW).unwrap_err().code,
            Code::TrustConfig
        );
        assert_eq!(verifier.trust().unwrap().config(), &world.config);
    }
    let mut later = world.config.clone();
    later.version = 2;
    later.iat = NOW + 61;
    let mut verifier = world.verifier();
    let error = verifier
        .update_trust(&world.root.sign(&later), NOW)
        .unwrap_err();
    assert_eq!(error.code, Code::IatFuture);
    // The same version signed anew is no rollback.
    verifier.update_trust(&world.trust_token(), NOW).unwrap();
    assert_eq!(
        (
            world.config.anchors.registry.as_str(),
            world.config.anchors.marks[0].mark_type.as_str()
        ),
        (REGISTRY, MARK)
    );
}

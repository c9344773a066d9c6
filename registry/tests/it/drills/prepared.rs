//! A ceremony that is prepared and not held, or held late: nothing is half done by it.

use std::time::Duration;

use registry::{Cutoff, Proposal};
use verifier::jwk::KeyUse;
use verifier::trust::{RevocationReason, TrustedKey, files};

use crate::support::epj::{Epj, key, keys};
use crate::support::holders::{BOTH, Holders, TARGETS, joined};
use crate::support::{World, worlds};

fn stolen(kid: &str, cutoff: Cutoff) -> Proposal {
    Proposal {
        withdraw: Some((kid.to_owned(), RevocationReason::Compromised, cutoff)),
        ..Proposal::default()
    }
}

async fn refused(world: &World, proposal: Proposal) -> String {
    let prepared = world.registry.prepare_ceremony(proposal).await;
    prepared.unwrap_err().to_string()
}

/// The key of the registry that signs approvals now.
pub(super) async fn in_force(world: &World) -> String {
    let all = world.registry.all_keys().await.unwrap();
    let mut all = all.into_iter();
    let found = all.find(|key| key.purpose == "approval" && key.state == "active");
    found.unwrap().kid
}

pub(super) fn of<'k>(listed: &'k [TrustedKey], kid: &str) -> &'k TrustedKey {
    listed.iter().find(|key| key.kid == kid).unwrap()
}

#[tokio::test]
async fn whatever_becomes_of_the_prepared_files_a_stolen_keys_successors_fall_with_it() {
    let holders = Holders::new();
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let old = key(&world, files::ISSUERS, KeyUse::Approval).await.kid;
        let next = world.registry.announce_key(&old).await.unwrap();
        let away = Proposal {
            roles: holders.roles(),
            ..Proposal::default()
        };
        holders.hold(&world, away, &BOTH).await;

        let beyond = Cutoff::From {
            log: None,
            index: 1_000_000,
        };
        let said = refused(&world, stolen(&old, beyond)).await;
        assert!(said.contains("key-cutoff"), "{said}");
        // One file is lost, and of two others the older comes back signed.
        let prepare = async || {
            world.clock.advance(Duration::from_mins(1));
            let proposal = stolen(&old, Cutoff::Now);
            let prepared = world.registry.prepare_ceremony(proposal).await.unwrap();
            prepared.write().unwrap()
        };
        prepare().await;
        let first = prepare().await;
        prepare().await;
        assert_eq!(in_force(&world).await, old, "{}", world.engine);
        let signed = joined(holders.signed(&world, &first, &TARGETS));
        world.registry.publish_ceremony(&signed).await.unwrap();

        let listed = keys(&world, files::ISSUERS).await;
        assert_eq!(listed.len(), 3, "{}", world.engine);
        for kid in [&old, &next] {
            let revoked = of(&listed, kid).revoked.as_ref().unwrap();
            assert_eq!(revoked.reason, RevocationReason::Compromised);
        }
        let believed = key(&world, files::ISSUERS, KeyUse::Approval).await.kid;
        assert_eq!(in_force(&world).await, believed);
        let later = world.approved("no.eksempel.ny", "Ny").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        for path in [&path, &later] {
            assert_eq!(epj.ingest(&world, path).await, None, "{path}");
        }

        // The theft was earlier than it seemed: that goes for the successor, too.
        holders
            .hold(&world, stolen(&old, Cutoff::Nothing), &TARGETS)
            .await;
        let listed = keys(&world, files::ISSUERS).await;
        assert_eq!(listed.len(), 3);
        for kid in [&old, &next] {
            let revoked = of(&listed, kid).revoked.as_ref().unwrap();
            assert!(revoked.log_index_cutoff.is_empty(), "{}", world.engine);
        }
    }
}

#[tokio::test]
async fn a_key_that_an_old_preparation_left_is_not_relied_on() {
    let holders = Holders::new();
    for world in worlds().await {
        let old = key(&world, files::ISSUERS, KeyUse::Approval).await.kid;
        let prepared = async || {
            let proposal = stolen(&old, Cutoff::Now);
            world.registry.prepare_ceremony(proposal).await.unwrap();
            let all = world.registry.all_keys().await.unwrap().into_iter();
            let prepared = all.filter(|key| key.state == "prepared");
            prepared.map(|key| key.kid).collect::<Vec<_>>()
        };
        let first = prepared().await;
        assert_eq!(prepared().await, first);
        world.clock.advance(Duration::from_hours(24 * 8));
        world.work().await;
        assert_eq!(prepared().await.len(), 2, "{}", world.engine);
        holders
            .hold(
                &world,
                Proposal {
                    roles: holders.roles(),
                    ..stolen(&old, Cutoff::Now)
                },
                &BOTH,
            )
            .await;
        let believed = key(&world, files::ISSUERS, KeyUse::Approval).await.kid;
        assert!(!first.contains(&believed));
        assert_eq!(in_force(&world).await, believed, "{}", world.engine);
    }
}

#[tokio::test]
async fn a_key_that_is_not_listed_is_not_withdrawn_and_nothing_is_made_for_it() {
    let world = worlds().await.remove(0);
    let all = world.registry.all_keys().await.unwrap();
    let timestamp = all.iter().find(|key| key.purpose == "trust-timestamp");
    let proposal = stolen(&timestamp.unwrap().kid, Cutoff::Now);
    let said = refused(&world, proposal).await;
    assert!(said.contains("key-unlisted"), "{said}");
    assert_eq!(world.registry.all_keys().await.unwrap(), all);
}

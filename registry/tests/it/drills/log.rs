//! The log's keys are stolen, and the database comes back from an old backup.

use std::time::Duration;

use registry::{Cutoff, Remedy};
use verifier::Code;
use verifier::jwk::KeyUse;
use verifier::trust::{RevocationReason, files};

use crate::support::epj::{Epj, key};
use crate::support::{World, worlds};

/// Freezes the log, starts the next, and goes on with witnesses that follow it.
async fn succeeded(world: World) -> World {
    let log = world.registry.log();
    let last = log.freeze().await.unwrap();
    let name = log.start(&last.origin, None).await.unwrap();
    assert_eq!(name, "log2026b");
    let world = world.restarted_with_witnesses(&[1]).await;
    world.registry.log().publish().await.unwrap();
    world.registry.renew_trust().await.unwrap();
    world
}

#[tokio::test]
async fn proofs_of_a_frozen_log_hold_and_the_next_log_goes_on() {
    for world in worlds().await {
        let old = world.approved("no.eksempel.gammel", "Gammel").await;
        let world = succeeded(world).await;
        let new = world.approved("no.eksempel.ny", "Ny").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        for path in [&old, &new] {
            assert_eq!(epj.ingest(&world, path).await, None, "{path}");
        }
        let origins: Vec<_> = epj
            .verifier
            .approvals()
            .map(|approval| approval.log.origin.clone())
            .collect();
        assert!(origins.iter().any(|origin| origin.ends_with("log2026")));
        assert!(origins.iter().any(|origin| origin.ends_with("log2026b")));
        let frozen = &epj.verifier.trust().unwrap().anchors().frozen_logs;
        assert_eq!(frozen.len(), 1);
    }
}

#[tokio::test]
async fn a_cut_off_in_an_old_log_reaches_into_every_later_one() {
    for world in worlds().await {
        let old = world.approved("no.eksempel.gammel", "Gammel").await;
        let world = succeeded(world).await;
        let new = world.approved("no.eksempel.ny", "Ny").await;
        let origin = "localhost:8080/log2026".to_owned();
        let size = world.registry.log().frozen().await.unwrap()[0].size;
        let stolen = key(&world, files::ISSUERS, KeyUse::Approval).await;
        let cutoff = Cutoff::From {
            log: Some(origin),
            index: size,
        };
        let reason = RevocationReason::Compromised;
        world
            .registry
            .withdraw_key(&stolen.kid, reason, cutoff)
            .await
            .unwrap();
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &old).await, None);
        assert_eq!(epj.ingest(&world, &new).await, Some(Code::KeyRevoked));
        let done = world.registry.resign_approvals().await.unwrap();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].remedy, Remedy::Resign);
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &new).await, None);
    }
}

#[tokio::test]
async fn after_an_old_backup_trust_is_served_again_when_the_log_is_replayed() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let before = world.get("", "/log/checkpoint").await.expect(200).text();
        let world = world.restarted_after_losing_the_log().await;
        world
            .get("", "/trust/timestamp.json")
            .await
            .refused(503, "log-behind");
        let registry = &world.registry;
        let restored = registry.restore_log(&world.files, "log2026", false).await;
        let restored = restored.unwrap();
        assert_eq!(restored.size.to_string(), before.lines().nth(1).unwrap());
        world.clock.advance(Duration::from_secs(6));
        world.registry.prepare().await.unwrap();
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &path).await, None);
        let next = world.approved("no.eksempel.ny", "Ny").await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &next).await, None);
    }
}

//! The root document is due, and those who sign it are not there: what is decided does not wait.

use std::time::Duration;

use foundation::testing;
use registry::{Cutoff, Proposal};
use verifier::jwk::KeyUse;
use verifier::trust::{RevocationReason, files};

use super::root::{lose, root_files, with_root_keys_in_files};
use crate::support::epj::{Epj, key, versions};
use crate::support::holders::{BOTH, Holders, TARGETS};
use crate::support::{World, worlds};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_key_is_withdrawn_while_the_root_keys_are_elsewhere_and_due() {
    for database in testing::databases().await.unwrap() {
        let (world, folder) = with_root_keys_in_files(database).await;
        world.registry.prepare().await.unwrap();
        let all = root_files(&folder);
        let world = Box::pin(lose(world, &folder, &all)).await;
        world.clock.advance(280 * DAY);
        world.work().await;
        let stolen = key(&world, files::STATUS, KeyUse::Status).await;
        let compromised = RevocationReason::Compromised;
        let withdrawn = world
            .registry
            .withdraw_key(&stolen.kid, compromised, Cutoff::Now);
        withdrawn.await.unwrap();
        assert_eq!(versions(&world).await[0], 1, "{}", world.engine);
        followed(&world).await;
    }
}

#[tokio::test]
async fn two_targets_keys_withdraw_a_key_while_the_root_document_is_due() {
    let holders = Holders::new();
    for world in worlds().await {
        holders.take_over(&world).await;
        world.clock.advance(140 * DAY);
        holders.hold(&world, Proposal::default(), &TARGETS).await;
        world.clock.advance(140 * DAY);
        world.work().await;
        let stolen = key(&world, files::STATUS, KeyUse::Status).await;
        let withdrawal = Proposal {
            withdraw: Some((stolen.kid, RevocationReason::Compromised, Cutoff::Now)),
            ..Proposal::default()
        };
        let [root, targets, ..] = versions(&world).await;
        holders.hold(&world, withdrawal, &TARGETS).await;
        assert_eq!(versions(&world).await[..2], [root, targets + 1]);
        followed(&world).await;
        // When the holders of the root keys meet, theirs is what is left.
        holders.hold(&world, Proposal::default(), &BOTH[..3]).await;
        assert_eq!(versions(&world).await[..2], [root + 1, targets + 1]);
        followed(&world).await;
    }
}

async fn followed(world: &World) {
    let mut epj = Epj::new(world).await;
    assert_eq!(epj.refresh(world).await, None, "{}", world.engine);
}

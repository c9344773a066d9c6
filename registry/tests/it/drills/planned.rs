//! A planned replacement of the key that signs approvals: the next one is known for a while before
//! it signs, and what the old one signed stays valid.

use std::time::Duration;

use registry::Cutoff;
use verifier::jwk::KeyUse;
use verifier::trust::{RevocationReason, files};

use crate::support::epj::{Epj, key, keys};
use crate::support::worlds;

#[tokio::test]
async fn the_next_key_is_known_before_it_signs_and_the_old_one_stays_valid() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let old = key(&world, files::ISSUERS, KeyUse::Approval).await;
        let next = world.registry.announce_key(&old.kid).await.unwrap();
        // Said twice, it is the same one.
        assert_eq!(world.registry.announce_key(&old.kid).await.unwrap(), next);
        let listed = keys(&world, files::ISSUERS).await;
        assert_eq!(listed.len(), 2, "{}", world.engine);
        assert!(listed.iter().all(|key| key.revoked.is_none()));
        let state = |all: &[registry::ListedKey], kid: &str| {
            let key = all.iter().find(|key| key.kid == kid).unwrap();
            (key.state.clone(), key.store.clone())
        };
        let all = world.registry.all_keys().await.unwrap();
        assert_eq!(state(&all, &next), ("next".into(), "database".into()));
        assert_eq!(state(&all, &old.kid).0, "active");
        // The old one signs on for all of the overlap.
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        let during = world.approved("no.eksempel.midt", "Midt").await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &during).await, None);

        world.registry.retire_key(&old.kid).await.unwrap();
        let all = world.registry.all_keys().await.unwrap();
        assert_eq!(state(&all, &next).0, "active");
        assert_eq!(state(&all, &old.kid).0, "replaced");
        let after = world.approved("no.eksempel.ny", "Ny").await;
        // Who has the trust repository of the overlap believes the new key already.
        world.clock.advance(Duration::from_mins(6));
        world.work().await;
        assert_eq!(epj.refresh(&world).await, None);
        for path in [&path, &during, &after] {
            assert_eq!(epj.ingest(&world, path).await, None, "{path}");
        }
        assert!(world.registry.stranded().await.unwrap().is_empty());
        // What has been replaced is not announced for, and a reviewer's key neither.
        assert!(world.registry.announce_key(&old.kid).await.is_err());
        let reviewer = key(&world, files::REVIEWERS, KeyUse::Review).await;
        assert!(world.registry.announce_key(&reviewer.kid).await.is_err());
    }
}

#[tokio::test]
async fn a_successor_is_withdrawn_with_a_compromised_key() {
    for world in worlds().await {
        let old = key(&world, files::ISSUERS, KeyUse::Approval).await;
        let next = world.registry.announce_key(&old.kid).await.unwrap();
        world
            .registry
            .withdraw_key(&old.kid, RevocationReason::Compromised, Cutoff::Now)
            .await
            .unwrap();
        let listed = keys(&world, files::ISSUERS).await;
        assert_eq!(listed.len(), 3, "{}", world.engine);
        for kid in [&old.kid, &next] {
            let key = listed.iter().find(|key| key.kid == *kid).unwrap();
            let reason = key.revoked.as_ref().map(|revoked| revoked.reason);
            assert_eq!(reason, Some(RevocationReason::Compromised));
        }
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
    }
}

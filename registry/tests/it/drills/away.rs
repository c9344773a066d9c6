//! Root and targets keys are with people: what is done about the registry's other keys then.

use std::collections::BTreeSet;

use registry::{Cutoff, ListedKey, Proposal};
use verifier::jwk::KeyUse;
use verifier::trust::tuf::RoleName;
use verifier::trust::{RevocationReason, files};

use super::prepared::{in_force, of};
use crate::support::epj::{Epj, json, key, keys, versions};
use crate::support::holders::{BOTH, Holders, TARGETS, joined};
use crate::support::{World, worlds};

async fn all(world: &World) -> Vec<ListedKey> {
    world.registry.all_keys().await.unwrap()
}

#[tokio::test]
async fn a_stolen_timestamp_key_is_replaced_by_the_holders_of_the_root_keys() {
    let holders = Holders::new();
    for world in worlds().await {
        holders.take_over(&world).await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        let before = all(&world).await;
        let stolen = before.iter().find(|key| key.purpose == "trust-timestamp");
        let stolen = &stolen.unwrap().kid;
        // Alone the registry can do nothing about it: it says what can, and has made nothing.
        let rotated = world.registry.rotate_trust_role(RoleName::Timestamp).await;
        let compromised = RevocationReason::Compromised;
        let withdrawn = world
            .registry
            .withdraw_key(stolen, compromised, Cutoff::Now)
            .await;
        for refused in [rotated, withdrawn] {
            let said = refused.unwrap_err().to_string();
            assert!(said.contains("key-quorum: root.json needs 3"), "{said}");
            let command = "`markedsplass keys prepare FILE --rotate-role timestamp`";
            assert!(said.contains(command), "{said}");
        }
        assert_eq!(all(&world).await, before, "{}", world.engine);

        let proposal = || Proposal {
            rotate_roles: BTreeSet::from([RoleName::Timestamp]),
            ..Proposal::default()
        };
        // A file is lost; the next one names the same key.
        world.registry.prepare_ceremony(proposal()).await.unwrap();
        let [root, targets, ..] = versions(&world).await;
        holders.hold(&world, proposal(), &BOTH[..3]).await;
        assert_eq!(all(&world).await.len(), before.len() + 1);
        assert_eq!(versions(&world).await[..2], [root + 1, targets]);
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        let ids = async |version: u64| {
            let root = json(&world, &format!("{version}.root.json")).await;
            root["signed"]["roles"]["timestamp"]["keyids"].clone()
        };
        assert_ne!(ids(root).await, ids(root + 1).await);
        // Another time it is another key.
        holders.hold(&world, proposal(), &BOTH[..3]).await;
        assert_ne!(ids(root + 1).await, ids(root + 2).await);
        assert_eq!(epj.refresh(&world).await, None);
    }
}

#[tokio::test]
async fn the_announced_key_takes_its_place_at_a_ceremony_and_nothing_is_stranded() {
    let holders = Holders::new();
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let old = key(&world, files::ISSUERS, KeyUse::Approval).await.kid;
        holders.take_over(&world).await;
        let next = world.registry.announce_key(&old).await.unwrap();
        assert!(!world.registry.is_listed(&next).await.unwrap());
        holders.hold(&world, Proposal::default(), &TARGETS).await;
        assert!(world.registry.is_listed(&next).await.unwrap());

        let before = all(&world).await;
        let said = world.registry.retire_key(&old).await.unwrap_err();
        let command = format!("`markedsplass keys prepare FILE --rotate {old}`");
        assert!(said.to_string().contains(&command), "{said}");
        assert_eq!(all(&world).await, before, "{}", world.engine);

        let rotation = Proposal {
            rotate: Some(old.clone()),
            ..Proposal::default()
        };
        let prepared = world.registry.prepare_ceremony(rotation).await.unwrap();
        let text = prepared.write().unwrap();
        // The old key signs on until the holders have signed.
        let during = world.approved("no.eksempel.midt", "Midt").await;
        let signed = joined(holders.signed(&world, &text, &TARGETS));
        world.registry.publish_ceremony(&signed).await.unwrap();
        assert_eq!(in_force(&world).await, next, "{}", world.engine);
        let listed = keys(&world, files::ISSUERS).await;
        assert_eq!(listed.len(), 2);
        let revoked = of(&listed, &old).revoked.as_ref().unwrap();
        assert_eq!(revoked.reason, RevocationReason::Superseded);
        assert_eq!(of(&listed, &next).revoked, None);

        let after = world.approved("no.eksempel.ny", "Ny").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        for path in [&path, &during, &after] {
            assert_eq!(epj.ingest(&world, path).await, None, "{path}");
        }
        assert!(world.registry.stranded().await.unwrap().is_empty());
    }
}

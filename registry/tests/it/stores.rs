//! A registry whose keys are in files, or in a token: what it signs is believed as any other.

use std::os::unix::fs::PermissionsExt;

use foundation::testing;
use registry::{ListedKey, RegistryConfig, StoreKind};
use verifier::trust::RevocationReason;
use verifier::trust::tuf::RoleName;

use crate::softhsm;
use crate::support::epj::Epj;
use crate::support::{World, world};

/// Approves, suspends nothing, replaces the issuing key, approves again: an EPJ believes both.
async fn believed(world: &World) {
    let first = world.approved("no.eksempel.app", "Blodtrykk").await;
    let issuing = |keys: &[ListedKey]| {
        let mut keys = keys.iter();
        let found = keys.find(|key| key.purpose == "approval" && key.state == "active");
        found.unwrap().kid.clone()
    };
    let kid = issuing(&world.registry.all_keys().await.unwrap());
    world.registry.retire_key(&kid).await.unwrap();
    let root = RoleName::Root;
    world.registry.rotate_trust_role(root).await.unwrap();
    let second = world.approved("no.eksempel.ny", "Ny").await;
    let mut epj = Epj::new(world).await;
    assert_eq!(epj.refresh(world).await, None, "{}", world.engine);
    for path in [&first, &second] {
        assert_eq!(epj.ingest(world, path).await, None, "{path}");
    }
}

/// How many keys there are in each store, as far as they are the registry's own.
async fn stores(world: &World) -> Vec<(String, String)> {
    let keys = world.registry.all_keys().await.unwrap();
    let mut stores: Vec<_> = keys
        .into_iter()
        .map(|key| (key.purpose, key.store))
        .collect();
    stores.dedup();
    stores
}

#[tokio::test]
async fn keys_in_files_sign_what_is_believed() {
    for database in testing::databases().await.unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = RegistryConfig::default();
        config.keys.store = StoreKind::Files;
        config.keys.folder = Some(folder.path().join("keys"));
        let database_key = ("federation".to_owned(), StoreKind::Database);
        config.keys.uses.extend([database_key]);
        let world = world(database, config).await;
        believed(&world).await;
        for (purpose, store) in stores(&world).await {
            let expected = if purpose == "federation" {
                "database"
            } else {
                "files"
            };
            assert_eq!(store, expected, "{purpose}");
        }
        let files: Vec<_> = std::fs::read_dir(folder.path().join("keys"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect();
        let keys = world.registry.all_keys().await.unwrap();
        let in_files = keys.iter().filter(|key| key.store == "files").count();
        assert_eq!(files.len(), in_files, "{}", world.engine);
        for file in &files {
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file:?}");
        }
    }
}

#[test]
fn keys_in_a_token_sign_what_is_believed() {
    softhsm::inside("stores::in_a_token");
}

#[tokio::test]
#[ignore = "run by another test, in a process of its own"]
async fn in_a_token() {
    for database in testing::databases().await.unwrap() {
        let mut config = RegistryConfig::default();
        config.keys.store = StoreKind::Pkcs11;
        config.keys.pkcs11.module = Some(softhsm::module());
        softhsm::LABEL.clone_into(&mut config.keys.pkcs11.token);
        let world = world(database, config).await;
        believed(&world).await;
        for (purpose, store) in stores(&world).await {
            let in_token = purpose != "log-ml-dsa-44";
            let expected = if in_token { "pkcs11" } else { "database" };
            assert_eq!(store, expected, "{purpose}");
        }
        // A withdrawn key is replaced in the token, too.
        let keys = world.registry.all_keys().await.unwrap();
        let status = keys.iter().find(|key| key.purpose == "status").unwrap();
        let compromised = RevocationReason::Compromised;
        let now = registry::Cutoff::Now;
        world
            .registry
            .withdraw_key(&status.kid, compromised, now)
            .await
            .unwrap();
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
    }
}

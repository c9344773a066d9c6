//! Root keys are lost or stolen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use foundation::testing::{self, TestDatabase};
use registry::{RegistryConfig, RoleSigners, StoreKind};
use tempfile::TempDir;
use verifier::trust::tuf::{RoleName, Root, Unsigned};

use crate::support::audit::{audited, audited_given};
use crate::support::epj::{Epj, json, versions};
use crate::support::{World, world, worlds};

/// A registry whose root keys are in files, and the folder of those.
pub(super) async fn with_root_keys_in_files(database: TestDatabase) -> (World, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = RegistryConfig::default();
    config.keys.folder = Some(folder.path().to_owned());
    let root = "trust-root".to_owned();
    config.keys.uses.insert(root, StoreKind::Files);
    (world(database, config).await, folder)
}

/// Destroys the files of these root keys; the next process does not find them.
pub(super) async fn lose(world: World, folder: &TempDir, lost: &[PathBuf]) -> World {
    for file in lost {
        std::fs::remove_file(file).unwrap();
    }
    let world = Box::pin(world.restarted()).await;
    let all = world.registry.all_keys().await.unwrap();
    let root = all.iter().filter(|key| key.purpose == "trust-root");
    let (gone, there): (Vec<_>, Vec<_>) = root.partition(|key| key.state == "unusable");
    assert!(gone.len() >= lost.len(), "{}", world.engine);
    assert_eq!(there.len(), root_files(folder).len());
    world
}

pub(super) fn root_files(folder: &TempDir) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder.path()).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

#[tokio::test]
async fn with_three_of_five_root_keys_left_the_role_gets_new_ones() {
    for database in testing::databases().await.unwrap() {
        let (world, folder) = with_root_keys_in_files(database).await;
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        let first = root_files(&folder);
        let world = Box::pin(lose(world, &folder, &first[..2])).await;
        // What is on line goes on.
        let [.., before] = versions(&world).await;
        world.clock.advance(Duration::from_hours(2));
        world.work().await;
        assert!(versions(&world).await[3] > before, "{}", world.engine);
        assert_eq!(epj.refresh(&world).await, None);
        world
            .registry
            .rotate_trust_role(RoleName::Root)
            .await
            .unwrap();
        // Signed as the old document asks and as the new one does, so who knows the old one comes
        // along, from however far back.
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.verifier.root_version(), 2);
        assert_eq!(epj.ingest(&world, &path).await, None);
        // The old ones are destroyed, as they should be, and nothing asks for them.
        let world = Box::pin(lose(world, &folder, &first[2..])).await;
        world.clock.advance(Duration::from_hours(2));
        world.work().await;
        world.registry.prepare().await.unwrap();
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        let (old, new) = (
            json(&world, "1.root.json").await,
            json(&world, "2.root.json").await,
        );
        let ids = |root: &serde_json::Value| -> BTreeSet<String> {
            let ids = root["signed"]["roles"]["root"]["keyids"]
                .as_array()
                .unwrap();
            ids.iter()
                .map(|id| id.as_str().unwrap().to_owned())
                .collect()
        };
        assert!(ids(&old).is_disjoint(&ids(&new)));
    }
}

#[tokio::test]
async fn with_three_root_keys_stolen_epjs_are_given_another_root_and_the_log_tells() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        // The thief makes a root document of their own, signed by three root keys.
        let keys = world.registry_keys();
        let signers = keys.at_hand(RoleName::Root).await.unwrap();
        let genuine = json(&world, "1.root.json").await;
        let mut root: Root = serde_json::from_value(unlabelled(&genuine)).unwrap();
        root.version = 2;
        root.expires += 86_400;
        let unsigned = Unsigned::new(&root).unwrap();
        let signatures: Vec<_> = signers
            .iter()
            .take(3)
            .map(|signer| {
                let id = verifier::trust::tuf::RoleKey::p256(signer.public_key()).id();
                (id, signer.sign(unsigned.message()).unwrap())
            })
            .collect();
        let forged = unsigned.assemble(&signatures);
        // The registry goes on from the document that it published, with new keys.
        world
            .registry
            .rotate_trust_role(RoleName::Root)
            .await
            .unwrap();
        assert_eq!(versions(&world).await[0], 2);
        // An EPJ that is given the registry's next root document out of band believes that alone.
        let next = world.get("", "/trust/2.root.json").await.expect(200);
        let mut epj = Epj::pinned(&next.bytes);
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &path).await, None);
        // Who is given the thief's believes it, and whoever audits what they were given finds out.
        let forged = BTreeMap::from([("2.root.json".to_owned(), forged.into_bytes())]);
        let mut deceived = Epj::new(&world).await;
        assert_eq!(deceived.refresh_given(&world, &forged).await, None);
        let found = audited_given(&world, &forged).await;
        let codes: Vec<_> = found.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, ["A_TRUST_CHANGED"], "{}", world.engine);
        assert_eq!(audited(&world).await, []);
        // With the registry's root document it comes back, with the state that it has.
        let mut undeceived = deceived.repinned(&next.bytes);
        assert_eq!(undeceived.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(undeceived.ingest(&world, &path).await, None);
        assert_eq!(undeceived.launch(&world, "no.eksempel.app"), None);
    }
}

/// A document without the members that every document has.
fn unlabelled(file: &serde_json::Value) -> serde_json::Value {
    let mut signed = file["signed"].clone();
    let members = signed.as_object_mut().unwrap();
    members.remove("_type");
    members.remove("spec_version");
    signed
}

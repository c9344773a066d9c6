//! Root keys are lost or stolen.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use foundation::testing;
use registry::{KeyError, Keys, RegistryConfig, RoleSigner, RoleSigners};
use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::{RoleName, Root, Unsigned};

use crate::support::epj::{Epj, json, versions};
use crate::support::{world_signed_by, worlds};

/// The registry's own keys, of which the first two of the root role are lost.
#[derive(Debug)]
struct TwoLost(Keys);

#[async_trait]
impl RoleSigners for TwoLost {
    async fn at_hand(&self, role: RoleName) -> Result<Vec<Arc<dyn RoleSigner>>, KeyError> {
        let mut keys = self.0.at_hand(role).await?;
        // The registry makes the first ones itself; two of them are lost afterwards.
        if role == RoleName::Root && keys.len() > 5 {
            keys.drain(..2);
        }
        Ok(keys)
    }

    async fn make(&self, role: RoleName, count: usize) -> Result<Vec<EcPublicKey>, KeyError> {
        self.0.make(role, count).await
    }

    async fn prepared(&self, role: RoleName) -> Result<Vec<EcPublicKey>, KeyError> {
        self.0.prepared(role).await
    }
}

#[tokio::test]
async fn with_three_of_five_root_keys_left_the_role_gets_new_ones() {
    for database in testing::databases().await.unwrap() {
        let config = RegistryConfig::default();
        let world = world_signed_by(database, config, |keys| Arc::new(TwoLost(keys))).await;
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
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
        // The thief's is in no log, which whoever compares finds out.
        let logged = world.logged_documents().await;
        let digest = |bytes: &[u8]| verifier::Digest::of(bytes);
        assert!(logged.contains(&digest(&next.bytes)));
        assert!(!logged.contains(&digest(forged.as_bytes())));
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

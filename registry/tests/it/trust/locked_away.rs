//! The keys of root and targets are locked away: what goes on without them, and what waits.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use foundation::testing;
use registry::{
    Denied, KeyError, Keys, Person, RegistryConfig, Restriction, RoleSigner, RoleSigners,
};
use verifier::claims::ReviewRole;
use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::RoleName;

use super::{APP, DAY, HOUR};
use crate::support::epj::{Epj, versions};
use crate::support::{orgnr, world_signed_by};

/// The registry's own keys, some of which are locked away.
#[derive(Debug)]
struct Safe {
    keys: Keys,
    locked: Arc<Mutex<BTreeSet<RoleName>>>,
}

#[async_trait]
impl RoleSigners for Safe {
    async fn at_hand(&self, role: RoleName) -> Result<Vec<Arc<dyn RoleSigner>>, KeyError> {
        if self.locked.lock().unwrap().contains(&role) {
            return Ok(Vec::new());
        }
        self.keys.at_hand(role).await
    }

    async fn make(&self, role: RoleName, count: usize) -> Result<Vec<EcPublicKey>, KeyError> {
        self.keys.make(role, count).await
    }

    async fn prepared(&self, role: RoleName) -> Result<Vec<EcPublicKey>, KeyError> {
        self.keys.prepared(role).await
    }
}

#[tokio::test]
async fn with_the_off_line_keys_locked_away_only_the_on_line_documents_go_on() {
    for database in testing::databases().await.unwrap() {
        let locked = Arc::new(Mutex::new(BTreeSet::new()));
        let lock = Arc::clone(&locked);
        let config = RegistryConfig::default();
        let world = world_signed_by(database, config, |keys| Arc::new(Safe { keys, locked })).await;
        let offline = BTreeSet::from([RoleName::Root, RoleName::Targets]);
        lock.lock().unwrap().clone_from(&offline);
        world.clock.advance(Duration::from_secs(2 * HOUR));
        world.work().await;
        assert_eq!(versions(&world).await, [1, 1, 1, 2], "{}", world.engine);
        // Changes wait; a decision is refused, not half done.
        let person = Person {
            subject: "security".to_owned(),
            name: "Person security".to_owned(),
            orgnr: orgnr(3),
            roles: BTreeSet::from([foundation::access::Role::Reviewer]),
            review_roles: BTreeSet::from([ReviewRole::Security, ReviewRole::Privacy]),
        };
        world.registry.save_person(&person).await.unwrap();
        // What nobody would believe is not published: its reviewers' keys are not listed yet.
        let path = world.submitted(APP, "Blodtrykk").await;
        for role in ["security", "clinical"] {
            let review = serde_json::json!({"decision": "approve", "role": role});
            let reply = world.post(role, &format!("{path}/reviews"), review).await;
            reply.expect(201);
        }
        world.work().await;
        assert_eq!(world.state(&path).await, "issuing");
        assert_eq!(versions(&world).await[1], 1);
        let vendor: Denied = format!("NO:ORGNR:{}", orgnr(1)).parse().unwrap();
        let denied = vec![Restriction::Deny(vendor.clone())];
        let refused = world.registry.restrict(denied.clone()).await.unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains("--deny NO:ORGNR:"), "{refused}");
        assert!(
            world
                .registry
                .rotate_trust_role(RoleName::Timestamp)
                .await
                .is_err()
        );
        world.clock.advance(Duration::from_secs(5 * DAY));
        world.work().await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        // At the ceremony everything that waited is signed, and goes its way.
        lock.lock().unwrap().clear();
        world.registry.restrict(denied).await.unwrap();
        assert_eq!(versions(&world).await[1], 2);
        assert_eq!(epj.refresh(&world).await, None);
        let lifted = vec![Restriction::Lift(vendor)];
        world.registry.restrict(lifted).await.unwrap();
        world.clock.advance(Duration::from_secs(2 * HOUR));
        world.work().await;
        assert_eq!(world.state(&path).await, "approved");
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
        // What is due and cannot be signed is left as it is, and the rest goes on.
        let [root, targets, snapshot, _] = versions(&world).await;
        lock.lock().unwrap().clone_from(&offline);
        world.clock.advance(Duration::from_secs(150 * DAY));
        world.work().await;
        assert_eq!(versions(&world).await[..3], [root, targets, snapshot + 1]);
        assert_eq!(epj.refresh(&world).await, None);
    }
}

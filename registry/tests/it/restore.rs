//! A registry whose database came back from an old backup, and that read its log in again: nobody who
//! verifies sees anything undone.

use std::collections::BTreeMap;
use std::time::Duration;

use foundation::http::health::Readiness;
use foundation::testing;
use registry::{Proposal, RegistryConfig, Restored};
use serde_json::json;
use verifier::Code;
use verifier::claims::ReviewRole;
use verifier::jwk::EcPublicKey;
use verifier::trust::TrustedKey;

use crate::support::audit::audited;
use crate::support::epj::{Epj, versions};
use crate::support::holders::{BOTH, Holders, TARGETS, offline};
use crate::support::{World, backup, orgnr, world, worlds};

const APP: &str = "no.eksempel.app";
const OTHER: &str = "no.eksempel.annen";

async fn decide(world: &World, who: &str, path: &str, action: &str) {
    let body = json!({"action": action, "reason": "Feil enhet."});
    let reply = world.post(who, &format!("{path}/status"), body).await;
    reply.expect(202);
    world.work().await;
}

async fn restore(world: &World, accept: bool) -> Restored {
    let restored = world.registry.restore_log(&world.files, "log2026", accept);
    restored.await.unwrap()
}

/// The database is as it was when the backup was made; the next process refuses to speak.
async fn put_back(world: World) -> World {
    backup::put_back(&world.database.database).await;
    let world = Box::pin(world.restarted()).await;
    for path in ["/trust/timestamp.json", "/status/0"] {
        world.get("", path).await.refused(503, "log-behind");
    }
    world
}

/// Generation of the list, and the versions of the trust repository.
async fn out(world: &World) -> (u64, [u64; 4]) {
    let list = world.get("", "/status/0").await.expect(200).text();
    let payload = verifier::base64url::decode(list.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    (claims["gen"].as_u64().unwrap(), versions(world).await)
}

#[tokio::test]
async fn what_was_revoked_after_the_backup_stays_revoked_and_nothing_rolls_back() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let other = world.approved(OTHER, "Vaksiner").await;
        decide(&world, "security", &other, "suspend").await;
        backup::make(&world.database.database).await;

        decide(&world, "security", &path, "revoke").await;
        decide(&world, "security", &other, "reinstate").await;
        decide(&world, "clinical", &other, "reinstate").await;
        // Lists and timestamps go on without any entry.
        for _ in 0..14 {
            world.clock.advance(Duration::from_mins(5));
            world.work().await;
        }
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, Some(Code::Revoked));
        let before = out(&world).await;

        let world = Box::pin(put_back(world)).await;
        let restored = restore(&world, false).await;
        assert!(restored.missing >= 3, "{}", world.engine);
        assert_eq!(restored.lost, Vec::<String>::new());
        assert_eq!(world.registry.log().obstacle().await, None);

        // Whoever saw the newest believes what is served now, and so does who comes fresh.
        let after = out(&world).await;
        assert!(after.0 > before.0, "{} {}", after.0, before.0);
        assert!(after.1[3] > before.1[3], "{after:?} {before:?}");
        assert_eq!(after.1[0..2], before.1[0..2]);
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, Some(Code::Revoked));
        assert_eq!(epj.ingest(&world, &other).await, None);
        assert_eq!(world.state(&path).await, "revoked");
        assert_eq!(world.state(&other).await, "approved");
        assert_eq!(audited(&world).await, []);

        // And life goes on.
        world.clock.advance(Duration::from_mins(6));
        decide(&world, "security", &other, "suspend").await;
        let third = world.approved("no.eksempel.tredje", "Legemidler").await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &third).await, None);
        assert_eq!(epj.ingest(&world, &other).await, Some(Code::Suspended));
        assert_eq!(audited(&world).await, []);
    }
}

#[tokio::test]
async fn a_decision_about_several_approvals_or_during_a_review_is_read_in_again() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        world.clock.advance(Duration::from_hours(2_400));
        world.work().await;
        let other = world.approved(OTHER, "Vaksiner").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        for path in [&path, &other] {
            assert_eq!(epj.ingest(&world, path).await, None);
        }
        let world = Box::pin(world.restarted_with_witnesses(&[2, 3])).await;
        world.registry.renew_trust().await.unwrap();
        world.registry.resign_approvals().await.unwrap();
        assert_eq!(world.state(&path).await, "submitted", "{}", world.engine);
        backup::make(&world.database.database).await;
        decide(&world, "security", &path, "suspend").await;
        decide(&world, "security", &other, "revoke").await;

        let world = Box::pin(put_back(world)).await;
        let restored = restore(&world, false).await;
        assert_eq!(restored.lost, Vec::<String>::new());
        assert_eq!(world.state(&path).await, "suspended", "{}", world.engine);
        assert_eq!(world.state(&other).await, "revoked");
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.launch(&world, APP), Some(Code::Suspended));
        assert_eq!(epj.launch(&world, OTHER), Some(Code::Revoked));
        assert_eq!(audited(&world).await, []);
    }
}

#[tokio::test]
async fn a_trust_document_that_is_lost_stands_in_the_way_until_it_is_accepted() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        backup::make(&world.database.database).await;
        let [_, before, ..] = versions(&world).await;
        let point: Vec<u8> = (0..65).map(|at| if at == 0 { 4 } else { at }).collect();
        let card = TrustedKey::reviewer(
            &EcPublicKey::from_uncompressed(&point).unwrap(),
            &format!("NO:ORGNR:{}", orgnr(3).as_str()),
            "urn:reviewer:card",
            &[ReviewRole::Clinical],
        );
        world.registry.list_key(card).await.unwrap();
        let [_, lost, ..] = versions(&world).await;
        assert_eq!(lost, before + 1);
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);

        let world = Box::pin(put_back(world)).await;
        let restored = restore(&world, false).await;
        assert_eq!(restored.lost, [format!("{lost}.targets.json")]);
        let said = world.registry.log().obstacle().await.unwrap();
        assert!(said.starts_with("log-restored: "), "{said}");
        assert!(said.contains(&format!("{lost}.targets.json")), "{said}");
        for path in ["/trust/timestamp.json", "/status/0"] {
            world.get("", path).await.refused(503, "log-restored");
        }
        // Another process, another time: it stands in the way still.
        let world = Box::pin(world.restarted()).await;
        world
            .get("", "/status/0")
            .await
            .refused(503, "log-restored");

        restore(&world, true).await;
        let [_, next, ..] = versions(&world).await;
        assert_eq!(next, lost + 1, "the number is not used twice");
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &path).await, None);
        assert_eq!(audited(&world).await, []);
    }
}

#[tokio::test]
async fn an_approval_that_is_lost_is_named_and_its_place_never_given_again() {
    for database in testing::databases().await.unwrap() {
        let world = world(database, RegistryConfig::default()).await;
        // The reviewers' keys are listed with what they first sign.
        world.approved(OTHER, "Vaksiner").await;
        backup::make(&world.database.database).await;
        let path = world.approved(APP, "Blodtrykk").await;
        let get = async |name: &str| {
            let reply = world.get("", &format!("{path}/{name}")).await;
            reply.expect(200).text()
        };
        let (approval, ticket) = (get("approval").await, get("approval.tlog-proof").await);
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);

        let world = Box::pin(put_back(world)).await;
        let restored = restore(&world, false).await;
        let [named] = restored.lost.as_slice() else {
            panic!("{:?}", restored.lost);
        };
        assert!(named.starts_with("approval "), "{named}");
        assert!(named.ends_with(&format!(" of {APP} 1.0.0")), "{named}");
        restore(&world, true).await;

        // Nobody here could suspend it, so it does not count.
        assert_eq!(epj.refresh(&world).await, None);
        let now = world.clock_seconds();
        let refused = epj.verifier.ingest(&approval, &ticket, now).unwrap_err();
        assert_eq!(refused.code, Code::NotIssued, "{}", world.engine);
        let found: Vec<_> = audited(&world).await;
        let codes: BTreeMap<_, _> = found.iter().map(|one| (one.code.as_str(), one)).collect();
        assert!(
            codes.keys().all(|code| *code == "A_LIST_WITHHELD"),
            "{found:?}"
        );
        // It is approved again, at another place.
        let again = world.approved(APP, "Blodtrykk").await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &again).await, None);
    }
}

#[tokio::test]
async fn after_lost_targets_documents_the_holders_sign_the_one_that_follows_them() {
    let holders = Holders::new();
    for database in testing::databases().await.unwrap() {
        let world = world(database, offline()).await;
        let first = Proposal {
            roles: holders.roles(),
            ..Proposal::default()
        };
        holders.hold(&world, first, &BOTH).await;
        world.registry.prepare().await.unwrap();
        backup::make(&world.database.database).await;
        // The backup has version 1; version 2, which is due after four months, is lost with the
        // database.
        world.clock.advance(Duration::from_hours(24 * 130));
        world.work().await;
        holders.hold(&world, Proposal::default(), &TARGETS).await;
        assert_eq!(versions(&world).await[1], 2);
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);

        let world = Box::pin(put_back(world)).await;
        let restored = restore(&world, false).await;
        assert_eq!(restored.lost, ["2.targets.json"]);
        restore(&world, true).await;
        holders.hold(&world, Proposal::default(), &TARGETS).await;
        assert_eq!(versions(&world).await[1], 3, "{}", world.engine);
        assert_eq!(epj.refresh(&world).await, None);
    }
}

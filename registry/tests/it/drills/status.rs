//! The key that signs status lists is stolen: another signs them at once, approvals are untouched,
//! what the thief signs is refused, and what the thief signed before goes with the key.

use std::time::Duration;

use registry::Cutoff;
use serde_json::json;
use verifier::Code;
use verifier::jwk::KeyUse;
use verifier::jws::TokenType;
use verifier::status::{StatusList, StatusValue};
use verifier::trust::{RevocationReason, files};

use super::thief::{Thief, claims};
use crate::support::epj::{Epj, key, versions};
use crate::support::worlds;

#[tokio::test]
async fn lists_are_signed_anew_at_once_and_the_thiefs_are_refused() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
        let stolen = key(&world, files::STATUS, KeyUse::Status).await;
        let thief = Thief::of(&world, "status", &stolen.kid).await;
        world.clock.advance(Duration::from_secs(10));
        world
            .registry
            .withdraw_key(&stolen.kid, RevocationReason::Compromised, Cutoff::Now)
            .await
            .unwrap();
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.launch(&world, "no.eksempel.app"), None);
        let list = world.get("", "/status/0").await.expect(200).text();
        let mut forged = claims(&list);
        forged["gen"] = json!(forged["gen"].as_u64().unwrap() + 1);
        let forged = thief.sign(TokenType::StatusList, &forged);
        let now = world.clock_seconds();
        let refused = epj.verifier.update_status(&forged, now).unwrap_err();
        assert_eq!(refused.code, Code::KeyRevoked);
        // No approval rests on that key.
        assert!(world.registry.stranded().await.unwrap().is_empty());
        let mut late = Epj::new(&world).await;
        assert_eq!(late.refresh(&world).await, None);
        assert_eq!(late.ingest(&world, &path).await, None);
    }
}

/// A list of the thief's, of the highest generation, in which every entry has this value.
fn forged(thief: &Thief, list: &str, value: StatusValue) -> String {
    let mut all = StatusList::allow_list(1 << 16);
    for index in 0..1 << 16 {
        assert!(all.set(index, value.byte()));
    }
    let mut forged = claims(list);
    forged["gen"] = json!((1_u64 << 53) - 1);
    forged["status_list"]["lst"] = json!(all.encode());
    thief.sign(TokenType::StatusList, &forged)
}

#[tokio::test]
async fn a_list_that_the_thief_signed_first_goes_with_the_key() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let stolen = key(&world, files::STATUS, KeyUse::Status).await;
        let thief = Thief::of(&world, "status", &stolen.kid).await;
        let list = world.get("", "/status/0").await.expect(200).text();
        let mut deceived = Vec::new();
        for (value, seen) in [
            (StatusValue::Valid, None),
            (StatusValue::Invalid, Some(Code::Revoked)),
        ] {
            let mut epj = Epj::new(&world).await;
            assert_eq!(epj.refresh(&world).await, None);
            assert_eq!(epj.ingest(&world, &path).await, None);
            let forged = forged(&thief, &list, value);
            let now = world.clock_seconds();
            epj.verifier.update_status(&forged, now).unwrap();
            assert_eq!(epj.launch(&world, "no.eksempel.app"), seen);
            deceived.push((epj, seen));
        }
        let suspend = json!({"action": "suspend", "reason": "Feil dose"});
        world
            .post("security", &format!("{path}/status"), suspend)
            .await
            .expect(202);
        world.work().await;
        // As long as the key is believed, the registry's own lists are kept out.
        for (epj, seen) in &mut deceived {
            assert_eq!(epj.refresh(&world).await, Some(Code::StatusRollback));
            assert_eq!(epj.launch(&world, "no.eksempel.app"), *seen);
        }
        world
            .registry
            .withdraw_key(&stolen.kid, RevocationReason::Compromised, Cutoff::Now)
            .await
            .unwrap();
        for (epj, _) in &mut deceived {
            assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
            let found = epj.launch(&world, "no.eksempel.app");
            assert_eq!(found, Some(Code::Suspended));
        }
    }
}

#[tokio::test]
async fn the_other_services_keys_are_replaced_by_the_same_command() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let uses = ["status-event", "status-digest", "delegation", "federation"];
        for purpose in uses {
            if purpose == "federation" {
                world
                    .get("", "/.well-known/openid-federation")
                    .await
                    .expect(200);
            }
            let active = |all: Vec<registry::ListedKey>| {
                let mut keys = all.into_iter();
                keys.find(|key| {
                    key.purpose == purpose && key.state == "active" && key.holder.is_empty()
                })
                .unwrap()
            };
            let old = active(world.registry.all_keys().await.unwrap());
            world
                .registry
                .withdraw_key(&old.kid, RevocationReason::Compromised, Cutoff::Now)
                .await
                .unwrap();
            let new = active(world.registry.all_keys().await.unwrap());
            assert_ne!(old.kid, new.kid, "{purpose}");
        }
        let suspend = json!({"action": "suspend", "reason": "Feil dose"});
        world
            .post("security", &format!("{path}/status"), suspend)
            .await
            .expect(202);
        world.work().await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &path).await, Some(Code::Suspended));
        let unknown =
            world
                .registry
                .withdraw_key("nobody", RevocationReason::Compromised, Cutoff::Now);
        assert!(unknown.await.is_err());
        // A log's key ends with its log.
        let all = world.registry.all_keys().await.unwrap();
        let of_log = all.iter().find(|key| key.purpose == "log-ed25519").unwrap();
        let refused =
            world
                .registry
                .withdraw_key(&of_log.kid, RevocationReason::Compromised, Cutoff::Now);
        assert!(
            refused
                .await
                .unwrap_err()
                .to_string()
                .contains("key-of-log")
        );
    }
}

#[tokio::test]
async fn a_key_is_withdrawn_and_its_lists_signed_anew_without_witnesses() {
    for world in worlds().await {
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        let stolen = key(&world, files::STATUS, KeyUse::Status).await;
        world.unplug_witnesses();
        world.clock.advance(Duration::from_secs(10));
        let compromised = RevocationReason::Compromised;
        let withdraw = async || {
            let registry = &world.registry;
            let withdrawn = registry.withdraw_key(&stolen.kid, compromised, Cutoff::Now);
            withdrawn.await.unwrap();
        };
        withdraw().await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        // Who was not told that it was done does it again, and nothing changes.
        let [_, targets, ..] = versions(&world).await;
        world.clock.advance(Duration::from_secs(10));
        withdraw().await;
        assert_eq!(versions(&world).await[1], targets);
        assert_eq!(epj.refresh(&world).await, None);
        // From another place, it is a withdrawal of its own.
        let registry = &world.registry;
        let wider = registry.withdraw_key(&stolen.kid, compromised, Cutoff::Nothing);
        wider.await.unwrap();
        assert_eq!(versions(&world).await[1], targets + 1);
        let narrower = Cutoff::From {
            log: None,
            index: 1,
        };
        let refused = registry.withdraw_key(&stolen.kid, compromised, narrower);
        assert!(refused.await.is_err());
    }
}

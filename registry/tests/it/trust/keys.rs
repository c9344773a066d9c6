//! Keys that come, go and are stolen: roles of the repository, issuers, reviewers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use registry::{Cutoff, Person};
use verifier::Code;
use verifier::claims::ReviewRole;
use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::trust::tuf::RoleName;
use verifier::trust::{RevocationReason, TrustedKey, files};

use super::APP;
use crate::support::epj::{Epj, json, key, keys, versions};
use crate::support::{orgnr, worlds};

#[tokio::test]
async fn every_role_can_be_given_new_keys() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        for (round, role) in (2..).zip(RoleName::ALL) {
            let before = json(&world, &format!("{}.root.json", round - 1)).await;
            world.registry.rotate_trust_role(role).await.unwrap();
            let after = json(&world, &format!("{round}.root.json")).await;
            for name in RoleName::ALL {
                let [old, new] =
                    [&before, &after].map(|root| &root["signed"]["roles"][name.as_str()]["keyids"]);
                assert_eq!(old == new, name != role, "{role}: {name}");
            }
            assert_eq!(epj.refresh(&world).await, None, "{role}, {}", world.engine);
            assert_eq!(epj.verifier.root_version(), round);
        }
        // And from the first root document on.
        let mut late = Epj::new(&world).await;
        assert_eq!(late.refresh(&world).await, None);
        assert_eq!(late.ingest(&world, &path).await, None);
        let refused = world
            .registry
            .set_trust_role(RoleName::Targets, Vec::new(), 1)
            .await;
        assert!(refused.is_err());
        assert_eq!(versions(&world).await[0], 5);
    }
}

#[tokio::test]
async fn a_stolen_issuer_key_counts_up_to_its_place_in_the_log() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
        let stolen = key(&world, files::ISSUERS, KeyUse::Approval).await;
        world
            .registry
            .revoke_key(&stolen.kid, RevocationReason::Compromised, Cutoff::Now)
            .await
            .unwrap();
        // What is in the log stays; what comes is signed by a new key.
        let mut late = Epj::new(&world).await;
        assert_eq!(late.refresh(&world).await, None);
        assert_eq!(late.ingest(&world, &path).await, None);
        let new = key(&world, files::ISSUERS, KeyUse::Approval).await;
        assert_ne!(new.kid, stolen.kid);
        let other = world.approved("no.eksempel.annen", "Annen").await;
        assert_eq!(late.refresh(&world).await, None);
        assert_eq!(late.ingest(&world, &other).await, None, "{}", world.engine);
        // It turns out to have been stolen earlier: stricter is possible, milder is not.
        let origin = epj.verifier.approvals().next().unwrap().log.origin.clone();
        let places = |at| Cutoff::At(BTreeMap::from([(origin.clone(), at)]));
        let reason = RevocationReason::Compromised;
        let milder = world
            .registry
            .revoke_key(&stolen.kid, reason, places(1 << 40))
            .await;
        assert!(milder.is_err());
        world
            .registry
            .revoke_key(&stolen.kid, reason, places(1))
            .await
            .unwrap();
        assert_eq!(late.refresh(&world).await, None);
        assert_eq!(late.ingest(&world, &path).await, Some(Code::KeyRevoked));
        assert_eq!(late.ingest(&world, &other).await, None);
        let unknown = world
            .registry
            .revoke_key("nobody", reason, Cutoff::Nothing)
            .await;
        assert!(unknown.is_err());
    }
}

#[tokio::test]
async fn planned_rotation_keeps_what_was_signed() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        for (name, key_use) in [
            (files::ISSUERS, KeyUse::Approval),
            (files::STATUS, KeyUse::Status),
            (files::REVIEWERS, KeyUse::Review),
        ] {
            let old = key(&world, name, key_use).await;
            world.registry.retire_key(&old.kid).await.unwrap();
            let listed = keys(&world, name).await;
            let retired = listed.iter().find(|key| key.kid == old.kid).unwrap();
            assert_eq!(
                retired.revoked.as_ref().unwrap().reason,
                RevocationReason::Superseded
            );
            let in_force = listed
                .iter()
                .filter(|key| key.key_use == key_use && key.revoked.is_none());
            let reviewers = usize::from(key_use == KeyUse::Review);
            assert_eq!(in_force.count(), 1 + reviewers, "{name}");
        }
        world.clock.advance(Duration::from_mins(6));
        world.work().await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &path).await, None);
        let other = world.approved("no.eksempel.annen", "Annen").await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &other).await, None);
    }
}

#[tokio::test]
async fn a_reviewer_who_leaves_keeps_what_was_reviewed_and_may_come_back() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let reviewer = |roles: &[ReviewRole]| Person {
            subject: "security".to_owned(),
            name: "Person security".to_owned(),
            orgnr: orgnr(3),
            roles: BTreeSet::from([foundation::access::Role::Reviewer]),
            review_roles: roles.iter().copied().collect(),
        };
        let revoked =
            |keys: Vec<TrustedKey>| keys.iter().filter(|key| key.revoked.is_some()).count();
        world.registry.save_person(&reviewer(&[])).await.unwrap();
        world.registry.renew_trust().await.unwrap();
        assert_eq!(revoked(keys(&world, files::REVIEWERS).await), 1);
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None, "{}", world.engine);
        world
            .registry
            .save_person(&reviewer(&[ReviewRole::Security, ReviewRole::Privacy]))
            .await
            .unwrap();
        world.registry.renew_trust().await.unwrap();
        let listed = keys(&world, files::REVIEWERS).await;
        assert!(listed.iter().any(|key| key.roles.len() == 2));
        assert_eq!(revoked(listed), 0);
    }
}

#[tokio::test]
async fn a_reviewers_own_card_is_listed_and_stays() {
    for world in worlds().await {
        let point: Vec<u8> = (0..65).map(|at| if at == 0 { 4 } else { at }).collect();
        let card = EcPublicKey::from_uncompressed(&point).unwrap();
        let card = TrustedKey::reviewer(
            &card,
            "NO:ORGNR:974760673",
            "urn:reviewer:card",
            &[ReviewRole::Clinical],
        );
        world.registry.list_key(card.clone()).await.unwrap();
        world.registry.renew_trust().await.unwrap();
        assert!(keys(&world, files::REVIEWERS).await.contains(&card));
        // A vendor's key has no place here, and a broken one none anywhere.
        for wrong in [
            TrustedKey {
                key_use: KeyUse::Release,
                ..card.clone()
            },
            TrustedKey {
                kid: "other".to_owned(),
                ..card.clone()
            },
        ] {
            assert!(world.registry.list_key(wrong).await.is_err());
        }
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
    }
}

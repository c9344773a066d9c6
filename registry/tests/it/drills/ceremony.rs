//! Root and targets keys that are not on the server: each in a file of its holder's, and their
//! signatures brought together.

use std::time::Duration;

use foundation::entropy::SystemEntropy;
use foundation::testing;
use registry::{
    Ceremony, Cutoff, Denied, OfflineKey, Proposal, RegistryConfig, Restriction, RoleSigners,
};
use serde_json::json;
use verifier::jwk::KeyUse;
use verifier::jws::TokenType;
use verifier::trust::tuf::RoleName;
use verifier::trust::{RevocationReason, files};

use crate::support::epj::{Epj, key, keys, versions};
use crate::support::holders::{BOTH, Holders, TARGETS, joined, offline, passphrase};
use crate::support::own_key::OwnKey;
use crate::support::world;

#[tokio::test]
async fn a_registry_begins_and_goes_on_with_keys_that_it_never_has() {
    let holders = Holders::new();
    for database in testing::databases().await.unwrap() {
        let world = world(database, offline()).await;
        let refused = world.registry.prepare().await.unwrap_err().to_string();
        assert!(refused.contains("key-offline"), "{refused}");
        // Without the holders' keys nothing can be prepared either.
        let empty = world.registry.prepare_ceremony(Proposal::default()).await;
        assert!(empty.is_err());
        let proposal = || Proposal {
            roles: holders.roles(),
            ..Proposal::default()
        };
        let prepared = world.registry.prepare_ceremony(proposal()).await.unwrap();
        let text = prepared.write().unwrap();
        assert!(
            prepared
                .summary()
                .unwrap()
                .iter()
                .any(|line| line.contains("root: 3 of 5"))
        );
        // Two of three are not enough.
        let few = joined(holders.signed(&world, &text, &BOTH[1..]));
        let refused = world.registry.publish_ceremony(&few).await;
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .contains("signed by 2 keys")
        );
        let all = joined(holders.signed(&world, &text, &BOTH));
        world.registry.publish_ceremony(&all).await.unwrap();
        world.registry.prepare().await.unwrap();
        assert_eq!(versions(&world).await, [1, 1, 1, 1], "{}", world.engine);
        let late = world.registry.publish_ceremony(&all).await.unwrap_err();
        assert!(late.to_string().contains("ceremony-late"), "{late}");

        // New reviewers' keys wait for the holders of the targets keys.
        let path = world.submitted("no.eksempel.app", "Blodtrykk").await;
        for role in ["security", "clinical"] {
            let review = json!({"decision": "approve", "role": role});
            let reply = world.post(role, &format!("{path}/reviews"), review).await;
            reply.expect(201);
        }
        // However long until they meet.
        for _ in 0..12 {
            world.work().await;
            assert_eq!(world.state(&path).await, "issuing");
            world.clock.advance(Duration::from_mins(1));
        }
        holders.hold(&world, Proposal::default(), &TARGETS).await;
        world.clock.advance(Duration::from_mins(1));
        world.work().await;
        assert_eq!(world.state(&path).await, "approved");
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &path).await, None);

        // A stolen key is withdrawn by them, and its successor begins then.
        let stolen = key(&world, files::ISSUERS, KeyUse::Approval).await;
        let compromised = RevocationReason::Compromised;
        let alone = world
            .registry
            .withdraw_key(&stolen.kid, compromised, Cutoff::Now)
            .await
            .unwrap_err();
        assert!(alone.to_string().contains("markedsplass keys prepare"));
        let proposal = Proposal {
            withdraw: Some((stolen.kid.clone(), compromised, Cutoff::Now)),
            ..Proposal::default()
        };
        holders.hold(&world, proposal, &TARGETS).await;
        let listed = keys(&world, files::ISSUERS).await;
        assert_eq!(listed.len(), 2);
        let next = world.approved("no.eksempel.ny", "Ny").await;
        let mut late = Epj::new(&world).await;
        assert_eq!(late.refresh(&world).await, None);
        for path in [&path, &next] {
            assert_eq!(late.ingest(&world, path).await, None, "{path}");
        }
        let new = key(&world, files::ISSUERS, KeyUse::Approval).await;
        assert_ne!(new.kid, stolen.kid);
    }
}

#[tokio::test]
async fn a_registry_gives_its_root_and_targets_keys_away() {
    let holders = Holders::new();
    for database in testing::databases().await.unwrap() {
        let world = world(database, RegistryConfig::default()).await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        // Signed by the old keys, which the registry has, and by three of the new ones.
        holders.take_over(&world).await;
        assert_eq!(versions(&world).await[..2], [2, 2], "{}", world.engine);
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.verifier.root_version(), 2);
        // From now on the registry alone changes nothing.
        let vendor: Denied = "NO:ORGNR:974760673".parse().unwrap();
        let denied = vec![Restriction::Deny(vendor)];
        let alone = world.registry.restrict(denied.clone()).await.unwrap_err();
        assert!(
            alone.to_string().contains("keys prepare FILE --deny"),
            "{alone}"
        );
        // With the holders it is denied.
        let proposal = Proposal {
            restrictions: denied,
            ..Proposal::default()
        };
        let prepared = world.registry.prepare_ceremony(proposal).await.unwrap();
        let text = prepared.write().unwrap();
        assert!(text.contains("974760673"), "it is in what they sign");
    }
}

#[tokio::test]
async fn a_ceremony_that_was_changed_or_signed_by_strangers_goes_nowhere() {
    let holders = Holders::new();
    let database = testing::sqlite().await.unwrap();
    let world = world(database, RegistryConfig::default()).await;
    let proposal = Proposal {
        roles: holders.roles(),
        ..Proposal::default()
    };
    let prepared = world.registry.prepare_ceremony(proposal).await.unwrap();
    let text = prepared.write().unwrap();
    let code = |text: &str| Ceremony::read(text.as_bytes()).unwrap_err().code();
    assert_eq!(
        code(&text.replace("ceremony/v1", "ceremony/v2")),
        "ceremony-format"
    );
    assert_eq!(code(&text.replace("quorum", "Quorum")), "ceremony-format");
    assert_eq!(code("{}"), "ceremony-format");
    let folder = tempfile::tempdir().unwrap();
    let place = (folder.path(), passphrase());
    let stranger = OfflineKey::make("trust-root", "", place, &SystemEntropy::default());
    let stranger = OfflineKey::open(&stranger.unwrap().0, passphrase()).unwrap();
    let mut copy = Ceremony::read(text.as_bytes()).unwrap();
    let refused = copy
        .sign(&stranger, world.clock_seconds())
        .unwrap_err()
        .to_string();
    assert!(refused.starts_with("ceremony-key"), "{refused}");
    // Another ceremony's signatures are not taken for this one's.
    world.clock.advance(Duration::from_mins(1));
    let proposal = Proposal {
        roles: holders.roles(),
        ..Proposal::default()
    };
    let other = world.registry.prepare_ceremony(proposal).await.unwrap();
    assert_eq!(copy.join(&other).unwrap_err().code(), "ceremony-differs");
    let nothing = world.registry.prepare_ceremony(Proposal::default()).await;
    assert!(nothing.unwrap_err().to_string().contains("ceremony-empty"));
}

#[tokio::test]
async fn a_card_that_a_ceremony_withdraws_ends_at_the_desk() {
    let holders = Holders::new();
    for database in testing::databases().await.unwrap() {
        let world = world(database, RegistryConfig::default()).await;
        holders.take_over(&world).await;
        let card = OwnKey::new();
        let request = json!({"person": "security", "key": card.jwk()});
        let reply = world.post("operator", "/api/v1/reviewer-keys", request);
        reply.await.expect(201);
        holders.hold(&world, Proposal::default(), &TARGETS).await;
        let path = world.submitted("no.eksempel.app", "Blodtrykk").await;
        let reviews = format!("{path}/reviews");
        let at_desk = json!({"decision": "approve", "role": "security"});
        let refused = world.post("security", &reviews, at_desk.clone()).await;
        refused.refused(409, "signing-own-key");

        let lost = (card.kid(), RevocationReason::Compromised, Cutoff::Now);
        let proposal = Proposal {
            withdraw: Some(lost),
            ..Proposal::default()
        };
        holders.hold(&world, proposal, &TARGETS).await;
        let claims = format!("{reviews}/claims?decision=approve&role=security");
        let claims = world.get("security", &claims).await.expect(200).json();
        let jws = card.sign(TokenType::Review, &claims);
        let refused = world.post("security", &reviews, json!({"jws": jws})).await;
        refused.refused(409, "signing-key-missing");
        // Until there is another card, the desk signs.
        world.post("security", &reviews, at_desk).await.expect(201);
    }
}

#[tokio::test]
async fn a_ceremony_is_published_and_followed_up_without_witnesses() {
    let holders = Holders::new();
    for database in testing::databases().await.unwrap() {
        let world = world(database, RegistryConfig::default()).await;
        holders.take_over(&world).await;
        let stolen = key(&world, files::STATUS, KeyUse::Status).await;
        world.unplug_witnesses();
        world.clock.advance(Duration::from_secs(10));
        let reason = RevocationReason::Compromised;
        let proposal = Proposal {
            withdraw: Some((stolen.kid, reason, Cutoff::Now)),
            ..Proposal::default()
        };
        holders.hold(&world, proposal, &TARGETS).await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
    }
}

#[tokio::test]
async fn nobody_signs_or_publishes_what_would_hold_for_ever() {
    let holders = Holders::new();
    let database = testing::sqlite().await.unwrap();
    let world = world(database, RegistryConfig::default()).await;
    let proposal = Proposal {
        roles: holders.roles(),
        ..Proposal::default()
    };
    let prepared = world.registry.prepare_ceremony(proposal).await.unwrap();
    for role in ["root", "targets"] {
        let mut changed = serde_json::to_value(&prepared).unwrap();
        let expires = changed[role]["expires"].clone();
        changed[role]["expires"] = json!("9999-12-31T23:59:59Z");
        changed["signatures"] = json!([]);
        let text = changed.to_string();
        let mut copy = Ceremony::read(text.as_bytes()).unwrap();
        // Holders see it when they compare, and their own machines refuse it.
        let shown = |ceremony: &Ceremony| ceremony.summary().unwrap().join("\n");
        assert!(shown(&copy).contains("  expires 9999-12-31T23:59:59Z"));
        assert!(shown(&prepared).contains(expires.as_str().unwrap()));
        let (path, _) = &holders.files[&RoleName::Root][0];
        let key = OfflineKey::open(path, passphrase()).unwrap();
        let refused = copy.sign(&key, world.clock_seconds()).unwrap_err();
        assert!(refused.to_string().contains("ceremony-expires"));
        // So does the registry, should their clocks be wrong, or the old keys still be here.
        let far = i64::MAX / 2;
        let mut signed = copy.clone();
        for role in [RoleName::Root, RoleName::Targets] {
            for (path, _) in &holders.files[&role] {
                let key = OfflineKey::open(path, passphrase()).unwrap();
                signed.sign(&key, far).unwrap();
            }
            let at_hand = world.registry_keys().at_hand(role).await.unwrap();
            for key in at_hand {
                drop(signed.sign(&*key, far));
            }
        }
        let refused = world.registry.publish_ceremony(&signed).await.unwrap_err();
        assert!(
            refused.to_string().contains("ceremony-expires"),
            "{refused}"
        );
    }
}

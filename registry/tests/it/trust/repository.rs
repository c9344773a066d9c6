//! The trust repository as it is installed at the first start, served, signed anew and logged.

use std::collections::BTreeSet;

use foundation::Clock;
use registry::RegistryConfig;
use sea_query::{Alias, Query};
use verifier::Digest;
use verifier::tiles::Bundle;
use verifier::trust::tuf::RoleName;
use verifier::trust::{LoggedDocument, files};

use super::{APP, DAY, HOUR};
use crate::support::epj::{Epj, json, keys, target, versions};
use crate::support::worlds;

#[tokio::test]
async fn the_first_start_installs_a_repository_that_clients_believe() {
    for world in worlds().await {
        assert_eq!(versions(&world).await, [1, 1, 1, 1]);
        let root = json(&world, "1.root.json").await;
        let roles = &root["signed"]["roles"];
        for (role, keys, threshold) in [
            ("root", 5, 3),
            ("targets", 4, 2),
            ("snapshot", 1, 1),
            ("timestamp", 1, 1),
        ] {
            assert_eq!(
                roles[role]["keyids"].as_array().unwrap().len(),
                keys,
                "{role}"
            );
            assert_eq!(roles[role]["threshold"], threshold, "{role}");
        }
        // A second start changes nothing.
        world.registry.prepare().await.unwrap();
        assert_eq!(versions(&world).await, [1, 1, 1, 1]);

        let path = world.approved(APP, "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &path).await, None);
        let trust = epj.verifier.trust().unwrap();
        assert_eq!(
            trust.delegation().unwrap().iss,
            RegistryConfig::default().mark_owner
        );
        // No key of the repository is listed in it, and nothing is listed twice.
        let mut seen = BTreeSet::new();
        for name in [files::ISSUERS, files::REVIEWERS, files::STATUS] {
            for key in keys(&world, name).await {
                assert!(seen.insert(key.kid));
            }
        }
        // The registry's four (approvals, lists, events, digests) and two reviewers.
        assert_eq!(seen.len(), 6);
    }
}

#[tokio::test]
async fn files_are_served_with_the_right_caching() {
    for world in worlds().await {
        let reply = world.get("", "/trust/timestamp.json").await.expect(200);
        assert_eq!(reply.headers["cache-control"], "public, max-age=60");
        assert_eq!(reply.headers["content-type"], "application/json");
        for name in ["1.root.json", "1.targets.json", "1.snapshot.json"] {
            let reply = world.get("", &format!("/trust/{name}")).await.expect(200);
            assert_eq!(
                reply.headers["cache-control"],
                "public, max-age=31536000, immutable"
            );
        }
        let policy = Digest::of(&target(&world, files::LOG_POLICY).await).to_hex();
        for (name, media_type) in [
            (files::ISSUERS, "application/jwk-set+json"),
            (files::ANCHORS, "application/json"),
            (files::DELEGATION, "application/trust-mark-delegation+jwt"),
            (files::LOG_POLICY, "text/plain; charset=utf-8"),
        ] {
            let hash = Digest::of(&target(&world, name).await).to_hex();
            let reply = world
                .get("", &format!("/trust/targets/{hash}.{name}"))
                .await
                .expect(200);
            assert_eq!(reply.headers["content-type"], media_type);
            assert_eq!(
                reply.headers["cache-control"],
                "public, max-age=31536000, immutable"
            );
        }
        for missing in [
            "2.root.json".to_owned(),
            "root.json".to_owned(),
            "01.root.json".to_owned(),
            "1.timestamp.json".to_owned(),
            "9.snapshot.json".to_owned(),
            format!("targets/{policy}.issuers.jwks"),
            "targets/log.policy".to_owned(),
            "targets/x".to_owned(),
        ] {
            world
                .get("", &format!("/trust/{missing}"))
                .await
                .refused(404, "file-unknown");
        }
    }
}

#[tokio::test]
async fn documents_are_signed_anew_before_they_expire() {
    for world in worlds().await {
        let mut epj = Epj::new(&world).await;
        let steps: [(u64, [u64; 4]); 6] = [
            (HOUR - 1, [1, 1, 1, 1]),
            (HOUR, [1, 1, 1, 2]),
            (HOUR + 60, [1, 1, 1, 2]),
            (4 * DAY, [1, 1, 2, 3]),
            (123 * DAY, [1, 2, 3, 4]),
            (276 * DAY, [2, 3, 4, 5]),
        ];
        let start = world.clock.now();
        for (after, expected) in steps {
            let at = start.seconds() + i64::try_from(after).unwrap();
            world.clock.set(foundation::Timestamp::from_seconds(at));
            world.work().await;
            assert_eq!(
                versions(&world).await,
                expected,
                "after {after} s, {}",
                world.engine
            );
            assert_eq!(epj.refresh(&world).await, None, "after {after} s");
        }
        assert_eq!(epj.verifier.root_version(), 2);
        // Who pinned the first root and was away all the time comes along too.
        assert_eq!(Epj::new(&world).await.refresh(&world).await, None);
    }
}

#[tokio::test]
async fn root_and_targets_documents_are_logged() {
    for world in worlds().await {
        world
            .registry
            .rotate_trust_role(RoleName::Targets)
            .await
            .unwrap();
        let checkpoint = world.get("", "/log/checkpoint").await.expect(200).text();
        let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
        let path = format!("/log/tile/entries/000.p/{size}");
        let bytes = world.get("", &path).await.expect(200).bytes;
        let entries = Bundle::entries(&bytes).unwrap();
        let logged: Vec<LoggedDocument> = entries
            .iter()
            .filter_map(|entry| serde_json::from_slice(entry).ok())
            .collect();
        let names: Vec<_> = logged
            .iter()
            .map(|entry| entry.trust_document.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "1.root.json",
                "1.targets.json",
                "2.root.json",
                "2.targets.json"
            ]
        );
        for entry in &logged {
            let served = world
                .get("", &format!("/trust/{}", entry.trust_document))
                .await;
            assert_eq!(Digest::of(&served.expect(200).bytes), entry.digest);
        }
    }
}

#[tokio::test]
async fn what_was_published_cannot_be_changed_or_removed() {
    for world in worlds().await {
        for table in ["registry_trust_metadata", "registry_trust_target"] {
            let table = Alias::new(table);
            let update = Query::update()
                .table(table.clone())
                .value(Alias::new("content"), "x")
                .to_owned();
            let mut tx = world.database.database.begin().await.unwrap();
            assert!(tx.execute(&update).await.is_err(), "{}", world.engine);
            drop(tx);
            let delete = Query::delete().from_table(table).to_owned();
            let mut tx = world.database.database.begin().await.unwrap();
            assert!(tx.execute(&delete).await.is_err(), "{}", world.engine);
        }
    }
}

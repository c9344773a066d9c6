//! The trust repository as EPJs read it: installed at first start, kept fresh, changed by people,
//! and believed by our own verifier and by another implementation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use foundation::Clock;
use foundation::clock::SystemClock;
use foundation::testing;
use registry::{Cutoff, KeyError, Keys, Person, RegistryConfig, RoleSigner, RoleSigners};
use sea_query::{Alias, Query};
use verifier::claims::ReviewRole;
use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::tiles::Bundle;
use verifier::trust::tuf::RoleName;
use verifier::trust::{Denylist, LoggedDocument, MinVersion, RevocationReason, TrustedKey, files};
use verifier::{Code, Digest};

use crate::support::epj::{Epj, json, key, keys, target, versions};
use crate::support::{orgnr, world_signed_by, worlds};

const APP: &str = "no.eksempel.app";
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

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

#[tokio::test]
async fn deny_list_oldest_versions_and_log_policy_are_decided_by_people() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        let vendor = format!("NO:ORGNR:{}", orgnr(1));
        let denylist = Denylist {
            organizations: vec![vendor],
            digests: Vec::new(),
        };
        world.registry.set_denylist(denylist).await.unwrap();
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(
            epj.ingest(&world, &path).await,
            Some(Code::Denylisted),
            "{}",
            world.engine
        );
        world
            .registry
            .set_denylist(Denylist::default())
            .await
            .unwrap();
        let oldest = |version: &str| MinVersion {
            software_id: APP.to_owned(),
            software_version: version.to_owned(),
        };
        world
            .registry
            .set_min_versions(vec![oldest("1.0.1")])
            .await
            .unwrap();
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, Some(Code::Denylisted));
        world
            .registry
            .set_min_versions(vec![oldest("1.0.0")])
            .await
            .unwrap();
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);

        let by_itself = target(&world, files::LOG_POLICY).await;
        let wrong = world.registry.set_log_policy(Some("quorum nobody\n")).await;
        assert!(wrong.is_err());
        assert_eq!(target(&world, files::LOG_POLICY).await, by_itself);
        let text = String::from_utf8(by_itself.clone()).unwrap();
        let narrower = format!("# Tested\n{text}");
        world
            .registry
            .set_log_policy(Some(&narrower))
            .await
            .unwrap();
        world.registry.renew_trust().await.unwrap();
        let published = String::from_utf8(target(&world, files::LOG_POLICY).await).unwrap();
        assert!(published.ends_with(&narrower));
        assert_eq!(epj.refresh(&world).await, None);
        world.registry.set_log_policy(None).await.unwrap();
        assert_eq!(target(&world, files::LOG_POLICY).await, by_itself);
    }
}

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
        let denied = Denylist {
            organizations: vec![format!("NO:ORGNR:{}", orgnr(1))],
            digests: Vec::new(),
        };
        let refused = world
            .registry
            .set_denylist(denied.clone())
            .await
            .unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("targets.json needs 2 signatures"),
            "{refused}"
        );
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
        world.registry.set_denylist(denied).await.unwrap();
        assert_eq!(versions(&world).await[1], 2);
        assert_eq!(epj.refresh(&world).await, None);
        world
            .registry
            .set_denylist(Denylist::default())
            .await
            .unwrap();
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

#[tokio::test]
async fn another_implementation_reads_the_same_files() {
    let python =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/python-tuf/bin/python");
    if !python.exists() {
        eprintln!("NOT CHECKED: python-tuf is not installed; run .ci/ensure-python-tuf");
        return;
    }
    for world in worlds().await {
        // The other implementation has its own clock.
        world.clock.set(SystemClock.now());
        world.registry.renew_trust().await.unwrap();
        let root = world.get("", "/trust/1.root.json").await.expect(200);
        let folder = tempfile::tempdir().unwrap();
        let pinned = folder.path().join("pinned.json");
        std::fs::write(&pinned, &root.bytes).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = world.router.clone();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        for round in 0..3 {
            let inner = folder.path().join("client");
            std::fs::create_dir_all(&inner).unwrap();
            let mut command = Command::new(&python);
            command
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/refresh.py"))
                .arg(&pinned)
                .arg(format!("http://{address}/trust/"))
                .arg(format!("http://{address}/trust/targets/"))
                .arg(&inner)
                .args(files::ALL);
            let output = tokio::task::spawn_blocking(move || command.output())
                .await
                .unwrap()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                output.status.success(),
                "round {round}, {}: {said}",
                world.engine
            );
            for name in files::ALL {
                assert_eq!(
                    std::fs::read(inner.join(name)).unwrap(),
                    target(&world, name).await,
                    "{name}"
                );
            }
            // And again after other keys, and other files.
            if round == 0 {
                for role in RoleName::ALL {
                    world.registry.rotate_trust_role(role).await.unwrap();
                }
            } else {
                let denylist = Denylist {
                    organizations: Vec::new(),
                    digests: vec![Digest::of(b"malware")],
                };
                world.registry.set_denylist(denylist).await.unwrap();
            }
        }
        server.abort();
    }
}

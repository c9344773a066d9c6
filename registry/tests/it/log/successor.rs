//! The end of a log and the beginning of the next.

use foundation::files::Files;
use foundation::http::health::Readiness;
use foundation::testing;
use registry::LogError;
use verifier::tlog_proof::TlogProof;

use std::time::Duration;

use super::world::{LogWorld, add, entry, worlds};
use crate::support;
use crate::support::epj::{Epj, versions};

#[tokio::test]
async fn a_frozen_log_takes_nothing_more_and_its_successor_begins_with_its_end() {
    for mut world in worlds().await {
        let log = world.process();
        add(&log, 0..3).await.unwrap();
        // What is durable and not yet witnessed goes in before the end.
        log.sequence("key 3", &entry(3)).await.unwrap();
        let last = log.freeze().await.unwrap();
        assert_eq!(last.size, 4);
        assert!(matches!(log.add("x", b"x").await, Err(LogError::Frozen)));
        assert!(matches!(log.freeze().await, Err(LogError::Frozen)));
        // Not even what is in it already: it is closed.
        let again = log.add("key 1", &entry(1)).await;
        assert!(matches!(again, Err(LogError::Frozen)), "{again:?}");
        let frozen = log.frozen().await.unwrap();
        assert_eq!(frozen.len(), 1);
        assert_eq!(
            (frozen[0].origin.as_str(), frozen[0].size),
            ("localhost:8080/log2026", 4)
        );

        let unknown = log.start("log1999", None).await;
        assert!(matches!(unknown, Err(LogError::Unknown(_))));
        let bad = log.start("log2026", Some("../x")).await;
        assert!(matches!(bad, Err(LogError::Format(_))));
        let name = log.start("localhost:8080/log2026", None).await.unwrap();
        assert_eq!(name, "log2026b");
        let twice = log.start("log2026", None).await;
        assert!(matches!(twice, Err(LogError::StillOpen(_))));

        // The witnesses do not follow the new log yet.
        let unknown = log.publish().await;
        assert!(matches!(unknown, Err(LogError::Quorum(_))), "{unknown:?}");
        world.follow_all().await;
        let log = world.process();
        let first = log.publish().await.unwrap();
        assert_eq!(
            (first.origin.as_str(), first.size),
            ("localhost:8080/log2026b", 1)
        );
        let read = world.read(&log, "log2026b").await;
        assert_eq!(read, [last.note.clone().into_bytes()]);

        // The old log stands as it was, and an entry of it is not taken into the new one.
        let again = log.add("key 1", &entry(1)).await.unwrap();
        assert_eq!((again.log.as_str(), again.position), ("log2026", 1));
        let next = add(&log, [7]).await.unwrap();
        assert_eq!(next.size, 2);
        assert_eq!(world.read(&log, "log2026").await.len(), 4);
        let policy = log.policy().await.unwrap();
        assert_eq!(
            policy
                .lines()
                .filter(|line| line.starts_with("log "))
                .count(),
            4
        );
        assert!(TlogProof::parse(&policy).is_err());

        // And so on.
        log.freeze().await.unwrap();
        let passed = log.start("log2026", None).await;
        let passed_over =
            matches!(&passed, Err(LogError::NotLast { last, .. }) if last == "log2026b");
        assert!(passed_over, "{passed:?}");
        assert_eq!(log.start("log2026b", None).await.unwrap(), "log2026c");
        assert_eq!(log.frozen().await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_lost_end_is_read_in_again_with_its_successor_and_only_if_it_is_that_end() {
    for mut world in worlds().await {
        let log = world.process();
        add(&log, 0..3).await.unwrap();
        let last = log.freeze().await.unwrap();
        let next = log.start("log2026", None).await.unwrap();
        world.follow_all().await;
        add(&world.process(), [3, 4]).await.unwrap();

        // The backup is of before the end, and its last entry is another.
        world.unfreeze("log2026", &next).await;
        world.lose("log2026", 2).await;
        let log = world.process();
        let refused = world.restore(&log, (&world.files, &next)).await;
        let told = matches!(&refused, Err(LogError::Tiles(why)) if why.contains("log2026 first"));
        assert!(told, "{refused:?}");
        let kept = std::mem::take(&mut world.config.log.witnesses);
        let files = std::mem::replace(&mut world.files, Files::in_memory());
        add(&world.process(), [10]).await.unwrap();
        world.config.log.witnesses = kept;
        world.files = files;
        let log = world.process();
        let refused = world.restore(&log, (&world.files, &next)).await;
        let told = matches!(&refused, Err(LogError::Tiles(why)) if why.contains("log2026 first"));
        assert!(told, "{refused:?}");

        // In their order.
        let log = world.process();
        world
            .restore(&log, (&world.files, "log2026"))
            .await
            .unwrap();
        world.restore(&log, (&world.files, &next)).await.unwrap();
        let log = world.process();
        assert_eq!(log.obstacle().await, None);
        let frozen = log.frozen().await.unwrap();
        assert_eq!(frozen.len(), 1);
        assert_eq!((frozen[0].size, last.size), (3, 3));
        assert_eq!(add(&log, [5]).await.unwrap().size, 4);
        assert_eq!(world.read(&log, "log2026").await.len(), 3);
    }
}

#[tokio::test]
async fn the_log_of_another_registry_is_not_read_in_as_ones_own() {
    for world in worlds().await {
        add(&world.process(), 0..3).await.unwrap();
        // The same witnesses cosign for both, so the files are right as far as they go.
        for fresh in testing::databases().await.unwrap() {
            let mut other = LogWorld::bare(fresh, Files::in_memory());
            other.config.public_url = "https://annet.example.no".to_owned();
            other.config.log = world.config.log.clone();
            let log = other.process();
            let refused = other.restore(&log, (&world.files, "log2026")).await;
            let told =
                matches!(&refused, Err(LogError::Tiles(why)) if why.contains("not a log of this"));
            assert!(told, "{refused:?}");
        }
    }
}

#[tokio::test]
async fn while_no_log_takes_entries_lists_and_timestamps_stay_young_and_a_start_succeeds() {
    for world in support::worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        world.registry.log().freeze().await.unwrap();
        let seen = async |world: &support::World| {
            let list = world.get("", "/status/0").await.expect(200).bytes;
            let [root, targets, _, timestamp] = versions(world).await;
            (list, [root, targets], timestamp)
        };
        let mut world = world;
        let mut before = seen(&world).await;
        for restarted in [false, true, false] {
            world.clock.advance(Duration::from_mins(61));
            if restarted {
                world = Box::pin(world.restarted()).await;
            } else {
                world.work().await;
            }
            let after = seen(&world).await;
            assert_ne!(after.0, before.0, "{}", world.engine);
            // What would have to be logged waits for the successor.
            assert_eq!(after.1, before.1);
            assert!(after.2 > before.2);
            before = after;
        }
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
    }
}

/// The thief has the log's keys and has added an entry that every witness has cosigned: to the
/// registry it looks as if its own database had lost one.
#[tokio::test]
async fn a_thief_who_has_the_log_go_on_does_not_keep_the_registry_from_closing_it() {
    for mut world in worlds().await {
        let honest = world.process();
        let last = add(&honest, 0..3).await.unwrap();
        let files = std::mem::replace(&mut world.files, Files::in_memory());
        add(&world.process(), [66]).await.unwrap();
        world.files = files;
        world.forget("log2026", &last).await;
        // Sequenced here, and not witnessed: no witness takes it after the thief's.
        honest.sequence("key 4", &entry(4)).await.unwrap();
        let log = world.process();
        for refused in [log.freeze().await, log.publish().await] {
            assert!(matches!(refused, Err(LogError::Obstacle(_))), "{refused:?}");
        }
        assert!(log.start("log2026", None).await.is_err());

        let log = world.process();
        let other = log.replace_stolen("log1999", None).await;
        assert!(matches!(other, Err(LogError::Unknown(_))), "{other:?}");
        let (end, name) = log.replace_stolen("log2026", None).await.unwrap();
        assert_eq!((end.size, name.as_str()), (3, "log2026b"));
        assert_eq!(end.note, last.note);
        assert_eq!(log.frozen().await.unwrap()[0].size, 3);
        world.follow_all().await;
        let log = world.process();
        assert_eq!(log.obstacle().await, None, "{}", world.database.engine);
        assert_eq!(log.publish().await.unwrap().size, 2);
        // Its first entries are the end of the old one and what nobody had witnessed.
        let carried = [last.note.clone().into_bytes(), entry(4)];
        assert_eq!(world.read(&log, "log2026b").await, carried);
        assert_eq!(world.read(&log, "log2026").await.len(), 3);
        assert_eq!(add(&log, [5]).await.unwrap().size, 3);
    }
}

#[tokio::test]
async fn a_restored_backup_is_not_taken_for_a_theft() {
    for world in worlds().await {
        let log = world.process();
        add(&log, 0..6).await.unwrap();
        world.lose("log2026", 3).await;
        let log = world.process();
        let refused = log.replace_stolen("log2026", None).await;
        let behind = matches!(&refused, Err(LogError::Obstacle(_)));
        assert!(behind, "{refused:?}");
        assert!(log.frozen().await.unwrap().is_empty());
    }
}

//! A database that has lost entries, or tells another history, does not speak for its log.

use foundation::http::health::Readiness;
use foundation::testing;
use registry::{LogError, LogObstacle, RegistryError};

use super::world::{LogWorld, add, entry, worlds};
use crate::support;

const NAME: &str = "log2026";

#[tokio::test]
async fn a_restored_old_backup_is_refused_and_read_in_again_from_the_tiles() {
    for world in worlds().await {
        let log = world.process();
        add(&log, 0..6).await.unwrap();
        world.lose(NAME, 3).await;

        let log = world.process();
        let refused = log.ensure_fit().await;
        let behind = matches!(
            &refused,
            Err(LogError::Obstacle(LogObstacle::Behind {
                have: 3,
                seen: 6,
                ..
            }))
        );
        assert!(behind, "{refused:?}");
        let said = log.obstacle().await.unwrap();
        assert!(said.starts_with("log-behind: "), "{said}");
        assert!(add(&log, [9]).await.is_err());
        let refused = log.publish().await;
        let behind = matches!(
            &refused,
            Err(LogError::Obstacle(LogObstacle::Behind { .. }))
        );
        assert!(behind, "{refused:?}");

        // The tiles alone give everything back, under the names that are still known.
        let restored = world.restore(&log, (&world.files, NAME)).await.unwrap();
        assert_eq!((restored.size, restored.missing), (6, 3));
        assert_eq!(log.obstacle().await, None);
        let again = log.add("key 2", &entry(2)).await.unwrap();
        assert_eq!(again.position, 2);
        add(&log, [6]).await.unwrap();
        let read = world.read(&log, NAME).await;
        assert_eq!(read, (0..7).map(entry).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn the_witnesses_remember_when_the_files_are_gone_too() {
    for mut world in worlds().await {
        let log = world.process();
        add(&log, 0..6).await.unwrap();
        world.lose(NAME, 2).await;
        let kept = std::mem::replace(&mut world.files, foundation::files::Files::in_memory());
        let log = world.process();
        let said = log.obstacle().await.unwrap();
        assert!(said.starts_with("log-behind: "), "{said}");

        // Even if nobody had looked: what is shown to the witnesses does not continue what they saw.
        add(&log, [7]).await.unwrap_err();
        let restored = world.restore(&log, (&kept, NAME)).await.unwrap();
        assert_eq!(restored.missing, 4);
        // The files are written anew from the first entry on.
        add(&log, [6]).await.unwrap();
        assert_eq!(world.read(&log, NAME).await.len(), 7);
    }
}

#[tokio::test]
async fn another_history_of_the_same_log_is_refused() {
    for world in worlds().await {
        let log = world.process();
        add(&log, 0..4).await.unwrap();
        world.lose(NAME, 2).await;
        // A log that goes on from the backup, with nobody to stop it: without files or witnesses.
        let mut alone = world;
        alone.files = foundation::files::Files::in_memory();
        let witnesses = std::mem::take(&mut alone.config.log.witnesses);
        add(&alone.process(), [10, 11, 12]).await.unwrap();
        alone.config.log.witnesses = witnesses;
        let log = alone.process();
        let refused = log.ensure_fit().await;
        let forked = matches!(
            &refused,
            Err(LogError::Obstacle(LogObstacle::Forked { size: 4, .. }))
        );
        assert!(forked, "{refused:?}");
        assert!(log.obstacle().await.unwrap().starts_with("log-forked: "));
    }
}

#[tokio::test]
async fn published_files_that_somebody_changed_are_seen() {
    for world in worlds().await {
        let log = world.process();
        add(&log, 0..4).await.unwrap();
        let note = log.newest().await.unwrap().note;
        let changed = note.replacen("\n4\n", "\n3\n", 1);
        let path = format!("{NAME}/checkpoint");
        world.files.put(&path, changed).await.unwrap();
        let log = world.process();
        let said = log.obstacle().await.unwrap();
        assert!(said.starts_with("log-files: "), "{said}");
        // A tile that was changed cannot be restored from.
        world.files.put(&path, note).await.unwrap();
        let tile = format!("{NAME}/tile/entries/000.p/4");
        let bytes = world.files.get(&tile).await.unwrap().unwrap();
        let mut bytes = bytes.to_vec();
        bytes[5] ^= 1;
        world.files.put(&tile, bytes).await.unwrap();
        let refused = world.restore(&log, (&world.files, NAME)).await;
        assert!(matches!(refused, Err(LogError::Tiles(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn an_empty_database_does_not_begin_a_log_that_witnesses_know() {
    for world in worlds().await {
        add(&world.process(), 0..3).await.unwrap();
        // Neither rows nor files are left, and the secret and the keys are others: all that is known
        // is in the witnesses' memory.
        for fresh in testing::databases().await.unwrap() {
            let mut other = LogWorld::bare(fresh, foundation::files::Files::in_memory());
            other.config = world.config.clone();
            let said = other.process().obstacle().await.unwrap();
            assert!(said.starts_with("log-behind: "), "{said}");
            // Nor is one made, whatever asks for it.
            for refused in [
                other.process().prepare().await,
                other.process().add("key", b"x").await.map(drop),
            ] {
                let behind = matches!(
                    &refused,
                    Err(LogError::Obstacle(LogObstacle::Behind { .. }))
                );
                assert!(behind, "{refused:?}");
            }
            assert_eq!(other.process().verifier_keys().await.unwrap(), []);
        }
    }
}

#[tokio::test]
async fn a_log_that_was_made_before_anybody_asked_the_witnesses_is_seen_through() {
    for world in worlds().await {
        add(&world.process(), 0..3).await.unwrap();
        for fresh in testing::databases().await.unwrap() {
            let mut other = LogWorld::bare(fresh, foundation::files::Files::in_memory());
            // Made where no witness was set yet, with keys of its own.
            other.process().prepare().await.unwrap();
            other.config = world.config.clone();
            let said = other.process().obstacle().await.unwrap();
            assert!(said.starts_with("log-behind: "), "{said}");
        }
    }
}

#[tokio::test]
async fn witnesses_that_were_silent_are_asked_again() {
    for mut world in worlds().await {
        add(&world.process(), 0..6).await.unwrap();
        world.lose(NAME, 2).await;
        world.files = foundation::files::Files::in_memory();
        for witness in &world.witnesses {
            witness.unplug();
        }
        let log = world.process();
        assert_eq!(log.obstacle().await, None, "nobody knows better");
        world.witnesses[1].plug_in();
        assert_eq!(log.obstacle().await, None, "it was just looked at");
        world.clock.advance(std::time::Duration::from_secs(5));
        let said = log.obstacle().await.unwrap();
        assert!(said.starts_with("log-behind: "), "{said}");
    }
}

#[tokio::test]
async fn a_witness_that_refuses_shows_what_it_saw() {
    for mut world in worlds().await {
        add(&world.process(), 0..4).await.unwrap();
        world.lose(NAME, 2).await;
        world.files = foundation::files::Files::in_memory();
        for witness in &world.witnesses {
            witness.unplug();
        }
        // Nobody is there to say so when it begins, and it goes on from the backup.
        let log = world.process();
        for number in 10..14 {
            let added = log.add(&format!("key {number}"), &entry(number)).await;
            assert!(matches!(added, Err(LogError::Quorum(_))), "{added:?}");
        }
        for witness in &world.witnesses {
            witness.plug_in();
        }
        let refused = log.publish().await;
        let forked = matches!(
            &refused,
            Err(LogError::Obstacle(LogObstacle::Forked { size: 4, .. }))
        );
        assert!(forked, "{refused:?}");
    }
}

#[tokio::test]
async fn files_are_not_written_anew_from_a_database_that_has_less() {
    for world in worlds().await {
        let log = world.process();
        add(&log, 0..4).await.unwrap();
        let path = format!("{NAME}/checkpoint");
        let newest = world.files.get(&path).await.unwrap();
        world.lose_all(NAME, 2).await;
        let refused = world.process().rewrite_files().await;
        let behind = matches!(
            &refused,
            Err(LogError::Obstacle(LogObstacle::Behind { .. }))
        );
        assert!(behind, "{refused:?}");
        assert_eq!(world.files.get(&path).await.unwrap(), newest);
    }
}

#[tokio::test]
async fn files_that_somebody_changed_are_written_anew() {
    for world in worlds().await {
        let log = world.process();
        add(&log, 0..4).await.unwrap();
        world
            .files
            .put(&format!("{NAME}/checkpoint"), "x")
            .await
            .unwrap();
        let tile = format!("{NAME}/tile/0/000.p/4");
        world.files.put(&tile, "x").await.unwrap();
        let log = world.process();
        let said = log.obstacle().await.unwrap();
        assert!(said.starts_with("log-files: "), "{said}");
        log.rewrite_files().await.unwrap();
        assert_eq!(log.obstacle().await, None);
        assert_eq!(world.read(&log, NAME).await.len(), 4);
    }
}

#[tokio::test]
async fn trust_is_not_served_behind_the_log_and_the_log_itself_is() {
    for database in testing::databases().await.unwrap() {
        let world = support::world(database, registry::RegistryConfig::default()).await;
        let paths = ["/trust/timestamp.json", "/trust/1.root.json", "/status/0"];
        for path in paths {
            world.get("", path).await.expect(200);
        }
        let checkpoint = world.get("", "/log/checkpoint").await.expect(200);
        assert!(checkpoint.text().starts_with("localhost:8080/log2026\n"));
        assert_eq!(checkpoint.headers["cache-control"], "public, max-age=5");
        let again = world.get("", "/log2026/checkpoint").await.expect(200);
        assert_eq!(again.bytes, checkpoint.bytes);
        let text = checkpoint.text();
        let size: usize = text.lines().nth(1).unwrap().parse().unwrap();
        let path = format!("/log2026/tile/0/000.p/{size}");
        let tile = world.get("", &path).await.expect(200);
        assert_eq!(tile.bytes.len(), size * 32);
        assert!(
            tile.headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        // Where another log's file will be one day, nothing is kept for good.
        let alias = world.get("", &format!("/log/tile/0/000.p/{size}")).await;
        assert_eq!(
            alias.expect(200).headers["cache-control"],
            "public, max-age=5"
        );
        world
            .get("", "/log2026/tile/0/001")
            .await
            .refused(404, "file-unknown");
        world
            .get("", "/other/checkpoint")
            .await
            .refused(404, "file-unknown");

        let world = Box::pin(world.restarted_after_losing_the_log()).await;
        for path in paths {
            world.get("", path).await.refused(503, "log-behind");
        }
        // Nor is it given to those in the same process.
        let registry = &world.registry;
        let refused = [
            registry.trust_file("timestamp.json").await.map(drop),
            registry.trust_update(1).await.map(drop),
            registry.status_list(0).await.map(drop),
            registry
                .status_list_at("http://localhost:8080/status/0")
                .await
                .map(drop),
            registry
                .approval("no.eksempel.app", "1.0.0")
                .await
                .map(drop),
        ];
        for refused in refused {
            let behind = matches!(&refused, Err(RegistryError::Log(LogError::Obstacle(_))));
            assert!(behind, "{refused:?}");
        }
        world.get("", "/log/checkpoint").await.expect(200);
        world.get("", "/api/v1/catalogue").await.expect(200);
    }
}

//! A database that has lost entries, or tells another history, does not speak for its log.

use foundation::http::health::Readiness;
use foundation::testing;
use registry::{LogError, LogObstacle};

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
        assert!(log.publish().await.is_err() || log.newest().await.unwrap().size == 6);

        // The tiles alone give everything back, under the names that are still known.
        let restored = log.restore(&world.files, NAME).await.unwrap();
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
        let restored = log.restore(&kept, NAME).await.unwrap();
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
        let refused = log.restore(&world.files, NAME).await;
        assert!(matches!(refused, Err(LogError::Tiles(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn an_empty_database_does_not_begin_a_log_that_witnesses_know() {
    for database in testing::databases().await.unwrap() {
        let world = LogWorld::new(database, foundation::files::Files::in_memory()).await;
        add(&world.process(), 0..3).await.unwrap();
        for fresh in testing::databases().await.unwrap() {
            let other = LogWorld::new(fresh, world.files.clone()).await;
            let said = other.process().obstacle().await.unwrap();
            assert!(
                said.starts_with("log-files: ") || said.starts_with("log-behind: "),
                "{said}"
            );
        }
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
        world
            .get("", "/log2026/tile/0/001")
            .await
            .refused(404, "file-unknown");
        world
            .get("", "/other/checkpoint")
            .await
            .refused(404, "file-unknown");

        let world = world.restarted_after_losing_the_log().await;
        for path in paths {
            world.get("", path).await.refused(503, "log-behind");
        }
        world.get("", "/log/checkpoint").await.expect(200);
        world.get("", "/api/v1/catalogue").await.expect(200);
    }
}

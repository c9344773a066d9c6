//! What is published, and that many appends share the work.

use std::collections::BTreeSet;
use std::sync::Arc;

use foundation::failpoint::StopAt;
use foundation::files::Files;
use foundation::testing;
use futures::future::try_join_all;
use tokio::task::JoinHandle;

use super::world::{LogWorld, add, entry, worlds};
use crate::support;
use crate::support::hold::{Held, HoldAt};
use crate::support::witness::PATIENCE_MS;

const NAME: &str = "log2026";

#[tokio::test]
async fn anybody_reads_the_log_from_its_files_alone() {
    for world in worlds().await {
        let log = world.process();
        let mut all = Vec::new();
        for number in 0..5 {
            let newest = add(&log, [number]).await.unwrap();
            assert_eq!(newest.origin, "localhost:8080/log2026");
            all.push(entry(number));
            assert_eq!(newest.size, all.len() as u64);
            assert_eq!(world.read(&log, NAME).await, all);
        }
        // Again: nothing is added, and what is out stays.
        let again = log.add("key 3", &entry(3)).await.unwrap();
        assert_eq!((again.log.as_str(), again.position), (NAME, 3));
        assert_eq!(world.read(&log, NAME).await, all);
        // By the log's name and by `log`; nothing else is a file.
        for name in [NAME, "log"] {
            let file = log.file(name, "checkpoint").await.unwrap().unwrap();
            assert_eq!(file, log.newest().await.unwrap().note);
            assert!(log.file(name, "tile/0/000.p/5").await.unwrap().is_some());
            assert!(log.file(name, "tile/0/000").await.unwrap().is_none());
            assert!(log.file(name, "tile/../secret").await.unwrap().is_none());
        }
        assert!(log.file("log1999", "checkpoint").await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_at_the_same_time_share_checkpoints_and_none_is_lost() {
    for world in worlds().await {
        let stop = Arc::new(StopAt::nowhere());
        let log = world.process_until(Arc::clone(&stop) as _);
        let adding = (0..300).map(|number| {
            let log = log.clone();
            async move { log.add(&format!("key {number}"), &entry(number)).await }
        });
        let places = try_join_all(adding).await.unwrap();
        let positions: BTreeSet<_> = places.iter().map(|place| place.position).collect();
        assert_eq!(positions, (0..300).collect());
        let read = world.read(&log, NAME).await;
        for (number, place) in places.iter().enumerate() {
            let at = usize::try_from(place.position).unwrap();
            assert_eq!(read[at], entry(number));
        }
        let rounds = stop
            .seen()
            .iter()
            .filter(|point| **point == "log.signed")
            .count();
        assert!(rounds < 100, "{rounds} rounds for 300 entries");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_database_keep_one_log() {
    for world in worlds().await {
        let nodes = [world.process(), world.process()];
        let adding = (0..60).map(|number| {
            let log = nodes[number % 2].clone();
            // Every third entry is sent to both.
            let key = number / 3 * 2 + number % 3 % 2;
            async move { log.add(&format!("key {key}"), &entry(key)).await }
        });
        let places = try_join_all(adding).await.unwrap();
        let positions: BTreeSet<_> = places.iter().map(|place| place.position).collect();
        let read = world.read(&nodes[0], NAME).await;
        assert_eq!(read.len(), positions.len());
        let different: BTreeSet<_> = read.iter().collect();
        assert_eq!(different.len(), read.len(), "each key once");
    }
}

#[tokio::test]
async fn full_tiles_replace_partial_ones_on_a_disk_that_any_server_can_serve() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::in_folder(folder.path()).unwrap();
    let world = LogWorld::new(testing::sqlite().await.unwrap(), files).await;
    let log = world.process();
    add(&log, 0..3).await.unwrap();
    let path = folder.path().join("log2026/tile/entries/000.p/3");
    assert!(path.is_file());
    try_join_all((3..258).map(|number| {
        let log = log.clone();
        async move { log.sequence(&format!("key {number}"), &entry(number)).await }
    }))
    .await
    .unwrap();
    log.publish().await.unwrap();
    assert_eq!(world.read(&log, NAME).await.len(), 258);
    let full = folder.path().join("log2026/tile/0/000");
    assert_eq!(full.metadata().unwrap().len(), 8192);
    for _ in 0..PATIENCE_MS / 20 {
        if !path.exists() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the partial bundle stays");
}

#[tokio::test]
async fn a_log_that_nobody_adds_to_is_witnessed_anew_every_hour() {
    for database in testing::databases().await.unwrap() {
        let world = support::world(database, registry::RegistryConfig::default()).await;
        let checkpoint = async || world.get("", "/log/checkpoint").await.expect(200).text();
        // The hour's digest of the status lists is in it.
        world.clock.advance(std::time::Duration::from_mins(10));
        world.work().await;
        let first = checkpoint().await;
        world.work().await;
        assert_eq!(checkpoint().await, first);
        world.clock.advance(std::time::Duration::from_hours(1));
        world.work().await;
        let later = checkpoint().await;
        assert_ne!(later, first);
        let size = |note: &str| note.lines().nth(1).unwrap().parse::<u64>().unwrap();
        assert_eq!(size(&later), size(&first) + 1);
    }
}

#[tokio::test]
async fn an_entry_that_fits_no_bundle_is_refused() {
    for world in worlds().await {
        let log = world.process();
        assert!(log.add("long", &vec![0; 65_536]).await.is_err());
        assert!(log.add("longest", &vec![0; 65_535]).await.is_ok());
        assert_eq!(world.read(&log, NAME).await.len(), 1);
    }
}

/// A node that adds an entry, has its cosignatures for it, and is held up before it publishes.
struct SlowNode {
    held: Held,
    adding: JoinHandle<u64>,
}

impl SlowNode {
    async fn adding_to(world: &LogWorld) -> Self {
        let (hold, held) = HoldAt::point("log.tiles");
        let log = world.process_until(Arc::new(hold));
        let adding = tokio::spawn(async move { log.add("slow", b"slow").await.unwrap().position });
        let held = held.reached().await;
        Self { held, adding }
    }

    /// Lets it go on to its end, and gives the place of its entry.
    async fn let_go(self) -> u64 {
        self.held.let_go();
        self.adding.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_node_does_not_put_an_old_checkpoint_over_a_newer_one() {
    for world in worlds().await {
        let fast = world.process();
        add(&fast, 0..2).await.unwrap();
        let slow = SlowNode::adding_to(&world).await;
        // It stands at three entries; two more come in elsewhere.
        let newest = add(&fast, 2..4).await.unwrap();
        assert_eq!(newest.size, 5);
        assert_eq!(slow.let_go().await, 2);
        let path = format!("{NAME}/checkpoint");
        let file = world.files.get(&path).await.unwrap().unwrap();
        assert_eq!(file, newest.note, "{}", world.database.engine);
        assert_eq!(world.process().newest().await.unwrap(), newest);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_node_does_not_publish_over_the_end_of_the_log() {
    for world in worlds().await {
        let fast = world.process();
        add(&fast, 0..2).await.unwrap();
        let slow = SlowNode::adding_to(&world).await;
        let last = fast.freeze().await.unwrap();
        assert_eq!(last.size, 3);
        assert_eq!(slow.let_go().await, 2);
        let path = format!("{NAME}/checkpoint");
        let file = world.files.get(&path).await.unwrap().unwrap();
        assert_eq!(file, last.note, "{}", world.database.engine);
    }
}

//! What the design promises about the log: appends a second with three local witnesses, sustained by
//! batching; an append alone; and an approval from the second review to its publication. Everything
//! is on disk and synced, and the witnesses are asked over HTTP.

#![expect(clippy::print_stdout, reason = "the figures are the result")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]
#![expect(
    dead_code,
    unused_imports,
    reason = "the tests' worlds, of which this uses a part"
)]

#[path = "../pkcs11/tests/it/softhsm.rs"]
mod softhsm;
#[path = "../tests/it/support/mod.rs"]
mod support;
#[path = "../tests/it/log/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use foundation::failpoint::StopAt;
use foundation::files::Files;
use foundation::testing::{self, TestDatabase};
use serde_json::json;

use world::LogWorld;

/// As long as an approval.
const ENTRY: usize = 3_600;
const SUSTAINED: Duration = Duration::from_secs(10);
const ALONE: usize = 100;
const APPROVALS: usize = 40;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for waiting in [16, 64, 256] {
            for database in testing::databases().await.unwrap() {
                sustained(database, waiting).await;
            }
        }
        for database in testing::databases().await.unwrap() {
            alone(database).await;
        }
        for database in testing::databases().await.unwrap() {
            Box::pin(approvals(database)).await;
        }
    });
}

/// Many who each append one entry after the other.
async fn sustained(database: TestDatabase, waiting: usize) {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::in_folder(folder.path()).unwrap();
    let world = LogWorld::new(database, files).await;
    let points = Arc::new(StopAt::nowhere());
    let log = world.process_until(Arc::clone(&points) as _);
    let (count, over) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let started = Instant::now();
    let mut running = Vec::new();
    for worker in 0..waiting {
        let (log, count, over) = (log.clone(), Arc::clone(&count), Arc::clone(&over));
        running.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for number in 0u64.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let mut content = format!("{worker} {number} ").into_bytes();
                content.resize(ENTRY, b'x');
                let begun = Instant::now();
                log.add(&format!("{worker} {number}"), &content)
                    .await
                    .unwrap();
                times.push(begun.elapsed());
                count.fetch_add(1, Ordering::Relaxed);
            }
            times
        }));
    }
    tokio::time::sleep(SUSTAINED).await;
    over.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for worker in running {
        times.extend(worker.await.unwrap());
    }
    let elapsed = started.elapsed().as_secs_f64();
    let seen = points.seen();
    let rounds = seen
        .iter()
        .filter(|point| **point == "log.recorded")
        .count();
    let appended = count.load(Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = appended as f64 / elapsed;
    println!(
        "{:8} {waiting:3} at once: {rate:6.0} appends/s, {rounds} checkpoints in {elapsed:.1} s, {}",
        world.database.engine,
        quantiles(&mut times)
    );
}

/// One entry at a time: nobody to share with.
async fn alone(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::in_folder(folder.path()).unwrap();
    let world = LogWorld::new(database, files).await;
    let log = world.process();
    let mut times = Vec::new();
    for number in 0..ALONE {
        let begun = Instant::now();
        log.add(&format!("key {number}"), &vec![b'x'; ENTRY])
            .await
            .unwrap();
        times.push(begun.elapsed());
    }
    println!(
        "{:8} one append, alone: {}",
        world.database.engine,
        quantiles(&mut times)
    );
}

/// From the second reviewer's decision to a published approval.
async fn approvals(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::in_folder(folder.path()).unwrap();
    let outside = LogWorld::new(database, files.clone()).await;
    let engine = outside.database.engine;
    let world = support::world_on(outside.database, outside.config, files).await;
    let mut times = Vec::new();
    for number in 0..APPROVALS {
        let path = world
            .submitted(&format!("no.example.app{number}"), &format!("App {number}"))
            .await;
        for role in ["security", "clinical"] {
            let review = json!({"decision": "approve", "role": role});
            world
                .post(role, &format!("{path}/reviews"), review)
                .await
                .expect(201);
        }
        let begun = Instant::now();
        world.work().await;
        times.push(begun.elapsed());
        assert_eq!(world.state(&path).await, "approved");
    }
    println!(
        "{engine:8} an approval, from the second review: {}",
        quantiles(&mut times)
    );
}

fn quantiles(times: &mut [Duration]) -> String {
    times.sort();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or_default()
    };
    format!("p50 {:.1?}, p99 {:.1?}", at(50), at(99))
}

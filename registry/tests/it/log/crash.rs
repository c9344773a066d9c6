//! A power cut at every point where something is written: after it, the log is one, what was
//! published is in it, and nothing is in it twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use foundation::failpoint::StopAt;
use foundation::testing;

use super::world::{LogWorld, add, entry, worlds};

const NAME: &str = "log2026";

/// Adds two entries after a first; both steps pass every point.
async fn work(world: &LogWorld, stop: &Arc<StopAt>) {
    let log = world.process_until(Arc::clone(stop) as _);
    // Cut short or not: what counts is what is left.
    drop(add(&log, 1..3).await);
}

#[tokio::test]
async fn a_cut_at_any_write_leaves_a_log_that_goes_on() {
    let mut points: BTreeMap<&'static str, u32> = BTreeMap::new();
    for world in worlds().await {
        add(&world.process(), [0]).await.unwrap();
        let stop = Arc::new(StopAt::nowhere());
        work(&world, &stop).await;
        points.clear();
        for point in stop.seen() {
            *points.entry(point).or_default() += 1;
        }
    }
    assert!(points.len() >= 10, "{points:?}");
    for (point, times) in points {
        for nth in 1..=times {
            for database in testing::databases().await.unwrap() {
                let world = LogWorld::new(database, foundation::files::Files::in_memory()).await;
                cut(&world, point, nth).await;
            }
        }
    }
}

async fn cut(world: &LogWorld, point: &'static str, nth: u32) {
    let case = format!("{} {point} {nth}", world.database.engine);
    let log = world.process();
    add(&log, [0]).await.unwrap();
    let stop = Arc::new(StopAt::point(point, nth));
    work(world, &stop).await;
    assert!(stop.stopped(), "{case}");

    // Anybody who looks now sees a whole log.
    let seen = world.read(&log, NAME).await;
    assert!(!seen.is_empty() && seen[0] == entry(0), "{case}");

    // A new process finds nothing wrong and carries on; the same entries come in once.
    let log = world.process();
    log.ensure_fit().await.unwrap();
    let newest = add(&log, 1..4).await.unwrap();
    let read = world.read(&log, NAME).await;
    assert_eq!(read, (0..4).map(entry).collect::<Vec<_>>(), "{case}");
    assert_eq!(read[..seen.len()], seen, "{case}: what was seen stays");
    assert_eq!(newest.size, 4, "{case}");
    world.verified(&log, &newest.note).await;
}

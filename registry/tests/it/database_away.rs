//! The database goes away in the middle of a decision, and comes back: the process that lost it
//! carries on by itself, and nothing is half done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use foundation::failpoint::{CutShort, Failpoints};
use foundation::http::health;
use foundation::store::BEFORE_COMMIT;
use foundation::telemetry::Metrics;
use registry::RegistryConfig;
use serde_json::json;

use crate::crash::deed::Deed;
use crate::support::audit::audited;
use crate::support::line::{self, Line};
use crate::support::{call, world};

/// Cuts the line before the n-th commit, for a moment.
#[derive(Debug)]
struct CutLine {
    line: Line,
    left: AtomicU32,
}

impl Failpoints for CutLine {
    fn pass(&self, point: &'static str) -> Result<(), CutShort> {
        if point == BEFORE_COMMIT && self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.line.cut();
            let line = self.line.clone();
            tokio::spawn(async move {
                tokio::time::sleep(MOMENT).await;
                line.mend();
            });
        }
        Ok(())
    }
}

async fn away_before(deed: Deed, nth: u32) {
    let Some((database, line)) = line::database().await else {
        return;
    };
    let world = world(database, RegistryConfig::default()).await;
    let mut before = deed.prepare(&world).await;
    let left = AtomicU32::new(nth);
    let process = world.process_until(Arc::new(CutLine { line, left }));
    deed.act(&process, &before).await;
    // Whoever got an error asks again, of the same process; what waits for its turn has it.
    for _ in 0..3 {
        tokio::time::sleep(MOMENT).await;
        world.clock.advance(Duration::from_secs(20));
        deed.act(&process, &before).await;
    }
    deed.holds(&world, &mut before).await;
    assert_eq!(audited(&world).await, [], "{deed:?} {nth}");
}

#[tokio::test]
async fn in_the_middle_of_an_approval() {
    for nth in 1..=6 {
        Box::pin(away_before(Deed::Approve, nth)).await;
    }
}

#[tokio::test]
async fn in_the_middle_of_a_suspension() {
    for nth in 1..=4 {
        Box::pin(away_before(Deed::Suspend, nth)).await;
    }
}

#[tokio::test]
async fn whoever_asks_meanwhile_is_told_to_come_back() {
    let Some((database, line)) = line::database().await else {
        return;
    };
    let world = world(database, RegistryConfig::default()).await;
    let path = world.approved("no.eksempel.app", "Blodtrykk").await;
    line.cut();
    let readiness = health::router(world.database.database.clone(), Metrics::detached(), []);
    let probe = async || {
        let request = Request::get("/readyz").body(Body::empty()).unwrap();
        call(readiness.clone(), request).await
    };
    assert_eq!(probe().await.status, 503);
    let suspend = json!({"action": "suspend", "reason": "Feil enhet."});
    let status = format!("{path}/status");
    let refused = world.post("security", &status, suspend.clone()).await;
    refused.refused(503, "store-unavailable");
    line.mend();
    assert_eq!(probe().await.status, 200);
    let taken = world
        .post("security", &format!("{path}/status"), suspend)
        .await;
    taken.expect(202);
    world.work().await;
    assert_eq!(world.state(&path).await, "suspended");
}

/// Shorter than a connection is waited for.
const MOMENT: Duration = Duration::from_millis(300);

//! The power goes at every commit of whatever changes what EPJs believe. Whoever looks meanwhile is told nothing false; the next process carries on;
//! and what was done is done once.
//!
//! The points are not listed here: each deed is done once to see which ones it passes, and then once
//! for each of them.

pub(crate) mod deed;

use std::sync::Arc;
use std::time::Duration;

use foundation::failpoint::StopAt;
use foundation::store::{AFTER_COMMIT, BEFORE_COMMIT};
use foundation::testing::{self, TestDatabase};
use registry::RegistryConfig;

use self::deed::Deed;
use crate::support::epj::Epj;
use crate::support::{World, world};

/// Where the deed is cut on this engine: before each commit, which is what a cut after the one before
/// comes to; after the last; and with a checkpoint out that nothing in the database knows of. What
/// else can happen within the log is in its own test.
async fn points(deed: Deed, database: TestDatabase) -> Vec<(&'static str, u32)> {
    let world = world(database, RegistryConfig::default()).await;
    let mut before = deed.prepare(&world).await;
    let stop = Arc::new(StopAt::nowhere());
    deed.act(&world.process_until(stop.clone()), &before).await;
    let world = deed.restarted(world).await;
    deed.holds(&world, &mut before).await;
    let seen = stop.seen();
    let times = |point: &str| seen.iter().filter(|one| **one == point).count();
    let each = |point| (1_u32..).take(times(point)).map(move |nth| (point, nth));
    let cuts = each(BEFORE_COMMIT).chain(each(AFTER_COMMIT).last());
    cuts.chain(each(PUBLISHED)).collect()
}

async fn database(engine: &str) -> TestDatabase {
    let all = testing::databases().await.unwrap();
    all.into_iter().find(|one| one.engine == engine).unwrap()
}

async fn cut_everywhere(deed: Deed) {
    for fresh in testing::databases().await.unwrap() {
        let engine = fresh.engine;
        // What commits is the same on both; the second engine is cut at every third point.
        let step = if engine == "sqlite" { 1 } else { 3 };
        let points = points(deed, fresh).await.into_iter().step_by(step);
        let points: Vec<_> = points.collect();
        let mut cuts = 0;
        for (point, nth) in &points {
            let world = world(database(engine).await, RegistryConfig::default()).await;
            cuts += usize::from(Box::pin(cut(world, deed, point, *nth)).await);
        }
        // On a slow day a job's lease is renewed once more, and the last point is not there the next time.
        assert!(cuts >= 2 && cuts + 3 >= points.len(), "{cuts} {points:?}");
    }
}

/// False when the deed was done before it came to that point.
async fn cut(world: World, deed: Deed, point: &'static str, nth: u32) -> bool {
    let case = format!("{} {deed:?} {point} {nth}", world.engine);
    let mut before = deed.prepare(&world).await;
    let stop = Arc::new(StopAt::point(point, nth));
    deed.act(&world.process_until(stop.clone()), &before).await;
    if !stop.stopped() {
        return false;
    }

    // What another process serves in that instant holds.
    assert_eq!(before.epj.refresh(&world).await, None, "{case}");
    deed.serves_no_half(&world, &before).await;

    // The dead process's lease runs out, and whoever got no answer asks again.
    let world = deed.restarted(world).await;
    world.clock.advance(Duration::from_secs(20));
    world.work().await;
    deed.is_right(&world).await;
    deed.act(&world.process(), &before).await;
    let world = deed.restarted(world).await;
    deed.holds(&world, &mut before).await;
    deed.is_right(&world).await;

    // And life goes on, for an EPJ that knows it all and for a new one.
    let next = world.approved("no.eksempel.neste", "Neste").await;
    let mut fresh = Epj::new(&world).await;
    for epj in [&mut before.epj, &mut fresh] {
        assert_eq!(epj.refresh(&world).await, None, "{case}");
        assert_eq!(epj.ingest(&world, &next).await, None, "{case}");
    }
    true
}

#[tokio::test]
async fn of_an_approval() {
    Box::pin(cut_everywhere(Deed::Approve)).await;
}

#[tokio::test]
async fn of_a_suspension() {
    Box::pin(cut_everywhere(Deed::Suspend)).await;
}

#[tokio::test]
async fn of_a_reinstatement() {
    Box::pin(cut_everywhere(Deed::Reinstate)).await;
}

#[tokio::test]
async fn of_a_revocation() {
    Box::pin(cut_everywhere(Deed::Revoke)).await;
}

#[tokio::test]
async fn of_a_planned_change_of_the_approvals_key() {
    Box::pin(cut_everywhere(Deed::ReplaceKey)).await;
}

#[tokio::test]
async fn of_a_withdrawal_and_of_what_is_signed_anew_after_it() {
    Box::pin(cut_everywhere(Deed::WithdrawKey)).await;
}

#[tokio::test]
async fn of_a_withdrawal_of_the_status_key() {
    Box::pin(cut_everywhere(Deed::WithdrawStatusKey)).await;
}

#[tokio::test]
async fn of_new_keys_for_a_role() {
    Box::pin(cut_everywhere(Deed::RotateRole)).await;
}

#[tokio::test]
async fn of_the_refresh_that_keeps_everything_young() {
    Box::pin(cut_everywhere(Deed::Refresh)).await;
}

#[tokio::test]
async fn of_a_change_of_logs() {
    Box::pin(cut_everywhere(Deed::SucceedLog)).await;
}

/// The point of the log at which its files are ahead of the database.
const PUBLISHED: &str = "log.published";

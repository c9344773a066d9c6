//! The EPJ follows the status lists that it relies on: pushed, connected again, polled; and writes
//! down what it knows only when it has learnt something.

use std::time::{Duration, Instant};

use foundation::Timestamp;
use sandbox::SandboxConfig;
use sea_query::{Alias, Expr, ExprTrait, Query};
use tokio_util::sync::CancellationToken;
use verifier::status::StatusValue;

use crate::epj::{Stage, stage, stages};
use crate::issuer::NOW;
use crate::support::{config, world_with};

/// Runs the follower of a world until it is dropped.
struct Following {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Following {
    fn of(stage: &Stage) -> Self {
        let stop = CancellationToken::new();
        let sandbox = stage.world.sandbox.clone();
        let token = stop.clone();
        let task = tokio::spawn(async move { sandbox.follow_status(token).await });
        Self { stop, task }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// The code that a launch is refused with, waited for; empty when it is granted.
async fn becomes(stage: &Stage, code: &str) {
    let started = Instant::now();
    loop {
        let answer = stage.launch().await;
        let found = match answer.status.as_u16() {
            201 => String::new(),
            _ => answer.json()["code"].as_str().unwrap().to_owned(),
        };
        if found == code {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{found:?} instead of {code:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn followed(stage: &Stage) -> u32 {
    *stage.world.registry.followed.lock().unwrap()
}

fn fetched(stage: &Stage) -> u32 {
    *stage.world.registry.fetched.lock().unwrap()
}

#[tokio::test]
async fn a_suspension_that_is_pushed_is_known_without_asking() {
    for mut stage in stages().await {
        let pushes = stage.world.registry.push();
        let following = Following::of(&stage);
        stage.launch().await.expect(201);
        let asked = fetched(&stage);
        while pushes.receiver_count() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        pushes
            .send(stage.publish_status(StatusValue::Suspended, NOW))
            .unwrap();
        becomes(&stage, "E_SUSPENDED").await;
        pushes
            .send(stage.publish_status(StatusValue::Valid, NOW + 1))
            .unwrap();
        becomes(&stage, "").await;
        assert_eq!(fetched(&stage), asked, "nothing was fetched");
        // What is older than what it knows, or nobody signed, changes nothing.
        let old = stage.publish_status(StatusValue::Suspended, NOW - 500);
        pushes.send(old).unwrap();
        pushes.send("nonsense".to_owned()).unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        becomes(&stage, "").await;
        following.end().await;
    }
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_brings_what_was_missed() {
    for mut stage in stages().await {
        drop(stage.world.registry.push());
        let following = Following::of(&stage);
        stage.launch().await.expect(201);
        while followed(&stage) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let asked = fetched(&stage);
        stage.publish_status(StatusValue::Suspended, NOW);
        // Whoever listened is cut off; the next connection begins with the newest list.
        drop(stage.world.registry.push());
        becomes(&stage, "E_SUSPENDED").await;
        assert!(followed(&stage) > 1);
        assert_eq!(fetched(&stage), asked);
        following.end().await;
    }
}

#[tokio::test]
async fn a_registry_that_does_not_push_is_polled() {
    let config = SandboxConfig {
        status_poll_seconds: 1,
        ..config()
    };
    let mut stage = stage(world_with(config).await);
    let following = Following::of(&stage);
    stage.launch().await.expect(201);
    stage.publish_status(StatusValue::Suspended, NOW);
    becomes(&stage, "E_SUSPENDED").await;
    following.end().await;
}

#[tokio::test]
async fn an_epj_that_is_told_not_to_follow_only_polls() {
    let config = SandboxConfig {
        status_poll_seconds: 1,
        status_push: false,
        ..config()
    };
    let mut stage = stage(world_with(config).await);
    let _pushes = stage.world.registry.push();
    let following = Following::of(&stage);
    stage.launch().await.expect(201);
    stage.publish_status(StatusValue::Suspended, NOW);
    becomes(&stage, "E_SUSPENDED").await;
    assert_eq!(followed(&stage), 0);
    following.end().await;
}

#[tokio::test]
async fn a_restarted_epj_follows_what_it_knew() {
    for mut stage in stages().await {
        stage.launch().await.expect(201);
        let pushes = stage.world.registry.push();
        let following = Following::of(&stage);
        while pushes.receiver_count() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        pushes
            .send(stage.publish_status(StatusValue::Invalid, NOW))
            .unwrap();
        becomes(&stage, "E_REVOKED").await;
        following.end().await;
    }
}

/// When the EPJ of `demo` last wrote its state, in milliseconds.
async fn written(stage: &Stage) -> i64 {
    let select = Query::select()
        .column(Alias::new("fetched_at"))
        .from(Alias::new("sandbox_epj_document"))
        .and_where(Expr::col(Alias::new("sandbox")).eq("demo"))
        .and_where(Expr::col(Alias::new("name")).eq("verifier"))
        .to_owned();
    let mut tx = stage.world.database.database.read().await.unwrap();
    let (at,): (i64,) = tx.one(&select).await.unwrap();
    at
}

#[tokio::test]
async fn looking_at_the_page_writes_nothing_unless_something_was_learnt() {
    for mut stage in stages().await {
        stage.page().await;
        let first = written(&stage).await;
        stage.world.clock.set(Timestamp::from_seconds(NOW + 5));
        stage.page().await;
        stage.launch().await.expect(201);
        stage.refresh().await.expect(204);
        assert_eq!(written(&stage).await, first);
        stage.publish_status(StatusValue::Suspended, NOW + 5);
        stage.refresh().await.expect(204);
        let second = written(&stage).await;
        assert!(second > first);
        stage.world.clock.set(Timestamp::from_seconds(NOW + 9));
        stage.page().await;
        assert_eq!(written(&stage).await, second);
    }
}

//! Checks as durable jobs, on both databases.

use conformance::{CheckState, ConformanceConfig, ConformanceError};
use foundation::Digest;
use foundation::access::Role;
use foundation::error::Describe;
use foundation::store::Database;
use foundation::testing::databases;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::epj::Epj;
use crate::world::{VENDOR, World, actor, has_chromium, nowhere, served, turn};

#[tokio::test]
async fn who_may_start_and_see_a_check() {
    let _turn = turn().await;
    for test in databases().await.unwrap() {
        let world = World::new(test.database.clone(), nowhere()).await;
        let vendor = actor(Role::Vendor, VENDOR);
        let other = actor(Role::Vendor, "310000002");
        let start = async |who, version: &'static str| {
            world
                .room
                .start(who, "app_1", version)
                .await
                .map_err(|error| error.code())
        };
        assert_eq!(start(&vendor, "9.9.9").await, Err("version-unknown"));
        assert_eq!(start(&other, "1.0.0").await, Err("version-unknown"));
        world.subject.0.lock().unwrap().published = true;
        assert_eq!(start(&other, "1.0.0").await, Err("not-your-app"));
        world.subject.0.lock().unwrap().published = false;
        world.subject.0.lock().unwrap().open = false;
        assert_eq!(start(&vendor, "1.0.0").await, Err("version-closed"));
        world.subject.0.lock().unwrap().open = true;
        let check = start(&vendor, "1.0.0").await.unwrap();
        assert_eq!(check.state, CheckState::Waiting);
        assert_eq!(start(&vendor, "1.0.0").await, Err("check-running"));

        let seen = async |who| {
            let found = world.room.check(who, &check.id).await;
            found.map(|check| check.state).map_err(|error| error.code())
        };
        let reviewer = actor(Role::Reviewer, "310000003");
        let municipality = actor(Role::Municipality, "310000004");
        assert_eq!(seen(Some(&vendor)).await, Ok(CheckState::Waiting));
        assert_eq!(seen(Some(&reviewer)).await, Ok(CheckState::Waiting));
        assert_eq!(seen(Some(&other)).await, Err("check-unknown"));
        assert_eq!(seen(Some(&municipality)).await, Err("check-unknown"));
        assert_eq!(seen(None).await, Err("not-logged-in"));
        world.subject.0.lock().unwrap().published = true;
        assert_eq!(seen(None).await, Ok(CheckState::Waiting));
        let report = world.room.report(None, &check.id).await.unwrap_err();
        assert_eq!(report.code(), "check-unfinished");
        world.subject.0.lock().unwrap().release = Digest::of(b"other");
        assert_eq!(seen(None).await, Err("not-logged-in"), "{}", test.engine);
    }
}

#[tokio::test]
async fn two_who_start_at_the_same_time_start_one() {
    let _turn = turn().await;
    for test in databases().await.unwrap() {
        let world = World::new(test.database.clone(), nowhere()).await;
        let vendor = actor(Role::Vendor, VENDOR);
        let starts = (0..6).map(|_| world.room.start(&vendor, "app_1", "1.0.0"));
        let outcomes = futures::future::join_all(starts).await;
        let started = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(started, 1, "{}", test.engine);
        let refused = outcomes.into_iter().filter_map(Result::err);
        for error in refused {
            assert!(matches!(error, ConformanceError::Running(_)), "{error}");
            assert_eq!(error.fault().status.as_u16(), 409);
        }
        let all = world
            .room
            .checks(Some(&vendor), "app_1", "1.0.0")
            .await
            .unwrap();
        assert_eq!(all.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stage_that_fails_for_good_breaks_the_check_and_frees_the_version() {
    let _turn = turn().await;
    for test in databases().await.unwrap() {
        let epj = Epj::start().await;
        epj.fail(1);
        let config = ConformanceConfig {
            attempts: 1,
            ..ConformanceConfig::default()
        };
        let world = World::with(test.database.clone(), nowhere(), epj, config);
        let vendor = actor(Role::Vendor, VENDOR);
        let check = world.room.start(&vendor, "app_1", "1.0.0").await.unwrap();
        assert_eq!(world.worker().run_due().await.unwrap(), 1);
        let check = world.room.check(Some(&vendor), &check.id).await.unwrap();
        assert_eq!(check.state, CheckState::Broken);
        assert_eq!(check.code.as_deref(), Some("stage-failed"));
        let error = world
            .room
            .report(Some(&vendor), &check.id)
            .await
            .unwrap_err();
        assert_eq!(error.code(), "check-without-verdict");
        assert_eq!(world.room.latest(&check.release).await.unwrap(), None);
        let news: Vec<_> = world.room.follow(check.id.clone(), 0).collect().await;
        let kinds: Vec<_> = news.iter().map(|news| news.kind.as_str()).collect();
        assert_eq!(kinds, ["waiting", "started", "finished"]);
        world.room.start(&vendor, "app_1", "1.0.0").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_whose_worker_was_killed_runs_again_and_finishes() {
    let _turn = turn().await;
    if !has_chromium() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("checks.db").display());
    let database = Database::connect(&url).await.unwrap();
    database.migrate().await.unwrap();
    let epj = Epj::start().await;
    let app = served(&epj).await;
    let config = ConformanceConfig::default();
    let world = World::with(database, app.app.clone(), epj, config);
    let vendor = actor(Role::Vendor, VENDOR);
    let check = world.room.start(&vendor, "app_1", "1.0.0").await.unwrap();

    // Another node with its own runtime takes the check and is torn away in the middle.
    let doomed = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (epj, app_under_test) = (world.epj.clone(), app.app.clone());
    doomed.spawn(async move {
        let database = Database::connect(&url).await.unwrap();
        let node = World::with(database, app_under_test, epj, ConformanceConfig::default());
        node.worker().run_due().await.unwrap();
    });
    let mut follow = Box::pin(world.room.follow(check.id.clone(), 0));
    while let Some(news) = follow.next().await {
        if news.kind == "step" {
            break;
        }
    }
    doomed.shutdown_background();

    let stop = CancellationToken::new();
    let running = tokio::spawn(world.worker().run(stop.clone()));
    let rest: Vec<_> = follow.collect().await;
    stop.cancel();
    running.await.unwrap();
    let check = world.room.check(Some(&vendor), &check.id).await.unwrap();
    assert!(
        check.state.is_final() && check.state != CheckState::Broken,
        "{check:?}"
    );
    assert_eq!(check.attempt, 2);
    assert_eq!(rest.last().unwrap().kind, "finished");

    let finished = world.room.latest(&check.release).await.unwrap().unwrap();
    assert_eq!(finished.check, check);
    let (digest, evidence) = world.room.evidence(Some(&vendor), &check.id).await.unwrap();
    assert_eq!(Digest::of(&evidence), digest);
    let again = conformance::replay(&evidence, conformance::embedded_suite())
        .await
        .unwrap();
    let kept = world.blobs.get(&check.report.unwrap()).await.unwrap();
    assert_eq!(again.json().unwrap(), kept);
}

//! A job runs once when all goes well, again when its worker dies, and never twice at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use foundation::clock::ManualClock;
use foundation::jobs::{Handler, Job, JobError, NewJob, Patience, Worker, enqueue};
use foundation::store::Database;
use foundation::testing::{self, TestDatabase};
use foundation::{Clock, Timestamp};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const KIND: &str = "test.count";

struct Counting {
    runs: Arc<AtomicUsize>,
    ending: fn(i64) -> Result<(), JobError>,
}

#[async_trait]
impl Handler for Counting {
    async fn run(&self, job: Job) -> Result<(), JobError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        (self.ending)(job.attempt)
    }
}

/// Never succeeds, and is never given up.
struct Stubborn(Counting);

#[async_trait]
impl Handler for Stubborn {
    async fn run(&self, job: Job) -> Result<(), JobError> {
        self.0.run(job).await
    }

    fn patience(&self) -> Patience {
        Patience::Endless(Duration::from_secs(10))
    }
}

struct Hanging(Arc<AtomicUsize>);

#[async_trait]
impl Handler for Hanging {
    async fn run(&self, _job: Job) -> Result<(), JobError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

async fn add(database: &Database, key: Option<&str>, run_at: Timestamp) {
    let mut tx = database.begin().await.unwrap();
    let job = NewJob {
        kind: KIND,
        key: key.map(str::to_owned),
        payload: json!({"n": 1}),
        run_at,
    };
    let entropy = foundation::entropy::SystemEntropy::default();
    enqueue(&mut tx, &*testing::clock(), &entropy, job)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn worker(
    test: &TestDatabase,
    clock: &Arc<ManualClock>,
    handler: impl Handler + 'static,
) -> Worker {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let entropy = foundation::entropy::SystemEntropy::default();
    Worker::new(test.database.clone(), clock, &entropy, 4).on(KIND, handler)
}

fn counting(ending: fn(i64) -> Result<(), JobError>) -> (Arc<AtomicUsize>, Counting) {
    let runs = Arc::new(AtomicUsize::new(0));
    let handler = Counting {
        runs: Arc::clone(&runs),
        ending,
    };
    (runs, handler)
}

#[tokio::test]
async fn a_job_runs_once_and_not_before_its_time() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let (runs, handler) = counting(|_| Ok(()));
        let worker = worker(&test, &clock, handler);
        add(
            &test.database,
            None,
            testing::START.plus(Duration::from_mins(1)),
        )
        .await;
        assert_eq!(worker.run_due().await.unwrap(), 0, "{}", test.engine);
        clock.advance(Duration::from_mins(1));
        assert_eq!(worker.run_due().await.unwrap(), 1, "{}", test.engine);
        assert_eq!(worker.run_due().await.unwrap(), 0, "{}", test.engine);
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn the_same_key_waits_only_once_and_may_come_again_when_done() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let (_, handler) = counting(|_| Ok(()));
        let worker = worker(&test, &clock, handler);
        add(&test.database, Some("k"), testing::START).await;
        add(&test.database, Some("k"), testing::START).await;
        assert_eq!(worker.run_due().await.unwrap(), 1, "{}", test.engine);
        add(&test.database, Some("k"), testing::START).await;
        assert_eq!(worker.run_due().await.unwrap(), 1, "{}", test.engine);
    }
}

#[tokio::test]
async fn a_job_that_must_not_be_lost_is_tried_until_it_succeeds() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let (runs, handler) = counting(|attempt| match attempt {
            ..30 => Err(JobError::Retry("not now".to_owned())),
            _ => Ok(()),
        });
        let worker = worker(&test, &clock, Stubborn(handler));
        add(&test.database, None, testing::START).await;
        for _ in 0..35 {
            worker.run_due().await.unwrap();
            clock.advance(Duration::from_secs(10));
        }
        assert_eq!(runs.load(Ordering::SeqCst), 30, "{}", test.engine);
    }
}

#[tokio::test]
async fn a_failing_job_is_tried_again_with_growing_pauses_and_then_given_up() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let (runs, handler) = counting(|_| Err(JobError::Retry("not now".to_owned())));
        let worker = worker(&test, &clock, handler);
        add(&test.database, None, testing::START).await;
        assert_eq!(worker.run_due().await.unwrap(), 1, "{}", test.engine);
        assert_eq!(worker.run_due().await.unwrap(), 0, "{}", test.engine);
        for _ in 0..10 {
            clock.advance(Duration::from_secs(700));
            worker.run_due().await.unwrap();
        }
        assert_eq!(runs.load(Ordering::SeqCst), 5, "{}", test.engine);
    }
}

#[tokio::test]
async fn a_fatal_error_ends_a_job_at_once() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let (runs, handler) = counting(|_| Err(JobError::Fatal("never".to_owned())));
        let worker = worker(&test, &clock, handler);
        add(&test.database, None, testing::START).await;
        worker.run_due().await.unwrap();
        clock.advance(Duration::from_hours(1));
        worker.run_due().await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 1, "{}", test.engine);
    }
}

#[tokio::test]
async fn a_job_whose_worker_died_runs_again_when_its_lease_is_over() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let hung = Arc::new(AtomicUsize::new(0));
        let dying = worker(&test, &clock, Hanging(Arc::clone(&hung)));
        add(&test.database, None, testing::START).await;
        let task = tokio::spawn(async move { dying.run_due().await });
        while hung.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        task.abort();

        let (runs, handler) = counting(|attempt| {
            assert_eq!(attempt, 2);
            Ok(())
        });
        let next = worker(&test, &clock, handler);
        assert_eq!(
            next.run_due().await.unwrap(),
            0,
            "{}: the lease holds",
            test.engine
        );
        clock.advance(Duration::from_secs(16));
        assert_eq!(next.run_due().await.unwrap(), 1, "{}", test.engine);
        assert_eq!(runs.load(Ordering::SeqCst), 1, "{}", test.engine);
    }
}

#[tokio::test]
async fn many_workers_share_many_jobs_without_running_one_twice() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let runs = Arc::new(AtomicUsize::new(0));
        for _ in 0..20 {
            add(&test.database, None, testing::START).await;
        }
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let handler = Counting {
                runs: Arc::clone(&runs),
                ending: |_| Ok(()),
            };
            let worker = worker(&test, &clock, handler);
            tasks.push(tokio::spawn(async move { worker.run_due().await }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(runs.load(Ordering::SeqCst), 20, "{}", test.engine);
    }
}

#[tokio::test]
async fn a_worker_stops_when_told_and_gives_its_job_back() {
    for test in testing::databases().await.unwrap() {
        let clock = testing::clock();
        let stop = CancellationToken::new();
        let (runs, handler) = counting(|_| Ok(()));
        let task = tokio::spawn(worker(&test, &clock, handler).run(stop.clone()));
        add(&test.database, None, testing::START).await;
        while runs.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), task)
            .await
            .expect("the worker stops")
            .unwrap();
    }
}

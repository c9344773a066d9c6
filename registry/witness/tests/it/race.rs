//! The race of C2SP tlog-witness: two requests are checked at the same time, and whichever is
//! written last must not roll the witness back.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use verifier::checkpoint::Checkpoint;
use verifier::merkle::{proof, verify_consistency};
use verifier::note::Note;

use crate::world::{Log, ORIGIN, World, worlds};

async fn seen(world: &World) -> Option<Checkpoint> {
    let hash = foundation::Digest::of(ORIGIN.as_bytes()).hex();
    let note = world.witness.newest(&hash).await.unwrap()?;
    Some(Checkpoint::parse(Note::parse(&note).unwrap().text).unwrap())
}

/// Sends all at once; gives the sizes that were cosigned.
async fn at_once(world: &World, requests: Vec<(u64, String)>) -> Vec<u64> {
    let mut running = Vec::new();
    for (size, request) in requests {
        let witness = world.witness.clone();
        running.push(tokio::spawn(async move {
            witness.add_checkpoint(&request).await.ok().map(|_| size)
        }));
    }
    let mut cosigned = Vec::new();
    for answer in running {
        cosigned.extend(answer.await.unwrap());
    }
    cosigned
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_wins_and_nothing_rolls_back() {
    for world in worlds().await {
        let log = Log::new(64, 0);
        let mut old = 0;
        for round in 0..6u64 {
            // Every size from here on, all from the same old one.
            let requests = (1..=8)
                .map(|step| (old + step, log.request(old, old + step)))
                .collect();
            let cosigned = at_once(&world, requests).await;
            assert_eq!(cosigned.len(), 1, "{} round {round}", world.engine);
            let newest = seen(&world).await.unwrap();
            assert_eq!(newest.size, cosigned[0]);
            assert!(newest.size > old);
            old = newest.size;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_heads_at_once_one_is_cosigned() {
    for world in worlds().await {
        let (log, other) = (Log::new(40, 0), Log::new(40, 1));
        let requests = (0..10)
            .map(|at| {
                let log = if at % 2 == 0 { &log } else { &other };
                (at, log.request(0, 40))
            })
            .collect();
        let cosigned = at_once(&world, requests).await;
        // From nothing to the same size: one history, and nobody got the other one signed.
        assert_eq!(cosigned.len(), 1, "{}", world.engine);
        let newest = seen(&world).await.unwrap();
        let winner = if cosigned[0] % 2 == 0 { &log } else { &other };
        assert_eq!(newest.root, proof::root(40, winner).unwrap());
    }
}

/// What somebody sends: a history, the size it claims to go on from, and the new size.
fn requests() -> impl Strategy<Value = Vec<(bool, u64, u64)>> {
    proptest::collection::vec((any::<bool>(), 0u64..24, 0u64..24), 1..24)
}

#[test]
fn whatever_is_sent_every_cosigned_tree_continues_the_one_before() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let logs = [Log::new(24, 0), Log::new(24, 1)];
    let mut runner = TestRunner::new(Config::with_cases(12));
    let outcome = runner.run(&requests(), |requests| {
        runtime.block_on(async {
            let world = worlds().await.remove(0);
            let mut last: Option<(usize, u64)> = None;
            for (other, old, size) in requests {
                let at = usize::from(other);
                let before = seen(&world).await;
                let reply = world
                    .witness
                    .add_checkpoint(&logs[at].request(old, size))
                    .await;
                if reply.is_err() {
                    assert_eq!(seen(&world).await, before, "a refusal changes nothing");
                    continue;
                }
                let newest = seen(&world).await.unwrap();
                assert_eq!((newest.size, old <= size), (size, true));
                if let Some(before) = before {
                    let log = &logs[at];
                    let way = proof::consistency(before.size, size, log).unwrap();
                    let leads =
                        verify_consistency(before.size, size, &way, &before.root, &newest.root);
                    assert_eq!(leads, Ok(()));
                    let (was, reached) = last.unwrap();
                    assert!(was == at || reached == 0, "two histories");
                    assert!(size >= reached);
                }
                last = Some((at, size));
            }
        });
        Ok(())
    });
    outcome.unwrap();
}

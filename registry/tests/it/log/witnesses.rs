//! Witnesses that are gone, lie, or come back.

use std::sync::Arc;
use std::time::Duration;

use foundation::clock::ManualClock;
use foundation::{Clock, testing};
use registry::LogError;
use verifier::checkpoint::Checkpoint;
use verifier::note::Note;
use witness::Identity;

use super::world::{LogWorld, add, always, entry, with_quorum, worlds};
use crate::support::witness::{PATIENCE_MS, Running};

const NAME: &str = "log2026";
/// How often is looked.
const STEP_MS: u64 = 20;
const ORIGIN: &str = "localhost:8080/log2026";

async fn seen(world: &LogWorld, at: usize) -> u64 {
    let hash = foundation::Digest::of(ORIGIN.as_bytes()).hex();
    let note = world.witnesses[at].witness.newest(&hash).await.unwrap();
    note.map_or(0, |note| {
        Checkpoint::parse(Note::parse(&note).unwrap().text)
            .unwrap()
            .size
    })
}

/// Whoever was not waited for finishes by itself.
async fn until_seen(world: &LogWorld, at: usize, size: u64) {
    for _ in 0..PATIENCE_MS / STEP_MS {
        if seen(world, at).await == size {
            return;
        }
        tokio::time::sleep(Duration::from_millis(STEP_MS)).await;
    }
    panic!(
        "witness {at} has seen {}, not {size}",
        seen(world, at).await
    );
}

#[tokio::test]
async fn a_witness_that_is_gone_is_done_without_and_catches_up() {
    for world in worlds().await {
        let log = world.process();
        add(&log, 0..2).await.unwrap();
        until_seen(&world, 2, 2).await;
        world.witnesses[2].unplug();
        let newest = add(&log, 2..7).await.unwrap();
        assert_eq!(newest.size, 7);
        assert_eq!(seen(&world, 2).await, 2);
        world.verified(&log, &newest.note).await;

        // With one more gone there is no quorum: nothing is published, and nothing is lost.
        world.witnesses[1].unplug();
        let refused = log.add("key 7", &entry(7)).await;
        assert!(matches!(refused, Err(LogError::Quorum(_))), "{refused:?}");
        assert_eq!(world.read(&log, NAME).await.len(), 7);

        // Both come back: the one that missed much says its size and gets the proof from there.
        world.witnesses[2].plug_in();
        world.witnesses[1].plug_in();
        let newest = add(&log, [8]).await.unwrap();
        assert_eq!(newest.size, 9);
        assert_eq!(world.read(&log, NAME).await.len(), 9);
        for at in 0..3 {
            until_seen(&world, at, 9).await;
        }
        // A new process knows nothing of what each has seen, and is told.
        let newest = add(&world.process(), [9]).await.unwrap();
        world.verified(&log, &newest.note).await;
    }
}

#[tokio::test]
async fn a_witness_that_lies_is_as_one_that_is_gone() {
    let text = "localhost:8080/log2026\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    // By the witness's own name, and wrong.
    let wrong = {
        let identity = Identity::of("w3.example.no", &[[3; 32], [103; 32]]).unwrap();
        let key = identity.keys().next().unwrap().clone();
        key.line(1_795_251_600, &[7; 64])
    };
    let stranger = "\u{2014} x.example.no Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let plain = "text/plain";
    let lies = [
        (200, plain, String::new()),
        (200, plain, "yes\n".to_owned()),
        (200, plain, stranger.to_owned()),
        (200, plain, wrong.clone()),
        (200, plain, format!("{text}\n{wrong}")),
        (200, plain, "x".repeat(1 << 20)),
        (409, plain, "5\n".to_owned()),
        (409, "text/x.tlog.size", "x".to_owned()),
        (409, "text/x.tlog.size", "9000\n".to_owned()),
        (409, "text/x.tlog.size", "0\n".to_owned()),
        (422, plain, String::new()),
        (500, plain, String::new()),
        (302, plain, String::new()),
    ];
    for mut world in worlds().await {
        let mut count = 0;
        for (status, media_type, body) in &lies {
            let liar = always(*status, media_type, body.clone());
            world.replace(2, liar).await;
            // Two honest ones are enough, and the lie is not in the note.
            let log = world.process();
            let newest = add(&log, [count]).await.unwrap();
            count += 1;
            world.verified(&log, &newest.note).await;
            let note = Note::parse(&newest.note).unwrap();
            assert!(
                note.signatures
                    .iter()
                    .all(|line| line.name != "w3.example.no")
            );
            // Where all three are asked for, the lie counts for nothing.
            world.config = with_quorum(&world.config, 3);
            let strict = world.process();
            let refused = strict.add(&format!("strict {count}"), b"more").await;
            assert!(
                matches!(refused, Err(LogError::Quorum(_))),
                "{status} {body:.40} {refused:?}"
            );
            world.config = with_quorum(&world.config, 2);
            let newest = add(&world.process(), [count]).await.unwrap();
            world.verified(&log, &newest.note).await;
            count += 1;
        }
    }
}

#[tokio::test]
async fn a_witness_whose_clock_is_off_is_not_counted() {
    for mut world in worlds().await {
        add(&world.process(), [0]).await.unwrap();
        let ahead = Arc::new(ManualClock::at(world.clock.now()));
        ahead.advance(Duration::from_secs(61));
        let logs = world.process().verifier_keys().await.unwrap();
        let memory = testing::sqlite().await.unwrap();
        let running = Running::on(3, &logs, ahead, memory).await;
        world.config.log.witnesses[2] = running.config.clone();

        // Without it there is no quorum of three, and a quorum of two does not have it.
        let strict = LogWorld::of(&world, &with_quorum(&world.config, 3));
        let refused = strict.add("strict", b"more").await;
        let told =
            matches!(&refused, Err(LogError::Quorum(why)) if why.contains("w3: its clock is 61 "));
        assert!(told, "{refused:?}");
        let log = LogWorld::of(&world, &with_quorum(&world.config, 2));
        let newest = add(&log, [1]).await.unwrap();
        let note = Note::parse(&newest.note).unwrap();
        let mut names = note.signatures.iter().map(|line| line.name);
        assert!(!names.any(|name| name == "w3.example.no"));
        assert_eq!(newest.at, world.clock.now().seconds());
    }
}

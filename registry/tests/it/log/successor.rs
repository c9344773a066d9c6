//! The end of a log and the beginning of the next.

use registry::LogError;
use verifier::tlog_proof::TlogProof;

use super::world::{add, entry, worlds};

#[tokio::test]
async fn a_frozen_log_takes_nothing_more_and_its_successor_begins_with_its_end() {
    for mut world in worlds().await {
        let log = world.process();
        add(&log, 0..3).await.unwrap();
        // What is durable and not yet witnessed goes in before the end.
        log.sequence("key 3", &entry(3)).await.unwrap();
        let last = log.freeze().await.unwrap();
        assert_eq!(last.size, 4);
        assert!(matches!(log.add("x", b"x").await, Err(LogError::Frozen)));
        assert!(matches!(log.freeze().await, Err(LogError::Frozen)));
        let again = log.add("key 1", &entry(1)).await;
        assert!(again.is_err() || again.unwrap().position == 1);
        let frozen = log.frozen().await.unwrap();
        assert_eq!(frozen.len(), 1);
        assert_eq!(
            (frozen[0].origin.as_str(), frozen[0].size),
            ("localhost:8080/log2026", 4)
        );

        let unknown = log.start("log1999", None).await;
        assert!(matches!(unknown, Err(LogError::Unknown(_))));
        let bad = log.start("log2026", Some("../x")).await;
        assert!(matches!(bad, Err(LogError::Format(_))));
        let name = log.start("localhost:8080/log2026", None).await.unwrap();
        assert_eq!(name, "log2026b");
        let twice = log.start("log2026", None).await;
        assert!(matches!(twice, Err(LogError::StillOpen(_))));

        // The witnesses do not follow the new log yet.
        let unknown = log.publish().await;
        assert!(matches!(unknown, Err(LogError::Quorum(_))), "{unknown:?}");
        world.follow_all().await;
        let log = world.process();
        let first = log.publish().await.unwrap();
        assert_eq!(
            (first.origin.as_str(), first.size),
            ("localhost:8080/log2026b", 1)
        );
        let read = world.read(&log, "log2026b").await;
        assert_eq!(read, [last.note.clone().into_bytes()]);

        // The old log stands as it was, and an entry of it is not taken into the new one.
        let again = log.add("key 1", &entry(1)).await.unwrap();
        assert_eq!((again.log.as_str(), again.position), ("log2026", 1));
        let next = add(&log, [7]).await.unwrap();
        assert_eq!(next.size, 2);
        assert_eq!(world.read(&log, "log2026").await.len(), 4);
        let policy = log.policy().await.unwrap();
        assert_eq!(
            policy
                .lines()
                .filter(|line| line.starts_with("log "))
                .count(),
            4
        );
        assert!(TlogProof::parse(&policy).is_err());

        // And so on.
        log.freeze().await.unwrap();
        assert_eq!(log.start("log2026b", None).await.unwrap(), "log2026c");
        assert_eq!(log.frozen().await.unwrap().len(), 2);
    }
}

//! Every answer of C2SP tlog-witness.

use std::time::Duration;

use foundation::Clock;
use verifier::note::{self, Note, SignatureType, Verdict};

use crate::world::{Log, ORIGIN, World, identity, worlds};

/// Checks that both keys have cosigned the checkpoint now.
fn cosigned(world: &World, text: &str, lines: &str) {
    let whole = note::assemble(text, [lines]);
    let note = Note::parse(&whole).unwrap();
    let now = u64::try_from(world.clock.now().seconds()).unwrap();
    let mut kinds = Vec::new();
    for key in identity().keys() {
        let expected = Verdict::Valid {
            timestamp: Some(now),
        };
        assert_eq!(note.verdict(key), expected, "{}", world.engine);
        kinds.push(key.signature_type());
    }
    assert_eq!(
        kinds,
        [SignatureType::CosignatureV1, SignatureType::MlDsa44]
    );
    assert_eq!(note.signatures.len(), 2);
}

#[tokio::test]
async fn what_continues_is_cosigned_with_both_keys_and_shown_to_monitors() {
    for world in worlds().await {
        let log = Log::new(300, 0);
        let hash = foundation::Digest::of(ORIGIN.as_bytes()).hex();
        let path = format!("/{hash}/checkpoint");
        assert_eq!(world.get(&path).await.status, 404);
        let mut old = 0;
        for size in [1, 2, 7, 8, 255, 256, 300, 300] {
            let reply = world.add(log.request(old, size)).await;
            assert_eq!(reply.status, 200, "{old} {size} {}", reply.text);
            cosigned(&world, &log.text(size), &reply.text);
            let shown = world.get(&path).await;
            assert_eq!(shown.status, 200);
            let shown = Note::parse(&shown.text).unwrap();
            assert_eq!(shown.text, log.text(size));
            for key in log.keys().iter().chain(identity().keys()) {
                assert!(matches!(shown.verdict(key), Verdict::Valid { .. }));
            }
            old = size;
            world.clock.advance(Duration::from_secs(3));
        }
        assert_eq!(world.get("/healthz").await.text, "ok\n");
        assert_eq!(world.get("/abc/checkpoint").await.status, 404);
    }
}

#[tokio::test]
async fn another_size_than_thought_is_told_in_the_body() {
    for world in worlds().await {
        let log = Log::new(20, 0);
        assert_eq!(world.add(log.request(0, 5)).await.status, 200);
        for (old, size) in [(0, 9), (4, 9), (6, 9), (0, 3), (3, 3)] {
            let reply = world.add(log.request(old, size)).await;
            assert_eq!(
                (reply.status, reply.text.as_str()),
                (409, "5\n"),
                "{old} {size}"
            );
            assert_eq!(reply.headers["content-type"], "text/x.tlog.size");
        }
        assert_eq!(world.add(log.request(5, 9)).await.status, 200);
    }
}

#[tokio::test]
async fn another_history_is_refused_and_kept_as_evidence() {
    for world in worlds().await {
        let (log, other) = (Log::new(20, 0), Log::new(20, 1));
        assert_eq!(world.add(log.request(0, 5)).await.status, 200);
        // The second head: same size, then larger with a proof of its own history. The larger one
        // alone proves nothing: the proof beside it is the sender's.
        for size in [5, 8, 5] {
            let reply = world.add(other.request(5, size)).await;
            assert_eq!(reply.status, 422, "{}", reply.text);
            assert!(reply.text.contains("witness-inconsistent"));
            let evidence = world.witness.evidence(ORIGIN).await.unwrap();
            assert_eq!(evidence.len(), 1);
            assert!(evidence[0].note.starts_with(&other.text(5)));
            assert!(evidence[0].seen.starts_with(&log.text(5)));
        }
        // A proof that is missing, too long, or not empty from nothing.
        let proof = log.request(5, 9);
        let (head, tail) = proof.split_once("\n\n").unwrap();
        let (first, _) = head.split_once('\n').unwrap();
        assert_eq!(world.add(format!("{first}\n\n{tail}")).await.status, 422);
        let longer = format!("{head}\n{}\n\n{tail}", head.lines().last().unwrap());
        assert_eq!(world.add(longer).await.status, 422);
        assert_eq!(world.add(proof).await.status, 200);
    }
    for world in worlds().await {
        let log = Log::new(9, 0);
        let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
        let filled = log
            .request(0, 5)
            .replacen("old 0\n", &format!("old 0\n{hash}\n"), 1);
        assert_eq!(world.add(filled).await.status, 422);
        let empty = log.text(0).replacen("47DEQpj8", "48DEQpj8", 1);
        assert_ne!(empty, log.text(0));
        let empty = format!("old 0\n\n{}", log.sign(&empty));
        assert_eq!(world.add(empty).await.status, 422);
        assert_eq!(world.add(log.request(0, 0)).await.status, 200);
        assert_eq!(world.add(log.request(0, 5)).await.status, 200);
    }
}

#[tokio::test]
async fn a_stranger_with_wrong_proofs_takes_no_room_from_evidence() {
    for world in worlds().await {
        let (log, other) = (Log::new(200, 0), Log::new(200, 1));
        assert_eq!(world.add(log.request(0, 5)).await.status, 200);
        // What the log has published itself, with a proof that somebody made up.
        let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
        for size in 5..150 {
            let checkpoint = log.checkpoint(size);
            let reply = world.add(format!("old 5\n{hash}\n\n{checkpoint}")).await;
            assert_eq!(reply.status, 422, "{}", reply.text);
        }
        assert_eq!(world.witness.evidence(ORIGIN).await.unwrap(), []);
        // Another tree of the same size is kept, whatever size the sender thinks was seen.
        assert_eq!(world.add(other.request(3, 5)).await.status, 409);
        let evidence = world.witness.evidence(ORIGIN).await.unwrap();
        assert_eq!(evidence.len(), 1);
        assert!(evidence[0].note.starts_with(&other.text(5)));
        assert!(evidence[0].seen.starts_with(&log.text(5)));
    }
}

#[tokio::test]
async fn only_a_known_logs_right_signature_counts() {
    for world in worlds().await {
        let log = Log::new(20, 0);
        let text = log.text(5);
        let strange = text.replacen("log2026", "log2027", 1);
        let unknown = world.add(format!("old 0\n\n{}", log.sign(&strange))).await;
        assert_eq!(unknown.status, 404, "{}", unknown.text);

        // Signatures of nobody known, however many.
        let line = "\u{2014} registry.example.no/log2026 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        let alone = note::assemble(&text, [line]);
        assert_eq!(world.add(format!("old 0\n\n{alone}")).await.status, 403);

        // One known key right and the other wrong is a malformed note.
        let signed = log.checkpoint(5);
        let other = log.checkpoint(6);
        let (right, wrong) = (
            signed.lines().rev().nth(1).unwrap(),
            other.lines().next_back().unwrap(),
        );
        let mixed = note::assemble(&text, [format!("{right}\n"), format!("{wrong}\n")]);
        assert_eq!(world.add(format!("old 0\n\n{mixed}")).await.status, 403);

        // One known key alone is enough; a stranger's line beside it is ignored.
        let enough = note::assemble(&text, [format!("{right}\n"), line.to_owned()]);
        let reply = world.add(format!("old 0\n\n{enough}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        cosigned(&world, &text, &reply.text);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    for world in worlds().await {
        let log = Log::new(20, 0);
        let good = log.request(0, 5);
        for bad in [
            String::new(),
            "old 0\n\n".to_owned(),
            good.replacen("old 0", "old x", 1),
            good.replacen("old 0", "old 6", 1),
            good.replacen("old 0\n", "old 0\nxx\n", 1),
            good.replacen("\n5\n", "\n05\n", 1),
            good.replace('\u{2014}', "-"),
        ] {
            let reply = world.add(bad.clone()).await;
            assert_eq!(reply.status, 400, "{bad:.60}");
            assert!(reply.text.contains("witness-request"), "{}", reply.text);
        }
        assert_eq!(world.add(vec![0xff, 0xfe]).await.status, 400);
        assert_eq!(world.add(vec![b'x'; 1 << 20]).await.status, 413);
        assert_eq!(world.add(good).await.status, 200);
    }
}

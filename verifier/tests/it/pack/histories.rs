//! What an EPJ has seen before: the log and the version (steps 15, 17 and 18). The keys are in
//! [`super::withdrawals`], under the same group.

use verifier::Digest;
use verifier::claims::Content;
use verifier::merkle::leaf_hash;
use verifier::note::{SignatureType, assemble};
use verifier::trust::FrozenLog;

use super::scene::{Pack, SEEN, Scene};
use super::withdrawals;
use crate::keys::NoteKey;
use crate::support::{NOW, ORIGIN, World};

/// An EPJ that has accepted the honest approval.
pub(super) fn ready(scene: &mut Scene) {
    let approval = scene.world.approval();
    scene.approved(&approval);
}

/// An approval of another version, dated this long after the first.
fn next(world: &World, version: &str, later: i64) -> String {
    let mut release = World::release();
    release.software_version = version.to_owned();
    let mut approval = world.approval_of(&release);
    approval.iat += later;
    world.issue.sign(&approval)
}

pub(super) fn fill(pack: &mut Pack) {
    pack.scene(
        "histories/again",
        "The same approval once more.",
        "accepted",
        |scene| {
            let token = scene.world.issue.sign(&scene.world.approval());
            let ticket = scene.world.log_at(&token, SEEN);
            scene
                .epj()
                .ingest(&token, Some(&ticket), NOW)
                .ingest(&token, Some(&ticket), NOW);
        },
    );
    pack.scene(
        "histories/next-version",
        "The next version, in the same log.",
        "accepted",
        |scene| {
            ready(scene);
            let token = next(&scene.world, "1.3.0", 100);
            scene.logged(&token, NOW - 498);
        },
    );
    pack.scene(
        "histories/version-reused",
        "The same version with other content.",
        "E_VERSION_REUSED",
        |scene| {
            ready(scene);
            let mut approval = scene.world.approval();
            approval.content = Content::bundle(Digest::of(b"other"), Digest::of(b"manifest"), 6);
            let token = scene.world.issue.sign(&approval);
            scene.logged(&token, SEEN + 1);
        },
    );
    pack.scene(
        "histories/version-signed-anew",
        "The same version and content, approved anew.",
        "accepted",
        |scene| {
            ready(scene);
            let mut approval = scene.world.approval();
            approval.iat += 100;
            approval.jti = "1f7e4c52-91d0-4b6e-a7c3-0123456789ab".to_owned();
            let token = scene.world.issue.sign(&approval);
            scene.logged(&token, NOW - 498);
        },
    );
    pack.scene("histories/version-other-spelling", "The same content once more, with its members in another order and null for what is not there.", "accepted", |scene| {
        let header = format!(r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt"}}"#, scene.world.issue.kid());
        let mut approval = scene.world.approval();
        approval.content = Content::manifest(Digest::of(b"manifest"));
        scene.approved(&approval);
        let mut claims = serde_json::to_value(&approval).unwrap();
        claims["content"] = serde_json::json!({ "manifest": Digest::of(b"manifest"), "bundle": null, "level": "manifest" });
        let token = scene.world.issue.sign_raw(&header, &claims.to_string());
        scene.logged(&token, SEEN);
    });
    logs(pack);
    frozen(pack);
    withdrawals::fill(pack);
}

fn note(world: &World) -> String {
    let text = world.checkpoint();
    assemble(
        &text,
        [world.log.sign(&text), world.witness.cosign(&text, SEEN)],
    )
}

fn logs(pack: &mut Pack) {
    pack.scene(
        "histories/any-order",
        "A ticket from before one that is known: each has the checkpoint of its own day.",
        "accepted",
        |scene| {
            let early = next(&scene.world, "1.0.0", 0);
            let early_ticket = scene.world.log_at(&early, SEEN);
            let late = next(&scene.world, "1.1.0", 200);
            let late_ticket = scene.world.log_at(&late, NOW - 398);
            scene.epj().ingest(&late, Some(&late_ticket), NOW).ingest(
                &early,
                Some(&early_ticket),
                NOW,
            );
        },
    );
    pack.scene(
        "histories/rollback",
        "The log was larger, as its witnesses saw, before it had this size.",
        "E_LOG_ROLLBACK",
        |scene| {
            let smaller = scene.world.tree.clone();
            scene.world.tree.0.extend((0..9).map(|at| leaf_hash(&[at])));
            ready(scene);
            scene.world.tree = smaller;
            let token = next(&scene.world, "1.3.0", 300);
            scene.logged(&token, NOW - 298);
        },
    );
    pack.scene(
        "histories/rollback-in-steps",
        "The log shrinks twice, each time within the 60 seconds that clocks may differ, and together beyond them.",
        "E_LOG_ROLLBACK",
        |scene| {
            let mut issued = |version: &str, at: i64| {
                let token = next(&scene.world, version, 0);
                let ticket = scene.world.log_at(&token, at);
                (token, ticket)
            };
            let smallest = issued("1.0.0", SEEN + 120);
            let smaller = issued("1.1.0", SEEN + 60);
            let largest = issued("1.3.0", SEEN);
            scene.epj();
            for (token, ticket) in [&largest, &smaller, &smallest] {
                scene.ingest(token, Some(ticket), NOW);
            }
        },
    );
    for (early, expected, why) in [
        (
            60,
            "accepted",
            "Its witnesses saw a larger log 60 seconds before a smaller one that is known: as far as clocks may differ.",
        ),
        (
            61,
            "E_LOG_ROLLBACK",
            "Its witnesses saw a larger log 61 seconds before a smaller one that is known: the log has shrunk between them.",
        ),
    ] {
        let name = format!("histories/larger-{early}-before");
        pack.scene(&name, why, expected, |scene| {
            // Both follow the same checkpoint, which nobody knows.
            let (first, second) = (
                next(&scene.world, "1.0.0", 0),
                next(&scene.world, "1.3.0", 0),
            );
            let smaller = scene.world.log_at(&first, SEEN + early);
            let larger = scene.world.log_at(&second, SEEN);
            scene
                .epj()
                .ingest(&first, Some(&smaller), NOW)
                .ingest(&second, Some(&larger), NOW);
        });
    }
    pack.scene(
        "histories/fork",
        "The log shows another root at a size that is known: two histories.",
        "E_LOG_FORK",
        |scene| {
            let before = scene.world.tree.clone();
            ready(scene);
            scene.world.tree = before;
            let token = next(&scene.world, "1.3.0", 0);
            scene.logged(&token, SEEN);
        },
    );
    pack.scene(
        "histories/after-made-up",
        "It says to follow a checkpoint that is known with another root.",
        "E_BACKDATED",
        |scene| {
            ready(scene);
            let mut release = World::release();
            release.software_version = "1.3.0".to_owned();
            let mut approval = scene.world.approval_of(&release);
            approval.log.after.root = Digest::of(b"made up");
            let token = scene.world.issue.sign(&approval);
            scene.logged(&token, SEEN);
        },
    );
    for (early, expected, why) in [
        (
            60,
            "accepted",
            "Dated 60 seconds before the checkpoint that it follows was witnessed: as far as clocks may differ.",
        ),
        (
            61,
            "E_BACKDATED",
            "Dated 61 seconds before the checkpoint that it follows was witnessed.",
        ),
    ] {
        pack.scene(
            &format!("histories/after-{early}-before"),
            why,
            expected,
            |scene| {
                ready(scene);
                // The honest approval is dated two seconds before it was witnessed.
                let token = next(&scene.world, "1.3.0", 2 - early);
                scene.logged(&token, NOW - 400);
            },
        );
    }
    pack.scene(
        "histories/other-witnesses",
        "A checkpoint that is known from before is judged again by the new policy.",
        "E_WITNESS_QUORUM",
        |scene| {
            let first = next(&scene.world, "1.0.0", 0);
            let second = scene.world.issue.sign(&scene.world.approval());
            for token in [&first, &second] {
                scene.world.tree.0.push(leaf_hash(token.as_bytes()));
            }
            let note = note(&scene.world);
            let (one, two) = (scene.world.ticket(20, &note), scene.world.ticket(21, &note));
            scene.epj().ingest(&first, Some(&one), NOW);
            scene.world.config.version = 2;
            let other = NoteKey::new("w.other.example", SignatureType::CosignatureV1, 8);
            scene.world.config.log_policy = format!(
                "log {}\nwitness o {}\nquorum o\n",
                scene.world.log.key, other.key
            );
            scene.trust(NOW).ingest(&second, Some(&two), NOW);
        },
    );
}

fn frozen(pack: &mut Pack) {
    for (name, size, expected, why) in [
        (
            "before",
            20,
            "E_LOG_UNKNOWN",
            "The log was frozen before this checkpoint: nothing may follow.",
        ),
        (
            "at",
            21,
            "accepted",
            "The log was frozen at this checkpoint: what it holds stays believed.",
        ),
        (
            "other-root",
            21,
            "E_LOG_FORK",
            "The log was frozen at this size with another root.",
        ),
        (
            "later",
            22,
            "accepted",
            "The log was frozen later, and another root there says nothing about here.",
        ),
    ] {
        pack.scene(
            &format!("histories/frozen-{name}"),
            why,
            expected,
            |scene| {
                let token = scene.world.issue.sign(&scene.world.approval());
                let ticket = scene.world.log_at(&token, SEEN);
                let root = Digest::from_bytes(scene.world.tree.root());
                scene.world.config.anchors.frozen_logs = vec![FrozenLog {
                    origin: ORIGIN.to_owned(),
                    size,
                    root: if name == "at" {
                        root
                    } else {
                        Digest::of(b"other")
                    },
                }];
                scene.epj().ingest(&token, Some(&ticket), NOW);
            },
        );
    }
}

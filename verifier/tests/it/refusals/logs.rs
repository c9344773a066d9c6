//! Refusals for the ticket: proof, log, witnesses and time.

use verifier::trust::FrozenLog;
use verifier::{Code, Digest, note};

use super::{claims, code, signed_by, ticket, world};
use crate::support::{DAY, NOW, NoteKey, ORIGIN, World};

/// An approval in a log that was frozen at 21 entries or before.
fn frozen(size: u64, root: &[u8]) -> Option<Code> {
    world(|world| {
        world.config.anchors.frozen_logs = vec![FrozenLog {
            origin: ORIGIN.to_owned(),
            size,
            root: Digest::of(root),
        }];
    })
}

#[test]
fn what_a_frozen_log_holds_stays_believed() {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    world.config.anchors.frozen_logs = vec![FrozenLog {
        origin: ORIGIN.to_owned(),
        size: 21,
        root: Digest::from_bytes(world.tree.root()),
    }];
    assert!(world.verifier().ingest(&token, &ticket, NOW).is_ok());
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Vec<(Code, Option<Code>)> {
    let other = || NoteKey::new(ORIGIN, note::SignatureType::Ed25519, 7);
    vec![
        (Code::ProofFormat, ticket(|_, _| String::new())),
        (Code::ProofFormat, ticket(|_, t| t.replace("@v1", "@v2"))),
        (
            Code::LogUnknown,
            world(|world| {
                let log = NoteKey::new("other.example/log", note::SignatureType::Ed25519, 1);
                world.config.log_policy = format!(
                    "log {}\nwitness n {}\nquorum n\n",
                    log.key, world.witness.key
                );
            }),
        ),
        (
            Code::LogUnknown,
            claims(|a| a.log.origin = "other.example/log".to_owned()),
        ),
        (Code::LogUnknown, frozen(20, b"any")),
        (Code::LogFork, frozen(21, b"other")),
        (
            Code::LogSig,
            signed_by(|w, text| vec![w.witness.cosign(text, NOW - 500)]),
        ),
        (
            Code::LogSig,
            signed_by(|w, text| vec![other().sign(text), w.witness.cosign(text, NOW - 500)]),
        ),
        (
            Code::LogSig,
            signed_by(|w, text| vec![w.log.sign("x\n"), w.witness.cosign(text, NOW - 500)]),
        ),
        (
            Code::WitnessQuorum,
            signed_by(|w, text| vec![w.log.sign(text)]),
        ),
        (
            Code::WitnessQuorum,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign(text, 0)]),
        ),
        (
            Code::WitnessSig,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign("x\n", NOW - 500)]),
        ),
        (
            Code::IatFuture,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW + 61)]),
        ),
        (
            Code::Inclusion,
            ticket(|_, t| t.replace("index 20", "index 19")),
        ),
        (
            Code::Inclusion,
            ticket(|_, t| t.replace("index 20", "index 21")),
        ),
        (
            Code::Inclusion,
            ticket(|_, t| {
                let lines: Vec<_> = t
                    .lines()
                    .enumerate()
                    .filter(|(at, _)| *at != 2)
                    .map(|(_, l)| l)
                    .collect();
                lines.join("\n") + "\n"
            }),
        ),
        // Dated 61 s after the witness saw it, and more than a day before.
        (
            Code::Backdated,
            signed_by(|w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW - 661)]),
        ),
        (Code::Backdated, {
            let mut world = World::new();
            let approval = world.approval();
            let token = world.issue.sign(&approval);
            let ticket = world.log_at(&token, approval.iat + DAY + 1);
            code(
                world
                    .verifier()
                    .ingest(&token, &ticket, NOW + DAY)
                    .map(drop),
            )
        }),
        (Code::Backdated, claims(|a| a.log.after.size = 21)),
    ]
}

#[test]
fn a_date_before_the_checkpoint_that_it_follows_is_refused() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let root = Digest::from_bytes(world.tree.root());
    let mut release = World::release();
    release.software_version = "1.3.0".to_owned();
    // The first approval's checkpoint (21 entries) was witnessed at NOW − 598.
    for (iat, expected) in [(NOW - 659, Some(Code::Backdated)), (NOW - 658, None)] {
        let mut approval = world.approval_of(&release);
        approval.iat = iat;
        let token = world.issue.sign(&approval);
        let before = world.tree.clone();
        let ticket = world.log_at(&token, NOW - 400);
        world.tree = before;
        assert_eq!(approval.log.after.root, root);
        assert_eq!(
            code(verifier.clone().ingest(&token, &ticket, NOW).map(drop)),
            expected
        );
    }
    // And a made-up root of a checkpoint that is known is found out.
    let mut approval = world.approval_of(&release);
    approval.log.after.root = Digest::of(b"made up");
    let (token, ticket) = world.issue(&approval);
    assert_eq!(
        verifier.ingest(&token, &ticket, NOW).unwrap_err().code,
        Code::Backdated
    );
}

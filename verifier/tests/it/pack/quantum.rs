//! Checkpoints that are signed with ML-DSA-44 too, or only so. The policy decides what is enough.

use verifier::note::{SignatureType, assemble};

use super::scene::{Pack, SEEN};
use crate::keys::NoteKey;
use crate::support::{NOW, ORIGIN, World};

/// The log's and the witness's second keys.
fn keys() -> [NoteKey; 2] {
    [
        NoteKey::new(ORIGIN, SignatureType::MlDsa44, 21),
        NoteKey::new("w.nhn.example", SignatureType::MlDsa44, 22),
    ]
}

/// Whose lines are on the note.
#[derive(Clone, Copy)]
enum Line {
    Log,
    LogQuantum,
    Witness,
    WitnessQuantum,
    /// The log's key has signed another checkpoint.
    LogForged,
    /// The witness's key has cosigned another checkpoint.
    WitnessForged,
    /// The witness does not say when.
    WitnessTimeless,
    /// The Ed25519 log key under the id of the other one.
    WrongLength,
}

fn line(world: &World, text: &str, line: Line) -> String {
    let [log, witness] = keys();
    let other = text.replace("\n21\n", "\n22\n");
    match line {
        Line::Log => world.log.sign(text),
        Line::LogQuantum => log.cosign(text, SEEN),
        Line::Witness => world.witness.cosign(text, SEEN),
        Line::WitnessQuantum => witness.cosign(text, SEEN),
        Line::LogForged => log.cosign(&other, 0),
        Line::WitnessForged => witness.cosign(&other, 0),
        Line::WitnessTimeless => witness.cosign(text, 0),
        Line::WrongLength => log
            .key
            .cosignature_line(0, &world.log.sign_bytes(text.as_bytes())),
    }
}

/// A policy with both keys of each, and this quorum.
fn both(world: &World, quorum: &str) -> String {
    let [log, witness] = keys();
    format!(
        "log {}\nlog {}\nwitness classic {}\nwitness quantum {}\ngroup either any classic quantum\n{quorum}\n",
        world.log.key, log.key, world.witness.key, witness.key
    )
}

/// A policy that knows these two ML-DSA-44 keys alone.
fn policy(log: &NoteKey, witness: &NoteKey) -> String {
    let (log, witness) = (&log.key, &witness.key);
    format!("log {log}\nwitness quantum {witness}\nquorum quantum\n")
}

fn quantum_only(_: &World) -> String {
    let [log, witness] = keys();
    policy(&log, &witness)
}

pub(super) fn fill(pack: &mut Pack) {
    use Line::{
        Log, LogForged, LogQuantum, Witness, WitnessForged, WitnessQuantum, WitnessTimeless,
        WrongLength,
    };
    type Row = (
        &'static str,
        &'static str,
        &'static str,
        fn(&World) -> String,
        &'static [Line],
    );
    let table: [Row; 13] = [
        (
            "both",
            "Both kinds of signatures under a policy that knows both.",
            "accepted",
            |w| both(w, "quorum either"),
            &[Log, LogQuantum, Witness, WitnessQuantum],
        ),
        (
            "classic-alone",
            "Ed25519 alone, where either is enough.",
            "accepted",
            |w| both(w, "quorum either"),
            &[Log, Witness],
        ),
        (
            "quantum-alone",
            "ML-DSA-44 alone, where either is enough.",
            "accepted",
            |w| both(w, "quorum either"),
            &[LogQuantum, WitnessQuantum],
        ),
        (
            "only-quantum",
            "ML-DSA-44 alone, where the policy knows nothing else; Ed25519 beside it is passed over.",
            "accepted",
            quantum_only,
            &[Log, LogQuantum, Witness, WitnessQuantum],
        ),
        (
            "only-quantum-log-classic",
            "The policy asks for ML-DSA-44, and the log has signed with Ed25519 alone.",
            "E_LOG_SIG",
            quantum_only,
            &[Log, WitnessQuantum],
        ),
        (
            "only-quantum-witness-classic",
            "The policy asks for ML-DSA-44, and the witness has cosigned with Ed25519 alone.",
            "E_WITNESS_QUORUM",
            quantum_only,
            &[LogQuantum, Witness],
        ),
        (
            "quorum-quantum",
            "The quorum asks for the ML-DSA-44 cosignature, and only the Ed25519 one is there.",
            "E_WITNESS_QUORUM",
            |w| both(w, "quorum quantum"),
            &[Log, LogQuantum, Witness],
        ),
        (
            "quorum-classic",
            "The quorum asks for the Ed25519 cosignature, and only the ML-DSA-44 one is there.",
            "E_WITNESS_QUORUM",
            |w| both(w, "quorum classic"),
            &[Log, LogQuantum, WitnessQuantum],
        ),
        (
            "log-forged",
            "The ML-DSA-44 signature of the log is wrong; the good Ed25519 one does not save the note.",
            "E_LOG_SIG",
            |w| both(w, "quorum either"),
            &[Log, LogForged, Witness],
        ),
        (
            "witness-forged",
            "The ML-DSA-44 cosignature is wrong; the good Ed25519 one does not save the note.",
            "E_WITNESS_SIG",
            |w| both(w, "quorum either"),
            &[Log, Witness, WitnessForged],
        ),
        (
            "timeless",
            "ML-DSA-44 cosignatures may leave out the time; then somebody else must say when.",
            "E_WITNESS_QUORUM",
            quantum_only,
            &[LogQuantum, WitnessTimeless],
        ),
        (
            "timeless-and-classic",
            "One cosignature makes the quorum, and the other says when.",
            "accepted",
            |w| both(w, "quorum quantum"),
            &[Log, Witness, WitnessTimeless],
        ),
        (
            "wrong-length",
            "An Ed25519 signature under the id of the ML-DSA-44 key.",
            "E_LOG_SIG",
            |w| both(w, "quorum either"),
            &[Log, WrongLength, Witness],
        ),
    ];
    for (name, why, expected, policy, lines) in table {
        pack.scene(&format!("quantum/{name}"), why, expected, |scene| {
            scene.needs.push("ml-dsa");
            let world = &mut scene.world;
            world.config.log_policy = policy(world);
            let token = world.issue.sign(&world.approval());
            world.log_at(&token, SEEN);
            let text = world.checkpoint();
            let lines: Vec<_> = lines.iter().map(|one| line(world, &text, *one)).collect();
            let ticket = world.ticket(20, &assemble(&text, lines));
            scene.epj().ingest(&token, Some(&ticket), NOW);
        });
    }
    pack.scene(
        "quantum/log-as-witness",
        "One ML-DSA-44 key as the log's and as a witness's, which both may have: one signature would count for both.",
        "E_TRUST_CONFIG",
        |scene| {
            scene.needs.push("ml-dsa");
            let [log, _] = keys();
            scene.world.config.log_policy = policy(&log, &log);
            scene.trust(NOW);
        },
    );
    pack.ticket("quantum/passed-over", "A verifier without ML-DSA-44, and so with a policy without it, passes such lines over like any stranger's.", "accepted", |w, _| {
        let text = w.checkpoint();
        let lines = [Log, LogQuantum, Witness, WitnessQuantum].map(|one| line(w, &text, one));
        w.ticket(20, &assemble(&text, lines))
    });
}

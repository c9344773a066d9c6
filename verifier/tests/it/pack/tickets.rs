//! The ticket: its form, the log's name and signature, the witnesses, and the times (steps 12 to
//! 14 and 17).

use verifier::note::{SignatureType, assemble};

use super::scene::{Pack, SEEN};
use super::witnesses;
use crate::keys::NoteKey;
use crate::support::{ORIGIN, World};

fn replaced(from: &'static str, to: &'static str) -> impl FnOnce(&mut World, String) -> String {
    move |_, ticket| {
        assert!(ticket.contains(from));
        ticket.replacen(from, to, 1)
    }
}

type Row = (&'static str, &'static str, fn(&mut World, String) -> String);

pub(super) fn fill(pack: &mut Pack) {
    let table: [Row; 16] = [
        ("empty", "There is no ticket.", |_, _| String::new()),
        ("version", "Another version of the format.", |w, t| {
            replaced("@v1", "@v2")(w, t)
        }),
        ("no-index", "The line with the index is missing.", |w, t| {
            replaced("index 20\n", "")(w, t)
        }),
        ("index-negative", "A negative index.", |w, t| {
            replaced("index 20", "index -20")(w, t)
        }),
        (
            "index-leading-zero",
            "An index with a leading zero.",
            |w, t| replaced("index 20", "index 020")(w, t),
        ),
        ("index-large", "An index over 2⁶³ − 1.", |w, t| {
            replaced("index 20", "index 9223372036854775808")(w, t)
        }),
        ("hash-short", "A hash of 12 bytes.", |w, t| {
            replaced("index 20\n", "index 20\nAAAAAAAAAAAAAAAA\n")(w, t)
        }),
        ("hash-spaced", "A hash with a space behind it.", |_, t| {
            let lines: Vec<_> = t
                .split('\n')
                .map(str::to_owned)
                .enumerate()
                .map(|(at, line)| if at == 2 { line + " " } else { line })
                .collect();
            lines.join("\n")
        }),
        (
            "64-hashes",
            "More hashes than any tree has levels.",
            |_, t| {
                t.replacen(
                    "index 20\n",
                    &format!(
                        "index 20\n{}",
                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(64)
                    ),
                    1,
                )
            },
        ),
        ("no-checkpoint", "The checkpoint is missing.", |_, t| {
            t.split_once("\n\n").unwrap().0.to_owned() + "\n\n"
        }),
        (
            "no-signatures",
            "A checkpoint without signatures is no note.",
            |w, t| {
                let (head, _) = t.split_once("\n\n").unwrap();
                format!("{head}\n\n{}", w.checkpoint())
            },
        ),
        ("windows-lines", "Lines that end as on Windows.", |_, t| {
            t.replace('\n', "\r\n")
        }),
        ("cut", "The last line break is missing.", |_, t| {
            t.trim_end().to_owned()
        }),
        (
            "signature-dash",
            "A signature line begins with an em dash, not with a minus.",
            |_, t| t.replacen('\u{2014}', "-", 1),
        ),
        (
            "signature-base64",
            "A signature line that is no base64.",
            |_, t| t.trim_end().to_owned() + "!\n",
        ),
        (
            "huge",
            "A ticket that is longer than any that is read.",
            |_, t| {
                t.replacen(
                    "index 20",
                    &format!("extra {}\nindex 20", "AAAA".repeat(40_000)),
                    1,
                )
            },
        ),
    ];
    for (name, why, change) in table {
        pack.ticket(&format!("tickets/{name}"), why, "E_PROOF_FORMAT", change);
    }
    pack.ticket(
        "tickets/extra",
        "An extra line is allowed, and nobody reads it.",
        "accepted",
        |w, t| replaced("index 20", "extra AAAA\nindex 20")(w, t),
    );
    pack.ticket(
        "tickets/extra-empty",
        "An empty extra line is one too.",
        "accepted",
        |w, t| replaced("index 20", "extra \nindex 20")(w, t),
    );
    for (name, from, to, why) in [
        (
            "extra-base64",
            "index 20",
            "extra A\nindex 20",
            "An extra line that is no base64.",
        ),
        (
            "index-space",
            "index 20",
            "index 20 ",
            "An index with a space behind it.",
        ),
        (
            "index-plus",
            "index 20",
            "index +20",
            "An index with a sign.",
        ),
        (
            "index-digits",
            "index 20",
            "index \u{662}\u{660}",
            "An index in other digits than ASCII's.",
        ),
    ] {
        pack.ticket(
            &format!("tickets/{name}"),
            why,
            "E_PROOF_FORMAT",
            replaced(from, to),
        );
    }
    pack.signed_by(
        "tickets/signature-id-alone",
        "A signature line with a key id and no signature.",
        "E_PROOF_FORMAT",
        |w, text| {
            vec![
                w.log.sign(text),
                w.witness.cosign(text, SEEN),
                w.log.key.signature_line(&[]),
            ]
        },
    );
    logs(pack);
    witnesses::fill(pack);
}

fn logs(pack: &mut Pack) {
    pack.ticket(
        "tickets/other-log",
        "Everything in order, but in a log that is not in the policy.",
        "E_LOG_UNKNOWN",
        |w, _| {
            let log = NoteKey::new("other.example/log", SignatureType::Ed25519, 1);
            let text = w.checkpoint().replace(ORIGIN, "other.example/log");
            w.ticket(
                20,
                &assemble(&text, [log.sign(&text), w.witness.cosign(&text, SEEN)]),
            )
        },
    );
    pack.claims(
        "tickets/other-log-claimed",
        "The approval says to be in another log than the ticket's.",
        "E_LOG_UNKNOWN",
        |a| a.log.origin = "other.example/log".to_owned(),
    );
    pack.world(
        "tickets/log-not-trusted",
        "The log is not in this EPJ's policy.",
        "E_LOG_UNKNOWN",
        |w| {
            let log = NoteKey::new("other.example/log", SignatureType::Ed25519, 9);
            w.config.log_policy = format!(
                "log {}\nwitness nhn {}\nquorum nhn\n",
                log.key, w.witness.key
            );
        },
    );
    pack.signed_by(
        "tickets/log-silent",
        "The log has not signed; its witness alone is not enough.",
        "E_LOG_SIG",
        |w, text| vec![w.witness.cosign(text, SEEN)],
    );
    pack.signed_by(
        "tickets/log-other-key",
        "Another key has signed in the log's name.",
        "E_LOG_SIG",
        |w, text| {
            let other = NoteKey::new(ORIGIN, SignatureType::Ed25519, 7);
            vec![other.sign(text), w.witness.cosign(text, SEEN)]
        },
    );
    pack.signed_by(
        "tickets/log-other-text",
        "The log's signature is one over another checkpoint.",
        "E_LOG_SIG",
        |w, text| {
            vec![
                w.log.sign(&text.replace("21", "22")),
                w.witness.cosign(text, SEEN),
            ]
        },
    );
    pack.signed_by(
        "tickets/log-good-and-bad",
        "A good signature of the log beside a wrong one: the note has been meddled with.",
        "E_LOG_SIG",
        |w, text| {
            vec![
                w.log.sign(text),
                w.log.sign("x\n"),
                w.witness.cosign(text, SEEN),
            ]
        },
    );
    pack.signed_by(
        "tickets/log-unknown-beside",
        "A signature by a key that nobody knows is passed over.",
        "accepted",
        |w, text| {
            let other = NoteKey::new("stranger.example", SignatureType::Ed25519, 7);
            vec![
                other.sign("x\n"),
                w.log.sign(text),
                w.witness.cosign(text, SEEN),
            ]
        },
    );
    pack.signed_by(
        "tickets/16-signatures",
        "Sixteen signatures are read.",
        "accepted",
        |w, text| {
            let other = NoteKey::new("stranger.example", SignatureType::Ed25519, 7);
            let mut lines = vec![other.sign(text); 14];
            lines.extend([w.log.sign(text), w.witness.cosign(text, SEEN)]);
            lines
        },
    );
    pack.signed_by(
        "tickets/17-signatures",
        "More than sixteen signatures are not.",
        "E_PROOF_FORMAT",
        |w, text| {
            let other = NoteKey::new("stranger.example", SignatureType::Ed25519, 7);
            let mut lines = vec![other.sign(text); 15];
            lines.extend([w.log.sign(text), w.witness.cosign(text, SEEN)]);
            lines
        },
    );
    pack.ticket(
        "tickets/extension-line",
        "A checkpoint may have further lines, which the signatures cover.",
        "accepted",
        |w, _| {
            let text = w.checkpoint() + "extension\n";
            w.ticket(
                20,
                &assemble(&text, [w.log.sign(&text), w.witness.cosign(&text, SEEN)]),
            )
        },
    );
    pack.ticket(
        "tickets/control-character",
        "A tab in a checkpoint: a note has no control characters but line breaks.",
        "E_PROOF_FORMAT",
        |w, _| {
            let text = w.checkpoint() + "a\tb\n";
            w.ticket(
                20,
                &assemble(&text, [w.log.sign(&text), w.witness.cosign(&text, SEEN)]),
            )
        },
    );
    pack.ticket(
        "tickets/size-leading-zero",
        "A checkpoint's size with a leading zero.",
        "E_PROOF_FORMAT",
        |w, _| {
            let text = w.checkpoint().replace("\n21\n", "\n021\n");
            w.ticket(
                20,
                &assemble(&text, [w.log.sign(&text), w.witness.cosign(&text, SEEN)]),
            )
        },
    );
}

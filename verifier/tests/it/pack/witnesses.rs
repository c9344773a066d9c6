//! Who has seen the checkpoint, whether that is enough, and when it was (steps 14 and 17).

use verifier::base64url;
use verifier::note::{SignatureType, VerifierKey, assemble, cosignature_message};

use super::scene::{Pack, SEEN};
use crate::keys::{EcKey, NoteKey};
use crate::support::{DAY, NOW, World};

pub(super) fn fill(pack: &mut Pack) {
    witnesses(pack);
    names(pack);
    far(pack);
    quorums(pack);
    times(pack);
}

fn witnesses(pack: &mut Pack) {
    pack.signed_by(
        "tickets/unwitnessed",
        "The log has signed, and no witness: the quorum minus one.",
        "E_WITNESS_QUORUM",
        |w, text| vec![w.log.sign(text)],
    );
    pack.signed_by(
        "tickets/unknown-witness",
        "A witness whom the policy does not know.",
        "E_WITNESS_QUORUM",
        |w, text| {
            let other = NoteKey::new("w.other.example", SignatureType::CosignatureV1, 8);
            vec![w.log.sign(text), other.cosign(text, SEEN)]
        },
    );
    pack.signed_by(
        "tickets/witness-as-log",
        "The witness's key in the log's type signs nothing that counts.",
        "E_WITNESS_QUORUM",
        |w, text| {
            let other = NoteKey::new("w.nhn.example", SignatureType::Ed25519, 2);
            vec![w.log.sign(text), other.sign(text)]
        },
    );
    pack.signed_by(
        "tickets/witness-other-text",
        "The witness's cosignature is one over another checkpoint.",
        "E_WITNESS_SIG",
        |w, text| vec![w.log.sign(text), w.witness.cosign("x\n1\nAAAA\n", SEEN)],
    );
    pack.signed_by(
        "tickets/witness-other-time",
        "The time beside a cosignature was changed.",
        "E_WITNESS_SIG",
        |w, text| {
            let signature = w
                .witness
                .sign_bytes(&cosignature_message(SEEN.unsigned_abs(), text));
            vec![
                w.log.sign(text),
                w.witness
                    .key
                    .cosignature_line(SEEN.unsigned_abs() + 1, &signature),
            ]
        },
    );
    pack.signed_by(
        "tickets/witness-short",
        "A cosignature of seven bytes.",
        "E_WITNESS_SIG",
        |w, text| vec![w.log.sign(text), w.witness.key.signature_line(&[1; 7])],
    );
    pack.signed_by(
        "tickets/witness-no-time",
        "A cosignature with time 0 says nothing about when.",
        "E_WITNESS_QUORUM",
        |w, text| vec![w.log.sign(text), w.witness.cosign(text, 0)],
    );
    pack.signed_by(
        "tickets/witness-twice",
        "A witness that has signed twice counts once, from the first time on.",
        "accepted",
        |w, text| {
            vec![
                w.log.sign(text),
                w.witness.cosign(text, NOW - 5),
                w.witness.cosign(text, SEEN),
            ]
        },
    );
    pack.signed_by(
        "tickets/witness-60-ahead",
        "Witnessed 60 seconds in the future: as far as clocks may differ.",
        "accepted",
        |w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW + 60)],
    );
    pack.signed_by(
        "tickets/witness-61-ahead",
        "Witnessed 61 seconds in the future.",
        "E_IAT_FUTURE",
        |w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW + 61)],
    );
    pack.ticket(
        "tickets/no-quorum-needed",
        "quorum none: nobody is asked, but somebody must say when.",
        "accepted",
        |w, ticket| {
            w.config.log_policy = format!(
                "log {}\nwitness nhn {}\nquorum none\n",
                w.log.key, w.witness.key
            );
            ticket
        },
    );
}

/// A stranger's line is passed over, but it must be one: key names have no control characters and no
/// white space, whichever of them a library's patterns know.
fn names(pack: &mut Pack) {
    for (name, character, expected) in [
        ("plain", 'x', "accepted"),
        ("delete", '\u{7f}', "E_PROOF_FORMAT"),
        ("next-line", '\u{85}', "E_PROOF_FORMAT"),
        ("application-command", '\u{9f}', "E_PROOF_FORMAT"),
        ("no-break-space", '\u{a0}', "E_PROOF_FORMAT"),
        ("line-separator", '\u{2028}', "E_PROOF_FORMAT"),
        ("ideographic-space", '\u{3000}', "E_PROOF_FORMAT"),
        ("zero-width-space", '\u{200b}', "accepted"),
        ("byte-order-mark", '\u{feff}', "accepted"),
        ("emoji", '\u{1f512}', "accepted"),
    ] {
        let why = format!(
            "A stranger's signature line whose name holds U+{:04X}.",
            u32::from(character)
        );
        pack.signed_by(
            &format!("tickets/name-{name}"),
            &why,
            expected,
            |w, text| {
                let line = w.witness.cosign(text, SEEN);
                let stranger = format!(
                    "\u{2014} w.{character}other.example {}\n",
                    base64url::encode_standard(&[7; 76])
                );
                vec![w.log.sign(text), line, stranger]
            },
        );
    }
}

/// Cosignatures from times that no clock shows.
fn far(pack: &mut Pack) {
    pack.signed_by(
        "tickets/witness-far-future",
        "Witnessed in a time far beyond 2⁵³.",
        "E_IAT_FUTURE",
        |w, text| vec![w.log.sign(text), w.witness.cosign(text, 1 << 62)],
    );
    pack.signed_by(
        "tickets/witness-time-overflow",
        "A time of over 2⁶³ is none.",
        "E_WITNESS_SIG",
        |w, text| {
            let signature = w.witness.sign_bytes(&cosignature_message(1 << 63, text));
            vec![
                w.log.sign(text),
                w.witness.key.cosignature_line(1 << 63, &signature),
            ]
        },
    );
}

/// A policy of two groups: two of three at home, and one abroad.
fn national(world: &mut World) -> [NoteKey; 4] {
    let witness = |name, seed| NoteKey::new(name, SignatureType::CosignatureV1, seed);
    let keys = [
        witness("w.a.example", 11),
        witness("w.b.example", 12),
        witness("w.c.example", 13),
        witness("w.ext.example", 14),
    ];
    let [a, b, c, ext]: [&VerifierKey; 4] = std::array::from_fn(|at| &keys[at].key);
    world.config.log_policy = format!(
        "# two at home and one abroad\nlog {}\nwitness a {a}\nwitness b {b}\nwitness c {c}\nwitness ext {ext}\n\ngroup home 2 a b c\ngroup everybody all home ext\nquorum everybody\n",
        world.log.key
    );
    keys
}

fn quorums(pack: &mut Pack) {
    for (name, cosigned, expected, why) in [
        (
            "home-and-abroad",
            [true, false, true, true],
            "accepted",
            "Two of three at home and the one abroad.",
        ),
        ("all", [true; 4], "accepted", "All the witnesses."),
        (
            "home-minus-one",
            [true, false, false, true],
            "E_WITNESS_QUORUM",
            "One at home is one too few, though there are two in all.",
        ),
        (
            "nobody-abroad",
            [true, true, true, false],
            "E_WITNESS_QUORUM",
            "Three at home do not stand in for the one abroad.",
        ),
        (
            "only-abroad",
            [false, false, false, true],
            "E_WITNESS_QUORUM",
            "The one abroad alone.",
        ),
    ] {
        pack.ticket(&format!("tickets/quorum-{name}"), why, expected, |w, _| {
            let keys = national(w);
            let text = w.checkpoint();
            let mut lines = vec![w.log.sign(&text)];
            let signers = keys.iter().zip(cosigned).filter(|(_, signs)| *signs);
            lines.extend(signers.map(|(key, _)| key.cosign(&text, SEEN)));
            w.ticket(20, &assemble(&text, lines))
        });
    }
    pack.ticket(
        "tickets/quorum-one-twice",
        "One witness twice is not two.",
        "E_WITNESS_QUORUM",
        |w, _| {
            let [a, _, _, ext] = national(w);
            let text = w.checkpoint();
            let lines = [
                w.log.sign(&text),
                a.cosign(&text, SEEN),
                a.cosign(&text, SEEN + 1),
                ext.cosign(&text, SEEN),
            ];
            w.ticket(20, &assemble(&text, lines))
        },
    );
    pack.ticket(
        "tickets/quorum-and-a-forgery",
        "The quorum is there, and one known witness's cosignature is wrong.",
        "E_WITNESS_SIG",
        |w, _| {
            let [a, b, c, ext] = national(w);
            let text = w.checkpoint();
            let lines = [
                w.log.sign(&text),
                a.cosign(&text, SEEN),
                b.cosign(&text, SEEN),
                c.cosign("x\n1\nAAAA\n", SEEN),
                ext.cosign(&text, SEEN),
            ];
            w.ticket(20, &assemble(&text, lines))
        },
    );
}

fn times(pack: &mut Pack) {
    pack.signed_by(
        "tickets/dated-60-after",
        "Dated 60 seconds after it was witnessed: as far as clocks may differ.",
        "accepted",
        |w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW - 660)],
    );
    pack.signed_by(
        "tickets/dated-61-after",
        "Dated 61 seconds after it was witnessed.",
        "E_BACKDATED",
        |w, text| vec![w.log.sign(text), w.witness.cosign(text, NOW - 661)],
    );
    for (late, expected, why) in [
        (0, "accepted", "Witnessed 24 hours after its date."),
        (
            1,
            "E_BACKDATED",
            "Witnessed one second more than 24 hours after its date.",
        ),
    ] {
        pack.scene(
            &format!("tickets/witnessed-24-hours-{late}"),
            why,
            expected,
            |scene| {
                let mut approval = scene.world.approval();
                approval.iat = NOW - DAY - late;
                approval.reviews = earlier(&scene.world);
                let token = scene.world.issue.sign(&approval);
                scene.epj().logged(&token, NOW);
            },
        );
    }
    pack.signed_by(
        "tickets/earliest-counts",
        "Of two times the earliest counts: it was dated after that.",
        "E_BACKDATED",
        |w, text| {
            vec![
                w.log.sign(text),
                w.witness.cosign(text, NOW - 5),
                w.witness.cosign(text, NOW - 661),
            ]
        },
    );
    pack.claims(
        "tickets/after-itself",
        "It says to follow a checkpoint that it is in itself.",
        "E_BACKDATED",
        |a| a.log.after.size = 21,
    );
    pack.claims(
        "tickets/after-much-later",
        "It says to follow a checkpoint that is not there yet.",
        "E_BACKDATED",
        |a| a.log.after.size = 1 << 40,
    );
    pack.claims(
        "tickets/after-earlier",
        "It may follow an earlier checkpoint than the last one.",
        "accepted",
        |a| a.log.after.size = 3,
    );
}

/// The honest reviews, made two days ago.
fn earlier(world: &World) -> Vec<String> {
    use verifier::claims::ReviewRole::{Clinical, Security};
    let release = World::release();
    let token = world.sign_release(&release);
    let review = |role, key: &EcKey| {
        let mut review = World::review(&release, &token, role);
        review.iat = NOW - 2 * DAY;
        key.sign(&review)
    };
    vec![
        review(Security, &world.security),
        review(Clinical, &world.clinical),
    ]
}

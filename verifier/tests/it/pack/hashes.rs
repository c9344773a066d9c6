//! The Merkle proof: this leaf, at this place, in this tree (step 16).

use verifier::base64url;
use verifier::merkle::{leaf_hash, node_hash};
use verifier::note::assemble;

use super::scene::{Pack, SEEN};
use crate::support::{NOW, World};

/// The ticket with its hash lines changed.
fn hashes(ticket: &str, change: impl FnOnce(&mut Vec<String>)) -> String {
    let (head, rest) = ticket.split_once("\n\n").unwrap();
    let mut lines: Vec<_> = head.lines().map(str::to_owned).collect();
    let mut hashes = lines.split_off(2);
    change(&mut hashes);
    lines.extend(hashes);
    format!("{}\n\n{rest}", lines.join("\n"))
}

/// An honest note about the world's present tree.
fn note(world: &World) -> String {
    let text = world.checkpoint();
    assemble(
        &text,
        [world.log.sign(&text), world.witness.cosign(&text, SEEN)],
    )
}

pub(super) fn fill(pack: &mut Pack) {
    for index in ["0", "19", "21", "9223372036854775807"] {
        pack.ticket(
            &format!("hashes/index-{index}"),
            "The proof is one for another place.",
            "E_INCLUSION",
            |_, t| t.replacen("index 20", &format!("index {index}"), 1),
        );
    }
    pack.ticket(
        "hashes/missing",
        "A hash is missing.",
        "E_INCLUSION",
        |_, t| hashes(&t, |h| drop(h.pop())),
    );
    pack.ticket(
        "hashes/none",
        "All hashes are missing.",
        "E_INCLUSION",
        |_, t| hashes(&t, Vec::clear),
    );
    pack.ticket("hashes/more", "A hash too many.", "E_INCLUSION", |_, t| {
        hashes(&t, |h| h.push(h[0].clone()))
    });
    pack.ticket(
        "hashes/order",
        "The hashes in the wrong order.",
        "E_INCLUSION",
        |_, t| hashes(&t, |h| h.reverse()),
    );
    pack.ticket("hashes/zero", "A hash of zeroes.", "E_INCLUSION", |_, t| {
        hashes(&t, |h| h[0] = base64url::encode_standard(&[0; 32]))
    });
    pack.ticket(
        "hashes/other-leaf",
        "A good proof of another entry.",
        "E_INCLUSION",
        |w, _| w.ticket(3, &note(w)),
    );
    pack.ticket(
        "hashes/older-tree",
        "A good checkpoint from before the approval was logged.",
        "E_INCLUSION",
        |w, t| {
            w.tree.0.pop();
            let (head, _) = t.split_once("\n\n").unwrap();
            format!("{head}\n\n{}", note(w))
        },
    );
    pack.ticket(
        "hashes/empty-tree",
        "A checkpoint of an empty log.",
        "E_INCLUSION",
        |w, _| {
            let text = format!(
                "{}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
                crate::support::ORIGIN
            );
            let note = assemble(&text, [w.log.sign(&text), w.witness.cosign(&text, SEEN)]);
            format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{note}")
        },
    );
    pack.ticket(
        "hashes/inner-node",
        "The approval's hash as an inner node: leaves and nodes are hashed apart.",
        "E_INCLUSION",
        |w, _| {
            let token = w.issue.sign(&w.approval());
            let leaf = leaf_hash(token.as_bytes());
            let root = node_hash(&leaf_hash(&leaf), &leaf);
            let text = format!(
                "{}\n2\n{}\n",
                crate::support::ORIGIN,
                base64url::encode_standard(&root)
            );
            let note = assemble(&text, [w.log.sign(&text), w.witness.cosign(&text, SEEN)]);
            let hash = base64url::encode_standard(&leaf);
            format!("c2sp.org/tlog-proof@v1\nindex 0\n{hash}\n\n{note}")
        },
    );
    pack.scene(
        "hashes/other-token",
        "The ticket of another approval.",
        "E_INCLUSION",
        |scene| {
            let token = scene.world.issue.sign(&scene.world.approval());
            let mut approval = scene.world.approval();
            approval.client_name.push('!');
            let other = scene.world.issue.sign(&approval);
            let ticket = scene.world.log_at(&other, SEEN);
            scene.epj().ingest(&token, Some(&ticket), NOW);
        },
    );
    for (name, entries, at, why) in [
        (
            "alone",
            0,
            0,
            "The only entry of a log: a proof without hashes.",
        ),
        ("first-of-two", 0, 1, "The first of two entries."),
        ("last-of-two", 1, 0, "The last of two entries."),
        ("full", 255, 0, "The last entry of a full tree."),
        (
            "uneven",
            256,
            44,
            "An entry in the midst of an uneven tree.",
        ),
    ] {
        pack.scene(&format!("hashes/{name}"), why, "accepted", |scene| {
            let world = &mut scene.world;
            let leaf = |at: u64| leaf_hash(&at.to_be_bytes());
            world.tree.0 = (0..entries).map(leaf).collect();
            let mut approval = world.approval();
            approval.log.after.size = 0;
            let token = world.issue.sign(&approval);
            world.tree.0.push(leaf_hash(token.as_bytes()));
            world.tree.0.extend((0..at).map(leaf));
            let ticket = world.ticket(entries, &note(world));
            scene.epj().ingest(&token, Some(&ticket), NOW);
        });
    }
}

//! The trust repository itself, for verifiers with a client of The Update Framework (step 2).

use verifier::TrustUpdate;

use super::scene::{Pack, Scene};
use crate::authority::signed;
use crate::keys::EcKey;
use crate::support::{DAY, NOW};

/// A case of the repository: the world's configuration, changed on its way.
fn update(
    pack: &mut Pack,
    name: &str,
    why: &str,
    expected: &str,
    change: impl FnOnce(&mut Scene, &mut TrustUpdate),
) {
    pack.scene(&format!("repository/{name}"), why, expected, |scene| {
        scene.needs.push("tuf");
        let mut update = scene.world.trust_update();
        change(scene, &mut update);
        scene.trust_of(&update, NOW);
    });
}

/// The text of a document with one thing put for another.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

pub(super) fn fill(pack: &mut Pack) {
    pack.scene(
        "repository/honest",
        "The repository as it is published.",
        "accepted",
        |scene| {
            scene.trust(NOW);
        },
    );
    update(
        pack,
        "file-changed",
        "A target file is not the one that the targets document lists.",
        "E_TRUST_CONFIG",
        |_, update| {
            let file = update.files.get_mut("denylist.json").unwrap();
            file.push(b' ');
        },
    );
    update(
        pack,
        "file-missing",
        "A target file that is listed is missing.",
        "E_TRUST_CONFIG",
        |_, update| drop(update.files.remove("anchors.json")),
    );
    update(
        pack,
        "targets-changed",
        "The targets document was changed after it was signed.",
        "E_TRUST_CONFIG",
        |_, update| update.targets = replaced(&update.targets, "\"version\":1", "\"version\":2"),
    );
    update(
        pack,
        "timestamp-changed",
        "The timestamp was changed after it was signed.",
        "E_TRUST_CONFIG",
        |_, update| {
            update.timestamp = replaced(&update.timestamp, "\"version\":1", "\"version\":7");
        },
    );
    update(
        pack,
        "timestamp-other-key",
        "The timestamp is signed by a key that the root document does not name.",
        "E_TRUST_CONFIG",
        |scene, update| {
            let mut authority = crate::authority::Authority::with_keys(&EcKey::seeded);
            authority.timestamp = EcKey::seeded("attacker");
            update.timestamp = authority.update(&scene.world.config).timestamp;
        },
    );
    update(
        pack,
        "targets-one-signature",
        "The targets are signed by one of the two that must.",
        "E_TRUST_CONFIG",
        |scene, update| {
            let mut authority = crate::authority::Authority::with_keys(&EcKey::seeded);
            authority.targets.truncate(1);
            *update = authority.update(&scene.world.config);
        },
    );
    update(
        pack,
        "timestamp-not-json",
        "The timestamp is no JSON.",
        "E_TRUST_CONFIG",
        |_, update| update.timestamp = b"{".to_vec(),
    );
    for (late, expected, why) in [
        (1, "accepted", "The timestamp's last second."),
        (0, "E_TRUST_EXPIRED", "The timestamp has expired."),
    ] {
        pack.scene(
            &format!("repository/timestamp-ends-{late}"),
            why,
            expected,
            |scene| {
                scene.world.config.online = NOW + late;
                scene.needs.push("tuf");
                scene.trust(NOW);
            },
        );
    }
    for (ahead, expected, why) in [
        (
            60,
            "accepted",
            "Issued 60 seconds in the future: as far as clocks may differ.",
        ),
        (61, "E_IAT_FUTURE", "Issued 61 seconds in the future."),
    ] {
        pack.scene(
            &format!("repository/issued-{ahead}-ahead"),
            why,
            expected,
            |scene| {
                scene.world.config.iat = NOW + ahead;
                scene.trust(NOW);
            },
        );
    }
    pack.scene(
        "repository/rollback",
        "A timestamp that is older than the one that is known.",
        "E_TRUST_ROLLBACK",
        |scene| {
            scene.needs.push("tuf");
            let old = scene.world.trust_update();
            scene.world.config.version = 2;
            scene.trust(NOW).trust_of(&old, NOW);
        },
    );
    let root = |scene: &Scene, signers: usize, version: u64| {
        let authority = &scene.world.authority;
        let keys: Vec<_> = authority.root.iter().take(signers).collect();
        signed(&authority.root(version, NOW + 3 * 365 * DAY), &keys)
    };
    update(
        pack,
        "next-root",
        "A second root document, signed by three of five.",
        "accepted",
        |scene, update| update.roots = vec![root(scene, 3, 2)],
    );
    update(
        pack,
        "next-root-two",
        "A second root document, signed by two of five.",
        "E_TRUST_CONFIG",
        |scene, update| update.roots = vec![root(scene, 2, 2)],
    );
    update(
        pack,
        "root-gap",
        "The third root document without the second: The Update Framework calls it a rollback.",
        "E_TRUST_ROLLBACK",
        |scene, update| update.roots = vec![root(scene, 3, 3)],
    );
    pack.scene(
        "repository/root-own",
        "An attacker's second root document with keys of its own.",
        "E_TRUST_CONFIG",
        |scene| {
            scene.needs.push("tuf");
            let attacker = crate::authority::Authority::with_keys(&|name| {
                EcKey::seeded(&format!("attacker's {name}"))
            });
            let keys: Vec<_> = attacker.root.iter().take(3).collect();
            let mut update = attacker.update(&scene.world.config);
            update.roots = vec![signed(&attacker.root(2, NOW + 3 * 365 * DAY), &keys)];
            scene.trust_of(&update, NOW);
        },
    );
}

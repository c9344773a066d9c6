//! Keys that were withdrawn: what they signed before, by its place in the log (step 17 and L4), and
//! the status lists of a key that was stolen (step 19 and L5).

use verifier::Assurance;
use verifier::jwk::KeyUse;
use verifier::status::{StatusList, StatusValue};
use verifier::trust::{Revocation, RevocationReason, TrustedKey};

use super::histories::ready;
use super::launches::request;
use super::scene::{Pack, Scene};
use crate::keys::EcKey;
use crate::support::{NOW, ORIGIN, World, packed};

pub(super) fn fill(pack: &mut Pack) {
    keys(pack);
    stolen_lists(pack);
    lists_of_others(pack);
}

/// The key at this place in the configuration, withdrawn from this index on.
fn withdraw(world: &mut World, at: usize, reason: RevocationReason, cutoff: Option<(&str, u64)>) {
    let cutoff = cutoff.map(|(origin, index)| (origin.to_owned(), index));
    world.config.keys[at].revoked = Some(Revocation {
        revoked_at: NOW - 60,
        reason,
        log_index_cutoff: cutoff.into_iter().collect(),
    });
}

fn keys(pack: &mut Pack) {
    use RevocationReason::{Compromised, Superseded, Unspecified};
    let whom = [(0, "issuer"), (3, "reviewer")];
    for (at, who) in whom {
        for (name, cutoff, expected, why) in [
            (
                "at-cutoff",
                Some((ORIGIN, 20)),
                "E_KEY_REVOKED",
                "A key that was stolen is not believed from the cut-off index on; the approval has this index.",
            ),
            (
                "below-cutoff",
                Some((ORIGIN, 21)),
                "accepted",
                "What stands in the log before the cut-off index stays believed: an index cannot be backdated.",
            ),
            (
                "no-cutoff",
                None,
                "E_KEY_REVOKED",
                "A withdrawn key without a cut-off is believed nowhere.",
            ),
            (
                "other-log",
                Some(("other.example/log", 1 << 40)),
                "E_KEY_REVOKED",
                "A cut-off in another log says nothing about this one.",
            ),
        ] {
            pack.world(&format!("histories/{who}-{name}"), why, expected, |w| {
                withdraw(w, at, Compromised, cutoff);
            });
        }
    }
    for (name, reason, expected, why) in [
        (
            "superseded",
            Superseded,
            "accepted",
            "Without a ticket a key that another has replaced is believed.",
        ),
        (
            "compromised",
            Compromised,
            "E_KEY_REVOKED",
            "Without a ticket a stolen key is not believed, whatever the cut-off.",
        ),
        (
            "unspecified",
            Unspecified,
            "E_KEY_REVOKED",
            "Without a ticket a key that was withdrawn for no known reason is not believed.",
        ),
    ] {
        pack.scene(
            &format!("histories/unlogged-{name}"),
            why,
            expected,
            |scene| {
                scene.policy.min_assurance = Assurance::JoseOnly;
                withdraw(&mut scene.world, 0, reason, Some((ORIGIN, 1 << 40)));
                let token = scene.world.issue.sign(&scene.world.approval());
                scene.epj().ingest(&token, None, NOW);
            },
        );
    }
    pack.scene(
        "histories/unlogged",
        "An installation that does not ask for a ticket takes an approval without one.",
        "accepted",
        |scene| {
            scene.policy.min_assurance = Assurance::JoseOnly;
            let token = scene.world.issue.sign(&scene.world.approval());
            scene.epj().ingest(&token, None, NOW);
        },
    );
    pack.scene(
        "histories/unlogged-refused",
        "An installation that asks for a ticket takes no approval without one.",
        "E_LOCAL_POLICY",
        |scene| {
            let token = scene.world.issue.sign(&scene.world.approval());
            scene.epj().ingest(&token, None, NOW);
        },
    );
    for (name, at, cutoff, expected, why) in [
        (
            "issuer-stolen",
            0,
            20,
            "E_KEY_REVOKED",
            "The issuing key was stolen after the approval was accepted, and the cut-off is before it: it is not launched again.",
        ),
        (
            "reviewer-stolen",
            4,
            20,
            "E_KEY_REVOKED",
            "A reviewer's key was stolen after the approval was accepted, and the cut-off is before it.",
        ),
        (
            "issuer-stolen-later",
            0,
            21,
            "accepted",
            "The issuing key was stolen, and the cut-off is after the approval: it is launched as before.",
        ),
    ] {
        pack.scene(
            &format!("histories/launch-{name}"),
            why,
            expected,
            |scene| {
                ready(scene);
                scene.world.config.version = 2;
                withdraw(&mut scene.world, at, Compromised, Some((ORIGIN, cutoff)));
                scene.trust(NOW).launch(&request(), NOW);
            },
        );
    }
    pack.scene(
        "histories/launch-issuer-gone",
        "The issuing key is no longer listed at all.",
        "E_KEY_REVOKED",
        |scene| {
            ready(scene);
            scene.world.config.version = 2;
            scene.world.config.keys[0] =
                TrustedKey::service(&EcKey::seeded("issue 2").public, KeyUse::Approval);
            scene.trust(NOW).launch(&request(), NOW);
        },
    );
}

/// The place of the status key in the configuration.
const STATUS: usize = 1;

/// The highest generation that a list can have.
const HIGHEST: u64 = (1 << 53) - 1;

/// An EPJ that has accepted the honest approval, and then a list of the status key's thief.
fn deceived(scene: &mut Scene, generation: u64, value: StatusValue) {
    ready(scene);
    let mut forged = StatusList::allow_list(1 << 10);
    for index in 0..1 << 10 {
        assert!(forged.set(index, value.byte()));
    }
    let mut claims = scene.world.status_claims(NOW - 5);
    claims.r#gen = generation;
    claims.status_list.lst = packed(&forged);
    let token = scene.world.status.sign(&claims);
    scene.status(&token, NOW);
}

/// A trust configuration in which another key signs the status lists.
fn replaced(scene: &mut Scene, reason: RevocationReason) {
    let world = &mut scene.world;
    world.config.version += 1;
    world.status = EcKey::seeded("status 2");
    let next = TrustedKey::service(&world.status.public, KeyUse::Status);
    world.config.keys.push(next);
    withdraw(world, STATUS, reason, Some((ORIGIN, 1 << 40)));
    scene.trust(NOW);
}

/// The registry's own next list, of a generation that is far below the thief's.
fn honest(scene: &mut Scene, value: StatusValue) {
    let token = scene.world.set_status(value, NOW - 1);
    scene.status(&token, NOW);
}

fn stolen_lists(pack: &mut Pack) {
    use RevocationReason::Compromised;
    pack.scene(
        "histories/status-key-stolen",
        "The key that signed the newest list is withdrawn as stolen: the list counts no longer, and there is no other yet.",
        "E_STATUS_STALE",
        |scene| {
            deceived(scene, HIGHEST, StatusValue::Valid);
            replaced(scene, Compromised);
            scene.launch(&request(), NOW);
        },
    );
    pack.scene(
        "histories/status-key-stolen-ingest",
        "The same when the approval is given once more.",
        "E_STATUS_STALE",
        |scene| {
            deceived(scene, HIGHEST, StatusValue::Valid);
            replaced(scene, Compromised);
            let again = scene.step(2);
            scene.again(again);
        },
    );
    pack.scene(
        "histories/status-key-stolen-next",
        "The thief's list had the highest generation there is; once the key is withdrawn, the registry's next one is taken in all the same.",
        "accepted",
        |scene| {
            deceived(scene, HIGHEST, StatusValue::Valid);
            replaced(scene, Compromised);
            honest(scene, StatusValue::Suspended);
        },
    );
    for (name, value, expected, why) in [
        (
            "suspended",
            StatusValue::Suspended,
            "E_SUSPENDED",
            "The thief's list had undone a suspension; the registry's next list has it.",
        ),
        (
            "valid",
            StatusValue::Valid,
            "accepted",
            "The registry's next list says that the approval is valid.",
        ),
    ] {
        let name = format!("histories/status-key-stolen-next-{name}");
        pack.scene(&name, why, expected, |scene| {
            deceived(scene, HIGHEST, StatusValue::Valid);
            replaced(scene, Compromised);
            honest(scene, value);
            scene.launch(&request(), NOW);
        });
    }
    pack.scene(
        "histories/status-key-stolen-revokes",
        "The thief's list said that everything was revoked; a revocation that a thief has signed is none.",
        "accepted",
        |scene| {
            deceived(scene, 2, StatusValue::Invalid);
            replaced(scene, Compromised);
            honest(scene, StatusValue::Valid);
            scene.launch(&request(), NOW);
        },
    );
    pack.scene(
        "histories/status-key-stolen-again",
        "The thief's list once more, after its key was withdrawn.",
        "E_KEY_REVOKED",
        |scene| {
            deceived(scene, HIGHEST, StatusValue::Valid);
            let forged = scene.step(3);
            replaced(scene, Compromised);
            scene.again(forged);
        },
    );
    pack.scene(
        "histories/status-key-stolen-floor",
        "A list of the next key counts as any other: an older one does not follow it.",
        "E_STATUS_ROLLBACK",
        |scene| {
            deceived(scene, HIGHEST, StatusValue::Valid);
            replaced(scene, Compromised);
            let before = scene.world.set_status(StatusValue::Valid, NOW - 2);
            honest(scene, StatusValue::Suspended);
            scene.status(&before, NOW);
        },
    );
}

/// Lists whose key is no longer the one that signs, for other reasons than theft.
fn lists_of_others(pack: &mut Pack) {
    use RevocationReason::{Compromised, Superseded, Unspecified};
    for (reason, name, expected, why) in [
        (
            Unspecified,
            "unspecified",
            "E_STATUS_STALE",
            "The key that signed the newest list is withdrawn for no known reason.",
        ),
        (
            Superseded,
            "superseded",
            "accepted",
            "Another key has taken the place of the one that signed the newest list: that one holds until the next is read.",
        ),
    ] {
        let name = format!("histories/status-key-{name}");
        pack.scene(&name, why, expected, |scene| {
            ready(scene);
            replaced(scene, reason);
            scene.launch(&request(), NOW);
        });
    }
    pack.scene(
        "histories/status-key-superseded-floor",
        "Another key has taken the place of the one that signed the newest list; a list of before does not follow it.",
        "E_STATUS_ROLLBACK",
        |scene| {
            ready(scene);
            replaced(scene, Superseded);
            let older = scene.world.status_token(NOW - 20);
            scene.status(&older, NOW);
        },
    );
    pack.scene(
        "histories/status-key-superseded-then-stolen",
        "A key that had been replaced turns out to have been stolen.",
        "E_STATUS_STALE",
        |scene| {
            ready(scene);
            replaced(scene, Superseded);
            scene.world.config.version += 1;
            withdraw(&mut scene.world, STATUS, Compromised, None);
            scene.trust(NOW).launch(&request(), NOW);
        },
    );
    for (name, why) in [
        (
            "gone",
            "The key that signed the newest list is no longer listed at all.",
        ),
        (
            "other-use",
            "The key that signed the newest list is now listed for another use.",
        ),
    ] {
        let name_of_case = format!("histories/status-key-{name}");
        pack.scene(&name_of_case, why, "E_STATUS_STALE", |scene| {
            ready(scene);
            let keys = &mut scene.world.config.keys;
            match name {
                "gone" => {
                    let other = EcKey::seeded("status 2");
                    keys[STATUS] = TrustedKey::service(&other.public, KeyUse::Status);
                }
                _ => keys[STATUS].key_use = KeyUse::StatusEvent,
            }
            scene.world.config.version += 1;
            scene.trust(NOW).launch(&request(), NOW);
        });
    }
}

//! What the target files of the trust repository may not say: delegations that are none, keys for two
//! uses, log policies that nobody can follow (steps 2 and 9).

use verifier::claims::Delegation;
use verifier::jwk::KeyUse;
use verifier::note::SignatureType;
use verifier::trust::files::ANCHORS;
use verifier::trust::{Revocation, RevocationReason, TrustedKey};

use super::scene::{Pack, SEEN};
use crate::keys::{EcKey, NoteKey};
use crate::support::{NOW, World};

pub(super) fn fill(pack: &mut Pack) {
    delegations(pack);
    policies(pack);
    left_out(pack);
}

/// Members that the anchors may leave out: then there is nothing of the kind.
fn left_out(pack: &mut Pack) {
    pack.scene(
        "parts/anchors-left-out",
        "Anchors without frozen logs and without oldest versions need not say that there are none.",
        "accepted",
        |scene| {
            let config = &scene.world.config;
            let mut files = scene.world.authority.files(config);
            let mut anchors = serde_json::to_value(&config.anchors).unwrap();
            for name in ["frozen_logs", "min_versions"] {
                assert!(anchors.as_object_mut().unwrap().remove(name).is_some());
            }
            let anchors = serde_json::to_vec(&anchors).unwrap();
            files.insert(ANCHORS.to_owned(), anchors);
            let update = scene.world.authority.update_with(config, files);
            let list = scene.world.status_token(NOW - 10);
            let token = scene.world.issue.sign(&scene.world.approval());
            scene
                .trust_of(&update, NOW)
                .status(&list, NOW)
                .logged(&token, SEEN);
        },
    );
}

fn delegations(pack: &mut Pack) {
    let mut delegation = |name: &str, why: &str, expected: &str, change: fn(&mut Delegation)| {
        pack.world(&format!("parts/delegation-{name}"), why, expected, |w| {
            w.config.delegation.as_mut().map(change).unwrap();
        });
    };
    delegation(
        "other-issuer",
        "The owner lets somebody else issue the mark.",
        "E_DELEGATION",
        |d| d.sub.push('x'),
    );
    delegation(
        "other-mark",
        "The owner lets the registry issue another mark.",
        "E_DELEGATION",
        |d| d.trust_mark_type.push('2'),
    );
    delegation(
        "ahead",
        "The delegation is from 61 seconds in the future.",
        "E_DELEGATION",
        |d| d.iat = NOW + 61,
    );
    delegation(
        "60-ahead",
        "The delegation is from 60 seconds in the future: as far as clocks may differ.",
        "accepted",
        |d| d.iat = NOW + 60,
    );
    delegation("ends", "The delegation ends now.", "E_DELEGATION", |d| {
        d.exp = NOW;
    });
    delegation(
        "last-second",
        "The delegation's last second.",
        "accepted",
        |d| d.exp = NOW + 1,
    );
    let mut trust = |name: &str, why: &str, change: fn(&mut World)| {
        pack.scene(
            &format!("parts/delegation-{name}"),
            why,
            "E_DELEGATION",
            |scene| {
                change(&mut scene.world);
                scene.trust(NOW);
            },
        );
    };
    trust(
        "missing",
        "A mark has an owner, and delegation.jwt is missing.",
        |w| w.config.delegation = None,
    );
    trust(
        "other-owner",
        "iss is not the owner whose key has signed.",
        |w| w.config.delegation.as_mut().unwrap().iss.push('x'),
    );
    trust("other-key", "Signed by a key that is not listed.", |w| {
        w.authority.owner = EcKey::seeded("attacker");
    });
    trust(
        "own-key",
        "Signed by the registry's own issuing key.",
        |w| w.authority.owner = EcKey::seeded("issue"),
    );
    trust("revoked-key", "The owner's key has been withdrawn.", |w| {
        let owner = w.config.anchors.marks[0].owner.as_mut().unwrap();
        owner.keys[0].revoked = Some(Revocation {
            revoked_at: NOW,
            reason: RevocationReason::Compromised,
            log_index_cutoff: [].into(),
        });
    });
    pack.scene(
        "parts/key-listed-twice",
        "One key under two uses, which would let one kind of token pass for another.",
        "E_TRUST_CONFIG",
        |scene| {
            let key = TrustedKey::service(&scene.world.issue.public, KeyUse::Status);
            scene.world.config.keys.push(key);
            scene.trust(NOW);
        },
    );
    pack.scene(
        "parts/key-wrong-kid",
        "A key whose kid is not its RFC 7638 thumbprint.",
        "E_TRUST_CONFIG",
        |scene| {
            scene.world.config.keys[0].kid = EcKey::seeded("attacker").kid();
            scene.trust(NOW);
        },
    );
}

/// Log policies that nobody can follow.
fn policies(pack: &mut Pack) {
    let mut policy = |name: &str, why: &str, make: fn(&World) -> String| {
        pack.scene(
            &format!("parts/policy-{name}"),
            why,
            "E_TRUST_CONFIG",
            |scene| {
                scene.world.config.log_policy = make(&scene.world);
                scene.trust(NOW);
            },
        );
    };
    policy(
        "no-quorum",
        "A log policy that does not say how many witnesses are enough.",
        |w| format!("log {}\nwitness nhn {}\n", w.log.key, w.witness.key),
    );
    policy(
        "unknown-member",
        "A quorum of somebody who is not defined.",
        |w| {
            format!(
                "log {}\nwitness nhn {}\nquorum epj\n",
                w.log.key, w.witness.key
            )
        },
    );
    policy("key-id", "A key under another key's id.", |w| {
        let id = format!("+{:08x}+", w.witness.key.id());
        let policy = format!(
            "log {}\nwitness nhn {}\nquorum nhn\n",
            w.log.key, w.witness.key
        );
        assert!(policy.contains(&id));
        policy.replace(&id, "+00000000+")
    });
    policy(
        "log-as-witness",
        "A key that signs checkpoints in a witness's place: the log would be its own witness.",
        |w| format!("log {}\nwitness nhn {}\nquorum nhn\n", w.log.key, w.log.key),
    );
    policy(
        "witness-as-log",
        "A witness's key in the log's place.",
        |w| {
            format!(
                "log {}\nwitness nhn {}\nquorum nhn\n",
                w.witness.key, w.witness.key
            )
        },
    );
    policy(
        "log-cosigns",
        "The log's Ed25519 key once more as a witness's, in the witnesses' type: the log would be its own witness.",
        |w| {
            let own = NoteKey::new("w.nhn.example", SignatureType::CosignatureV1, 1);
            assert_eq!(own.key.public_key(), w.log.key.public_key());
            format!("log {}\nwitness nhn {}\nquorum nhn\n", w.log.key, own.key)
        },
    );
    policy(
        "one-key-two-witnesses",
        "One key under two witnesses' names, which would count twice.",
        |w| {
            let again = NoteKey::new("w.other.example", SignatureType::CosignatureV1, 2);
            assert_eq!(again.key.public_key(), w.witness.key.public_key());
            format!(
                "log {}\nwitness nhn {}\nwitness b {}\ngroup g all nhn b\nquorum g\n",
                w.log.key, w.witness.key, again.key
            )
        },
    );
    policy("unknown-line", "A line that no policy has.", |w| {
        format!(
            "log {}\nwitness nhn {}\nquorum nhn\nallow all\n",
            w.log.key, w.witness.key
        )
    });
}

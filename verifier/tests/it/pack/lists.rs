//! Status list tokens from other signers, under other headers, and in the wrong order (step 19).

use verifier::base64url;
use verifier::jwk::KeyUse;
use verifier::status::{StatusList, StatusValue};
use verifier::trust::{Revocation, RevocationReason, TrustedKey};

use super::scene::Pack;
use crate::keys::EcKey;
use crate::support::{DAY, LIST, NOW, ORIGIN, World, packed};

pub(super) fn fill(pack: &mut Pack) {
    tokens(pack);
    rollbacks(pack);
}

/// A status list token under any header, with any payload.
fn raw(world: &World, header: &str, payload: &str) -> String {
    world
        .status
        .sign_raw(&header.replace("KID", &world.status.kid()), payload)
}

fn tokens(pack: &mut Pack) {
    const HEADER: &str = r#"{"alg":"ES256","kid":"KID","typ":"statuslist+jwt"}"#;
    let claims = |world: &World| serde_json::to_string(&world.status_claims(NOW - 5)).unwrap();
    let mut token = |name: &str, why: &str, expected: &str, make: &dyn Fn(&World) -> String| {
        pack.scene(&format!("statuses/{name}"), why, expected, |scene| {
            let token = make(&scene.world);
            scene.epj().status(&token, NOW);
        });
    };
    token("empty", "There is no token.", "E_STATUS_FORMAT", &|_| {
        String::new()
    });
    token(
        "padding",
        "Padding after the signature.",
        "E_STATUS_FORMAT",
        &|w| w.status_token(NOW - 5) + "=",
    );
    token(
        "header-crit",
        "A header with crit.",
        "E_STATUS_FORMAT",
        &|w| {
            raw(
                w,
                r#"{"alg":"ES256","kid":"KID","typ":"statuslist+jwt","crit":["x"],"x":1}"#,
                &claims(w),
            )
        },
    );
    token(
        "typ",
        "The type of a status list in another format.",
        "E_TYP",
        &|w| {
            raw(
                w,
                r#"{"alg":"ES256","kid":"KID","typ":"statuslist+cwt"}"#,
                &claims(w),
            )
        },
    );
    token("alg-none", "alg none.", "E_ALG", &|w| {
        raw(
            w,
            r#"{"alg":"none","kid":"KID","typ":"statuslist+jwt"}"#,
            &claims(w),
        )
    });
    token(
        "unknown-key",
        "A key that is not in the trust configuration.",
        "E_KID",
        &|w| EcKey::seeded("attacker").sign(&w.status_claims(NOW - 5)),
    );
    token(
        "other-signature",
        "The right key's id, and another key's signature.",
        "E_STATUS_SIG",
        &|w| {
            let input = verifier::claims::signing_input(&w.status_claims(NOW - 5), &w.status.kid())
                .unwrap();
            EcKey::seeded("attacker").sign_input(&input)
        },
    );
    token(
        "changed",
        "One entry was changed after signing.",
        "E_STATUS_SIG",
        &|w| {
            let mut claims = w.status_claims(NOW - 5);
            let token = w.status.sign(&claims);
            claims.status_list.lst = packed(&StatusList::from_bytes(2, vec![0; 256]).unwrap());
            let payload = base64url::encode(&serde_json::to_vec(&claims).unwrap());
            let parts: Vec<_> = token.split('.').collect();
            format!("{}.{payload}.{}", parts[0], parts[2])
        },
    );
    token("duplicate-claim", "gen twice.", "E_STATUS_FORMAT", &|w| {
        raw(w, HEADER, &claims(w).replacen('{', r#"{"gen":9,"#, 1))
    });
    token(
        "without-exp",
        "A list that never expires.",
        "E_STATUS_FORMAT",
        &|w| {
            let claims = claims(w);
            let exp = format!(r#""exp":{},"#, NOW - 5 + DAY);
            assert!(claims.contains(&exp));
            raw(w, HEADER, &claims.replacen(&exp, "", 1))
        },
    );
    token(
        "gen-negative",
        "A negative generation.",
        "E_STATUS_FORMAT",
        &|w| raw(w, HEADER, &claims(w).replace(r#""gen":1"#, r#""gen":-1"#)),
    );
    pack.scene(
        "statuses/from",
        "The list was fetched from its own address.",
        "accepted",
        |scene| {
            let token = scene.world.status_token(NOW - 5);
            scene.epj().status_from(LIST, &token);
        },
    );
    pack.scene(
        "statuses/from-elsewhere",
        "The list at this address is another one: files were swapped.",
        "E_STATUS_SUB",
        |scene| {
            let token = scene.world.status_token(NOW - 5);
            scene
                .epj()
                .status_from("https://registry.example.no/status/1", &token);
        },
    );
    pack.scene("statuses/revoked-key", "The status key has been withdrawn; status lists have no place in a log that could save them.", "E_KEY_REVOKED", |scene| {
        let key = EcKey::seeded("status 2");
        let world = &mut scene.world;
        world.config.keys.push(TrustedKey::service(&key.public, KeyUse::Status));
        world.config.keys[1].revoked = Some(Revocation {
            revoked_at: NOW - 60,
            reason: RevocationReason::Compromised,
            log_index_cutoff: [(ORIGIN.to_owned(), 1 << 40)].into(),
        });
        let token = world.status_token(NOW - 5);
        scene.trust(NOW).status(&token, NOW);
    });
    pack.scene(
        "statuses/second-key",
        "A second status key, as during a rotation.",
        "accepted",
        |scene| {
            let key = EcKey::seeded("status 2");
            let world = &mut scene.world;
            world
                .config
                .keys
                .push(TrustedKey::service(&key.public, KeyUse::Status));
            let token = key.sign(&world.status_claims(NOW - 5));
            scene.epj().status(&token, NOW);
        },
    );
}

fn rollbacks(pack: &mut Pack) {
    pack.scene(
        "statuses/unrevoked",
        "A revocation cannot be undone, not even by a newer list.",
        "E_STATUS_ROLLBACK",
        |scene| {
            let revoked = scene.epj().world.set_status(StatusValue::Invalid, NOW - 5);
            let valid = scene.world.set_status(StatusValue::Valid, NOW - 4);
            scene.status(&revoked, NOW).status(&valid, NOW);
        },
    );
    pack.scene(
        "statuses/reinstated",
        "A suspension can be undone.",
        "accepted",
        |scene| {
            let suspended = scene
                .epj()
                .world
                .set_status(StatusValue::Suspended, NOW - 5);
            let valid = scene.world.set_status(StatusValue::Valid, NOW - 4);
            scene.status(&suspended, NOW).status(&valid, NOW);
        },
    );
    pack.scene(
        "statuses/shorter",
        "A list that has lost its revoked entries.",
        "E_STATUS_ROLLBACK",
        |scene| {
            let revoked = scene.epj().world.set_status(StatusValue::Invalid, NOW - 5);
            scene.world.list = StatusList::allow_list(4);
            let shorter = scene.world.set_generation(3, NOW - 4);
            scene.status(&revoked, NOW).status(&shorter, NOW);
        },
    );
    pack.scene(
        "statuses/played-back",
        "The list of before the suspension is played back.",
        "E_STATUS_ROLLBACK",
        |scene| {
            let before = scene.epj().world.status_token(NOW - 10);
            let suspended = scene.world.set_status(StatusValue::Suspended, NOW - 5);
            scene.status(&suspended, NOW).status(&before, NOW);
        },
    );
}

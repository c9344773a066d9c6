//! Launches of other approvals: hosted apps, confidential clients, scopes that cover one another, and
//! installations with rules of their own (steps L9 to L12).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use verifier::claims::{Content, ContentLevel, Release};
use verifier::jwk::JwkSet;
use verifier::{Assurance, Digest, LocalPolicy};

use super::histories::ready;
use super::launches::{request, with};
use super::scene::{Pack, Scene};
use crate::keys::EcKey;
use crate::support::{DAY, NOW, World};

/// An EPJ that has accepted an approval of this release.
fn accepted(scene: &mut Scene, release: &Release) {
    let approval = scene.world.approval_of(release);
    scene.approved(&approval);
}

fn of(content: Content) -> Release {
    Release {
        content,
        ..World::release()
    }
}

pub(super) fn fill(pack: &mut Pack) {
    contents(pack);
    clients(pack);
    scopes(pack);
    local(pack);
}

fn contents(pack: &mut Pack) {
    let seen = |bytes: &[u8], at: i64| json!({ "manifest": Digest::of(bytes), "observed_at": at });
    let table: [(&str, &str, &str, Value); 6] = [
        (
            "manifest",
            "The hosted app's manifest is the approved one.",
            "accepted",
            seen(b"m", NOW),
        ),
        (
            "manifest-23-59-59",
            "The hosted app was looked at one second less than a day ago.",
            "accepted",
            seen(b"m", NOW - DAY + 1),
        ),
        (
            "manifest-day",
            "The hosted app was looked at a day ago.",
            "E_CONTENT_DRIFT",
            seen(b"m", NOW - DAY),
        ),
        (
            "manifest-ahead",
            "The hosted app was looked at 61 seconds in the future.",
            "E_CONTENT_DRIFT",
            seen(b"m", NOW + 61),
        ),
        (
            "manifest-changed",
            "The hosted app has changed since it was approved.",
            "E_CONTENT_DRIFT",
            seen(b"changed", NOW),
        ),
        (
            "manifest-unseen",
            "Nobody has looked at the hosted app.",
            "E_CONTENT_DRIFT",
            Value::Null,
        ),
    ];
    for (name, why, expected, content) in table {
        pack.scene(&format!("launches/{name}"), why, expected, |scene| {
            accepted(scene, &of(Content::manifest(Digest::of(b"m"))));
            scene.launch(&with("content", content), NOW);
        });
    }
    pack.scene(
        "launches/manifest-for-bundle",
        "A look at the manifest does not stand in for the bundle's digest.",
        "E_DIGEST",
        |scene| {
            ready(scene);
            scene.launch(&with("content", seen(b"manifest", NOW)), NOW);
        },
    );
    pack.scene(
        "launches/origin",
        "An app that is bound to its origin alone needs no look.",
        "accepted",
        |scene| {
            accepted(scene, &of(Content::origin()));
            scene.launch(&with("content", Value::Null), NOW);
        },
    );
    pack.scene(
        "launches/no-launch-address",
        "An app that only starts on its own is not launched at any address.",
        "E_LAUNCH_URI",
        |scene| {
            accepted(
                scene,
                &Release {
                    launch_uri: None,
                    ..World::release()
                },
            );
            scene.launch(&with("launch_uri", "https://app.example.no/launch"), NOW);
        },
    );
}

fn clients(pack: &mut Pack) {
    let client = EcKey::seeded("client");
    let (kid, stranger) = (client.kid(), EcKey::seeded("attacker").kid());
    let jwk = serde_json::to_value(client.public.to_jwk()).unwrap();
    let release = |dpop| Release {
        token_endpoint_auth_method: "private_key_jwt".to_owned(),
        dpop_bound_access_tokens: dpop,
        jwks: Some(JwkSet {
            keys: vec![jwk.as_object().unwrap().clone()],
        }),
        ..World::release()
    };
    for (name, why, expected, bound, shown) in [
        (
            "key",
            "The client shows the approved key, and DPoP as the approval asks.",
            "accepted",
            true,
            json!({ "key": kid, "dpop": true }),
        ),
        (
            "key-without-dpop",
            "DPoP is not asked for.",
            "accepted",
            false,
            json!({ "key": kid, "dpop": false }),
        ),
        (
            "no-dpop",
            "DPoP is asked for, and missing.",
            "E_CLIENT_KEY",
            true,
            json!({ "key": kid, "dpop": false }),
        ),
        (
            "other-key",
            "The client shows another key.",
            "E_CLIENT_KEY",
            false,
            json!({ "key": stranger, "dpop": false }),
        ),
        (
            "no-key",
            "The client shows no key.",
            "E_CLIENT_KEY",
            false,
            json!({ "key": null, "dpop": false }),
        ),
    ] {
        pack.scene(&format!("launches/client-{name}"), why, expected, |scene| {
            accepted(scene, &release(bound));
            scene.launch(&with("client", shown), NOW);
        });
    }
}

fn scopes(pack: &mut Pack) {
    let approved = "patient/*.r patient/Observation.s?category=laboratory,imaging user/Patient.cud system/Task.*";
    for (name, asked, expected, why) in [
        (
            "star",
            "patient/Condition.r",
            "accepted",
            "A scope for every type covers one type.",
        ),
        (
            "together",
            "patient/Observation.rs?category=imaging",
            "accepted",
            "Two scopes together give reading and searching.",
        ),
        (
            "wider-query",
            "patient/Observation.rs?category=imaging,vital-signs",
            "E_SCOPE",
            "A value that was not approved widens the query.",
        ),
        (
            "no-query",
            "patient/Observation.s",
            "E_SCOPE",
            "Without the query it is more than was approved.",
        ),
        (
            "other-query",
            "patient/Observation.s?status=final",
            "E_SCOPE",
            "A query about something else does not narrow what was approved.",
        ),
        (
            "both-queries",
            "patient/Observation.s?category=laboratory&status=final",
            "accepted",
            "A second condition narrows further.",
        ),
        (
            "modifier",
            "patient/Observation.s?category:not=laboratory",
            "E_SCOPE",
            "A modifier can turn a query round.",
        ),
        (
            "write",
            "user/Patient.write",
            "accepted",
            "SMART 1's write is cud.",
        ),
        (
            "write-and-read",
            "user/Patient.*",
            "E_SCOPE",
            "SMART 1's star is cruds.",
        ),
        (
            "system",
            "system/Task.cruds",
            "accepted",
            "SMART 1's star in the approval is cruds.",
        ),
    ] {
        pack.scene(
            &format!("launches/granted-{name}"),
            why,
            expected,
            |scene| {
                let release = Release {
                    scope: approved.to_owned(),
                    ..World::release()
                };
                accepted(scene, &release);
                scene.launch(&with("scope", asked), NOW);
            },
        );
    }
}

fn local(pack: &mut Pack) {
    type Row = (
        &'static str,
        &'static str,
        &'static str,
        fn(&mut LocalPolicy),
    );
    let only = |software: &str| Some(BTreeSet::from([software.to_owned()]));
    let table: [Row; 3] = [
        (
            "level",
            "This installation asks for content that is bound to its bytes.",
            "E_LOCAL_POLICY",
            |l| l.min_content_level = ContentLevel::Bundle,
        ),
        (
            "level-met",
            "The content is bound as firmly as this installation asks.",
            "accepted",
            |l| l.min_content_level = ContentLevel::Manifest,
        ),
        (
            "high-risk",
            "An installation of high risk launches with a fresh list.",
            "accepted",
            |l| l.risk_class = verifier::RiskClass::High,
        ),
    ];
    let look = || {
        with(
            "content",
            json!({ "manifest": Digest::of(b"m"), "observed_at": NOW }),
        )
    };
    for (name, why, expected, change) in table {
        pack.scene(&format!("launches/local-{name}"), why, expected, |scene| {
            change(&mut scene.policy);
            accepted(scene, &of(Content::manifest(Digest::of(b"m"))));
            scene.launch(&look(), NOW);
        });
    }
    for (software, expected, why) in [
        (
            "no.example.blodtrykk",
            "accepted",
            "The software is on this installation's list.",
        ),
        (
            "no.example.other",
            "E_LOCAL_POLICY",
            "The software is not on this installation's list.",
        ),
    ] {
        pack.scene(
            &format!("launches/local-list-{}", &software[11..]),
            why,
            expected,
            |scene| {
                scene.policy.allowed_software = only(software);
                ready(scene);
                scene.launch(&request(), NOW);
            },
        );
    }
    pack.scene(
        "launches/local-unlogged",
        "An approval without a ticket, where none is asked for.",
        "accepted",
        |scene| {
            scene.policy.min_assurance = Assurance::JoseOnly;
            let token = scene.world.issue.sign(&scene.world.approval());
            scene
                .epj()
                .ingest(&token, None, NOW)
                .launch(&request(), NOW);
        },
    );
}

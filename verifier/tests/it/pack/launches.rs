//! Launches, of an approval that was accepted (steps L1 to L12).

use serde_json::{Value, json};
use verifier::Digest;
use verifier::status::StatusValue;

use super::grants;
use super::histories::ready;
use super::scene::{Pack, SEEN};
use crate::support::{DAY, NOW, VENDOR};

/// What an EPJ knows at every step of a launch.
pub(super) fn request() -> Value {
    json!({
        "software_id": "no.example.blodtrykk",
        "software_version": "1.2.0",
        "organization_id": VENDOR,
        "content": { "bundle": Digest::of(b"bundle") },
    })
}

/// That, and one thing more.
pub(super) fn with(member: &str, value: impl Into<Value>) -> Value {
    let mut request = request();
    request[member] = value.into();
    request
}

pub(super) fn fill(pack: &mut Pack) {
    let whole = || {
        let mut request = with("launch_uri", "https://app.example.no/launch");
        request["redirect_uri"] = "https://app.example.no/cb".into();
        request["scope"] = "launch openid patient/Observation.rs".into();
        request["client"] = json!({ "key": null, "dpop": false });
        request
    };
    let table: [(&str, &str, &str, Value); 27] = [
        (
            "honest",
            "A launch with everything as approved.",
            "accepted",
            whole(),
        ),
        (
            "least",
            "What is not known yet at this step is left out.",
            "accepted",
            request(),
        ),
        (
            "other-software",
            "Software that was never approved here.",
            "E_NOT_APPROVED",
            with("software_id", "no.example.other"),
        ),
        (
            "other-version",
            "Another version than the approved one.",
            "E_NOT_APPROVED",
            with("software_version", "1.2.1"),
        ),
        (
            "version-build",
            "The version with a build's name is another version.",
            "E_NOT_APPROVED",
            with("software_version", "1.2.0+1"),
        ),
        (
            "other-vendor",
            "The client is registered for another organisation.",
            "E_VENDOR",
            with("organization_id", "NO:ORGNR:983544622"),
        ),
        (
            "launch-slash",
            "The launch address with a slash behind it.",
            "E_LAUNCH_URI",
            with("launch_uri", "https://app.example.no/launch/"),
        ),
        (
            "launch-capital",
            "The launch address with a capital in its host.",
            "E_LAUNCH_URI",
            with("launch_uri", "https://App.example.no/launch"),
        ),
        (
            "launch-query",
            "The launch address with a query.",
            "E_LAUNCH_URI",
            with("launch_uri", "https://app.example.no/launch?x"),
        ),
        (
            "launch-percent",
            "The launch address with a letter in percent.",
            "E_LAUNCH_URI",
            with("launch_uri", "https://app.example.no/%6Caunch"),
        ),
        (
            "redirect-query",
            "The redirect address with a query.",
            "E_REDIRECT_URI",
            with("redirect_uri", "https://app.example.no/cb?x=1"),
        ),
        (
            "redirect-capital",
            "The redirect address with capitals in its host.",
            "E_REDIRECT_URI",
            with("redirect_uri", "https://APP.example.no/cb"),
        ),
        (
            "redirect-prefix",
            "Only the beginning is an approved address.",
            "E_REDIRECT_URI",
            with("redirect_uri", "https://app.example.no/cb.evil.example"),
        ),
        (
            "scope-less",
            "Less than was approved.",
            "accepted",
            with("scope", "patient/Observation.r"),
        ),
        (
            "scope-v1",
            "SMART 1's read is the same as rs.",
            "accepted",
            with("scope", "patient/Observation.read"),
        ),
        (
            "scope-query",
            "A query only narrows.",
            "accepted",
            with("scope", "patient/Observation.rs?category=laboratory"),
        ),
        (
            "scope-empty",
            "Nothing is asked for.",
            "accepted",
            with("scope", ""),
        ),
        (
            "scope-write",
            "Writing was not approved.",
            "E_SCOPE",
            with("scope", "openid patient/Observation.cruds"),
        ),
        (
            "scope-search",
            "Reading a patient was approved, and searching was not.",
            "E_SCOPE",
            with("scope", "patient/Patient.rs"),
        ),
        (
            "scope-all",
            "Every type was not approved.",
            "E_SCOPE",
            with("scope", "patient/*.rs"),
        ),
        (
            "scope-user",
            "The patient's data was approved, and not all the user's.",
            "E_SCOPE",
            with("scope", "user/Observation.rs"),
        ),
        (
            "scope-offline",
            "Access while the user is away was not approved.",
            "E_SCOPE",
            with("scope", "openid offline_access"),
        ),
        (
            "scope-order",
            "A scope that is not well-formed is not approved.",
            "E_SCOPE",
            with("scope", "patient/Observation.sr"),
        ),
        (
            "scope-spaces",
            "Two spaces between scopes.",
            "E_SCOPE",
            with("scope", "openid  launch"),
        ),
        (
            "scope-type-prefix",
            "A type whose name begins alike.",
            "E_SCOPE",
            with("scope", "patient/ObservationDefinition.r"),
        ),
        (
            "bundle-changed",
            "The installed bundle is another one.",
            "E_DIGEST",
            with("content", json!({ "bundle": Digest::of(b"changed") })),
        ),
        (
            "bundle-unknown",
            "Nobody has looked at the installed bundle.",
            "E_DIGEST",
            with("content", Value::Null),
        ),
    ];
    for (name, why, expected, request) in table {
        pack.scene(&format!("launches/{name}"), why, expected, |scene| {
            ready(scene);
            scene.launch(&request, NOW);
        });
    }
    moments(pack);
    statuses(pack);
    grants::fill(pack);
}

fn moments(pack: &mut Pack) {
    let mut at = |name: &str, why: &str, expected: &str, now: i64| {
        pack.scene(&format!("launches/{name}"), why, expected, |scene| {
            ready(scene);
            scene.launch(&request(), now);
        });
    };
    // The newest proof of time is the status list of NOW − 10.
    at(
        "clock-60-back",
        "The clock shows 60 seconds before a moment that was proved: as far as clocks may differ.",
        "accepted",
        NOW - 70,
    );
    at(
        "clock-61-back",
        "The clock shows 61 seconds before a moment that was proved.",
        "E_CLOCK_ROLLBACK",
        NOW - 71,
    );
    at(
        "age-day",
        "The status list is as old as the approval allows.",
        "accepted",
        NOW - 10 + DAY,
    );
    at(
        "age-day-and-second",
        "The status list is one second older than the approval allows.",
        "E_STATUS_STALE",
        NOW - 9 + DAY,
    );
    at(
        "trust-ended",
        "The trust configuration's targets have expired.",
        "E_TRUST_EXPIRED",
        NOW + 30 * DAY,
    );
    pack.scene("launches/trust-offline", "Timestamp and snapshot have expired, but no longer ago than a status list may be old: an EPJ can run off line.", "accepted", |scene| {
        scene.world.config.online = NOW + 100;
        ready(scene);
        scene.launch(&request(), NOW + 200);
    });
    for (late, expected, why) in [
        (
            0,
            "accepted",
            "The last second before timestamp and snapshot have been expired for a day.",
        ),
        (
            1,
            "E_TRUST_EXPIRED",
            "Timestamp and snapshot have been expired for as long as a status list may be old.",
        ),
    ] {
        pack.scene(
            &format!("launches/trust-offline-{late}"),
            why,
            expected,
            |scene| {
                scene.world.config.online = NOW + 1;
                ready(scene);
                let list = scene.world.status_token(NOW + DAY);
                scene
                    .status(&list, NOW + DAY)
                    .launch(&request(), NOW + DAY + late);
            },
        );
    }
    for (late, expected, why) in [
        (0, "accepted", "The approval's last second."),
        (
            1,
            "E_EXPIRED",
            "The approval has ended since it was accepted.",
        ),
    ] {
        pack.scene(
            &format!("launches/expires-{late}"),
            why,
            expected,
            |scene| {
                let mut approval = scene.world.approval();
                approval.exp = NOW + 100;
                let token = scene.world.issue.sign(&approval);
                scene
                    .epj()
                    .logged(&token, SEEN)
                    .launch(&request(), NOW + 99 + late);
            },
        );
    }
}

fn statuses(pack: &mut Pack) {
    for (value, expected, why) in [
        (
            StatusValue::Suspended,
            "E_SUSPENDED",
            "Suspended since it was accepted.",
        ),
        (
            StatusValue::Invalid,
            "E_REVOKED",
            "Revoked since it was accepted.",
        ),
        (
            StatusValue::NotIssued,
            "E_NOT_ISSUED",
            "No longer on the list of what was issued.",
        ),
    ] {
        pack.scene(
            &format!("launches/status-{}", value.byte()),
            why,
            expected,
            |scene| {
                ready(scene);
                let list = scene.world.set_status(value, NOW - 5);
                scene.status(&list, NOW).launch(&request(), NOW);
            },
        );
    }
    pack.scene(
        "launches/reinstated",
        "Suspended and reinstated since it was accepted.",
        "accepted",
        |scene| {
            ready(scene);
            for (value, iat) in [
                (StatusValue::Suspended, NOW - 5),
                (StatusValue::Valid, NOW - 4),
            ] {
                let list = scene.world.set_status(value, iat);
                scene.status(&list, NOW);
            }
            scene.launch(&request(), NOW);
        },
    );
    pack.scene(
        "launches/denied",
        "The vendor was put on the deny list since it was accepted.",
        "E_DENYLISTED",
        |scene| {
            ready(scene);
            scene.world.config.version = 2;
            scene.world.config.denylist.organizations = vec![VENDOR.to_owned()];
            scene.trust(NOW).launch(&request(), NOW);
        },
    );
}

//! Who says it, for where and for how long: issuer, mark, environment, delegation, times and the
//! deny list (steps 8 to 10 and 21).

use verifier::claims::precedence;
use verifier::trust::MinVersion;
use verifier::{Digest, Environment};

use super::scene::Pack;
use super::trusts;
use crate::support::{DAY, MARK, NOW, TEST_MARK, VENDOR};

pub(super) fn fill(pack: &mut Pack) {
    pack.claims(
        "parts/iss-other",
        "Another issuer than the trusted registry.",
        "E_ISS",
        |a| a.iss = "https://other.example.no".to_owned(),
    );
    pack.claims(
        "parts/iss-slash",
        "The registry's address with a slash behind it: addresses are compared as bytes.",
        "E_ISS",
        |a| a.iss.push('/'),
    );
    pack.claims(
        "parts/iss-case",
        "The registry's address in capitals.",
        "E_ISS",
        |a| a.iss = a.iss.to_uppercase(),
    );
    pack.claims(
        "parts/mark-unknown",
        "A trust mark that is not in the anchors.",
        "E_MARK_TYPE",
        |a| a.trust_mark_type = MARK.replace("v1", "v2"),
    );
    pack.claims(
        "parts/mark-empty",
        "No trust mark at all.",
        "E_MARK_TYPE",
        |a| a.trust_mark_type.clear(),
    );
    pack.claims(
        "parts/env-test-in-prod",
        "A test mark in a production EPJ.",
        "E_ENV",
        |a| a.trust_mark_type = TEST_MARK.to_owned(),
    );
    pack.scene(
        "parts/env-prod-in-test",
        "A production mark in a test EPJ.",
        "E_ENV",
        |scene| {
            scene.policy.environment = Environment::Test;
            let token = scene.world.issue.sign(&scene.world.approval());
            scene.epj().logged(&token, super::scene::SEEN);
        },
    );
    pack.scene(
        "parts/env-trust",
        "A trust configuration that has no mark for this EPJ's environment.",
        "E_ENV",
        |scene| {
            scene.policy.environment = Environment::Pilot;
            scene.trust(NOW);
        },
    );
    pack.scene(
        "parts/env-test",
        "A test approval in a test EPJ; this mark has no owner and needs no delegation.",
        "accepted",
        |scene| {
            scene.policy.environment = Environment::Test;
            let mut approval = scene.world.approval();
            approval.trust_mark_type = TEST_MARK.to_owned();
            let token = scene.world.issue.sign(&approval);
            scene.epj().logged(&token, super::scene::SEEN);
        },
    );
    times(pack);
    trusts::fill(pack);
    denials(pack);
}

fn times(pack: &mut Pack) {
    pack.claims(
        "parts/iat-60-ahead",
        "Issued 60 seconds in the future: as far as clocks may differ.",
        "E_BACKDATED",
        |a| a.iat = NOW + 60,
    );
    pack.claims(
        "parts/iat-61-ahead",
        "Issued 61 seconds in the future.",
        "E_IAT_FUTURE",
        |a| a.iat = NOW + 61,
    );
    pack.scene(
        "parts/iat-60-ahead-seen",
        "Issued 60 seconds in the future, and witnessed then: as far as clocks may differ.",
        "accepted",
        |scene| {
            let mut approval = scene.world.approval();
            approval.iat = NOW + 60;
            let token = scene.world.issue.sign(&approval);
            scene.epj().logged(&token, NOW + 60);
        },
    );
    pack.claims(
        "parts/iat-negative",
        "Issued before 1970.",
        "E_LIFETIME",
        |a| a.iat = -1,
    );
    pack.claims(
        "parts/exp-far",
        "It ends at the last number that every library reads exactly.",
        "E_LIFETIME",
        |a| a.exp = (1 << 53) - 1,
    );
    pack.claims(
        "parts/exp-now",
        "It ends at exp, not after it.",
        "E_EXPIRED",
        |a| a.exp = NOW,
    );
    pack.claims(
        "parts/exp-next-second",
        "One second is left.",
        "accepted",
        |a| a.exp = NOW + 1,
    );
    pack.claims(
        "parts/lifetime-400-days",
        "400 days are the longest life.",
        "accepted",
        |a| a.exp = a.iat + 400 * DAY,
    );
    pack.claims(
        "parts/lifetime-longer",
        "One second more than 400 days.",
        "E_LIFETIME",
        |a| a.exp = a.iat + 400 * DAY + 1,
    );
    pack.claims(
        "parts/exp-before-iat",
        "It ended before it began.",
        "E_CLAIM",
        |a| a.exp = a.iat,
    );
    for (name, field, late, expected, why) in [
        (
            "online-ends",
            1,
            false,
            "accepted",
            "The last second of the snapshot and the timestamp.",
        ),
        (
            "online-ended",
            1,
            true,
            "E_TRUST_EXPIRED",
            "Timestamp and snapshot have expired: nothing new is taken in.",
        ),
        (
            "offline-ends",
            0,
            false,
            "accepted",
            "The last second of the targets.",
        ),
        (
            "offline-ended",
            0,
            true,
            "E_TRUST_EXPIRED",
            "The targets have expired.",
        ),
    ] {
        pack.scene(&format!("parts/trust-{name}"), why, expected, |scene| {
            let end = NOW + 100;
            let config = &mut scene.world.config;
            if field == 0 {
                config.exp = end;
            } else {
                config.online = end;
            }
            let token = scene.world.issue.sign(&scene.world.approval());
            let ticket = scene.world.log_at(&token, super::scene::SEEN);
            scene
                .epj()
                .ingest(&token, Some(&ticket), end - 1 + i64::from(late));
        });
    }
    pack.scene(
        "parts/trust-none",
        "Nothing can be judged before a trust configuration is there.",
        "E_TRUST_CONFIG",
        |scene| {
            let token = scene.world.issue.sign(&scene.world.approval());
            scene.logged(&token, super::scene::SEEN);
        },
    );
    pack.scene(
        "parts/form-before-trust",
        "The form is looked at first, for it costs nothing.",
        "E_FORMAT",
        |scene| {
            scene.ingest("", None, NOW);
            scene.policy.min_assurance = verifier::Assurance::JoseOnly;
        },
    );
}

fn denials(pack: &mut Pack) {
    pack.world(
        "parts/denied-vendor",
        "The vendor is on the deny list.",
        "E_DENYLISTED",
        |w| w.config.denylist.organizations = vec![VENDOR.to_owned()],
    );
    pack.world(
        "parts/denied-bundle",
        "The bundle is on the deny list, under whatever name it comes.",
        "E_DENYLISTED",
        |w| w.config.denylist.digests = vec![Digest::of(b"bundle")],
    );
    pack.world(
        "parts/denied-manifest",
        "The manifest is on the deny list.",
        "E_DENYLISTED",
        |w| w.config.denylist.digests = vec![Digest::of(b"manifest")],
    );
    pack.world(
        "parts/denied-others",
        "Others are on the deny list.",
        "accepted",
        |w| {
            w.config.denylist.organizations = vec!["NO:ORGNR:983544622".to_owned()];
            w.config.denylist.digests = vec![Digest::of(b"other")];
        },
    );
    for (min, software, why) in [
        (
            "1.2.1",
            "no.example.blodtrykk",
            "A later version is the oldest that may run.",
        ),
        (
            "1.10.0",
            "no.example.blodtrykk",
            "1.10.0 comes after 1.2.0: parts are compared as numbers.",
        ),
        (
            "1.2.0",
            "no.example.blodtrykk",
            "This is the oldest version that may run.",
        ),
        (
            "1.2.0-rc.1",
            "no.example.blodtrykk",
            "A release comes after its own candidates.",
        ),
        (
            "2.0.0",
            "no.example.other",
            "The bound is about other software.",
        ),
    ] {
        let denied = precedence("1.2.0", min).is_lt() && software.ends_with("blodtrykk");
        let expected = if denied { "E_DENYLISTED" } else { "accepted" };
        let name = if software.ends_with("other") {
            "other"
        } else {
            min
        };
        pack.world(&format!("parts/min-version-{name}"), why, expected, |w| {
            w.config.anchors.min_versions = vec![MinVersion {
                software_id: software.to_owned(),
                software_version: min.to_owned(),
            }];
        });
    }
}

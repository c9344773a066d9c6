//! Status lists: the token, what may follow what, how old it may be, and the four values (steps 19
//! and 20).

use verifier::base64url;
use verifier::claims::StatusListToken;
use verifier::status::{StatusList, StatusValue};
use verifier::trust::RiskClass;

use super::lists;
use super::scene::{Pack, SEEN, Scene};
use crate::support::{DAY, NOW, packed};

type Change = fn(&mut StatusListToken);

/// An EPJ that takes in the honest approval at this time, after the list of NOW − 10.
fn at(scene: &mut Scene, now: i64) {
    let token = scene.world.issue.sign(&scene.world.approval());
    let ticket = scene.world.log_at(&token, SEEN);
    scene.epj().ingest(&token, Some(&ticket), now);
}

/// The same list with its compressed bytes changed.
fn repacked(claims: &mut StatusListToken, change: impl FnOnce(&mut Vec<u8>)) {
    let lst = &mut claims.status_list.lst;
    let mut bytes = base64url::decode(lst).unwrap();
    change(&mut bytes);
    *lst = base64url::encode(&bytes);
}

/// A later list of this many entries.
fn long(claims: &mut StatusListToken, entries: usize) {
    claims.r#gen = 2;
    claims.status_list.lst = packed(&StatusList::allow_list(entries));
}

pub(super) fn fill(pack: &mut Pack) {
    values(pack);
    ages(pack);
    let table: [(&str, &str, &str, Change); 24] = [
        (
            "again",
            "A newer list of the same generation, as one is made every five minutes.",
            "accepted",
            |_| {},
        ),
        ("next", "The next generation.", "accepted", |c| c.r#gen = 2),
        ("iss-other", "Another issuer.", "E_ISS", |c| c.iss.push('x')),
        (
            "60-ahead",
            "Made 60 seconds in the future: as far as clocks may differ.",
            "accepted",
            |c| c.iat = NOW + 60,
        ),
        (
            "61-ahead",
            "Made 61 seconds in the future.",
            "E_IAT_FUTURE",
            |c| c.iat = NOW + 61,
        ),
        (
            "expired-60",
            "Expired 60 seconds ago: as far as clocks may differ, and no further.",
            "E_STATUS_STALE",
            |c| c.exp = NOW - 60,
        ),
        (
            "expired-59",
            "Expired 59 seconds ago: as far as clocks may differ.",
            "accepted",
            |c| c.exp = NOW - 59,
        ),
        (
            "generation-older",
            "A lower generation than the one that is known.",
            "E_STATUS_ROLLBACK",
            |c| c.r#gen = 0,
        ),
        (
            "time-older",
            "Made before the one that is known.",
            "E_STATUS_ROLLBACK",
            |c| c.iat = NOW - 11,
        ),
        (
            "time-same",
            "Made in the same second as the one that is known.",
            "accepted",
            |c| c.iat = NOW - 10,
        ),
        (
            "bits-1",
            "One bit has no room for suspensions.",
            "E_STATUS_FORMAT",
            |c| c.status_list.bits = 1,
        ),
        (
            "bits-8",
            "Eight bits are another list than ours.",
            "E_STATUS_FORMAT",
            |c| c.status_list.bits = 8,
        ),
        (
            "bits-3",
            "Three bits are no status list.",
            "E_STATUS_FORMAT",
            |c| c.status_list.bits = 3,
        ),
        (
            "lst-cut",
            "The compressed list is cut off.",
            "E_STATUS_FORMAT",
            |c| c.status_list.lst.truncate(8),
        ),
        (
            "lst-empty",
            "The compressed list is empty.",
            "E_STATUS_FORMAT",
            |c| c.status_list.lst.clear(),
        ),
        (
            "lst-padding",
            "The compressed list with padding.",
            "E_STATUS_FORMAT",
            |c| c.status_list.lst.push('='),
        ),
        (
            "lst-after",
            "Bytes follow the compressed list.",
            "E_STATUS_FORMAT",
            |c| repacked(c, |bytes| bytes.push(0)),
        ),
        (
            "lst-checksum",
            "The checksum of the compressed list is wrong.",
            "E_STATUS_FORMAT",
            |c| repacked(c, |bytes| *bytes.last_mut().unwrap() ^= 1),
        ),
        (
            "lst-gzip",
            "gzip's header is not zlib's.",
            "E_STATUS_FORMAT",
            |c| {
                repacked(c, |bytes| {
                    bytes.splice(..2, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
                });
            },
        ),
        (
            "bomb",
            "A small text that inflates to more than 2²⁰ entries; whoever inflates it whole is lost.",
            "E_STATUS_FORMAT",
            |c| long(c, 32 << 20),
        ),
        (
            "one-too-long",
            "Four entries more than 2²⁰.",
            "E_STATUS_FORMAT",
            |c| long(c, (1 << 20) + 4),
        ),
        (
            "longest",
            "2²⁰ entries, the longest list.",
            "accepted",
            |c| long(c, 1 << 20),
        ),
        (
            "two-of-one-generation",
            "Another list under a generation that is known.",
            "E_STATUS_ROLLBACK",
            |c| c.status_list.lst = packed(&StatusList::allow_list(1 << 10)),
        ),
        (
            "ttl-zero",
            "A list that should be fetched anew at once.",
            "accepted",
            |c| c.ttl = 0,
        ),
    ];
    for (name, why, expected, change) in table {
        pack.list(&format!("statuses/{name}"), why, expected, change);
    }
    lists::fill(pack);
}

fn values(pack: &mut Pack) {
    for (value, expected, why) in [
        (StatusValue::Valid, "accepted", "0: valid."),
        (StatusValue::Invalid, "E_REVOKED", "1: revoked."),
        (StatusValue::Suspended, "E_SUSPENDED", "2: suspended."),
        (
            StatusValue::NotIssued,
            "E_NOT_ISSUED",
            "3: never issued. An allow-list: what is not on it is not valid.",
        ),
    ] {
        pack.world(
            &format!("statuses/value-{}", value.byte()),
            why,
            expected,
            |w| assert!(w.list.set(7, value.byte())),
        );
    }
    pack.world(
        "statuses/value-neighbours",
        "The entries beside it are revoked, and it is not.",
        "accepted",
        |w| {
            for index in [4, 5, 6, 8, 9, 10, 11] {
                assert!(w.list.set(index, 1));
            }
        },
    );
    pack.claims(
        "statuses/neighbour",
        "The entry beside the valid one was never issued: a number read off by one is refused.",
        "E_NOT_ISSUED",
        |a| a.status.status_list.idx = 6,
    );
    pack.scene(
        "statuses/last",
        "The last entry of the list.",
        "accepted",
        |scene| {
            assert!(scene.world.list.set(1023, 0));
            let mut approval = scene.world.approval();
            approval.status.status_list.idx = 1023;
            scene.approved(&approval);
        },
    );
    pack.claims(
        "statuses/outside",
        "The first place after the list's end.",
        "E_STATUS_RANGE",
        |a| a.status.status_list.idx = 1024,
    );
    pack.claims(
        "statuses/far-outside",
        "A place that no 32-bit number holds; cut off it would be that of another approval.",
        "E_STATUS_RANGE",
        |a| a.status.status_list.idx = (1 << 32) + 7,
    );
    pack.claims(
        "statuses/other-list",
        "The approval's status is in a list that was not read.",
        "E_STATUS_STALE",
        |a| a.status.status_list.uri.push('1'),
    );
    pack.scene(
        "statuses/none",
        "No status list was read at all.",
        "E_STATUS_STALE",
        |scene| {
            let token = scene.world.issue.sign(&scene.world.approval());
            scene.trust(NOW).logged(&token, SEEN);
        },
    );
}

fn ages(pack: &mut Pack) {
    pack.scene(
        "statuses/age-day",
        "As old as the approval's max_stale allows: a day.",
        "accepted",
        |scene| at(scene, NOW - 10 + DAY),
    );
    pack.scene(
        "statuses/age-day-and-second",
        "One second older than the approval's max_stale allows.",
        "E_STATUS_STALE",
        |scene| at(scene, NOW - 9 + DAY),
    );
    for (risk, age, expected, why) in [
        (
            RiskClass::High,
            3600,
            "accepted",
            "An installation of high risk takes lists of an hour.",
        ),
        (
            RiskClass::High,
            3601,
            "E_STATUS_STALE",
            "An installation of high risk takes no list of over an hour.",
        ),
        (
            RiskClass::Normal,
            DAY,
            "accepted",
            "An installation of normal risk takes lists of a day.",
        ),
        (
            RiskClass::Offline,
            DAY + 1,
            "E_STATUS_STALE",
            "An installation that is often off line is bound by the approval's own max_stale.",
        ),
    ] {
        let name = format!("statuses/age-{}-{age}", format!("{risk:?}").to_lowercase());
        pack.scene(&name, why, expected, |scene| {
            scene.policy.risk_class = risk;
            at(scene, NOW - 10 + age);
        });
    }
    pack.claims(
        "statuses/own-max-stale",
        "An approval that asks for a list of at most nine seconds.",
        "E_STATUS_STALE",
        |a| a.max_stale = 9,
    );
    pack.claims(
        "statuses/own-max-stale-met",
        "An approval that asks for a list of at most ten seconds.",
        "accepted",
        |a| a.max_stale = 10,
    );
}

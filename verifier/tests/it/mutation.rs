//! No byte of an approval or its ticket, of a status list or of the trust repository can be
//! changed without being refused.

use verifier::{Environment, LocalPolicy, TrustUpdate, Verifier};

use crate::support::{NOW, World};

/// The text with one byte changed in three ways; only those that are still text.
fn mutants(text: &str) -> impl Iterator<Item = (usize, String)> {
    (0..text.len()).flat_map(move |at| {
        [0x01, 0x20, 0x40].into_iter().filter_map(move |flip| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= flip;
            Some((at, String::from_utf8(bytes).ok()?))
        })
    })
}

#[test]
fn every_changed_byte_of_approval_and_ticket_is_refused() {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    let verifier = world.verifier();
    let before = verifier.snapshot();
    assert!(verifier.clone().ingest(&token, &ticket, NOW).is_ok());
    let mut count = 0;
    for (at, mutant) in mutants(&token) {
        let mut verifier = verifier.clone();
        assert!(
            verifier.ingest(&mutant, &ticket, NOW).is_err(),
            "approval byte {at}"
        );
        assert!(
            at % 64 > 0 || verifier.snapshot() == before,
            "approval byte {at}"
        );
        count += 1;
    }
    for (at, mutant) in mutants(&ticket) {
        let mut verifier = verifier.clone();
        assert!(
            verifier.ingest(&token, &mutant, NOW).is_err(),
            "ticket byte {at}"
        );
        assert_eq!(verifier.approvals().count(), 0);
        count += 1;
    }
    assert!(count > 10_000, "{count}");
    for cut in 0..ticket.len() {
        if let Some(short) = ticket.get(..cut) {
            assert!(
                verifier.clone().ingest(&token, short, NOW).is_err(),
                "{cut}"
            );
        }
    }
}

#[test]
fn every_changed_byte_of_the_status_list_is_refused() {
    let world = World::new();
    let mut verifier = world.verifier();
    let before = verifier.snapshot();
    for (at, mutant) in mutants(&world.status_token(NOW - 5)) {
        assert!(verifier.update_status(&mutant, NOW).is_err(), "byte {at}");
    }
    assert_eq!(verifier.snapshot(), before);
}

#[test]
fn every_changed_byte_of_the_trust_repository_is_refused() {
    let world = World::new();
    let verifier = world.blank(LocalPolicy::new(Environment::Prod));
    let good = world.trust_update();
    let mut count = 0;
    let mut refused = |what: &str, bytes: &[u8], put: &dyn Fn(&mut TrustUpdate, Vec<u8>)| {
        let text = std::str::from_utf8(bytes).unwrap();
        for (at, mutant) in mutants(text) {
            // Some bytes of each: a mutant costs the signatures of a whole repository.
            if at % 13 != 0 {
                continue;
            }
            let mut verifier = verifier.clone();
            let mut changed = good.clone();
            put(&mut changed, mutant.into_bytes());
            let taken = verifier.update_trust(&changed, NOW);
            assert!(taken.is_err(), "{what}: byte {at}");
            assert!(verifier.trust().is_none());
            count += 1;
        }
    };
    refused("timestamp", &good.timestamp, &|update, bytes| {
        update.timestamp = bytes;
    });
    refused("snapshot", &good.snapshot, &|update, bytes| {
        update.snapshot = bytes;
    });
    refused("targets", &good.targets, &|update, bytes| {
        update.targets = bytes;
    });
    for (name, file) in &good.files {
        refused(name, file, &|update, bytes| {
            update.files.insert(name.clone(), bytes);
        });
    }
    assert!(count > 800, "{count}");
}

#[test]
fn every_changed_byte_of_the_pinned_root_is_refused() {
    let world = World::new();
    let pinned = String::from_utf8(world.pinned_root()).unwrap();
    for (at, mutant) in mutants(&pinned).filter(|(at, _)| at % 5 == 0) {
        let local = LocalPolicy::new(Environment::Prod);
        let taken = Verifier::new(mutant.as_bytes(), local);
        assert!(taken.is_err(), "byte {at}");
    }
}

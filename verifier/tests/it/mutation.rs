//! No byte of an approval or its ticket, of a status list or of the trust configuration can be
//! changed without being refused.

use verifier::{Environment, LocalPolicy, Verifier};

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
fn every_changed_byte_of_the_trust_configuration_is_refused() {
    let world = World::new();
    let mut verifier = Verifier::new(
        world.root.public.clone(),
        LocalPolicy::new(Environment::Prod),
    );
    for (at, mutant) in mutants(&world.trust_token()) {
        assert!(verifier.update_trust(&mutant, NOW).is_err(), "byte {at}");
    }
    assert!(verifier.trust().is_none());
}

//! Every refusal, each by the least change that causes it. The last test says that no code is left
//! out: a code that nothing can cause is a defect.

mod logs;
mod reviews;
mod statuses;
mod tokens;
mod wording;

use std::collections::BTreeSet;

use verifier::claims::{Approval, Review, ReviewRole};
use verifier::note;
use verifier::trust::{Revocation, RevocationReason};
use verifier::{Code, Verifier};

use crate::launch::launch_refusals;
use crate::support::{LIST, NOW, ORIGIN, World};

type Found = Result<(), verifier::VerifyError>;

fn code(found: Found) -> Option<Code> {
    found.err().map(|error| error.code)
}

/// An approval whose claims were changed before signing.
fn claims(change: impl FnOnce(&mut Approval)) -> Option<Code> {
    code(World::new().ingest_changed(change).map(drop))
}

/// An approval under a world that was changed before anything was signed.
fn world(change: impl FnOnce(&mut World)) -> Option<Code> {
    let mut world = World::new();
    change(&mut world);
    code(world.ingest_changed(|_| {}).map(drop))
}

/// An approval whose security review was changed before signing.
fn review(change: impl FnOnce(&mut Review)) -> Option<Code> {
    let mut world = World::new();
    let release = World::release();
    let mut review = World::review(
        &release,
        &world.sign_release(&release),
        ReviewRole::Security,
    );
    let mut approval = world.approval_of(&release);
    change(&mut review);
    approval.reviews[0] = world.security.sign(&review);
    let (token, ticket) = world.issue(&approval);
    code(world.verifier().ingest(&token, &ticket, NOW).map(drop))
}

/// A good approval with a ticket that was changed.
fn ticket(change: impl FnOnce(&World, String) -> String) -> Option<Code> {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    let ticket = change(&world, ticket);
    code(world.verifier().ingest(&token, &ticket, NOW).map(drop))
}

/// A ticket whose note is made of these lines.
fn signed_by(lines: impl Fn(&World, &str) -> Vec<String>) -> Option<Code> {
    ticket(|world, _| {
        let text = world.checkpoint();
        world.ticket(20, &note::assemble(&text, lines(world, &text)))
    })
}

/// A status list made by a changed world.
fn status(change: impl FnOnce(&mut World, &mut Verifier) -> Found) -> Option<Code> {
    let mut world = World::new();
    let mut verifier = world.verifier();
    code(change(&mut world, &mut verifier))
}

#[test]
fn every_refusal_has_its_own_code_and_every_code_a_refusal() {
    let all = [
        tokens::all(),
        wording::all(),
        reviews::all(),
        logs::all(),
        statuses::all(),
        launch_refusals(),
    ];
    let mut seen = BTreeSet::new();
    for (at, group) in all.iter().enumerate() {
        for (position, (expected, found)) in group.iter().enumerate() {
            assert_eq!(*found, Some(*expected), "group {at}, case {position}");
            seen.insert(*expected);
        }
    }
    // These two need a history; `logs` has their tests.
    seen.extend([Code::LogFork, Code::LogRollback]);
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(code))
        .collect();
    assert_eq!(missing, [] as [&Code; 0]);
}

#[test]
fn a_revoked_status_key_is_refused() {
    let mut world = World::new();
    let mut verifier = world.verifier();
    world.config.version = 2;
    world.config.keys[1].revoked = Some(Revocation {
        revoked_at: NOW,
        reason: RevocationReason::Compromised,
        log_index_cutoff: [(ORIGIN.to_owned(), 1 << 40)].into(),
    });
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    let found = verifier.update_status_from(LIST, &world.status_token(NOW), NOW);
    assert_eq!(code(found), Some(Code::KeyRevoked));
}

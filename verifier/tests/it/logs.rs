//! Step 15: forks and rollbacks of the log, and tickets that arrive out of order.

use verifier::Code;
use verifier::merkle::leaf_hash;
use verifier::note;

use crate::support::{NOW, ORIGIN, World};

#[test]
fn tickets_may_arrive_in_any_order() {
    let mut world = World::new();
    let mut first = World::release();
    first.software_version = "1.0.0".to_owned();
    let approval = world.approval_of(&first);
    let early = world.issue(&approval);
    world.tree.0.extend((0..9).map(|at| leaf_hash(&[at])));
    let mut approval = world.approval();
    approval.iat += 200;
    let late = world.issue(&approval);
    for order in [[&early, &late], [&late, &early]] {
        let mut verifier = world.verifier();
        for (token, ticket) in order {
            verifier.ingest(token, ticket, NOW).unwrap();
        }
        assert_eq!(verifier.approvals().count(), 2);
        assert_eq!(verifier.log(ORIGIN).unwrap().newest().unwrap().0, 31);
    }
}

#[test]
fn a_log_that_has_shrunk_is_refused() {
    let mut world = World::new();
    let mut larger = world.tree.clone();
    larger.0.extend((0..9).map(|at| leaf_hash(&[at])));
    let smaller = std::mem::replace(&mut world.tree, larger);
    let mut verifier = world.verifier();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    verifier.ingest(&token, &ticket, NOW).unwrap();
    // Later, the log has fewer entries than it had.
    world.tree = smaller;
    let mut release = World::release();
    release.software_version = "1.3.0".to_owned();
    let mut approval = world.approval_of(&release);
    approval.iat += 300;
    let (token, ticket) = world.issue(&approval);
    assert_eq!(
        verifier.ingest(&token, &ticket, NOW).unwrap_err().code,
        Code::LogRollback
    );
    assert!(verifier.log(ORIGIN).unwrap().fork().is_none());
}

/// A log that shrinks a little at a time has shrunk, though each step lies within the skew.
#[test]
fn a_log_that_shrinks_in_small_steps_is_refused() {
    let mut world = World::new();
    let mut verifier = world.verifier();
    let mut issued = |version: &str, at: i64| {
        let mut release = World::release();
        release.software_version = version.to_owned();
        let token = world.issue.sign(&world.approval_of(&release));
        let ticket = world.log_at(&token, at);
        (token, ticket)
    };
    let smallest = issued("1.0.0", NOW - 438);
    let smaller = issued("1.1.0", NOW - 498);
    let largest = issued("1.2.0", NOW - 558);
    for (token, ticket) in [&largest, &smaller] {
        verifier.ingest(token, ticket, NOW).unwrap();
    }
    let (token, ticket) = &smallest;
    let refused = verifier.ingest(token, ticket, NOW).unwrap_err();
    assert_eq!(refused.code, Code::LogRollback);
}

#[test]
fn a_log_with_two_histories_is_refused_for_good_and_the_evidence_kept() {
    let mut world = World::new();
    let before = world.tree.clone();
    let mut verifier = world.ready();
    let first = verifier.log(ORIGIN).unwrap().at(21).unwrap().note.clone();
    world.tree = before;
    let mut release = World::release();
    release.software_version = "1.3.0".to_owned();
    let approval = world.approval_of(&release);
    let (token, ticket) = world.issue(&approval);
    assert_eq!(
        verifier.ingest(&token, &ticket, NOW).unwrap_err().code,
        Code::LogFork
    );
    let fork = verifier.log(ORIGIN).unwrap().fork().unwrap().clone();
    assert_eq!(fork.first, first);
    assert!(ticket.ends_with(&fork.second));
    // Nothing more is taken from this log, not even what continues the first history.
    world.tree.0.push(leaf_hash(b"more"));
    release.software_version = "1.4.0".to_owned();
    let approval = world.approval_of(&release);
    let (token, ticket) = world.issue(&approval);
    assert_eq!(
        verifier.ingest(&token, &ticket, NOW).unwrap_err().code,
        Code::LogFork
    );
    assert_eq!(verifier.approvals().count(), 1);
    let local = verifier.local_policy().clone();
    let restored = verifier::Verifier::restore(&world.pinned_root(), local, verifier.snapshot());
    assert_eq!(restored.unwrap().log(ORIGIN).unwrap().fork(), Some(&fork));
}

#[test]
fn a_signature_known_from_before_is_not_trusted_under_a_new_configuration() {
    let mut world = World::new();
    let mut first = World::release();
    first.software_version = "1.0.0".to_owned();
    let first = world.issue.sign(&world.approval_of(&first));
    world.tree.0.push(leaf_hash(first.as_bytes()));
    let second = world.issue.sign(&world.approval());
    world.tree.0.push(leaf_hash(second.as_bytes()));
    let text = world.checkpoint();
    let lines = [
        world.log.sign(&text),
        world.witness.cosign(&text, NOW - 500),
    ];
    let note = note::assemble(&text, lines);
    let (one, two) = (world.ticket(20, &note), world.ticket(21, &note));
    let mut verifier = world.verifier();
    verifier.ingest(&first, &one, NOW).unwrap();
    // Both tickets carry one note: it is verified once, until the witnesses change.
    let mut same = verifier.clone();
    same.ingest(&second, &two, NOW).unwrap();
    world.config.version = 2;
    let other =
        crate::support::NoteKey::new("w.other.example", note::SignatureType::CosignatureV1, 8);
    world.config.log_policy = format!("log {}\nwitness o {}\nquorum o\n", world.log.key, other.key);
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    assert_eq!(
        verifier.ingest(&second, &two, NOW).unwrap_err().code,
        Code::WitnessQuorum
    );
}

/// The log's present checkpoint, witnessed at this time.
fn checkpoint_at(world: &World, at: i64) -> String {
    let text = world.checkpoint();
    note::assemble(
        &text,
        [world.log.sign(&text), world.witness.cosign(&text, at)],
    )
}

#[test]
fn a_checkpoint_on_its_own_holds_the_log_to_what_was_seen() {
    let mut world = World::new();
    let mut verifier = world.ready();
    let before = world.tree.clone();
    world.tree.0.extend((0..9).map(|at| leaf_hash(&[at])));
    let largest = checkpoint_at(&world, NOW - 100);
    verifier.update_checkpoint(&largest, NOW).unwrap();
    let newest = |verifier: &verifier::Verifier| verifier.log(ORIGIN).unwrap().newest().unwrap().0;
    assert_eq!(newest(&verifier), 30);
    assert_eq!(verifier.t_floor(), NOW - 10, "the status list is newer");

    // An old one may come out of a cache; a smaller one that is new may not.
    let larger = std::mem::replace(&mut world.tree, before.clone());
    let old = checkpoint_at(&world, NOW - 300);
    verifier.update_checkpoint(&old, NOW).unwrap();
    let shrunk = verifier.update_checkpoint(&checkpoint_at(&world, NOW), NOW);
    assert_eq!(shrunk.unwrap_err().code, Code::LogRollback);
    assert_eq!(newest(&verifier), 30);
    // Witnessed again while nothing was added.
    world.tree = larger;
    let again = checkpoint_at(&world, NOW - 5);
    verifier.update_checkpoint(&again, NOW).unwrap();
    let seen = verifier.log(ORIGIN).unwrap().newest().unwrap().1;
    assert_eq!(seen.witnessed_at, NOW - 5);

    // Another history of the same size: both are kept, also over a restart, and nothing more taken.
    world.tree = before;
    world.tree.0.extend((0..9).map(|at| leaf_hash(&[at, 1])));
    let other = checkpoint_at(&world, NOW);
    let forked = verifier.update_checkpoint(&other, NOW).unwrap_err();
    assert_eq!(forked.code, Code::LogFork);
    let fork = verifier.log(ORIGIN).unwrap().fork().unwrap().clone();
    assert_eq!((fork.first, fork.second), (again.clone(), other));
    let local = verifier.local_policy().clone();
    let snapshot = verifier.snapshot();
    let mut restored = verifier::Verifier::restore(&world.pinned_root(), local, snapshot).unwrap();
    assert_eq!(newest(&restored), 30);
    let refused = restored.update_checkpoint(&again, NOW).unwrap_err();
    assert_eq!(refused.code, Code::LogFork);
}

#[test]
fn a_checkpoint_on_its_own_is_believed_only_when_log_and_witnesses_signed_it() {
    let world = World::new();
    let mut verifier = world.verifier();
    let text = world.checkpoint();
    let stranger = crate::support::NoteKey::new(ORIGIN, note::SignatureType::Ed25519, 9);
    let cosigned = world.witness.cosign(&text, NOW - 5);
    for (lines, code) in [
        (vec![world.log.sign(&text)], Code::WitnessQuorum),
        (vec![stranger.sign(&text), cosigned], Code::LogSig),
        (
            vec![
                world.log.sign(&text),
                world.witness.cosign(&text, NOW + 500),
            ],
            Code::IatFuture,
        ),
    ] {
        let note = note::assemble(&text, lines);
        let refused = verifier.update_checkpoint(&note, NOW).unwrap_err();
        assert_eq!(refused.code, code);
    }
    let refused = verifier.update_checkpoint("nonsense", NOW).unwrap_err();
    assert_eq!(refused.code, Code::ProofFormat);
    assert!(verifier.log(ORIGIN).is_none());
}

#[test]
fn an_approval_that_followed_a_checkpoint_before_it_was_witnessed_again_is_not_backdated() {
    let mut world = World::new();
    let approval = world.approval();
    let mut verifier = world.verifier();
    // The approval names this checkpoint; the witnesses sign it once more after it was issued.
    let again = checkpoint_at(&world, NOW - 100);
    assert!(approval.iat < NOW - 200);
    verifier.update_checkpoint(&again, NOW).unwrap();
    let token = world.issue.sign(&approval);
    let ticket = world.log_at(&token, NOW - 50);
    verifier.ingest(&token, &ticket, NOW).unwrap();
}

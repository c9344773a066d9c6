//! What is kept after a refusal, and what an attacker leaves behind.

use std::rc::Rc;

use verifier::trust::tuf::RoleName;
use verifier::{Code, Environment, LocalPolicy, Verifier};

use super::{Repo, read};
use crate::authority::role;
use crate::support::{EcKey, NOW};

#[test]
fn a_repository_recovers_from_versions_that_an_attacker_counted_up() {
    // Timestamp and snapshot keys were stolen and used; new keys make their versions forgotten.
    for stolen in [RoleName::Timestamp, RoleName::Snapshot] {
        let mut repo = Repo::new();
        (repo.timestamp.version, repo.snapshot.version) = (1 << 40, 1 << 40);
        repo.publish();
        let mut verifier = repo.verifier();
        (repo.timestamp.version, repo.snapshot.version) = (1, 1);
        repo.publish_next();
        assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustRollback));
        repo.set_keys(stolen, 1, 1);
        repo.rotate_root(&[]);
        repo.publish();
        assert_eq!(read(&mut verifier, &repo, NOW), None, "{stolen}");
    }
    // A root document that only adds a key lets nobody go back.
    let mut repo = Repo::new();
    repo.publish_next();
    let mut verifier = repo.verifier();
    repo.timestamp.version = 1;
    let extra = Rc::new(EcKey::new());
    let id = role([extra.as_ref()], 1).keyids.remove(0);
    repo.role(RoleName::Timestamp).keyids.push(id);
    repo.keys.push(extra);
    repo.rotate_root(&[]);
    repo.publish();
    assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustRollback));
}

#[test]
fn what_was_verified_before_a_refusal_is_kept() {
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    let local = verifier.local_policy().clone();
    let old = repo.served.clone();
    repo.rotate_root(&[]);
    repo.publish_next();
    let mut broken = repo.served.clone();
    broken.targets.clear();
    assert_eq!(
        verifier.update_trust(&broken, NOW).unwrap_err().code,
        Code::TrustConfig
    );
    assert_eq!(verifier.root_version(), 2);
    let expected = Some(Code::TrustRollback);
    assert_eq!(
        verifier.update_trust(&old, NOW).err().map(|e| e.code),
        expected
    );
    // Also after a restart, with the configuration of before still in force.
    let mut restored = Verifier::restore(&repo.roots[0], local, verifier.snapshot()).unwrap();
    assert_eq!(restored.root_version(), 2);
    assert!(restored.trust().is_some());
    assert_eq!(
        restored.update_trust(&old, NOW).err().map(|e| e.code),
        expected
    );
    assert_eq!(read(&mut restored, &repo, NOW), None);
}

#[test]
fn a_newer_pinned_root_takes_up_the_same_state() {
    let mut repo = Repo::new();
    repo.rotate_root(&[]);
    repo.rotate_root(&[]);
    repo.publish_next();
    let verifier = repo.verifier();
    let local = verifier.local_policy().clone();
    for pinned in &repo.roots {
        let restored = Verifier::restore(pinned, local.clone(), verifier.snapshot()).unwrap();
        assert_eq!(restored.root_version(), 3);
        assert!(restored.trust().is_some());
    }
}

/// What a restart with this pinned root document takes up.
fn repinned(verifier: &Verifier, pinned: &[u8]) -> Result<Verifier, Code> {
    let local = verifier.local_policy().clone();
    Verifier::restore(pinned, local, verifier.snapshot()).map_err(|error| error.code)
}

#[test]
fn the_next_root_document_can_be_pinned_before_it_is_served() {
    let mut repo = Repo::new();
    let verifier = repo.verifier();
    repo.set_keys(RoleName::Targets, 4, 2);
    repo.rotate_root(&[]);
    let mut restored = repinned(&verifier, &repo.roots[1]).unwrap();
    assert_eq!(restored.root_version(), 2);
    // Nothing is asked anew, and what is refused as too old stays refused.
    assert!(restored.trust().is_some());
    assert_eq!(restored.t_floor(), verifier.t_floor());
    repo.publish_next();
    assert_eq!(read(&mut restored, &repo, NOW), None);
    // An older one on the same way changes nothing.
    let back = repinned(&restored, &repo.roots[0]).unwrap();
    assert_eq!(back.root_version(), 2);
}

#[test]
fn a_pinned_root_ends_what_a_thief_of_root_keys_made_believe() {
    // The thief's documents are taken, and counted up for nothing else to be taken again.
    let mut thief = Repo::new();
    let mut genuine = thief.clone();
    thief.set_keys(RoleName::Targets, 4, 2);
    thief.rotate_root(&[]);
    thief.rotate_root(&[]);
    (thief.timestamp.version, thief.snapshot.version) = (1 << 40, 1 << 40);
    thief.publish_next();
    let mut deceived = genuine.verifier();
    assert_eq!(read(&mut deceived, &thief, NOW), None);
    let stolen = genuine.signers[&RoleName::Root].clone();
    genuine.set_keys(RoleName::Root, 5, 3);
    genuine.rotate_root(&stolen);
    genuine.publish_next();
    assert!(read(&mut deceived, &genuine, NOW).is_some());

    let mut restored = repinned(&deceived, &genuine.roots[1]).unwrap();
    assert_eq!(restored.root_version(), 2);
    assert!(restored.trust().is_none());
    assert_eq!(restored.t_floor(), deceived.t_floor());
    assert_eq!(read(&mut restored, &genuine, NOW), None);
    assert!(read(&mut restored, &thief, NOW).is_some());
    // Over another restart as well.
    let again = repinned(&restored, &genuine.roots[1]).unwrap();
    assert_eq!(again.snapshot(), restored.snapshot());
}

#[test]
fn a_thiefs_document_is_not_followed_by_the_one_that_ends_it() {
    // The thief leaves the root keys as they are, so that whatever those sign next follows.
    let mut thief = Repo::new();
    let mut genuine = thief.clone();
    thief.set_keys(RoleName::Targets, 4, 2);
    thief.rotate_root(&[]);
    thief.publish_next();
    let mut deceived = genuine.verifier();
    assert_eq!(read(&mut deceived, &thief, NOW), None);
    genuine.rotate_root(&[]);
    let stolen = genuine.signers[&RoleName::Root].clone();
    genuine.set_keys(RoleName::Root, 5, 3);
    genuine.rotate_root(&stolen);
    genuine.publish_next();
    let mut restored = repinned(&deceived, &genuine.roots[2]).unwrap();
    assert!(restored.trust().is_none());
    assert_eq!(read(&mut restored, &genuine, NOW), None);
}

#[test]
fn a_root_document_of_another_way_is_not_pinned() {
    let mut repo = Repo::new();
    let mut other = Repo::new();
    repo.rotate_root(&[]);
    repo.rotate_root(&[]);
    for _ in 0..3 {
        other.rotate_root(&[]);
    }
    let local = LocalPolicy::new(Environment::Prod);
    let verifier = Verifier::new(&repo.roots[1], local).unwrap();
    let forward = repinned(&verifier, &repo.roots[2]).unwrap();
    // Older or newer, and older than what was pinned meanwhile.
    for kept in [&verifier, &forward] {
        for pinned in std::iter::once(&repo.roots[0]).chain(&other.roots) {
            assert_eq!(repinned(kept, pinned).err(), Some(Code::TrustConfig));
        }
    }
}

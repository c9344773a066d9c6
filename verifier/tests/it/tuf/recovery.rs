//! What is kept after a refusal, and what an attacker leaves behind.

use std::rc::Rc;

use verifier::trust::tuf::RoleName;
use verifier::{Code, Verifier};

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

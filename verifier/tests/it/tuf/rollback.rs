//! Older documents under newer ones, in every combination, and documents of two moments.

use verifier::Code;
use verifier::trust::tuf::{MetaFile, Refresh, Repository};

use super::{Mix, Repo, read};
use crate::support::NOW;

#[test]
fn rollback_one_an_older_timestamp() {
    let mut repo = Repo::new();
    repo.publish_next();
    let mut verifier = repo.verifier();
    repo.timestamp.version = 1;
    repo.publish();
    assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustRollback));
}

#[test]
fn rollback_two_and_three_an_older_snapshot_under_a_newer_timestamp() {
    for digests in [true, false] {
        let mut repo = Repo::new();
        repo.digests = digests;
        repo.publish_next();
        let mut verifier = repo.verifier();
        repo.snapshot.version = 1;
        repo.timestamp.version += 1;
        repo.publish();
        assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustRollback));
    }
}

#[test]
fn rollback_four_and_five_older_targets_under_a_newer_snapshot() {
    for digests in [true, false] {
        let mut repo = Repo::new();
        repo.digests = digests;
        repo.publish_next();
        let mut verifier = repo.verifier();
        repo.publish_next();
        repo.targets.version = 1;
        repo.publish();
        assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustRollback));
    }
}

#[test]
fn rollback_six_a_targets_role_that_is_no_longer_listed() {
    let mut repo = Repo::new();
    let delegated = MetaFile::of(1, b"");
    repo.snapshot
        .meta
        .insert("delegated.json".to_owned(), delegated);
    repo.publish();
    let mut verifier = repo.verifier();
    repo.snapshot.meta.remove("delegated.json");
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustRollback));
}

#[test]
fn rollback_seven_a_root_document_out_of_order() {
    let mut repo = Repo::new();
    for version in [1, 3, 7] {
        repo.root.version = version;
        let root = repo.sign(&repo.root);
        let mut repository = Repository::pin(&repo.roots[0]).unwrap();
        let mut refresh = Refresh::new(&mut repository, NOW);
        assert_eq!(refresh.wanted().unwrap().name, "2.root.json");
        let error = refresh.take(Some(&root)).unwrap_err();
        assert_eq!(error.code, Code::TrustRollback);
        assert_eq!(
            (refresh.wanted(), repository.root().document().version),
            (None, 1)
        );
    }
}

#[test]
fn documents_of_two_moments_are_not_mixed() {
    let old = Repo::new();
    let mut new = Repo::new();
    new.roots.clone_from(&old.roots);
    (new.keys, new.signers) = (old.keys.clone(), old.signers.clone());
    new.root = old.root.clone();
    new.publish_next();
    let mixes: [Mix; 5] = [
        |mixed, old| mixed.timestamp.clone_from(&old.timestamp),
        |mixed, old| mixed.snapshot.clone_from(&old.snapshot),
        |mixed, old| mixed.targets.clone_from(&old.targets),
        |mixed, old| mixed.files.clone_from(&old.files),
        |mixed, _| std::mem::swap(&mut mixed.snapshot, &mut mixed.targets),
    ];
    for (at, mix) in mixes.into_iter().enumerate() {
        let mut mixed = new.served.clone();
        mix(&mut mixed, &old.served);
        let error = new.blank().update_trust(&mixed, NOW).unwrap_err();
        assert_eq!(error.code, Code::TrustConfig, "mix {at}");
    }
    assert_eq!(read(&mut new.blank(), &new, NOW), None);
    // Also where the names carry no digests: the versions must agree.
    let mut repo = Repo::new();
    repo.digests = false;
    repo.publish();
    let first = repo.served.clone();
    repo.publish_next();
    for mix in [mixes[1], mixes[2]] {
        let mut mixed = repo.served.clone();
        mix(&mut mixed, &first);
        let error = repo.blank().update_trust(&mixed, NOW).unwrap_err();
        assert_eq!(error.code, Code::TrustConfig);
    }
}

//! Reading a repository from the pinned root on, in any order of changes.

use proptest::prelude::*;
use verifier::Verifier;
use verifier::trust::Collection;
use verifier::trust::tuf::{Repository, RoleName};

use super::{Repo, read};
use crate::support::{DAY, NOW};

#[test]
fn the_repository_is_read_from_the_pinned_root_on() {
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    assert_eq!(verifier.root_version(), 1);
    assert_eq!(verifier.trust_expires(), Some(NOW + 30 * DAY));
    repo.rotate_root(&[]);
    repo.rotate_root(&[]);
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW), None);
    assert_eq!(verifier.root_version(), 3);
    // Again, and the same signed anew under the same versions: nothing changes.
    let before = verifier.snapshot();
    assert_eq!(read(&mut verifier, &repo, NOW), None);
    repo.publish();
    assert_eq!(read(&mut verifier, &repo, NOW), None);
    assert_eq!(verifier.snapshot(), before);
    // Whoever comes late reads all the root documents at once.
    assert_eq!(read(&mut repo.blank(), &repo, NOW), None);
}

#[test]
fn collecting_asks_for_each_file_once_and_in_order() {
    let mut repo = Repo::new();
    repo.rotate_root(&[]);
    repo.publish_next();
    let mut asked = Vec::new();
    let mut collection = Collection::new(1);
    while let Some(wanted) = collection.wanted() {
        let name = wanted.name.as_str();
        let file = match name {
            "2.root.json" => repo.roots.get(1).cloned(),
            "timestamp.json" => Some(repo.served.timestamp.clone()),
            "2.snapshot.json" => Some(repo.served.snapshot.clone()),
            "2.targets.json" => Some(repo.served.targets.clone()),
            _ => repo.files.iter().find_map(|(file, bytes)| {
                let hash = verifier::Digest::of(bytes).to_hex();
                (name == format!("targets/{hash}.{file}")).then(|| bytes.clone())
            }),
        };
        asked.push(wanted.name);
        collection.take(file);
    }
    let update = collection.finish();
    assert_eq!(
        asked[..5],
        [
            "2.root.json",
            "3.root.json",
            "timestamp.json",
            "2.snapshot.json",
            "2.targets.json"
        ]
    );
    assert_eq!(asked.len(), 12);
    assert_eq!(update.files, repo.files);
    assert_eq!(repo.blank().update_trust(&update, NOW), Ok(()));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Next,
    RotateRoot,
    RotateTimestamp,
    RotateSnapshot,
    RotateTargets,
    Replay(usize),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Next),
        1 => Just(Step::RotateRoot),
        1 => Just(Step::RotateTimestamp),
        1 => Just(Step::RotateSnapshot),
        1 => Just(Step::RotateTargets),
        3 => (0usize..8).prop_map(Step::Replay),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever happens to a repository, who reads along always gets on, and an older state that is
    /// served again changes nothing.
    #[test]
    fn histories_only_go_forward(steps in prop::collection::vec(step(), 1..10)) {
        let mut repo = Repo::new();
        let mut verifier = repo.verifier();
        let mut old = vec![repo.served.clone()];
        for step in steps {
            match step {
                Step::Next => repo.publish_next(),
                Step::RotateRoot => {
                    let before = repo.signers[&RoleName::Root].clone();
                    repo.set_keys(RoleName::Root, 5, 3);
                    repo.rotate_root(&before);
                    repo.publish_next();
                }
                Step::RotateTimestamp | Step::RotateSnapshot | Step::RotateTargets => {
                    let (name, count, threshold) = match step {
                        Step::RotateTimestamp => (RoleName::Timestamp, 1, 1),
                        Step::RotateSnapshot => (RoleName::Snapshot, 1, 1),
                        _ => (RoleName::Targets, 4, 2),
                    };
                    repo.set_keys(name, count, threshold);
                    repo.rotate_root(&[]);
                    repo.publish_next();
                }
                Step::Replay(at) => {
                    let Some(older) = old.get(at).filter(|older| **older != repo.served) else { continue };
                    let before = verifier.snapshot();
                    prop_assert!(verifier.update_trust(older, NOW).is_err());
                    prop_assert!(verifier.snapshot() == before);
                    continue;
                }
                Step::Restart => {
                    let local = verifier.local_policy().clone();
                    let saved = verifier.snapshot();
                    verifier = Verifier::restore(&repo.roots[0], local, saved.clone()).unwrap();
                    prop_assert!(verifier.snapshot() == saved);
                    continue;
                }
            }
            old.push(repo.served.clone());
            prop_assert_eq!(read(&mut verifier, &repo, NOW), None);
            let newest = verifier.root_version();
            prop_assert_eq!(newest, repo.root.version);
        }
    }

    #[test]
    fn nothing_that_is_read_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let repo = Repo::new();
        let mut blank = repo.blank();
        let mut served = repo.served;
        served.roots.push(bytes.clone());
        served.timestamp.clone_from(&bytes);
        prop_assert!(blank.update_trust(&served, NOW).is_err());
        prop_assert!(Repository::pin(&bytes).is_err());
    }
}

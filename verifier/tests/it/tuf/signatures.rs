//! How many signatures count, and whose.

use std::rc::Rc;

use verifier::Code;
use verifier::trust::tuf::RoleName;

use super::{Repo, next, read};
use crate::authority::{key_table, role};
use crate::support::{EcKey, NOW};

#[test]
fn too_few_signatures_are_refused_for_every_role() {
    for name in RoleName::ALL {
        let found = next(|repo| {
            repo.signers.get_mut(&name).unwrap().pop();
            if name == RoleName::Root {
                repo.rotate_root(&[]);
            }
        });
        assert_eq!(found, Some(Code::TrustConfig), "{name}");
    }
    // A threshold that nobody can reach is the root's right; the role is then dumb.
    let found = next(|repo| {
        repo.role(RoleName::Snapshot).threshold = 2;
        repo.rotate_root(&[]);
    });
    assert_eq!(found, Some(Code::TrustConfig));
}

#[test]
fn a_signature_of_another_role_or_a_stranger_counts_for_nothing() {
    let found = next(|repo| {
        let stranger = Rc::new(EcKey::new());
        let of_root = Rc::clone(&repo.signers[&RoleName::Root][0]);
        let signers = repo.signers.get_mut(&RoleName::Targets).unwrap();
        signers.pop();
        signers.extend([stranger, of_root]);
    });
    assert_eq!(found, Some(Code::TrustConfig));
    // Beside enough right ones they do no harm.
    let found = next(|repo| {
        let stranger = Rc::new(EcKey::new());
        repo.signers
            .get_mut(&RoleName::Targets)
            .unwrap()
            .push(stranger);
    });
    assert_eq!(found, None);
}

#[test]
fn one_key_never_counts_twice() {
    // Two signatures under one key id are refused even where one would do.
    let found = next(|repo| {
        let signers = repo.signers.get_mut(&RoleName::Timestamp).unwrap();
        signers.push(Rc::clone(&signers[0]));
    });
    assert_eq!(found, Some(Code::TrustConfig));
    // A role that lists a key twice is refused.
    let found = next(|repo| {
        let role = repo.role(RoleName::Snapshot);
        role.keyids.push(role.keyids[0].clone());
        repo.rotate_root(&[]);
    });
    assert_eq!(found, Some(Code::TrustConfig));
    // One key under two ids, by a member that means nothing, is one signer.
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    let key = Rc::clone(&repo.signers[&RoleName::Targets][0]);
    repo.root.version += 1;
    let mut root = serde_json::to_value(&repo.root).unwrap();
    let id = role([key.as_ref()], 1).keyids.remove(0);
    let mut object = root["keys"][&id].clone();
    object["x"] = 1.into();
    let canonical = verifier::trust::tuf::canonical::encode(&object).unwrap();
    let other = verifier::Digest::of(&canonical).to_hex();
    root["keys"][&other] = object;
    root["roles"]["targets"]["keyids"] = serde_json::json!([id, other]);
    repo.root = serde_json::from_value(root).unwrap();
    repo.roots.push(repo.sign(&repo.root));
    repo.signers.insert(RoleName::Targets, vec![key]);
    repo.publish_next();
    let doubled = duplicate_signature(&repo.served.targets, &other);
    let meta = repo.meta(repo.targets.version, &doubled);
    repo.snapshot.meta.insert("targets.json".to_owned(), meta);
    let snapshot = repo.sign(&repo.snapshot);
    repo.timestamp.meta.snapshot = repo.meta(repo.snapshot.version, &snapshot);
    repo.served.timestamp = repo.sign(&repo.timestamp);
    (repo.served.snapshot, repo.served.targets) = (snapshot, doubled);
    repo.served.roots.clone_from(&repo.roots);
    assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustConfig));
    assert_eq!(verifier.root_version(), 2);
}

/// The file with its first signature a second time, under another key id.
fn duplicate_signature(file: &[u8], id: &str) -> Vec<u8> {
    let mut file: serde_json::Value = serde_json::from_slice(file).unwrap();
    let mut again = file["signatures"][0].clone();
    again["keyid"] = id.into();
    file["signatures"].as_array_mut().unwrap().push(again);
    serde_json::to_vec(&file).unwrap()
}

#[test]
fn a_root_document_needs_the_old_keys_and_the_new() {
    // All five are replaced; who signs decides.
    for (old, new, accepted) in [
        (3, 3, true),
        (2, 3, false),
        (3, 2, false),
        (0, 3, false),
        (3, 0, false),
    ] {
        let mut repo = Repo::new();
        let mut verifier = repo.verifier();
        let before = repo.signers[&RoleName::Root].clone();
        repo.set_keys(RoleName::Root, 5, 3);
        repo.signers.get_mut(&RoleName::Root).unwrap().truncate(new);
        repo.rotate_root(&before[..old]);
        repo.publish_next();
        let expected = (!accepted).then_some(Code::TrustConfig);
        assert_eq!(
            read(&mut verifier, &repo, NOW),
            expected,
            "{old} old, {new} new"
        );
        assert_eq!(verifier.root_version(), if accepted { 2 } else { 1 });
    }
}

#[test]
fn a_key_under_an_id_that_is_not_its_own_signs_nothing() {
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    repo.root.version += 1;
    let stranger = EcKey::new();
    let id = repo.root.roles.timestamp.keyids[0].clone();
    let mut root = serde_json::to_value(&repo.root).unwrap();
    let object = serde_json::to_value(key_table([&stranger])).unwrap();
    root["keys"][&id] = object.as_object().unwrap().values().next().unwrap().clone();
    repo.root = serde_json::from_value(root).unwrap();
    assert!(!repo.root.keys.0.contains_key(&id));
    repo.roots.push(repo.sign(&repo.root));
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::TrustConfig));
    assert_eq!(verifier.root_version(), 2);
}

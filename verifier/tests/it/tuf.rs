//! The trust repository under attack: rollback, freeze, expiry, mixing, thresholds, key rotation,
//! and files that no honest repository serves.

use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;
use verifier::trust::Collection;
use verifier::trust::tuf::{
    Document, MetaFile, Refresh, Repository, Role, RoleName, Root, Snapshot, TargetFile, Targets,
    Timestamp, TimestampMeta, max_len,
};
use verifier::{Code, Environment, Freshness, LocalPolicy, TrustUpdate, Verifier};

use crate::authority::{key_table, role, signed};
use crate::ingest::launch;
use crate::support::{DAY, EcKey, NOW, World};

/// Puts something of an older repository into a newer one.
type Mix = fn(&mut TrustUpdate, &TrustUpdate);

/// A repository whose documents can be changed before they are signed.
struct Repo {
    files: BTreeMap<String, Vec<u8>>,
    keys: Vec<Rc<EcKey>>,
    /// Who signs each role's documents.
    signers: BTreeMap<RoleName, Vec<Rc<EcKey>>>,
    root: Root,
    timestamp: Timestamp,
    snapshot: Snapshot,
    targets: Targets,
    /// Whether documents are named with size and digest.
    digests: bool,
    roots: Vec<Vec<u8>>,
    served: TrustUpdate,
}

impl Repo {
    /// Version 1 of everything: three of five root keys, two of four targets keys.
    fn new() -> Self {
        let world = World::new();
        let files = world.authority.files(&world.config);
        let expires = NOW + 30 * DAY;
        let mut repo = Self {
            files,
            keys: Vec::new(),
            signers: BTreeMap::new(),
            root: Root {
                version: 1,
                expires,
                consistent_snapshot: true,
                ..world.authority.root(1, expires)
            },
            timestamp: Timestamp {
                version: 1,
                expires,
                issued: None,
                meta: TimestampMeta {
                    snapshot: MetaFile::of(1, b""),
                },
            },
            snapshot: Snapshot {
                version: 1,
                expires,
                meta: BTreeMap::new(),
            },
            targets: Targets {
                version: 1,
                expires,
                targets: BTreeMap::new(),
            },
            digests: true,
            roots: Vec::new(),
            served: TrustUpdate::default(),
        };
        for (name, count, threshold) in [
            (RoleName::Root, 5, 3),
            (RoleName::Targets, 4, 2),
            (RoleName::Snapshot, 1, 1),
            (RoleName::Timestamp, 1, 1),
        ] {
            repo.set_keys(name, count, threshold);
        }
        repo.publish_root();
        repo.publish();
        repo
    }

    /// New keys for a role, of which the first `threshold` sign.
    fn set_keys(&mut self, name: RoleName, count: usize, threshold: u32) {
        let keys: Vec<_> = (0..count).map(|_| Rc::new(EcKey::new())).collect();
        let signing = keys.iter().take(threshold as usize).cloned().collect();
        self.signers.insert(name, signing);
        *self.role(name) = role(keys.iter().map(Rc::as_ref), threshold);
        self.keys.extend(keys);
    }

    fn role(&mut self, name: RoleName) -> &mut Role {
        match name {
            RoleName::Root => &mut self.root.roles.root,
            RoleName::Timestamp => &mut self.root.roles.timestamp,
            RoleName::Snapshot => &mut self.root.roles.snapshot,
            RoleName::Targets => &mut self.root.roles.targets,
        }
    }

    fn sign<D: Document>(&self, document: &D) -> Vec<u8> {
        let keys: Vec<_> = self.signers[&D::ROLE].iter().map(Rc::as_ref).collect();
        signed(document, &keys)
    }

    fn publish_root(&mut self) {
        self.root.keys = key_table(self.keys.iter().map(Rc::as_ref));
        let root = self.sign(&self.root);
        self.roots.push(root);
    }

    /// The next root document, signed by those who sign root documents now and by these.
    fn rotate_root(&mut self, also: &[Rc<EcKey>]) {
        self.root.version += 1;
        self.root.keys = key_table(self.keys.iter().map(Rc::as_ref));
        let signers = self.signers[&RoleName::Root].iter().chain(also);
        let signers: Vec<_> = signers.map(Rc::as_ref).collect();
        self.roots.push(signed(&self.root, &signers));
    }

    fn meta(&self, version: u64, bytes: &[u8]) -> MetaFile {
        if self.digests {
            return MetaFile::of(version, bytes);
        }
        MetaFile {
            version,
            length: None,
            hashes: None,
        }
    }

    /// Signs and serves targets, snapshot and timestamp as they are.
    fn publish(&mut self) {
        let listed = self.files.iter();
        self.targets.targets = listed
            .map(|(name, file)| (name.clone(), TargetFile::of(file)))
            .collect();
        let targets = self.sign(&self.targets);
        let meta = self.meta(self.targets.version, &targets);
        self.snapshot.meta.insert("targets.json".to_owned(), meta);
        let snapshot = self.sign(&self.snapshot);
        self.timestamp.meta.snapshot = self.meta(self.snapshot.version, &snapshot);
        self.served = TrustUpdate {
            roots: self.roots.clone(),
            timestamp: self.sign(&self.timestamp),
            snapshot,
            targets,
            files: self.files.clone(),
        };
    }

    /// Counts the three up and serves them.
    fn publish_next(&mut self) {
        self.timestamp.version += 1;
        self.snapshot.version += 1;
        self.targets.version += 1;
        self.publish();
    }

    /// A verifier that has read the repository as it is.
    fn verifier(&self) -> Verifier {
        let mut verifier = self.blank();
        verifier.update_trust(&self.served, NOW).unwrap();
        verifier
    }

    fn blank(&self) -> Verifier {
        Verifier::new(&self.roots[0], LocalPolicy::new(Environment::Prod)).unwrap()
    }
}

fn read(verifier: &mut Verifier, repo: &Repo, now: i64) -> Option<Code> {
    let taken = verifier.update_trust(&repo.served, now);
    taken.err().map(|error| error.code)
}

/// What becomes of the next versions after a change to the repository.
fn next(change: impl FnOnce(&mut Repo)) -> Option<Code> {
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    change(&mut repo);
    repo.publish_next();
    read(&mut verifier, &repo, NOW)
}

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
fn a_frozen_repository_is_found_out_when_its_timestamp_expires() {
    let mut repo = Repo::new();
    repo.timestamp.expires = NOW + DAY;
    repo.timestamp.version = 2;
    repo.publish();
    let mut verifier = repo.verifier();
    assert_eq!(read(&mut verifier, &repo, NOW + DAY - 1), None);
    assert_eq!(
        read(&mut verifier, &repo, NOW + DAY),
        Some(Code::TrustExpired)
    );
    // And what it withheld is taken as soon as it comes.
    repo.timestamp.expires = NOW + 3 * DAY;
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW + DAY), None);
}

#[test]
fn expiry_one_to_four_a_document_that_has_expired() {
    let changes: [fn(&mut Repo); 4] = [
        |repo| {
            repo.root.expires = NOW;
            repo.rotate_root(&[]);
        },
        |repo| repo.timestamp.expires = NOW,
        |repo| repo.snapshot.expires = NOW,
        |repo| repo.targets.expires = NOW,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert_eq!(next(change), Some(Code::TrustExpired), "document {at}");
        // To the second.
        let mut repo = Repo::new();
        change(&mut repo);
        repo.publish_next();
        assert_eq!(
            read(&mut repo.blank(), &repo, NOW - 1),
            None,
            "document {at}"
        );
        assert_eq!(
            read(&mut repo.blank(), &repo, NOW),
            Some(Code::TrustExpired)
        );
    }
}

#[test]
fn expiry_five_a_known_root_that_has_expired_leads_to_the_next() {
    let mut repo = Repo::new();
    repo.root.expires = NOW + 7 * DAY;
    repo.rotate_root(&[]);
    repo.publish();
    let mut verifier = repo.verifier();
    repo.root.expires = NOW + 21 * DAY;
    repo.rotate_root(&[]);
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW + 18 * DAY), None);
    assert_eq!(verifier.root_version(), 3);
}

#[test]
fn expiry_six_a_known_timestamp_that_has_expired_leads_to_the_next() {
    let mut repo = Repo::new();
    repo.timestamp.expires = NOW + 7 * DAY;
    repo.publish();
    let mut verifier = repo.verifier();
    repo.timestamp.expires = NOW + 21 * DAY;
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW + 18 * DAY), None);
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

#[test]
fn files_that_no_honest_repository_serves_are_refused() {
    let good = Repo::new();
    let text = String::from_utf8(good.served.timestamp.clone()).unwrap();
    let over = vec![b' '; max_len(RoleName::Timestamp) + 1 - text.len()];
    let deep = text.replacen(
        "\"version\"",
        &format!("\"x\":{}1{},\"version\"", "[".repeat(9), "]".repeat(9)),
        1,
    );
    let files: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{}".to_vec(),
        text.as_bytes()[..text.len() - 1].to_vec(),
        [text.as_bytes(), b"{}"].concat(),
        [text.as_bytes(), &over].concat(),
        text.replacen("\"version\":1", "\"version\":1,\"version\":1", 1)
            .into_bytes(),
        text.replacen("\"signed\":", "\"signed\":{},\"signed\":", 1)
            .into_bytes(),
        text.replacen("\"signed\":", "\"x\":1,\"signed\":", 1)
            .into_bytes(),
        text.replacen("\"version\":1", "\"version\":1.0", 1)
            .into_bytes(),
        text.replacen("\"version\":1", "\"version\":9007199254740993", 1)
            .into_bytes(),
        text.replacen("\"_type\"", "\"\\u005ftype\"", 1)
            .into_bytes(),
        deep.into_bytes(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        vec![b'['; 1 << 20],
    ];
    for (at, file) in files.into_iter().enumerate() {
        assert_ne!(file, good.served.timestamp, "file {at}");
        let mut served = good.served.clone();
        served.timestamp = file;
        let error = good.blank().update_trust(&served, NOW).unwrap_err();
        assert_eq!(error.code, Code::TrustConfig, "file {at}");
    }
    // Up to the limit, whitespace is no harm: what is signed is the meaning.
    let mut served = good.served.clone();
    served.timestamp.extend_from_slice(&over[1..]);
    assert_eq!(good.blank().update_trust(&served, NOW), Ok(()));
}

#[test]
fn endless_data_is_never_asked_for() {
    let repo = Repo::new();
    // Whoever fetches is told how much to read; a source without end is cut there, and refused.
    let mut asked = 0usize;
    let endless = TrustUpdate::collect(1, |wanted| {
        asked += wanted.max_len;
        Ok::<_, ()>(Some(vec![b'0'; wanted.max_len.min(1 << 16)]))
    });
    let error = repo
        .blank()
        .update_trust(&endless.unwrap(), NOW)
        .unwrap_err();
    assert_eq!(error.code, Code::TrustConfig);
    assert!(asked < 128 << 20, "{asked}");
    // And a document is read only as far as the one before it allows.
    let mut repository = Repository::pin(&repo.roots[0]).unwrap();
    let mut refresh = Refresh::new(&mut repository, NOW);
    refresh.take(None).unwrap();
    refresh.take(Some(&repo.served.timestamp)).unwrap();
    let wanted = refresh.wanted().unwrap();
    assert_eq!(
        (wanted.name.as_str(), wanted.max_len),
        ("1.snapshot.json", repo.served.snapshot.len())
    );
}

#[test]
fn an_issue_time_raises_the_floor_and_may_not_lie_ahead() {
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    assert_eq!(verifier.t_floor(), 0);
    repo.timestamp.issued = Some(NOW + 60);
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW), None);
    assert_eq!(verifier.t_floor(), NOW + 60);
    repo.timestamp.issued = Some(NOW + 61);
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::IatFuture));
}

#[test]
fn an_installation_off_line_runs_as_long_as_its_status_lists_may_be_old() {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    let end = NOW + 100;
    world.config.online = end;
    let mut verifier = world.verifier();
    verifier.ingest(&token, &ticket, NOW).unwrap();
    // Nothing new is taken in without the newest repository, but what is known goes on.
    let found = verifier.clone().ingest(&token, &ticket, end);
    assert_eq!(
        found.err().map(|error| error.code),
        Some(Code::TrustExpired)
    );
    let stale = approval.max_stale;
    assert_eq!(launch(&verifier, end), Ok(Freshness::Fresh));
    // A status list that comes through is heard, and does not make it go on for ever.
    let list = world.status_token(end + stale - 5);
    verifier.update_status(&list, end + stale - 5).unwrap();
    assert_eq!(launch(&verifier, end + stale - 1), Ok(Freshness::Fresh));
    assert_eq!(launch(&verifier, end + stale), Err(Code::TrustExpired));
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

//! Makes the next versions: edited, planned, signed, read back as any client reads them, and stored
//! with their log entries in one transaction.

use std::collections::BTreeMap;

use foundation::store::Tx;
use verifier::jwk::KeyUse;
use verifier::trust::tuf::{Held, Refresh, Repository, RoleName};
use verifier::trust::{LoggedDocument, Trust as Checked};

use super::ceremony::bound;
use super::contents::Contents;
use super::plan::{self, Draft, Plan};
use super::present::Present;
use super::signers::AtHand;
use crate::trust::Trust;
use crate::trust::error::TrustError;
use crate::trust::keys::Replacement;
use crate::trust::store::repository;

/// What is published: the documents, and the files that they list.
pub(super) type Published = (Repository, BTreeMap<String, String>);

/// An edit of what is published.
pub(super) type Edit = Box<dyn FnOnce(&mut Draft, &Present) -> Result<(), TrustError> + Send>;

/// The signed documents of a plan.
#[derive(Default)]
pub(super) struct Signed {
    pub(super) root: Option<String>,
    pub(super) targets: Option<String>,
    pub(super) snapshot: Option<String>,
    pub(super) timestamp: Option<String>,
}

impl Trust {
    /// Makes sure that what is published is true now and will be for a while. What cannot be signed
    /// here, because its keys are elsewhere, is left as it is.
    pub(crate) async fn ensure_repository(&self) -> Result<(), TrustError> {
        let prepared = self.prepare_present().await?;
        let mut tx = self.database.read().await?;
        let present = self.present(&mut tx, prepared).await?;
        let published = load(&mut tx).await?;
        drop(tx);
        let draft = match &published {
            None => None,
            Some((repository, files)) => {
                let mut draft = Draft::of(repository.root().document(), Contents::read(files)?);
                present.apply(&mut draft.contents)?;
                Some(draft)
            }
        };
        if let Some(draft) = draft {
            let files = draft.contents.write()?;
            if Plan::new(published.as_ref(), &draft, &files, present.when()).is_empty() {
                return Ok(());
            }
        }
        self.publish(None, None).await
    }

    /// Publishes an edit, and whatever else is due, in one transaction. Without an edit, what
    /// cannot be signed is left out.
    pub(super) async fn publish(
        &self,
        edit: Option<Edit>,
        replacement: Option<&Replacement>,
    ) -> Result<(), TrustError> {
        let prepared = self.prepare_present().await?;
        self.make_missing_keys().await?;
        let at_hand = AtHand::load(&*self.role_signers).await?;
        let insistent = edit.is_some();

        let mut tx = self.database.begin().await?;
        if let Some(replacement) = replacement {
            self.keys.replace(&mut tx, replacement).await?;
            // EPJs refuse lists by the old key from the moment when they read of the new one.
            let status = self.keys.signer_after(replacement, KeyUse::Status).await?;
            if let Some(signer) = status {
                self.reissue_all(&mut tx, &signer).await?;
            }
        }
        let present = self.present(&mut tx, prepared).await?;
        let published = load(&mut tx).await?;
        let mut draft = match &published {
            Some((repository, files)) => {
                Draft::of(repository.root().document(), Contents::read(files)?)
            }
            None => self.first(&present).await?,
        };
        if let Some(edit) = edit {
            edit(&mut draft, &present)?;
        }
        present.apply(&mut draft.contents)?;
        let mut files = draft.contents.write()?;
        let mut plan = Plan::new(published.as_ref(), &draft, &files, present.when());
        if let Some((repository, known)) = &published {
            if insistent {
                plan.leave_out_renewal(&at_hand, repository.root().document());
            } else if !plan.leave_out(repository, &at_hand, &present) {
                // The files in force stay with the targets document in force.
                files.clone_from(known);
            }
        }
        if plan.is_empty() {
            return Ok(());
        }
        let signed = Signed::default();
        let signed = sign(&plan, published.as_ref(), &at_hand, present.now, signed)?;
        check(&signed, published.as_ref(), &files, present.now)?;
        self.store(&mut tx, &plan, &signed, &files).await?;
        tx.commit().await?;
        self.witness_published().await
    }

    /// The roles of the first installation: three of five root keys, two of four targets keys, one
    /// snapshot and one timestamp key.
    pub(super) async fn first(&self, present: &Present) -> Result<Draft, TrustError> {
        let mut roles = BTreeMap::new();
        for (role, count, threshold) in FIRST {
            let keys = self.role_signers.at_hand(role).await?;
            let keys = keys.iter().map(|key| key.public_key().clone());
            roles.insert(role, (keys.take(count).collect(), threshold));
        }
        Ok(Draft {
            roles,
            contents: present.first()?,
        })
    }

    pub(super) async fn make_missing_keys(&self) -> Result<(), TrustError> {
        let mut tx = self.database.read().await?;
        let installed = repository::newest(&mut tx, RoleName::Root.as_str()).await?;
        drop(tx);
        if installed.is_none() {
            for (role, count, _) in FIRST {
                let known = self.role_signers.at_hand(role).await?.len();
                if known < count {
                    self.role_signers.make(role, count - known).await?;
                }
            }
        }
        Ok(())
    }

    pub(super) async fn store(
        &self,
        tx: &mut Tx,
        plan: &Plan,
        signed: &Signed,
        files: &BTreeMap<String, String>,
    ) -> Result<(), TrustError> {
        let now = self.clock.now();
        for (name, text) in files {
            let digest = verifier::Digest::of(text.as_bytes()).to_hex();
            repository::insert_target(tx, name, &digest, text, now).await?;
        }
        let root = plan.root.as_ref().map(|root| root.version);
        let targets = plan.targets.as_ref().map(|targets| targets.version);
        for (role, version, text) in [
            (RoleName::Root, root, &signed.root),
            (RoleName::Targets, targets, &signed.targets),
            (RoleName::Snapshot, plan.snapshot, &signed.snapshot),
            (RoleName::Timestamp, plan.timestamp, &signed.timestamp),
        ] {
            let (Some(version), Some(text)) = (version, text) else {
                continue;
            };
            let number = i64::try_from(version).unwrap_or(i64::MAX);
            repository::insert_document(tx, role.as_str(), number, text, now).await?;
            // What is signed off line is logged: nobody changes a key in silence.
            if matches!(role, RoleName::Root | RoleName::Targets) {
                let entry = LoggedDocument::of(role, version, text.as_bytes()).to_string();
                let key = entry_key(role.as_str(), version);
                self.append(tx, &key, &entry).await?;
            }
        }
        Ok(())
    }
}

/// What the entry with a document's digest is called.
pub(in crate::trust) fn entry_key(role: &str, version: u64) -> String {
    format!("trust-{role}:{version}")
}

/// What is published, read as a client reads it; `None` before the first installation.
pub(super) async fn load(tx: &mut Tx) -> Result<Option<Published>, TrustError> {
    let Some(root) = repository::newest(tx, RoleName::Root.as_str()).await? else {
        return Ok(None);
    };
    let refused = |error: verifier::VerifyError| TrustError::Format(error.to_string());
    let mut known = Repository::pin(root.as_bytes()).map_err(refused)?;
    // Nothing has expired before all time: what is due is for the plan to say.
    let mut refresh = Refresh::new(&mut known, i64::MIN);
    while let Some(role) = refresh.role() {
        let text = match role {
            RoleName::Root => None,
            role => repository::newest(tx, role.as_str()).await?,
        };
        refresh
            .take(text.as_ref().map(String::as_bytes))
            .map_err(refused)?;
    }
    let mut files = BTreeMap::new();
    let listed = known.targets().map(|held| &held.document().targets);
    for (name, file) in listed.into_iter().flatten() {
        let missing = || TrustError::Format(format!("the target file {name} is missing"));
        let digest = file.hashes.0.get("sha256").ok_or_else(missing)?;
        let text = repository::target(tx, name, digest).await?;
        files.insert(name.clone(), text.ok_or_else(missing)?);
    }
    Ok(Some((known, files)))
}

/// Signs what was not signed elsewhere.
pub(super) fn sign(
    plan: &Plan,
    published: Option<&Published>,
    at_hand: &AtHand,
    now: i64,
    mut signed: Signed,
) -> Result<Signed, TrustError> {
    let missing = || TrustError::Format("a document has nothing to name".to_owned());
    let before = published.map(|(repository, _)| repository.root().document());
    if let (Some(root), None) = (&plan.root, &signed.root) {
        let roots: Vec<_> = before.into_iter().chain([root]).collect();
        signed.root = Some(at_hand.sign(root, &roots)?);
    }
    let root = plan.root.as_ref().or(before).ok_or_else(missing)?;
    if let (Some(targets), None) = (&plan.targets, &signed.targets) {
        signed.targets = Some(at_hand.sign(targets, &[root])?);
    }
    let repository = published.map(|(repository, _)| repository);
    if let Some(version) = plan.snapshot {
        let held = repository.and_then(Repository::targets);
        let targets = match (&plan.targets, &signed.targets, held) {
            (Some(targets), Some(text), _) => (targets.version, text.as_str()),
            (_, _, Some(held)) => (held.document().version, held.text()),
            _ => return Err(missing()),
        };
        let snapshot = plan::snapshot(version, targets.0, targets.1, now);
        signed.snapshot = Some(at_hand.sign(&snapshot, &[root])?);
    }
    if let Some(version) = plan.timestamp {
        let held = repository.and_then(Repository::snapshot);
        let snapshot = match (plan.snapshot, &signed.snapshot, held) {
            (Some(version), Some(text), _) => (version, text.as_str()),
            (_, _, Some(held)) => (held.document().version, held.text()),
            _ => return Err(missing()),
        };
        let timestamp = plan::timestamp(version, snapshot.0, snapshot.1, now);
        signed.timestamp = Some(at_hand.sign(&timestamp, &[root])?);
    }
    Ok(signed)
}

/// Nothing is published that a client would refuse.
pub(super) fn check(
    signed: &Signed,
    published: Option<&Published>,
    files: &BTreeMap<String, String>,
    now: i64,
) -> Result<(), TrustError> {
    let refused = |error: verifier::VerifyError| TrustError::Format(error.to_string());
    let mut root = signed.root.as_ref().map(String::as_bytes);
    let mut repository = match (published, root) {
        (Some((repository, _)), _) => repository.clone(),
        (None, Some(first)) => {
            root = None;
            Repository::pin(first).map_err(refused)?
        }
        (None, None) => return Err(TrustError::Format("there is no root document".to_owned())),
    };
    let (snapshot, targets) = (&signed.snapshot, &signed.targets);
    let held = repository.clone();
    let mut refresh = Refresh::new(&mut repository, now);
    while let Some(role) = refresh.role() {
        let text = match role {
            RoleName::Root => root.take(),
            RoleName::Timestamp => {
                bytes(signed.timestamp.as_ref(), held.timestamp().map(Held::text))
            }
            RoleName::Snapshot => bytes(snapshot.as_ref(), held.snapshot().map(Held::text)),
            RoleName::Targets => bytes(targets.as_ref(), held.targets().map(Held::text)),
        };
        refresh.take(text).map_err(refused)?;
    }
    if signed.root.is_some() {
        bound(repository.root().document(), now)?;
    }
    if let (Some(_), Some(targets)) = (targets, repository.targets()) {
        bound(targets.document(), now)?;
    }
    let role_keys = repository.root().document().keys.0.values();
    let role_keys = role_keys.filter_map(|key| key.as_p256());
    Checked::read(files, role_keys).map_err(refused)?;
    Ok(())
}

fn bytes<'s>(signed: Option<&'s String>, held: Option<&'s str>) -> Option<&'s [u8]> {
    signed.map(String::as_str).or(held).map(str::as_bytes)
}

/// Role, number of keys, threshold.
pub(super) const FIRST: [(RoleName, usize, u32); 4] = [
    (RoleName::Root, 5, 3),
    (RoleName::Targets, 4, 2),
    (RoleName::Snapshot, 1, 1),
    (RoleName::Timestamp, 1, 1),
];

//! After an old backup was put back: the log is read in again, and what its entries say that the
//! database had not is made true again. What an entry names and does not contain cannot be: it is
//! told by name, and nothing is served before people have accepted that it is lost.

use std::collections::{BTreeMap, BTreeSet};

use foundation::files::Files;
use foundation::store::Tx;
use serde::de::DeserializeOwned;
use verifier::claims::{Approval, Claims, KeyRotation, Release, StatusDigest, StatusEvent};
use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::jws::Token;
use verifier::status::StatusValue;
use verifier::trust::LoggedDocument;
use verifier::trust::tuf::RoleName;

use super::Trust;
use super::error::TrustError;
use super::keys::TokenSigner;
use super::log::{self, LogError, Restored};
use super::store::{log as rows, registered, repository, status};
use crate::domain::version::VersionState;
use crate::service::Registry;

/// What comes of the entries that the database had not.
struct Replay {
    /// By thumbprint: the keys that are kept here.
    keys: BTreeMap<String, EcPublicKey>,
    /// The ids of approvals that the database knows nothing of but their place.
    unknown: BTreeSet<String>,
    /// The newest generation of a status list that was logged.
    generation: i64,
    /// How many entries were read.
    entries: u64,
    /// What cannot be made true again.
    lost: BTreeSet<String>,
}

impl Trust {
    /// Reads a log in again from its files, and makes true what it says. With `accept`, what is
    /// lost no longer stands in the way.
    pub(crate) async fn restore(
        &self,
        registry: &Registry,
        (source, folder): (&Files, &str),
        accept: bool,
    ) -> Result<Restored, TrustError> {
        let read = self.log.read_back(source, folder).await?;
        let signer = self.status_signer().await?;
        let mut tx = self.database.begin().await?;
        let (mut restored, known) = self.log.replace(&mut tx, &read, key_of).await?;
        let mut replay = self.nothing_read(&mut tx).await?;
        for (number, entry) in read.entries.iter().enumerate().skip(known) {
            replay.entries += 1;
            let taken = self.take_in(registry, &mut tx, &mut replay, entry).await?;
            if !taken {
                let what = format!("entry {number} of {}", restored.origin);
                replay.lost.insert(what);
            }
        }
        self.raise(&mut tx, &replay, &signer).await?;
        for what in &replay.lost {
            rows::insert_loss(&mut tx, what).await?;
        }
        restored.lost = rows::losses(&mut tx).await?;
        if accept {
            refuse_lost_roots(&restored.lost)?;
            rows::accept_losses(&mut tx).await?;
        }
        tx.commit().await?;
        self.log.look_again();
        let mut tx = self.database.read().await?;
        let root = repository::newest_version(&mut tx, RoleName::Root.as_str()).await?;
        drop(tx);
        match self.log.ensure_fit().await {
            Ok(()) if root.is_none() => {}
            // Nobody is served a version of the trust repository that is older than what was out.
            Ok(()) => match self.ensure_repository().await {
                Err(TrustError::Log(error @ (LogError::Quorum(_) | LogError::Frozen))) => {
                    tracing::warn!(%error, "the trust repository is published later");
                }
                published => published?,
            },
            Err(LogError::Obstacle(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.feed.nudge();
        Ok(restored)
    }

    async fn nothing_read(&self, tx: &mut Tx) -> Result<Replay, TrustError> {
        let mut keys = BTreeMap::new();
        for key_use in [KeyUse::Approval, KeyUse::StatusEvent, KeyUse::StatusDigest] {
            for (_, key) in self.keys.public_keys(tx, key_use).await? {
                keys.insert(key.thumbprint(), key);
            }
        }
        Ok(Replay {
            keys,
            unknown: BTreeSet::new(),
            generation: 0,
            entries: 0,
            lost: BTreeSet::new(),
        })
    }

    /// Takes in what an entry says; false when it cannot be believed, since the key that signed it
    /// went with the database.
    async fn take_in(
        &self,
        registry: &Registry,
        tx: &mut Tx,
        replay: &mut Replay,
        entry: &[u8],
    ) -> Result<bool, TrustError> {
        let Ok(text) = std::str::from_utf8(entry) else {
            return Ok(true);
        };
        if let Some((approval, believed)) = replay.claims::<Approval>(text) {
            // Whoever signed it: its place may be known to EPJs, and means nothing else from now on.
            self.take_approval(tx, replay, &approval).await?;
            return Ok(believed);
        } else if let Some((event, believed)) = replay.claims::<StatusEvent>(text) {
            // No EPJ takes a list in which something that was revoked is no longer.
            let ends = event.to == StatusValue::Invalid && replay.unknown.contains(&event.jti);
            if believed || ends {
                take_event(registry, tx, replay, &event).await?;
            }
            return Ok(believed);
        } else if let Some((digest, believed)) = replay.claims::<StatusDigest>(text) {
            if !believed {
                return Ok(false);
            }
            for list in digest.lists {
                let generation = i64::try_from(list.r#gen).unwrap_or(0);
                replay.generation = replay.generation.max(generation);
            }
        } else if let Some(rotation) = unverified::<KeyRotation>(text) {
            take_rotation(tx, replay, &rotation).await?;
        } else if let Ok(document) = serde_json::from_str::<LoggedDocument>(text) {
            take_document(tx, replay, &document).await?;
        }
        Ok(true)
    }

    /// The place of an approval is never given to another. One that the database knows nothing of
    /// is not issued: nobody could suspend it here.
    async fn take_approval(
        &self,
        tx: &mut Tx,
        replay: &mut Replay,
        approval: &Approval,
    ) -> Result<(), TrustError> {
        if status::entry(tx, &approval.jti).await?.is_some() {
            return Ok(());
        }
        let Approval {
            jti,
            software_id,
            software_version,
            ..
        } = approval;
        let reference = &approval.status.status_list;
        let place = self.status_number(&reference.uri);
        let place = place.zip(i64::try_from(reference.idx).ok());
        let reserved = match place {
            Some((list, position)) => status::allocate(tx, (list, position), jti, None).await?,
            None => false,
        };
        let what = format!("approval {jti} of {software_id} {software_version}");
        replay.lost.insert(if reserved {
            what
        } else {
            format!("{what}, whose place {} is taken", reference.idx)
        });
        replay.unknown.insert(jti.clone());
        Ok(())
    }

    /// What EPJs may have seen is left behind: generations of status lists, and versions of the trust
    /// repository.
    async fn raise(
        &self,
        tx: &mut Tx,
        replay: &Replay,
        signer: &TokenSigner,
    ) -> Result<(), TrustError> {
        let now = self.clock.now();
        let entries = i64::try_from(replay.entries).unwrap_or(i64::MAX);
        // A list is published with every entry at most, and else not every second.
        let generation = replay.generation.max(now.seconds());
        let generation = generation.saturating_add(entries).saturating_add(MARGIN);
        let (newest, _) = status::newest(tx).await?;
        for list in 0..=newest {
            status::lock(tx, list).await?;
            status::raise(tx, list, generation).await?;
            self.reissue(tx, list, signer).await?;
        }
        // Snapshot and timestamp are not logged. They are signed anew with what is logged, and else
        // every hour at most.
        for role in [RoleName::Snapshot, RoleName::Timestamp] {
            let newest = repository::newest_version(tx, role.as_str()).await?;
            let Some((version, made_at)) = newest else {
                continue;
            };
            let minutes = now.millis().saturating_sub(made_at).max(0) / 60_000;
            let floor = [entries, minutes, MARGIN]
                .into_iter()
                .fold(version, i64::saturating_add);
            let floor = u64::try_from(floor).unwrap_or(0);
            repository::raise_floor(tx, role.as_str(), floor).await?;
        }
        Ok(())
    }
}

/// The status becomes what the log says, but for what was revoked; and so does the version's
/// state, where the database knows the version.
async fn take_event(
    registry: &Registry,
    tx: &mut Tx,
    replay: &mut Replay,
    event: &StatusEvent,
) -> Result<(), TrustError> {
    let jti = &event.jti;
    let Some((_, from)) = status::entry(tx, jti).await? else {
        replay.lost.insert(format!("the status of approval {jti}"));
        return Ok(());
    };
    if from == StatusValue::Invalid {
        return Ok(());
    }
    let version = if replay.unknown.contains(jti) {
        None
    } else {
        status::version_of(tx, jti).await?
    };
    let known = match &version {
        Some(version) => {
            let reason = &event.reason;
            let to = state(event.to);
            registry.restore_standing(tx, version, to, reason).await?
        }
        None => false,
    };
    if !known && !replay.unknown.contains(jti) {
        replay
            .lost
            .insert(format!("the standing of approval {jti}"));
    }
    // What nobody here can show is not made valid again.
    let to = match event.to {
        StatusValue::Valid if !known => StatusValue::NotIssued,
        to => to,
    };
    Ok(status::set(tx, jti, to).await?)
}

async fn take_rotation(
    tx: &mut Tx,
    replay: &mut Replay,
    rotation: &KeyRotation,
) -> Result<(), TrustError> {
    let key = rotation.key.to_key().map(|key| key.thumbprint());
    let kept = match &key {
        Ok(kid) => registered::find(tx, KeyUse::Release, kid).await?.is_some(),
        Err(_) => false,
    };
    if !kept {
        let what = format!("the key that {} registered", rotation.iss);
        replay.lost.insert(what);
    }
    Ok(())
}

/// Of a document the log has the digest alone. The version of one that is lost is not used again.
async fn take_document(
    tx: &mut Tx,
    replay: &mut Replay,
    document: &LoggedDocument,
) -> Result<(), TrustError> {
    let Some((role, version)) = named(document) else {
        return Ok(());
    };
    let number = i64::try_from(version).unwrap_or(i64::MAX);
    let held = repository::document(tx, role, number).await?;
    let same = |text: String| verifier::Digest::of(text.as_bytes()) == document.digest;
    if held.is_some_and(same) {
        return Ok(());
    }
    replay.lost.insert(document.trust_document.clone());
    Ok(repository::raise_floor(tx, role, version).await?)
}

impl Replay {
    /// What an entry of this kind says, and whether a key that is kept here has signed it; `None`
    /// when it is of another.
    fn claims<C: Claims + DeserializeOwned>(&self, text: &str) -> Option<(C, bool)> {
        let token = Token::parse(text, C::TYPE).ok()?;
        let key = self.keys.get(token.kid());
        match key.and_then(|key| token.verify(key).ok()) {
            Some(claims) => Some((claims, true)),
            None => unverified(text).map(|claims| (claims, false)),
        }
    }
}

/// The name of an entry by what it says, as it was named when it was added.
fn key_of(entry: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(entry).ok()?;
    if let Some(approval) = unverified::<Approval>(text) {
        return Some(super::issue::entry_key(&approval.jti));
    }
    if let Some(release) = unverified::<Release>(text) {
        let (id, version) = (&release.software_id, &release.software_version);
        return Some(super::issue::release_key(id, version));
    }
    if let Some(digest) = unverified::<StatusDigest>(text) {
        return Some(super::status::digest_key(digest.iat));
    }
    if let Some(rotation) = unverified::<KeyRotation>(text) {
        return Some(super::registered::entry_key(&rotation.jti));
    }
    if let Ok(document) = serde_json::from_str::<LoggedDocument>(text) {
        let (role, version) = named(&document)?;
        return Some(super::repository::entry_key(role, version));
    }
    let ended = log::ended(text)?;
    Some(log::final_key(ended.origin.rsplit('/').next()?))
}

/// Role and version of `5.targets.json`.
fn named(document: &LoggedDocument) -> Option<(&str, u64)> {
    let (version, file) = document.trust_document.split_once('.')?;
    Some((file.strip_suffix(".json")?, version.parse().ok()?))
}

fn unverified<C: Claims + DeserializeOwned>(text: &str) -> Option<C> {
    let token = Token::parse(text, C::TYPE).ok()?;
    serde_json::from_slice(token.unverified_payload()).ok()
}

const fn state(value: StatusValue) -> VersionState {
    match value {
        StatusValue::Suspended => VersionState::Suspended,
        StatusValue::Invalid => VersionState::Revoked,
        StatusValue::Valid | StatusValue::NotIssued => VersionState::Approved,
    }
}

/// Root documents follow each other without a gap: no other can take the number of one that is out.
fn refuse_lost_roots(lost: &[String]) -> Result<(), LogError> {
    match lost.iter().find(|what| what.ends_with(".root.json")) {
        None => Ok(()),
        Some(root) => Err(LogError::Tiles(format!(
            "{root} is lost, and no other can take its place; bring a backup that has it"
        ))),
    }
}

/// More than is ever published between two ticks of the clock.
const MARGIN: i64 = 16;

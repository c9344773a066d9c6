//! A verifier's state, to be saved by the EPJ and loaded after a restart. It is the EPJ's own
//! state: keep it where the pinned root document is kept. The trust configuration is verified again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::claims::{Approval, StatusListClaim};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::ingest::prepare;
use crate::log_view::LogView;
use crate::refresh::MAX_ENTRIES;
use crate::trust::Trust;
use crate::trust::tuf::{Repository, Targets, reheld};
use crate::verifier::{KnownList, LoadedTrust, LocalPolicy, ReadList, Record, Until, Verifier};

/// The saved state of a [`Verifier`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    format: u32,
    repository: SavedRepository,
    trust: Option<SavedTrust>,
    t_floor: i64,
    logs: BTreeMap<String, LogView>,
    lists: Vec<SavedList>,
    approvals: Vec<SavedApproval>,
}

/// The newest documents of the trust repository, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedRepository {
    /// Left out in earlier forms.
    #[serde(default)]
    pinned: String,
    /// The version of the newest root document that was pinned.
    #[serde(default)]
    vouched: u64,
    /// The root documents after the pinned one.
    roots: Vec<String>,
    timestamp: Option<String>,
    snapshot: Option<String>,
    targets: Option<String>,
}

/// The trust configuration in force, which the newest documents may have overtaken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedTrust {
    root: u64,
    targets: String,
    files: BTreeMap<String, String>,
    generation: u64,
    offline: i64,
    online: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedList {
    uri: String,
    newest: Option<SavedNewest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedNewest {
    signer: String,
    generation: u64,
    iat: i64,
    ttl: i64,
    list: StatusListClaim,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedApproval {
    approval: Approval,
    leaf: Digest,
    issuer: String,
    reviewers: Vec<String>,
    log_index: Option<u64>,
    witnessed_at: Option<i64>,
}

impl Snapshot {
    /// Whether a trust configuration was in force.
    pub const fn has_trust(&self) -> bool {
        self.trust.is_some()
    }
}

impl Verifier {
    /// The state, to be saved after every change.
    pub fn snapshot(&self) -> Snapshot {
        let records = self.approvals.iter();
        Snapshot {
            format: FORMAT,
            repository: save_repository(&self.repository),
            trust: self.trust.as_ref().map(save_trust),
            t_floor: self.t_floor,
            logs: self.logs.clone(),
            lists: self.lists.iter().map(save_list).collect(),
            approvals: records.map(save_approval).collect(),
        }
    }

    /// The verifier as it was when the snapshot was made. An expired trust configuration is loaded
    /// too: launches are refused with its own code until it is renewed.
    ///
    /// The pinned root document may be a newer one than at that time. When the root document that
    /// was pinned last vouches for it, but it is not on the way that was followed from there, that
    /// way may be a thief's of root keys: everything learnt on it is forgotten but the proof that time
    /// has passed, and has to be fetched and taken in again. Another registry's is refused.
    pub fn restore(
        pinned_root: &[u8],
        local: LocalPolicy,
        snapshot: Snapshot,
    ) -> Result<Self, VerifyError> {
        if snapshot.format != FORMAT {
            return Err(Code::TrustConfig.because("the snapshot is of an earlier version"));
        }
        let given = Self::new(pinned_root, local.clone())?;
        let kept = load_repository(&snapshot.repository)?;
        let vouched = kept.vouches_for(&given.repository);
        let Some(repository) = kept.pinned_to(&given.repository) else {
            return if vouched {
                Ok(Self {
                    t_floor: snapshot.t_floor,
                    ..given
                })
            } else {
                Err(Code::TrustConfig.because("the snapshot does not belong to the root document"))
            };
        };
        let mut verifier = Self::of(repository, local);
        verifier.trust = snapshot
            .trust
            .map(|saved| verifier.resume_trust(saved))
            .transpose()?;
        verifier.t_floor = snapshot.t_floor;
        verifier.logs = snapshot.logs;
        for saved in snapshot.lists {
            verifier.lists.push(load_list(saved)?);
        }
        for saved in snapshot.approvals {
            let record = verifier.load_approval(saved)?;
            verifier.keep(record);
        }
        Ok(verifier)
    }

    /// The trust configuration in force, checked against the targets document that it came with,
    /// and that against the root document of its time.
    fn resume_trust(&self, saved: SavedTrust) -> Result<LoadedTrust, VerifyError> {
        let root = self.repository.root_version(saved.root);
        let root = root.ok_or_else(|| damaged("a root document is missing"))?;
        let root = root.document();
        let targets = reheld::<Targets>(&saved.targets, root);
        let targets = targets.ok_or_else(|| damaged("targets.json"))?;
        let fits = |(name, text): (&String, &String)| {
            let listed = targets.document().targets.get(name);
            listed.is_some_and(|listed| listed.fits(text.as_bytes()))
        };
        if !saved.files.iter().all(fits) {
            return Err(damaged("a target file"));
        }
        let role_keys = root.keys.0.values().filter_map(|key| key.as_p256());
        let trust = Trust::read(&saved.files, role_keys)?;
        if !trust.is_for(self.local.environment) {
            return Err(Code::Env.because("a snapshot from another environment"));
        }
        Ok(LoadedTrust {
            trust,
            root: saved.root,
            targets: saved.targets,
            files: saved.files,
            generation: saved.generation,
            until: Until {
                offline: saved.offline,
                online: saved.online,
            },
        })
    }

    fn load_approval(&self, saved: SavedApproval) -> Result<Record, VerifyError> {
        let uri = &saved.approval.status.status_list.uri;
        let list = self
            .lists
            .iter()
            .position(|known| known.uri == *uri)
            .ok_or_else(|| damaged("an approval without its status list"))?;
        let signers = (saved.issuer, saved.reviewers);
        let mut record = prepare(saved.approval, saved.leaf, signers, list)?;
        record.log_index = saved.log_index;
        record.witnessed_at = saved.witnessed_at;
        if let Some(loaded) = &self.trust {
            record.judge(loaded);
        }
        Ok(record)
    }
}

fn save_repository(repository: &Repository) -> SavedRepository {
    let roots = repository.later_roots().iter();
    SavedRepository {
        pinned: repository.pinned().text().to_owned(),
        vouched: repository.vouched(),
        roots: roots.map(|root| root.text().to_owned()).collect(),
        timestamp: repository.timestamp().map(|held| held.text().to_owned()),
        snapshot: repository.snapshot().map(|held| held.text().to_owned()),
        targets: repository.targets().map(|held| held.text().to_owned()),
    }
}

fn load_repository(saved: &SavedRepository) -> Result<Repository, VerifyError> {
    let mut repository = Repository::pin(saved.pinned.as_bytes())?;
    repository.resume(
        &saved.roots,
        saved.timestamp.as_deref(),
        saved.snapshot.as_deref(),
        saved.targets.as_deref(),
    )?;
    repository.vouch(saved.vouched);
    Ok(repository)
}

fn save_trust(loaded: &LoadedTrust) -> SavedTrust {
    SavedTrust {
        root: loaded.root,
        targets: loaded.targets.clone(),
        files: loaded.files.clone(),
        generation: loaded.generation,
        offline: loaded.until.offline,
        online: loaded.until.online,
    }
}

fn save_list(known: &KnownList) -> SavedList {
    let newest = |read: &ReadList| SavedNewest {
        signer: read.signer.clone(),
        generation: read.generation,
        iat: read.iat,
        ttl: read.ttl,
        list: StatusListClaim::of(&read.list),
    };
    SavedList {
        uri: known.uri.clone(),
        newest: known.newest.as_ref().map(newest),
    }
}

fn load_list(saved: SavedList) -> Result<KnownList, VerifyError> {
    let newest = |saved: SavedNewest| {
        let list = saved.list.decode(MAX_ENTRIES);
        Ok(ReadList {
            signer: saved.signer,
            generation: saved.generation,
            iat: saved.iat,
            ttl: saved.ttl,
            list: list.map_err(|_| damaged("a status list"))?,
        })
    };
    Ok(KnownList {
        uri: saved.uri,
        newest: saved.newest.map(newest).transpose()?,
    })
}

fn save_approval(record: &Record) -> SavedApproval {
    SavedApproval {
        approval: record.approval.clone(),
        leaf: record.leaf,
        issuer: record.issuer.clone(),
        reviewers: record.reviewers.clone(),
        log_index: record.log_index,
        witnessed_at: record.witnessed_at,
    }
}

fn damaged(what: &str) -> VerifyError {
    Code::TrustConfig.because(format!("the snapshot is damaged: {what}"))
}

/// The version of the snapshot's form. An earlier one is refused: 3 did not say which root document
/// was pinned, so nobody can tell whether another one follows from it.
const FORMAT: u32 = 4;

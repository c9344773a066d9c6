//! A verifier's state, to be saved by the EPJ and loaded after a restart. It is the EPJ's own
//! state: keep it where the pinned root key is kept. The trust configuration is verified again.

use serde::{Deserialize, Serialize};

use crate::claims::{Approval, StatusListClaim};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::ingest::prepare;
use crate::jwk::EcPublicKey;
use crate::log_view::LogView;
use crate::refresh::MAX_ENTRIES;
use crate::trust::Trust;
use crate::verifier::{KnownList, LoadedTrust, LocalPolicy, Record, Verifier};

/// The saved state of a [`Verifier`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    format: u32,
    trust: Option<String>,
    t_floor: i64,
    logs: std::collections::BTreeMap<String, LogView>,
    lists: Vec<SavedList>,
    approvals: Vec<SavedApproval>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedList {
    uri: String,
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

impl Verifier {
    /// The state, to be saved after every change.
    pub fn snapshot(&self) -> Snapshot {
        let records = self
            .approvals
            .values()
            .flat_map(|versions| versions.values());
        Snapshot {
            format: FORMAT,
            trust: self.trust.as_ref().map(|loaded| loaded.token.clone()),
            t_floor: self.t_floor,
            logs: self.logs.clone(),
            lists: self.lists.iter().map(save_list).collect(),
            approvals: records.map(save_approval).collect(),
        }
    }

    /// The verifier as it was when the snapshot was made. An expired trust configuration is loaded
    /// too: launches are refused with its own code until it is renewed.
    pub fn restore(
        root: EcPublicKey,
        local: LocalPolicy,
        snapshot: Snapshot,
    ) -> Result<Self, VerifyError> {
        if snapshot.format != FORMAT {
            return Err(damaged("format"));
        }
        let mut verifier = Self::new(root, local);
        if let Some(token) = snapshot.trust {
            let trust = Trust::verify(&token, &verifier.root)?;
            if trust.config().environment != verifier.local.environment {
                return Err(Code::Env.because("a snapshot from another environment"));
            }
            verifier.trust = Some(LoadedTrust { token, trust });
        }
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
            record.judge(&loaded.trust);
        }
        Ok(record)
    }
}

fn save_list(known: &KnownList) -> SavedList {
    SavedList {
        uri: known.uri.clone(),
        generation: known.generation,
        iat: known.iat,
        ttl: known.ttl,
        list: StatusListClaim::of(&known.list),
    }
}

fn load_list(saved: SavedList) -> Result<KnownList, VerifyError> {
    let list = saved
        .list
        .decode(MAX_ENTRIES)
        .map_err(|_| damaged("a status list"))?;
    Ok(KnownList {
        uri: saved.uri,
        generation: saved.generation,
        iat: saved.iat,
        ttl: saved.ttl,
        list,
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

/// The version of the snapshot's form.
const FORMAT: u32 = 1;

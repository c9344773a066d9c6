//! What an EPJ keeps between calls: trust configuration, log views, status lists and accepted
//! approvals, with the look-ups on them. The steps themselves are in [`crate::ingest`],
//! [`crate::refresh`] and [`crate::launch`].

use std::collections::{BTreeMap, BTreeSet};

use crate::approvals::Approvals;
use crate::claims::{Approval, ContentLevel};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::log_view::LogView;
use crate::scope::ScopeSet;
use crate::status::StatusList;
use crate::trust::tuf::Repository;
use crate::trust::{RiskClass, Trust};
use crate::uri::Environment;

/// Clock differences that are tolerated, in seconds.
pub const SKEW: i64 = 60;

/// How far an approval's trust is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// Tier A: signatures, reviews and status. Trusts that the registry does not collude with two
    /// reviewers.
    JoseOnly,
    /// Tier B: in a witnessed log as well.
    Logged,
}

/// An installation's own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPolicy {
    /// Where this installation is used. A test approval is refused in production.
    pub environment: Environment,
    /// The weakest binding of content that may be launched.
    pub min_content_level: ContentLevel,
    /// The least that an approval must have proved.
    pub min_assurance: Assurance,
    /// The software that may be launched; `None` leaves it to the registry.
    pub allowed_software: Option<BTreeSet<String>>,
    /// How old a status list may be here, by the anchors' table; an approval's own bound counts
    /// too.
    pub risk_class: RiskClass,
}

impl LocalPolicy {
    /// Everything that is approved for this environment, with tickets.
    pub const fn new(environment: Environment) -> Self {
        Self {
            environment,
            min_content_level: ContentLevel::Origin,
            min_assurance: Assurance::Logged,
            allowed_software: None,
            risk_class: RiskClass::Offline,
        }
    }
}

/// The verifier: everything an EPJ knows about approvals.
#[derive(Clone, Debug)]
pub struct Verifier {
    pub(crate) repository: Repository,
    pub(crate) local: LocalPolicy,
    pub(crate) trust: Option<LoadedTrust>,
    pub(crate) logs: BTreeMap<String, LogView>,
    pub(crate) lists: Vec<KnownList>,
    pub(crate) approvals: Approvals,
    /// No moment before this can be now.
    pub(crate) t_floor: i64,
}

/// The trust configuration in force, with the files that it was read from.
#[derive(Clone, Debug)]
pub(crate) struct LoadedTrust {
    pub(crate) trust: Trust,
    /// The version of the root document whose keys signed `targets`.
    pub(crate) root: u64,
    /// `targets.json`, byte for byte.
    pub(crate) targets: String,
    /// The target files by name.
    pub(crate) files: BTreeMap<String, String>,
    /// Counts the configurations that were taken in; what was judged under an earlier one has to be
    /// judged again.
    pub(crate) generation: u64,
    pub(crate) until: Until,
}

/// How long a trust configuration holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Until {
    /// The end of what is signed off line: root and targets.
    pub(crate) offline: i64,
    /// The end of what is signed on line, which says that there is nothing newer: snapshot and
    /// timestamp.
    pub(crate) online: i64,
}

/// What is known of the status list at an address.
#[derive(Clone, Debug)]
pub(crate) struct KnownList {
    pub(crate) uri: String,
    /// The newest one seen; nothing once its signer was withdrawn.
    pub(crate) newest: Option<ReadList>,
}

/// A status list that was read.
#[derive(Clone, Debug)]
pub(crate) struct ReadList {
    /// The key that signed it: the list holds no longer than that is believed.
    pub(crate) signer: String,
    pub(crate) generation: u64,
    pub(crate) iat: i64,
    pub(crate) ttl: i64,
    pub(crate) list: StatusList,
}

/// How new a status list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusSeen {
    /// Counts its issues.
    pub generation: u64,
    /// When it was made.
    pub issued_at: i64,
    /// For how many seconds it counts as fresh.
    pub ttl: i64,
}

/// An accepted approval, ready for launches.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) approval: Approval,
    /// The approval's leaf hash in the log.
    pub(crate) leaf: Digest,
    pub(crate) issuer: String,
    pub(crate) reviewers: Vec<String>,
    pub(crate) log_index: Option<u64>,
    pub(crate) witnessed_at: Option<i64>,
    /// Position in [`Verifier::lists`].
    pub(crate) list: usize,
    pub(crate) scopes: ScopeSet,
    pub(crate) client_keys: Vec<String>,
    /// What the trust configuration has said against it since it was accepted.
    pub(crate) blocked: Option<Code>,
    /// The generation of the trust configuration that it was judged under.
    pub(crate) judged: u64,
}

impl Record {
    /// Decides again what the trust configuration says against the approval.
    pub(crate) fn judge(&mut self, loaded: &LoadedTrust) {
        let trust = &loaded.trust;
        let origin = &self.approval.log.origin;
        let gone = |kid: &String| {
            trust.key(kid).is_none_or(|key| {
                let revoked = key.revoked.as_ref();
                revoked.is_some_and(|revoked| revoked.applies_to(origin, self.log_index))
            })
        };
        let mut signers = std::iter::once(&self.issuer).chain(&self.reviewers);
        self.blocked = if signers.any(gone) {
            Some(Code::KeyRevoked)
        } else {
            trust.denies(&self.approval).map(|_| Code::Denylisted)
        };
        self.judged = loaded.generation;
    }
}

/// How old the status behind a decision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As new as it can be expected to be.
    Fresh,
    /// Still usable, and to be fetched anew: tell the user or the operator.
    Stale,
}

impl Verifier {
    /// A verifier that trusts nothing yet but this root document (`N.root.json`), which must come
    /// from a source that is trusted: on paper, with the software, never from where the rest comes.
    pub fn new(pinned_root: &[u8], local: LocalPolicy) -> Result<Self, VerifyError> {
        Ok(Self::of(Repository::pin(pinned_root)?, local))
    }

    pub(crate) fn of(repository: Repository, local: LocalPolicy) -> Self {
        Self {
            repository,
            local,
            trust: None,
            logs: BTreeMap::new(),
            lists: Vec::new(),
            approvals: Approvals::default(),
            t_floor: 0,
        }
    }

    /// The trust configuration, once loaded.
    pub fn trust(&self) -> Option<&Trust> {
        self.trust.as_ref().map(|loaded| &loaded.trust)
    }

    /// The version of the newest root document; the next one is what to ask the repository for.
    pub fn root_version(&self) -> u64 {
        self.repository.root().document().version
    }

    /// When the trust configuration must have been renewed for approvals to be taken in.
    pub fn trust_expires(&self) -> Option<i64> {
        let until = self.trust.as_ref()?.until;
        Some(until.offline.min(until.online))
    }

    /// The documents of the trust repository that are believed, with their versions and times.
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// This installation's own rules.
    pub const fn local_policy(&self) -> &LocalPolicy {
        &self.local
    }

    /// The accepted approval of this version.
    pub fn approval(&self, software_id: &str, software_version: &str) -> Option<&Approval> {
        let record = self.approvals.get(software_id, software_version)?;
        Some(&record.approval)
    }

    /// Every accepted approval.
    pub fn approvals(&self) -> impl Iterator<Item = &Approval> {
        self.approvals.iter().map(|record| &record.approval)
    }

    /// The status lists that count now: address and when each was made.
    pub fn status_lists(&self) -> impl Iterator<Item = (&str, i64)> {
        self.lists.iter().filter_map(|known| {
            let newest = known.newest.as_ref()?;
            Some((known.uri.as_str(), newest.iat))
        })
    }

    /// The addresses of all status lists seen so far. One that [`Self::status_list`] says nothing
    /// about has to be fetched anew: the key that signed it was withdrawn.
    pub fn status_addresses(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().map(|known| known.uri.as_str())
    }

    /// The newest status list seen at an address: its generation, when it was made and how long it
    /// counts as fresh.
    pub fn status_list(&self, uri: &str) -> Option<StatusSeen> {
        let known = self.lists.iter().find(|known| known.uri == uri)?;
        let newest = known.newest.as_ref()?;
        Some(StatusSeen {
            generation: newest.generation,
            issued_at: newest.iat,
            ttl: newest.ttl,
        })
    }

    /// The longest age that a status list may have for this approval, in seconds: by its own word,
    /// and by the anchors' for this kind of installation.
    pub fn longest_stale(&self, approval: &Approval) -> Option<i64> {
        Some(self.max_stale(approval, self.trust()?))
    }

    /// What has been seen of a log.
    pub fn log(&self, origin: &str) -> Option<&LogView> {
        self.logs.get(origin)
    }

    /// The earliest moment that this machine's clock may show, less [`SKEW`].
    pub const fn t_floor(&self) -> i64 {
        self.t_floor
    }

    /// Step 2: a trust configuration of which nothing has expired.
    pub(crate) fn current_trust(&self, now: i64) -> Result<&LoadedTrust, VerifyError> {
        let loaded = self.standing_trust(now)?;
        if now < loaded.until.online {
            Ok(loaded)
        } else {
            Err(loaded.stale())
        }
    }

    /// L2: a trust configuration that may still be used. What is signed off line must not have
    /// expired; that it is the newest may have been said as long ago as a status list may be old,
    /// so that an installation can run off line.
    pub(crate) fn standing_trust(&self, now: i64) -> Result<&LoadedTrust, VerifyError> {
        let loaded = self
            .trust
            .as_ref()
            .ok_or_else(|| Code::TrustConfig.because("no trust configuration has been loaded"))?;
        let Until { offline, .. } = loaded.until;
        if now >= offline {
            let expired =
                Code::TrustExpired.because(format!("root or targets expired at {offline}"));
            return Err(expired);
        }
        loaded.check_online(now, loaded.trust.anchors().max_stale.offline)?;
        Ok(loaded)
    }

    /// The longest age of a status list for this approval: by its own word, and by the anchors' for
    /// this kind of installation.
    pub(crate) fn max_stale(&self, approval: &Approval, trust: &Trust) -> i64 {
        let table = trust.anchors().max_stale;
        approval.max_stale.min(table.of(self.local.risk_class))
    }

    pub(crate) fn raise_floor(&mut self, proved: i64) {
        self.t_floor = self.t_floor.max(proved);
    }
}

impl LoadedTrust {
    /// Whether it was said recently enough that there is nothing newer.
    pub(crate) fn check_online(&self, now: i64, max_stale: i64) -> Result<(), VerifyError> {
        if now < self.until.online.saturating_add(max_stale) {
            Ok(())
        } else {
            Err(self.stale())
        }
    }

    fn stale(&self) -> VerifyError {
        let online = self.until.online;
        Code::TrustExpired.because(format!("timestamp or snapshot expired at {online}"))
    }
}

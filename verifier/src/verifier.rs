//! What an EPJ keeps between calls: trust configuration, log views, status lists and accepted
//! approvals, with the look-ups on them. The steps themselves are in [`crate::ingest`],
//! [`crate::refresh`] and [`crate::launch`].

use std::collections::{BTreeMap, BTreeSet};

use crate::claims::{Approval, ContentLevel};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::jwk::EcPublicKey;
use crate::log_view::LogView;
use crate::scope::ScopeSet;
use crate::status::StatusList;
use crate::trust::Trust;
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
}

impl LocalPolicy {
    /// Everything that is approved for this environment, with tickets.
    pub const fn new(environment: Environment) -> Self {
        Self {
            environment,
            min_content_level: ContentLevel::Origin,
            min_assurance: Assurance::Logged,
            allowed_software: None,
        }
    }
}

/// The verifier: everything an EPJ knows about approvals.
#[derive(Clone, Debug)]
pub struct Verifier {
    pub(crate) root: EcPublicKey,
    pub(crate) local: LocalPolicy,
    pub(crate) trust: Option<LoadedTrust>,
    pub(crate) logs: BTreeMap<String, LogView>,
    pub(crate) lists: Vec<KnownList>,
    /// Software id, then version: both looked up without making a key.
    pub(crate) approvals: BTreeMap<String, BTreeMap<String, Record>>,
    /// No moment before this can be now.
    pub(crate) t_floor: i64,
}

/// The trust configuration and the token it came in.
#[derive(Clone, Debug)]
pub(crate) struct LoadedTrust {
    pub(crate) token: String,
    pub(crate) trust: Trust,
}

/// The newest status list seen at an address.
#[derive(Clone, Debug)]
pub(crate) struct KnownList {
    pub(crate) uri: String,
    pub(crate) generation: u64,
    pub(crate) iat: i64,
    pub(crate) ttl: i64,
    pub(crate) list: StatusList,
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
}

impl Record {
    /// Decides again what the trust configuration says against the approval.
    pub(crate) fn judge(&mut self, trust: &Trust) {
        let gone = |kid: &String| {
            let revoked = trust.key(kid).map(|key| key.revoked);
            revoked.is_none_or(|revoked| revoked.is_some_and(|r| r.applies_to(self.log_index)))
        };
        let content = &self.approval.content;
        self.blocked = if std::iter::once(&self.issuer)
            .chain(&self.reviewers)
            .any(gone)
        {
            Some(Code::KeyRevoked)
        } else if trust.denies(
            &self.approval.organization_id,
            [content.bundle, content.manifest],
        ) {
            Some(Code::Denylisted)
        } else {
            None
        };
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
    /// A verifier that trusts nothing yet but the pinned root key.
    pub const fn new(root: EcPublicKey, local: LocalPolicy) -> Self {
        Self {
            root,
            local,
            trust: None,
            logs: BTreeMap::new(),
            lists: Vec::new(),
            approvals: BTreeMap::new(),
            t_floor: 0,
        }
    }

    /// The trust configuration, once loaded.
    pub fn trust(&self) -> Option<&Trust> {
        self.trust.as_ref().map(|loaded| &loaded.trust)
    }

    /// This installation's own rules.
    pub const fn local_policy(&self) -> &LocalPolicy {
        &self.local
    }

    /// The accepted approval of this version.
    pub fn approval(&self, software_id: &str, software_version: &str) -> Option<&Approval> {
        let versions = self.approvals.get(software_id)?;
        versions
            .get(software_version)
            .map(|record| &record.approval)
    }

    /// Every accepted approval.
    pub fn approvals(&self) -> impl Iterator<Item = &Approval> {
        let versions = self.approvals.values();
        versions
            .flat_map(BTreeMap::values)
            .map(|record| &record.approval)
    }

    /// The status lists seen so far: address and when each was made.
    pub fn status_lists(&self) -> impl Iterator<Item = (&str, i64)> {
        self.lists
            .iter()
            .map(|known| (known.uri.as_str(), known.iat))
    }

    /// What has been seen of a log.
    pub fn log(&self, origin: &str) -> Option<&LogView> {
        self.logs.get(origin)
    }

    /// The earliest moment that this machine's clock may show, less [`SKEW`].
    pub const fn t_floor(&self) -> i64 {
        self.t_floor
    }

    /// Step 2 (and L2): a trust configuration that has not expired.
    pub(crate) fn current_trust(&self, now: i64) -> Result<&Trust, VerifyError> {
        let trust = self
            .trust()
            .ok_or_else(|| Code::TrustConfig.because("no trust configuration has been loaded"))?;
        let exp = trust.config().exp;
        if now < exp {
            Ok(trust)
        } else {
            Err(Code::TrustExpired.because(format!("expired at {exp}")))
        }
    }

    /// The longest age of a status list for this approval, by its own word and by the anchors'.
    pub(crate) fn max_stale(approval: &Approval, trust: &Trust) -> i64 {
        approval.max_stale.min(trust.config().anchors.max_stale)
    }

    pub(crate) fn raise_floor(&mut self, proved: i64) {
        self.t_floor = self.t_floor.max(proved);
    }
}

//! `anchors.json`: which approvals are believed at all, how old a status list may be, where frozen
//! logs end, and which versions are too old to run. `denylist.json`: who is denied in any case.

use serde::{Deserialize, Serialize};

use super::jwks::TrustedKey;
use crate::claims::{
    Approval, ContentLevel, is_organization_id, is_software_id, is_software_version, precedence,
};
use crate::digest::Digest;
use crate::jwk::KeyUse;
use crate::uri::{Environment, WebUri};

/// The trust anchors. Closed: a reader that does not know a rule must not ignore it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// The registry's entity id, which is the issuer of every approval.
    pub registry: String,
    /// The trust marks it may issue, and what for.
    pub marks: Vec<TrustedMark>,
    /// The versioned addresses of the criteria that an approval may have been reviewed against.
    pub criteria: Vec<String>,
    /// The weakest binding of content that is accepted.
    pub min_content_level: ContentLevel,
    /// How old a status list may be, by the kind of use.
    pub max_stale: MaxStale,
    /// The logs that take no more entries, with the last tree head of each.
    #[serde(default)]
    pub frozen_logs: Vec<FrozenLog>,
    /// The oldest version that may run, by software.
    #[serde(default)]
    pub min_versions: Vec<MinVersion>,
}

/// A trust mark, its environment and its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedMark {
    /// The trust mark's type.
    #[serde(rename = "type")]
    pub mark_type: String,
    /// Where it counts.
    pub environment: Environment,
    /// Who owns the mark, when that is not the registry: `delegation.jwt` must then let the
    /// registry issue it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<MarkOwner>,
}

/// The owner of a trust mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkOwner {
    /// The owner's entity id.
    pub sub: String,
    /// The owner's keys, all of use `delegation`.
    pub keys: Vec<TrustedKey>,
}

/// How old a status list may be, in seconds, by the kind of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxStale {
    /// Where a suspended app must stop at once.
    pub high: i64,
    /// Everywhere else that is on line.
    pub normal: i64,
    /// Sites that are off line for days.
    pub offline: i64,
}

impl MaxStale {
    /// An hour, a day, a week.
    pub const DEFAULT: Self = Self {
        high: 3_600,
        normal: 86_400,
        offline: 604_800,
    };

    /// The bound for a kind of use.
    pub const fn of(self, risk: RiskClass) -> i64 {
        match risk {
            RiskClass::High => self.high,
            RiskClass::Normal => self.normal,
            RiskClass::Offline => self.offline,
        }
    }
}

/// A kind of use, as far as old status lists go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RiskClass {
    /// A suspended app must stop at once.
    High,
    /// On line.
    Normal,
    /// Off line for days; the approval's own bound counts.
    Offline,
}

/// A log that takes no more entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenLog {
    /// The log's origin.
    pub origin: String,
    /// How many entries it has, for good.
    pub size: u64,
    /// The root hash of its last tree.
    pub root: Digest,
}

/// The oldest version of a software that may run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinVersion {
    /// Reverse domain name of the software.
    pub software_id: String,
    /// The version.
    pub software_version: String,
}

impl Anchors {
    /// Whether the approval is of a version that is too old to run.
    pub fn outdates(&self, approval: &Approval) -> bool {
        let too_old = |min: &MinVersion| {
            min.software_id == approval.software_id
                && precedence(&approval.software_version, &min.software_version).is_lt()
        };
        self.min_versions.iter().any(too_old)
    }

    /// What is wrong, if anything is.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let uri = |text: &str, environment| WebUri::parse(text, environment).is_ok();
        let Some(first) = self.marks.first() else {
            return Err("marks: there must be one");
        };
        if !uri(&self.registry, first.environment) {
            return Err("registry: not an address");
        }
        for (at, mark) in self.marks.iter().enumerate() {
            if !uri(&mark.mark_type, mark.environment) {
                return Err("marks: a type that is not an address");
            }
            if self
                .marks
                .iter()
                .skip(at + 1)
                .any(|other| other.mark_type == mark.mark_type)
            {
                return Err("marks: one type twice");
            }
            mark.check_owner()?;
        }
        if self.criteria.is_empty() {
            return Err("criteria: there must be one");
        }
        let MaxStale {
            high,
            normal,
            offline,
        } = self.max_stale;
        if !(0 <= high && high <= normal && normal <= offline && offline <= MAX_STALE) {
            return Err("max_stale: high, normal and offline must not fall, nor be over 400 days");
        }
        let known = |version: &MinVersion| {
            is_software_id(&version.software_id) && is_software_version(&version.software_version)
        };
        if !self.min_versions.iter().all(known) {
            return Err("min_versions: not a software id and a version");
        }
        Ok(())
    }
}

impl TrustedMark {
    fn check_owner(&self) -> Result<(), &'static str> {
        let Some(owner) = &self.owner else {
            return Ok(());
        };
        if WebUri::parse(&owner.sub, self.environment).is_err() {
            return Err("marks: an owner that is not an address");
        }
        if owner.keys.is_empty()
            || owner
                .keys
                .iter()
                .any(|key| key.key_use != KeyUse::Delegation)
        {
            return Err("marks: an owner needs keys, all of use delegation");
        }
        Ok(())
    }
}

/// What is denied whatever else says yes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denylist {
    /// Vendors: `NO:ORGNR:` and nine digits.
    pub organizations: Vec<String>,
    /// Bundles or manifests.
    pub digests: Vec<Digest>,
}

impl Denylist {
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.organizations.iter().all(|id| is_organization_id(id)) {
            Ok(())
        } else {
            Err("organizations: not NO:ORGNR: and nine digits")
        }
    }

    /// What of the approval is on the list, if anything is.
    pub fn denies(&self, approval: &Approval) -> Option<&'static str> {
        if self.organizations.contains(&approval.organization_id) {
            return Some("the vendor is on the deny list");
        }
        let content = [approval.content.bundle, approval.content.manifest];
        let mut content = content.iter().flatten();
        content
            .any(|digest| self.digests.contains(digest))
            .then_some("the content is on the deny list")
    }
}

/// No table may let a status list be older than an approval can live: 400 days.
const MAX_STALE: i64 = 400 * 86_400;

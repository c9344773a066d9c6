//! What the entries of a log say, one after the other: approvals and what became of them. Every
//! entry must be signed by a key that the trust configuration lists for it. What the status lists
//! say is compared in `lists`, which of them were out in `digests`; what an entry's own signature is
//! worth is decided in `signatures`, and what vendors signed is in `vendors`.

mod digests;
mod lists;
mod signatures;
mod vendors;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::{AuditCode, Findings};
use super::kind::{Kind, kind_of};
use crate::claims::{Approval, Content, LogAnchor, StatusEvent, TreeHead};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::status::StatusValue;
use crate::trust::{LoggedDocument, Trust};
use crate::verifier::SKEW;

use self::digests::Issues;
use self::signatures::{checkpoint, code_of, other, signed};

/// What the entries have said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replay {
    /// By `jti`.
    approvals: BTreeMap<String, Logged>,
    /// By software and version.
    contents: BTreeMap<String, Content>,
    /// By address: the generation seen last.
    lists: BTreeMap<String, u64>,
    /// By name: the root and targets documents of the trust repository.
    documents: BTreeMap<String, Digest>,
    /// By origin and size: the roots of the checkpoints that were audited.
    #[serde(default)]
    roots: BTreeMap<String, BTreeMap<u64, Digest>>,
    /// By address: the issues of the list that the log has named.
    #[serde(default)]
    logged: BTreeMap<String, Issues>,
    /// By address: the issues of the list that were served.
    #[serde(default)]
    seen: BTreeMap<String, Issues>,
}

/// Where an entry is.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) origin: &'a str,
    pub(super) number: u64,
}

/// An approval that is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Logged {
    organization_id: String,
    uri: String,
    idx: u64,
    value: StatusValue,
    /// When it became so: by its own words, and no later than when it was read.
    since: i64,
}

/// What an audit goes by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The trust configuration: keys with their cut-offs, logs, witnesses.
    pub trust: &'a Trust,
    /// The moment of the audit, in seconds since the epoch.
    pub now: i64,
    /// Entries about this organisation are reported: `NO:ORGNR:` and nine digits.
    pub organization: Option<&'a str>,
}

impl Replay {
    /// Keeps the root of a checkpoint whose tree was found to be right.
    pub(super) fn audited(&mut self, origin: &str, size: u64, root: Digest) {
        let roots = self.roots.entry(origin.to_owned()).or_default();
        roots.insert(size, root);
        if roots.len() > MAX_ROOTS {
            roots.pop_first();
        }
    }

    /// Takes back what the entries have said since `before`: they were not the log's.
    pub(super) fn take_back(&mut self, before: Self) {
        // The lists do not stand in the log: what was seen of them was signed by itself.
        let lists = std::mem::take(&mut self.lists);
        let seen = std::mem::take(&mut self.seen);
        *self = Self {
            lists,
            seen,
            ..before
        };
    }

    /// Takes in the next entry.
    pub(super) fn entry(
        &mut self,
        context: Context<'_>,
        at: At<'_>,
        bytes: &[u8],
        findings: &mut Findings,
    ) {
        let read = match kind_of(bytes) {
            Kind::Approval(token) => self.approval(context, at, token, findings),
            Kind::Event(token) => self.event(context, at, token, findings),
            Kind::Digest(token) => self.digest(context, at, token, findings),
            Kind::Release(token) => vendors::release(context, at, token, findings),
            Kind::Rotation(token) => vendors::rotation(context, at, token, findings),
            Kind::Other(token, typ) => other(context, at, token, typ),
            Kind::Checkpoint(note) => checkpoint(context, note),
            Kind::Document(document) => {
                self.document(at, document, findings);
                Ok(())
            }
            Kind::Unknown => {
                Err(Code::Format.because("neither a token, a checkpoint nor a trust document"))
            }
        };
        if let Err(error) = read {
            findings.entry(code_of(&error), at.number, error.to_string());
        }
    }

    fn document(&mut self, at: At<'_>, document: LoggedDocument, findings: &mut Findings) {
        let LoggedDocument {
            trust_document: name,
            digest,
        } = document;
        match self.documents.get(&name) {
            Some(known) if *known != digest => {
                let detail = format!("{name} was logged with another digest before");
                findings.entry(AuditCode::TrustChanged, at.number, detail);
            }
            Some(_) => {}
            None => {
                self.documents.insert(name, digest);
            }
        }
    }

    /// Compares a root or targets document that is served with what the log says of it.
    pub(super) fn served(&self, name: &str, bytes: &[u8], findings: &mut Findings) {
        match self.documents.get(name) {
            Some(digest) if *digest == Digest::of(bytes) => {}
            Some(_) => findings.add(
                AuditCode::TrustChanged,
                format!("{name} is served with other bytes than were logged"),
            ),
            None => findings.add(
                AuditCode::TrustUnlogged,
                format!("{name} is served and not logged"),
            ),
        }
    }

    fn approval(
        &mut self,
        context: Context<'_>,
        at: At<'_>,
        token: &str,
        findings: &mut Findings,
    ) -> Result<(), VerifyError> {
        let number = at.number;
        let claims: Approval = signed(context, at, token)?;
        let name = format!("{} {}", claims.software_id, claims.software_version);
        let about = &claims.organization_id;
        tell(context, about, number, findings, || {
            format!("an approval of {name} for {about}")
        });
        check_date(context, claims.iat, number, findings);
        if let Err(error) = crate::ingest::check_reviews(&claims, context.trust) {
            findings.entry(AuditCode::Reviews, number, error.to_string());
        }
        self.check_anchor(at, &claims.log, findings);
        match self.contents.get(&name) {
            Some(content) if *content != claims.content => {
                let detail = format!("{name} was approved with other content");
                findings.entry(AuditCode::VersionReused, number, detail);
            }
            Some(_) => {}
            None => {
                self.contents.insert(name, claims.content);
            }
        }
        let reference = claims.status.status_list;
        let logged = Logged {
            organization_id: claims.organization_id,
            uri: reference.uri,
            idx: reference.idx,
            value: StatusValue::Valid,
            since: claims.iat.min(context.now),
        };
        let taken = |known: &Logged| known.uri == logged.uri && known.idx == logged.idx;
        if self.approvals.contains_key(&claims.jti) || self.approvals.values().any(taken) {
            let detail = format!("{}: its id or its place in the list is taken", claims.jti);
            findings.entry(AuditCode::Duplicate, number, detail);
        } else {
            self.approvals.insert(claims.jti, logged);
        }
        Ok(())
    }

    /// Where an approval says that it is logged, and after what. The roots that are known are those
    /// of the checkpoints that were audited: one of a size in between is taken at its word.
    fn check_anchor(&self, at: At<'_>, anchor: &LogAnchor, findings: &mut Findings) {
        let At { origin, number } = at;
        if anchor.origin != origin {
            let detail = format!("it says to be in {}", anchor.origin);
            findings.entry(AuditCode::EntryClaims, number, detail);
            return;
        }
        let TreeHead { size, root } = &anchor.after;
        if *size > number {
            let detail = format!("it claims to follow {size} entries");
            findings.entry(AuditCode::Backdated, number, detail);
        }
        let known = self.roots.get(origin).and_then(|roots| roots.get(size));
        if known.is_some_and(|known| known != root) {
            let detail = format!("it claims to follow {size} entries with another root");
            findings.entry(AuditCode::Backdated, number, detail);
        }
    }

    fn event(
        &mut self,
        context: Context<'_>,
        at: At<'_>,
        token: &str,
        findings: &mut Findings,
    ) -> Result<(), VerifyError> {
        let number = at.number;
        let event: StatusEvent = signed(context, at, token)?;
        check_date(context, event.iat, number, findings);
        let Some(logged) = self.approvals.get_mut(&event.jti) else {
            let detail = format!("no approval {} is in the log", event.jti);
            findings.entry(AuditCode::EventUnknown, number, detail);
            return Ok(());
        };
        tell(context, &logged.organization_id, number, findings, || {
            format!("{} becomes {:?}: {}", event.jti, event.to, event.reason)
        });
        let place = (&event.status_list.uri, event.status_list.idx);
        let elsewhere = place != (&logged.uri, logged.idx) || event.from != logged.value;
        if elsewhere {
            let detail = format!("{} is {:?} at another place", event.jti, logged.value);
            findings.entry(AuditCode::EventFrom, number, detail);
        }
        if logged.value.may_become(event.to) {
            logged.value = event.to;
            logged.since = event.iat.min(context.now);
        } else if logged.value == StatusValue::Invalid && event.to != StatusValue::Invalid {
            let detail = format!("{} was revoked and becomes {:?}", event.jti, event.to);
            findings.entry(AuditCode::Unrevoked, number, detail);
        } else if !elsewhere {
            let (from, to) = (logged.value, event.to);
            let detail = format!("{} is {from:?} and may not become {to:?}", event.jti);
            findings.entry(AuditCode::EventFrom, number, detail);
        }
        // What may not be stays without effect, whatever is written.
        Ok(())
    }
}

/// Tells of an entry about the organisation that is watched for.
fn tell(
    context: Context<'_>,
    organization: &str,
    number: u64,
    findings: &mut Findings,
    what: impl FnOnce() -> String,
) {
    if context.organization == Some(organization) {
        findings.entry(AuditCode::Organization, number, what());
    }
}

/// Nothing in the log is from the future: it would be given time that it has not.
fn check_date(context: Context<'_>, iat: i64, number: u64, findings: &mut Findings) {
    if iat > context.now.saturating_add(SKEW) {
        let detail = format!("dated {iat}, now is {}", context.now);
        findings.entry(AuditCode::EntryClaims, number, detail);
    }
}

/// How long a list may lag behind an event, in seconds: to be signed, and to be out.
const SETTLES: i64 = 120;
/// How many checkpoints' roots are kept of one log: an audit each hour for a year.
const MAX_ROOTS: usize = 9_000;

//! What the entries of a log say, one after the other: approvals and what became of them. Every
//! entry must be signed by a key that the trust configuration lists for it, and the published
//! status lists must say what the entries say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::{AuditCode, Findings};
use super::kind::{Kind, kind_of};
use crate::claims::{Approval, Claims, Content, StatusEvent, StatusListToken};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::jws::{Token, TokenType};
use crate::note::{Note, Verdict};
use crate::refresh::MAX_ENTRIES;
use crate::status::StatusValue;
use crate::trust::{LoggedDocument, Trust};

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
    /// When it became so, by its own words.
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
        let claims: Approval = signed(context, Some(at), token)?;
        let name = format!("{} {}", claims.software_id, claims.software_version);
        if context.organization == Some(claims.organization_id.as_str()) {
            findings.entry(
                AuditCode::Organization,
                number,
                format!("an approval of {name} for {}", claims.organization_id),
            );
        }
        if let Err(error) = crate::ingest::check_reviews(&claims, context.trust) {
            findings.entry(AuditCode::Reviews, number, error.to_string());
        }
        if claims.log.after.size > number {
            let detail = format!("it claims to follow {} entries", claims.log.after.size);
            findings.entry(AuditCode::Backdated, number, detail);
        }
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
            since: claims.iat,
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

    fn event(
        &mut self,
        context: Context<'_>,
        at: At<'_>,
        token: &str,
        findings: &mut Findings,
    ) -> Result<(), VerifyError> {
        let number = at.number;
        let event: StatusEvent = signed(context, Some(at), token)?;
        let Some(logged) = self.approvals.get_mut(&event.jti) else {
            let detail = format!("no approval {} is in the log", event.jti);
            findings.entry(AuditCode::EventUnknown, number, detail);
            return Ok(());
        };
        if context.organization == Some(logged.organization_id.as_str()) {
            findings.entry(
                AuditCode::Organization,
                number,
                format!("{} becomes {:?}: {}", event.jti, event.to, event.reason),
            );
        }
        let place = (&event.status_list.uri, event.status_list.idx);
        if place != (&logged.uri, logged.idx) || event.from != logged.value {
            let detail = format!("{} is {:?} at another place", event.jti, logged.value);
            findings.entry(AuditCode::EventFrom, number, detail);
        }
        if logged.value == StatusValue::Invalid && event.to != StatusValue::Invalid {
            let detail = format!("{} was revoked and becomes {:?}", event.jti, event.to);
            findings.entry(AuditCode::Unrevoked, number, detail);
            // Revoked it stays, whatever is written.
            return Ok(());
        }
        logged.value = event.to;
        logged.since = event.iat;
        Ok(())
    }

    /// The addresses of the status lists that approvals are in.
    pub(super) fn lists(&self) -> std::collections::BTreeSet<String> {
        let uris = self.approvals.values();
        uris.map(|logged| logged.uri.clone()).collect()
    }

    /// Compares a published list with what the entries say.
    pub(super) fn list(
        &mut self,
        context: Context<'_>,
        uri: &str,
        token: &str,
        findings: &mut Findings,
    ) {
        let read: Result<StatusListToken, _> = signed(context, None, token);
        let list = match read {
            Ok(list) if list.sub == uri => list,
            Ok(list) => {
                let detail = format!("{uri} has the list {}", list.sub);
                findings.add(AuditCode::List, detail);
                return;
            }
            Err(error) => {
                findings.add(AuditCode::List, format!("{uri}: {error}"));
                return;
            }
        };
        if context.now >= list.exp {
            findings.add(
                AuditCode::ListStale,
                format!("{uri} expired at {}", list.exp),
            );
        }
        let generation = self.lists.entry(uri.to_owned()).or_default();
        if list.r#gen < *generation {
            let detail = format!("{uri} is generation {}, {generation} was seen", list.r#gen);
            findings.add(AuditCode::ListRollback, detail);
        }
        *generation = list.r#gen.max(*generation);
        let Ok(values) = list.status_list.decode(MAX_ENTRIES) else {
            findings.add(AuditCode::List, format!("{uri} cannot be unpacked"));
            return;
        };
        let mut expected: BTreeMap<u64, (&String, &Logged)> = BTreeMap::new();
        for (jti, logged) in self
            .approvals
            .iter()
            .filter(|(_, logged)| logged.uri == uri)
        {
            expected.insert(logged.idx, (jti, logged));
            match values.status(logged.idx) {
                Some(value) => compare(&list, jti, logged, value, findings),
                None => findings.add(
                    AuditCode::List,
                    format!("{uri} does not reach to {}", logged.idx),
                ),
            }
        }
        for idx in 0..u64::try_from(values.len()).unwrap_or(u64::MAX) {
            let released = values.status(idx) != Some(StatusValue::NotIssued);
            if released && !expected.contains_key(&idx) {
                let detail = format!("{uri} has a value at {idx}, where no approval is logged");
                findings.add(AuditCode::ListUnlogged, detail);
            }
        }
    }
}

/// Compares one value with what the log says of the approval. Events are logged first: a list may
/// lag behind the log for a little while, and never be ahead of it.
fn compare(
    list: &StatusListToken,
    jti: &str,
    logged: &Logged,
    value: StatusValue,
    findings: &mut Findings,
) {
    let settled = list.iat > logged.since.saturating_add(SETTLES);
    let code = match (logged.value, value) {
        (expected, found) if expected == found => return,
        (StatusValue::Valid, StatusValue::NotIssued) if settled => AuditCode::ListWithheld,
        (StatusValue::Valid, StatusValue::NotIssued) => return,
        (_, StatusValue::Invalid) | (StatusValue::Valid, StatusValue::Suspended) => {
            AuditCode::ListSilent
        }
        _ if settled => AuditCode::ListUndone,
        _ => return,
    };
    let detail = format!(
        "{jti} is {value:?} in {} and {:?} in the log",
        list.sub, logged.value
    );
    findings.add(code, detail);
}

/// The claims of a token that a listed key has signed, and that was not withdrawn before this entry.
fn signed<C: Claims + serde::de::DeserializeOwned>(
    context: Context<'_>,
    at: Option<At<'_>>,
    token: &str,
) -> Result<C, VerifyError> {
    let token = Token::parse(token, C::TYPE)?;
    verified(context, at, &token)
}

fn verified<T: serde::de::DeserializeOwned>(
    context: Context<'_>,
    at: Option<At<'_>>,
    token: &Token<'_>,
) -> Result<T, VerifyError> {
    let key = context.trust.key_for(token.kid(), token.typ())?;
    let (origin, number) = at.map_or(("", None), |at| (at.origin, Some(at.number)));
    let revoked = key.revoked.as_ref();
    if revoked.is_some_and(|revocation| revocation.applies_to(origin, number)) {
        let detail = format!("key {} was withdrawn before this", token.kid());
        return Err(Code::KeyRevoked.because(detail));
    }
    token.verify(&key.public)
}

/// A token that says nothing about approvals: its signature must hold.
fn other(context: Context<'_>, at: At<'_>, token: &str, typ: TokenType) -> Result<(), VerifyError> {
    let token = Token::parse(token, typ)?;
    // A vendor's own keys are listed nowhere: the reviews name the exact release that one signed, and the
    // registry takes a new key by the old one's signature.
    if matches!(typ, TokenType::Release | TokenType::KeyRotation) {
        return Ok(());
    }
    verified::<serde_json::Value>(context, Some(at), &token).map(drop)
}

/// The end of another log, with which its successor begins.
fn checkpoint(context: Context<'_>, note: &str) -> Result<(), VerifyError> {
    let malformed = |error: &dyn std::fmt::Display| Code::Format.because(error.to_string());
    let note = Note::parse(note).map_err(|error| malformed(&error))?;
    let checkpoint =
        crate::checkpoint::Checkpoint::parse(note.text).map_err(|error| malformed(&error))?;
    let mut signed = false;
    for log in context.trust.policy().logs(&checkpoint.origin) {
        match note.verdict(&log.key) {
            Verdict::Valid { .. } => signed = true,
            Verdict::Absent => {}
            Verdict::Forged => return Err(Code::LogSig.because("a log's signature is wrong")),
        }
    }
    if signed {
        Ok(())
    } else {
        Err(Code::LogSig.because(format!("not signed by {}", checkpoint.origin)))
    }
}

fn code_of(error: &VerifyError) -> AuditCode {
    match error.code {
        Code::Kid | Code::KeyUse | Code::KeyRevoked => AuditCode::EntryKey,
        Code::Sig | Code::LogSig => AuditCode::EntrySignature,
        Code::Json | Code::Claim => AuditCode::EntryClaims,
        _ => AuditCode::EntryFormat,
    }
}

/// How long a list may lag behind an event, in seconds.
const SETTLES: i64 = 120;

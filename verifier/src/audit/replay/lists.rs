//! The published status lists against what the entries have said. An EPJ believes the lists alone:
//! whatever it would refuse is a finding, and so is whatever the log does not bear out.

use std::collections::{BTreeMap, BTreeSet};

use super::digests::Issue;
use super::{Context, Logged, Replay, SETTLES};
use crate::audit::finding::{AuditCode, Findings};
use crate::claims::StatusListToken;
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::jws::{Token, TokenType};
use crate::refresh::{MAX_ENTRIES, check_list};
use crate::status::{StatusList, StatusValue};
use crate::verifier::SKEW;

impl Replay {
    /// The addresses of the status lists that approvals are in.
    pub(in crate::audit) fn lists(&self) -> BTreeSet<String> {
        let uris = self.approvals.values();
        uris.map(|logged| logged.uri.clone()).collect()
    }

    /// Compares a published list with what the entries say.
    pub(in crate::audit) fn list(
        &mut self,
        context: Context<'_>,
        uri: &str,
        token: &str,
        findings: &mut Findings,
    ) {
        let list = match read(context, uri, token, findings) {
            Ok(list) => list,
            Err(error) => {
                findings.add(AuditCode::List, format!("{uri}: {error}"));
                return;
            }
        };
        let generation = self.lists.entry(uri.to_owned()).or_default();
        if list.r#gen < *generation {
            let detail = format!("{uri} is generation {}, {generation} was seen", list.r#gen);
            findings.add(AuditCode::ListRollback, detail);
        }
        *generation = list.r#gen.max(*generation);
        let issue = Issue {
            digest: Digest::of(token.as_bytes()),
            at: list.iat,
        };
        self.issued(uri, list.r#gen, issue, findings);
        match list.status_list.decode(MAX_ENTRIES) {
            Ok(values) => self.compare(context.now, uri, &values, findings),
            Err(error) => findings.add(AuditCode::List, format!("{uri}: {error}")),
        }
    }

    fn compare(&self, now: i64, uri: &str, values: &StatusList, findings: &mut Findings) {
        let mut expected: BTreeMap<u64, (&String, &Logged)> = BTreeMap::new();
        let here = self.approvals.iter();
        for (jti, logged) in here.filter(|(_, logged)| logged.uri == uri) {
            expected.insert(logged.idx, (jti, logged));
            let Some(value) = values.status(logged.idx) else {
                let detail = format!("{uri} does not reach to {}", logged.idx);
                findings.add(AuditCode::List, detail);
                continue;
            };
            if let Some(code) = judged(now, logged, value) {
                let said = logged.value;
                let detail = format!("{jti} is {value:?} in {uri} and {said:?} in the log");
                findings.add(code, detail);
            }
        }
        let places = 0..u64::try_from(values.len()).unwrap_or(u64::MAX);
        let mut unlogged = places.filter(|idx| {
            values.status(*idx) != Some(StatusValue::NotIssued) && !expected.contains_key(idx)
        });
        // One finding, however many: a list has room for a million.
        if let Some(first) = unlogged.next() {
            let count = unlogged.count() + 1;
            let detail = format!(
                "{uri} has values at {count} places where no approval is logged, the first is {first}"
            );
            findings.add(AuditCode::ListUnlogged, detail);
        }
    }
}

/// The list, if an EPJ would read it. What one that has expired says is compared all the same.
fn read(
    context: Context<'_>,
    uri: &str,
    token: &str,
    findings: &mut Findings,
) -> Result<StatusListToken, VerifyError> {
    let Context { trust, now, .. } = context;
    let token = Token::parse(token, TokenType::StatusList)?;
    let key = trust.key_for(token.kid(), TokenType::StatusList)?;
    let list: StatusListToken = token.verify(&key.public)?;
    let checked = check_list(&list, Some(uri), key, trust, now);
    if checked
        .as_ref()
        .is_err_and(|error| error.code == Code::StatusStale)
    {
        let detail = format!("{uri} expired at {}", list.exp);
        findings.add(AuditCode::ListStale, detail);
        // The last moment at which it was read.
        let then = list.exp.saturating_add(SKEW - 1);
        check_list(&list, Some(uri), key, trust, then)?;
    } else {
        checked?;
    }
    Ok(list)
}

/// What is wrong with a value, by what the log says of the approval. Events are logged first: a list
/// may lag behind the log for a little while, and never be ahead of it. How long, the auditor's clock
/// says, and neither of the two dates that the log's operator writes.
fn judged(now: i64, logged: &Logged, value: StatusValue) -> Option<AuditCode> {
    let settled = now > logged.since.saturating_add(SETTLES);
    match (logged.value, value) {
        (expected, found) if expected == found => None,
        (StatusValue::Valid, StatusValue::NotIssued) => settled.then_some(AuditCode::ListWithheld),
        (_, StatusValue::Invalid) | (StatusValue::Valid, StatusValue::Suspended) => {
            Some(AuditCode::ListSilent)
        }
        _ => settled.then_some(AuditCode::ListUndone),
    }
}

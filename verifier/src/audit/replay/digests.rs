//! Which status lists the log says were out (`app-status-digest+jwt`), against those that an auditor
//! was served: a list of which the log says something else was shown to some and not to others. What a
//! list says is compared with the events in `lists`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::signatures::signed;
use super::{At, Context, Replay, SETTLES, check_date};
use crate::audit::finding::{AuditCode, Findings};
use crate::claims::StatusDigest;
use crate::code::VerifyError;
use crate::digest::Digest;

/// One issue of a list at an address, of which its generation is the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Issue {
    /// The digest of the exact token.
    pub(super) digest: Digest,
    /// Served: when the list was made. Logged: when the log first said that it was the newest.
    pub(super) at: i64,
}

/// The newest issues of one list, by generation.
pub(super) type Issues = BTreeMap<u64, Issue>;

impl Replay {
    /// Takes in what the log says was out, and holds against it what was served before.
    pub(super) fn digest(
        &mut self,
        context: Context<'_>,
        at: At<'_>,
        token: &str,
        findings: &mut Findings,
    ) -> Result<(), VerifyError> {
        let said: StatusDigest = signed(context, at, token)?;
        check_date(context, said.iat, at.number, findings);
        for list in said.lists {
            let issue = Issue {
                digest: list.digest,
                at: said.iat,
            };
            let logged = self.logged.entry(list.uri.clone()).or_default();
            let before = *logged.entry(list.r#gen).or_insert(issue);
            trim(logged);
            let fork = if before.digest == issue.digest {
                let seen = self.seen.get(&list.uri).into_iter().flatten();
                seen.rev()
                    .find_map(|(seen, served)| fork((*seen, *served), (list.r#gen, issue)))
            } else {
                Some(format!("{} was logged with two digests", list.r#gen))
            };
            if let Some(fork) = fork {
                let detail = format!("{} generation {fork}", list.uri);
                findings.entry(AuditCode::ListFork, at.number, detail);
            }
        }
        Ok(())
    }

    /// Holds a list that is served against what the log has said, and remembers it for what the log
    /// will say.
    pub(super) fn issued(
        &mut self,
        uri: &str,
        generation: u64,
        served: Issue,
        findings: &mut Findings,
    ) {
        let logged = self.logged.get(uri).into_iter().flatten();
        let fork = logged
            .rev()
            .find_map(|(logged, issue)| fork((generation, served), (*logged, *issue)));
        if let Some(fork) = fork {
            findings.add(AuditCode::ListFork, format!("{uri} generation {fork}"));
        }
        let seen = self.seen.entry(uri.to_owned()).or_default();
        seen.insert(generation, served);
        trim(seen);
    }
}

/// Why a list cannot have been served when the log is right about what was out.
fn fork(served: (u64, Issue), logged: (u64, Issue)) -> Option<String> {
    let ((seen, served), (named, logged)) = (served, logged);
    if seen == named && served.digest != logged.digest {
        return Some(format!("{seen} is served as another list than was logged"));
    }
    // A list is out when it has been made, but for the moment that takes.
    let hidden = named < seen && logged.at > served.at.saturating_add(SETTLES);
    hidden.then(|| {
        let (made, said) = (served.at, logged.at);
        format!("{seen} was made at {made}, and at {said} the log named {named} as the newest")
    })
}

fn trim(issues: &mut Issues) {
    while issues.len() > MAX_ISSUES {
        issues.pop_first();
    }
}

/// How many issues are kept of one list: lists are logged each hour and read for a day.
const MAX_ISSUES: usize = 64;

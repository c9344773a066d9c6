//! How the agent fares: version and age of every part that it goes by, and what is wrong. Ages are
//! counted from what was signed, so they are right after a restart without a network too.

use serde::Serialize;
use verifier::trust::tuf::Held;
use verifier::{Digest, Environment, Verifier};

use crate::agent::{Agent, Inner};
use crate::journal::{Failure, Journal, Part};

/// The whole of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Status {
    version: &'static str,
    /// Whether launches can be decided now.
    ready: bool,
    now: i64,
    /// No earlier moment is believed to be now.
    clock_floor: i64,
    started_at: i64,
    registry: String,
    environment: Environment,
    trust: TrustStatus,
    #[serde(rename = "status_lists")]
    lists: Vec<ListStatus>,
    logs: Vec<LogStatus>,
    approvals: usize,
    state: Part,
    last_error: Option<Failure>,
}

/// The trust repository.
#[derive(Clone, Debug, Serialize)]
struct TrustStatus {
    root: u64,
    targets: Option<u64>,
    snapshot: Option<u64>,
    timestamp: Option<u64>,
    /// When it was last said that there is nothing newer.
    issued_at: Option<i64>,
    age_seconds: Option<i64>,
    /// Until when new approvals are taken in; launches go on for as long as a status list may be old.
    expires_at: Option<i64>,
    #[serde(flatten)]
    part: Part,
}

/// A status list.
#[derive(Clone, Debug, Serialize)]
struct ListStatus {
    uri: String,
    /// Absent, as are the times, while the list has to be fetched anew.
    generation: Option<u64>,
    issued_at: Option<i64>,
    age_seconds: Option<i64>,
    ttl: Option<i64>,
    /// Whether it is pushed now; otherwise it is polled.
    pushed: bool,
    #[serde(flatten)]
    part: Part,
}

/// A log.
#[derive(Clone, Debug, Serialize)]
struct LogStatus {
    origin: String,
    size: Option<u64>,
    root: Option<Digest>,
    witnessed_at: Option<i64>,
    age_seconds: Option<i64>,
    /// The log has shown two histories; nothing more is taken from it.
    forked: bool,
    #[serde(flatten)]
    part: Part,
}

impl Agent {
    /// How it fares.
    pub(crate) fn status(&self) -> Status {
        let ready = self.obstacle().is_none();
        self.0.status(ready)
    }
}

impl Inner {
    fn status(&self, ready: bool) -> Status {
        let journal = self.journal().clone();
        self.read(|verifier, now| Status {
            version: env!("CARGO_PKG_VERSION"),
            ready,
            now,
            clock_floor: verifier.t_floor(),
            started_at: self.started_at.seconds(),
            registry: self.settings.registry.clone(),
            environment: self.settings.environment,
            trust: trust(verifier, &journal, now),
            lists: lists(verifier, &journal, now),
            logs: logs(verifier, &journal, now),
            approvals: verifier.approvals().count(),
            state: journal.state.clone(),
            last_error: journal.last_error.clone(),
        })
    }
}

fn trust(verifier: &Verifier, journal: &Journal, now: i64) -> TrustStatus {
    let repository = verifier.repository();
    let timestamp = repository.timestamp().map(Held::document);
    let issued_at = timestamp.and_then(|timestamp| timestamp.issued);
    TrustStatus {
        root: verifier.root_version(),
        targets: repository.targets().map(|held| held.document().version),
        snapshot: repository.snapshot().map(|held| held.document().version),
        timestamp: timestamp.map(|timestamp| timestamp.version),
        issued_at,
        age_seconds: issued_at.map(|at| now.saturating_sub(at)),
        expires_at: verifier.trust_expires(),
        part: journal.trust.clone(),
    }
}

fn lists(verifier: &Verifier, journal: &Journal, now: i64) -> Vec<ListStatus> {
    let list = |uri: &str| {
        let seen = verifier.status_list(uri);
        let issued_at = seen.map(|seen| seen.issued_at);
        ListStatus {
            uri: uri.to_owned(),
            generation: seen.map(|seen| seen.generation),
            issued_at,
            age_seconds: issued_at.map(|at| now.saturating_sub(at)),
            ttl: seen.map(|seen| seen.ttl),
            pushed: journal.pushed.get(uri).copied().unwrap_or_default(),
            part: journal.lists.get(uri).cloned().unwrap_or_default(),
        }
    };
    verifier.status_addresses().map(list).collect()
}

fn logs(verifier: &Verifier, journal: &Journal, now: i64) -> Vec<LogStatus> {
    let mut origins: Vec<&str> = verifier.trust().map_or_else(Vec::new, |trust| {
        let logs = trust.policy().all_logs().iter();
        logs.map(|log| log.name.as_str()).collect()
    });
    origins.dedup();
    let log = |origin: &str| {
        let view = verifier.log(origin);
        let newest = view.and_then(|view| view.newest());
        let witnessed_at = newest.map(|(_, seen)| seen.witnessed_at);
        LogStatus {
            origin: origin.to_owned(),
            size: newest.map(|(size, _)| size),
            root: newest.map(|(_, seen)| seen.root),
            witnessed_at,
            age_seconds: witnessed_at.map(|at| now.saturating_sub(at)),
            forked: view.is_some_and(|view| view.fork().is_some()),
            part: journal.logs.get(origin).cloned().unwrap_or_default(),
        }
    };
    origins.into_iter().map(log).collect()
}

//! The transparency log: entries are sequenced, made durable, covered by a signed checkpoint, shown to
//! witnesses until enough have cosigned, and only then published as files (C2SP tlog-tiles). A
//! reader sees only what was witnessed. What entries mean is not known here.
//!
//! Many appends share a batch, and many batches a round of witnesses: whoever comes while one is
//! on its way waits for the next, and an idle log goes at once.

mod error;
mod guard;
mod policy;
mod publish;
mod restore;
mod sequence;
mod signer;
mod successor;
mod tickets;
mod tiles;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use foundation::Clock;
use foundation::failpoint::Failpoints;
use foundation::files::Files;
use foundation::store::Database;
use verifier::policy::Policy;

pub use self::error::LogError;
pub use self::guard::LogObstacle;
pub use self::restore::Restored;
pub(in crate::trust) use self::restore::ended;
pub(in crate::trust) use self::successor::{APPROVAL_KEY, final_key};

use self::guard::Standing;
use self::sequence::Waiting;
use self::signer::LogSigner;
use super::keys::Keys;
use super::store::log::{self as store, LogRow};
use super::witnesses::Witness;
use crate::config::{LogConfig, RegistryConfig};

/// What the log is made of.
#[derive(Clone, Debug)]
pub struct LogParts {
    /// Entries and hashes.
    pub database: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The log's keys are among them.
    pub keys: Keys,
    /// Where its files are published.
    pub files: Files,
    /// Where tests cut it short.
    pub failpoints: Arc<dyn Failpoints>,
}

/// The logs of a registry, of which one takes entries; cheap to clone.
#[derive(Clone)]
pub struct TransparencyLog(Arc<Inner>);

struct Inner {
    parts: LogParts,
    public_url: String,
    config: LogConfig,
    witnesses: Vec<Arc<Witness>>,
    waiting: Mutex<Vec<Waiting>>,
    /// One batch is sequenced at a time.
    sequencing: tokio::sync::Mutex<()>,
    /// One round of witnesses runs at a time.
    rounds: tokio::sync::Mutex<()>,
    standing: Mutex<Standing>,
    /// One examination runs at a time.
    examining: tokio::sync::Mutex<()>,
    signers: Mutex<BTreeMap<String, Arc<LogSigner>>>,
}

impl fmt::Debug for TransparencyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransparencyLog({})", self.0.public_url)
    }
}

/// Where an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The log's name.
    pub log: String,
    /// The entry's number in it.
    pub position: u64,
}

/// A checkpoint that enough witnesses have cosigned, and that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Which log.
    pub origin: String,
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// The earliest witness's time, in seconds since the epoch.
    pub at: i64,
}

impl TransparencyLog {
    /// The logs in this database. Nothing is opened or asked yet.
    pub fn new(parts: LogParts, config: &RegistryConfig) -> Result<Self, LogError> {
        let timeout = Duration::from_millis(config.log.witness_timeout_ms);
        let witnesses = config
            .log
            .witnesses
            .iter()
            .map(|witness| Witness::new(witness, timeout).map(Arc::new))
            .collect::<Result<_, _>>()
            .map_err(LogError::Format)?;
        Ok(Self(Arc::new(Inner {
            parts,
            public_url: config.public_url.clone(),
            config: config.log.clone(),
            witnesses,
            waiting: Mutex::default(),
            sequencing: tokio::sync::Mutex::default(),
            rounds: tokio::sync::Mutex::default(),
            standing: Mutex::default(),
            examining: tokio::sync::Mutex::default(),
            signers: Mutex::default(),
        })))
    }

    /// The newest witnessed checkpoint of the log that takes entries, or of the last one.
    pub async fn newest(&self) -> Result<Witnessed, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let log = current(&mut tx).await?;
        log.as_ref()
            .and_then(witnessed)
            .ok_or(LogError::NothingWitnessed)
    }

    /// The name that a log started in this year has.
    fn name_now(&self) -> String {
        format!("log{}", self.0.parts.clock.now().date().year())
    }

    /// A log's origin: its public address without the scheme (C2SP tlog-checkpoint).
    fn origin_of(&self, name: &str) -> String {
        let url = &self.0.public_url;
        let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        format!("{host}/{name}")
    }

    /// What the parties' keys are in a policy, and which of them are enough.
    fn quorum(&self) -> Result<Policy, LogError> {
        Policy::parse(&policy::witness_lines(&self.0.config)).map_err(LogError::format)
    }

    fn pass(&self, point: &'static str) -> Result<(), LogError> {
        Ok(self.0.parts.failpoints.pass(point)?)
    }
}

/// Whether every log is closed, so that nothing can be logged until a successor is started.
pub(in crate::trust) async fn is_closed(tx: &mut foundation::store::Tx) -> Result<bool, LogError> {
    let open = store::open(tx).await?;
    Ok(open.is_none() && !store::all(tx).await?.is_empty())
}

/// The log that takes entries, or the last that did.
async fn current(tx: &mut foundation::store::Tx) -> Result<Option<LogRow>, LogError> {
    match store::open(tx).await? {
        Some(log) => Ok(Some(log)),
        None => Ok(store::all(tx).await?.pop()),
    }
}

fn witnessed(log: &LogRow) -> Option<Witnessed> {
    Some(Witnessed {
        origin: log.origin.clone(),
        size: log.witnessed_size(),
        note: log.note.clone()?,
        at: log.witnessed_at,
    })
}

/// A lock whose holder cannot have left it half-changed.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    match mutex.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}

//! Whether this database may speak for its log: it must hold everything that was ever witnessed or
//! published. A backup that was restored does not, and a registry that went on from it would show
//! a second history. The log is the source of truth; the database is a view of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use foundation::Timestamp;
use foundation::http::health::Readiness;
use futures::future::join_all;
use verifier::checkpoint::Checkpoint;
use verifier::note::{Note, Verdict, VerifierKey};

use super::store::{self, LogRow};
use super::{LogError, TransparencyLog, current, locked};
use crate::trust::witnesses::{Witness, WitnessError};

/// Why the registry does not speak for its log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogObstacle {
    /// The database has lost entries.
    #[error(
        "the database has {have} entries of {origin}, {by} has seen {seen}; \
         restore it with `markedsplass log restore`"
    )]
    Behind {
        /// Which log.
        origin: String,
        /// What the database has.
        have: u64,
        /// What was seen.
        seen: u64,
        /// By whom.
        by: String,
    },
    /// The database tells another history.
    #[error(
        "the first {size} entries of {origin} are others in the database than {by} has seen; \
         restore it with `markedsplass log restore`"
    )]
    Forked {
        /// Which log.
        origin: String,
        /// Of which size both trees are.
        size: u64,
        /// Who has seen the other one.
        by: String,
    },
    /// The log was read in again, and says more than the database could be given back.
    #[error(
        "the database was restored from the log and lacks {}; bring a newer backup, or accept the \
         loss with `markedsplass log restore --accept-losses`",
        .missing.join(", ")
    )]
    Restored {
        /// What is missing.
        missing: Vec<String>,
    },
    /// What is published is not the log's.
    #[error("the published checkpoint of {origin} is not signed by the log; somebody changed it")]
    Files {
        /// Which log.
        origin: String,
    },
}

impl LogObstacle {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Behind { .. } => "log-behind",
            Self::Forked { .. } => "log-forked",
            Self::Restored { .. } => "log-restored",
            Self::Files { .. } => "log-files",
        }
    }
}

/// What is known of the database's fitness.
#[derive(Debug, Default)]
pub(super) struct Standing {
    examined: Option<Timestamp>,
    /// So many witnesses were silent that they alone could have seen more.
    unsure: bool,
    obstacle: Option<LogObstacle>,
}

/// A tree that somebody has seen.
pub(super) struct SeenTree {
    size: u64,
    root: verifier::merkle::Hash,
}

#[async_trait]
impl Readiness for TransparencyLog {
    async fn obstacle(&self) -> Option<String> {
        let fit = self.ensure_fit().await;
        match fit {
            Err(LogError::Obstacle(obstacle)) => Some(format!("{}: {obstacle}", obstacle.code())),
            _ => None,
        }
    }
}

impl TransparencyLog {
    /// Compares the database with what was published and with what the witnesses have seen: at the
    /// first call, and again while there is an obstacle, or while so many witnesses are silent that
    /// a whole quorum may have seen more.
    pub async fn ensure_fit(&self) -> Result<(), LogError> {
        if self.is_due() {
            // One looks; who comes meanwhile goes by what it finds.
            let _turn = self.0.examining.lock().await;
            if self.is_due() {
                let now = self.0.parts.clock.now();
                let (unsure, obstacle) = match self.examine().await {
                    Ok(sure) => (!sure, None),
                    Err(LogError::Obstacle(obstacle)) => (false, Some(obstacle)),
                    Err(other) => return Err(other),
                };
                *locked(&self.0.standing) = Standing {
                    examined: Some(now),
                    unsure,
                    obstacle,
                };
            }
        }
        self.refuse_unfit()
    }

    fn is_due(&self) -> bool {
        let now = self.0.parts.clock.now();
        let standing = locked(&self.0.standing);
        let Some(at) = standing.examined else {
            return true;
        };
        let settled = standing.obstacle.is_none() && !standing.unsure;
        !settled && (now.since(at) >= RECHECK || now < at)
    }

    /// Forgets what was found: the database or the files are others now.
    pub(in crate::trust) fn look_again(&self) {
        *locked(&self.0.standing) = Standing::default();
    }

    /// Refuses what may not be done while there is an obstacle.
    pub(super) fn refuse_unfit(&self) -> Result<(), LogError> {
        match &locked(&self.0.standing).obstacle {
            Some(obstacle) => Err(obstacle.clone().into()),
            None => Ok(()),
        }
    }

    /// Whether enough witnesses have answered to be sure.
    async fn examine(&self) -> Result<bool, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let logs = store::all(&mut tx).await?;
        let open = current(&mut tx).await?;
        let missing = store::losses(&mut tx).await?;
        drop(tx);
        for folder in self.0.parts.files.folders().await? {
            let known = logs.iter().any(|log| log.name == folder);
            if known || !folder.starts_with("log") {
                continue;
            }
            let path = format!("{folder}/checkpoint");
            if self.0.parts.files.contains(&path).await? {
                return Err(lost(&self.origin_of(&folder), "its published files").into());
            }
        }
        let Some(log) = open else {
            return self.examine_unknown().await;
        };
        self.check_published(&log).await?;
        let sure = self.check_seen(&log).await?;
        if missing.is_empty() {
            return Ok(sure);
        }
        Err(LogObstacle::Restored { missing }.into())
    }

    /// Compares the database with what each witness has seen; whether enough have answered to be
    /// sure.
    pub(super) async fn check_seen(&self, log: &LogRow) -> Result<bool, LogError> {
        let asked = self.0.witnesses.iter().map(|witness| async move {
            let seen = self.seen_by(log, witness).await;
            (seen, witness)
        });
        let mut silent = Vec::new();
        for (seen, witness) in join_all(asked).await {
            match seen {
                Ok(Some(seen)) => self.compare(log, &seen, witness.name()).await?,
                Ok(None) => {}
                Err(_) => silent.push(witness),
            }
        }
        self.may_do_without(&silent)
    }

    /// What is published was cosigned by a quorum: who is silent could hide it only by being one.
    fn may_do_without(&self, silent: &[&Arc<Witness>]) -> Result<bool, LogError> {
        if silent.is_empty() {
            return Ok(true);
        }
        let quorum = self.quorum()?;
        let known = quorum.witnesses().iter().enumerate();
        let hidden: BTreeSet<_> = known
            .filter(|(_, party)| {
                let mut keys = silent.iter().flat_map(|witness| witness.keys());
                keys.any(|key| *key == party.key)
            })
            .map(|(position, _)| position)
            .collect();
        Ok(!quorum.is_met_by(&hidden))
    }

    /// A database without a log: no witness may have seen one under the name that the first would
    /// get.
    async fn examine_unknown(&self) -> Result<bool, LogError> {
        let origin = self.origin_of(&self.name_now());
        let asked = self.0.witnesses.iter().map(|witness| {
            let origin = origin.as_str();
            async move { (witness.newest(origin).await, witness) }
        });
        let mut silent = Vec::new();
        for (note, witness) in join_all(asked).await {
            let Ok(note) = note else {
                silent.push(witness);
                continue;
            };
            // The log's keys went with the database; the witness's own word is enough to stop.
            let seen = note.and_then(|note| read(&note, &origin, witness.keys()));
            if seen.is_some_and(|seen| seen.size > 0) {
                return Err(lost(&origin, witness.name()).into());
            }
        }
        self.may_do_without(&silent)
    }

    /// The newest tree that a witness has of the log, if it can show the log's own signature. Of a
    /// log that is empty here its own is enough: the keys may have been lost with the entries.
    pub(super) async fn seen_by(
        &self,
        log: &LogRow,
        witness: &Witness,
    ) -> Result<Option<SeenTree>, WitnessError> {
        let Some(note) = witness.newest(&log.origin).await? else {
            return Ok(None);
        };
        let mut keys = Vec::new();
        match self.signer(log).await {
            Ok(signer) => keys.extend(signer.keys().cloned()),
            Err(error) => tracing::warn!(%error, "the keys of a log cannot be read"),
        }
        if log.size() == 0 {
            keys.extend(witness.keys().iter().cloned());
        }
        Ok(read(&note, &log.origin, &keys))
    }

    /// Whether the database's tree is, or continues, one that was seen. What it finds stands until
    /// the log is examined again.
    pub(super) async fn compare(
        &self,
        log: &LogRow,
        seen: &SeenTree,
        by: &str,
    ) -> Result<(), LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let row = store::named(&mut tx, &log.name).await?;
        let frozen = row.as_ref().is_some_and(LogRow::is_frozen);
        let have = row.map_or(0, |row| row.size());
        let obstacle = if frozen && have < seen.size {
            // Its end is pinned where EPJs read it: what lies beyond is somebody's who has its keys.
            tracing::error!(
                origin = log.origin,
                end = have,
                seen = seen.size,
                by,
                "a closed log was continued: its keys are not the registry's alone"
            );
            return Ok(());
        } else if have < seen.size {
            LogObstacle::Behind {
                origin: log.origin.clone(),
                have,
                seen: seen.size,
                by: by.to_owned(),
            }
        } else {
            let frontier = store::frontier(&mut tx, &log.name, seen.size).await?;
            if frontier.root() == seen.root {
                return Ok(());
            }
            LogObstacle::Forked {
                origin: log.origin.clone(),
                size: seen.size,
                by: by.to_owned(),
            }
        };
        Err(self.stop(obstacle))
    }

    /// The size of the published checkpoint, which the database must have grown from; 0 when
    /// nothing is out.
    pub(super) async fn check_published(&self, log: &LogRow) -> Result<u64, LogError> {
        let path = format!("{}/checkpoint", log.name);
        let Some(file) = self.0.parts.files.get(&path).await? else {
            return Ok(0);
        };
        let signer = self.signer(log).await?;
        let keys: Vec<_> = signer.keys().cloned().collect();
        let seen = std::str::from_utf8(&file)
            .ok()
            .and_then(|note| read(note, &log.origin, &keys));
        let Some(seen) = seen else {
            let origin = log.origin.clone();
            return Err(self.stop(LogObstacle::Files { origin }));
        };
        self.compare(log, &seen, "what is published").await?;
        Ok(seen.size)
    }

    fn stop(&self, obstacle: LogObstacle) -> LogError {
        tracing::error!(code = obstacle.code(), %obstacle, "the log is not served");
        let mut standing = locked(&self.0.standing);
        standing.examined = Some(self.0.parts.clock.now());
        standing.unsure = false;
        standing.obstacle = Some(obstacle.clone());
        obstacle.into()
    }
}

/// The tree that a note is about, if one of these keys has signed it and none wrongly.
fn read(note: &str, origin: &str, keys: &[VerifierKey]) -> Option<SeenTree> {
    let note = Note::parse(note).ok()?;
    let checkpoint = Checkpoint::parse(note.text).ok()?;
    let mut signed = false;
    for key in keys {
        match note.verdict(key) {
            Verdict::Valid { .. } => signed = true,
            Verdict::Absent => {}
            Verdict::Forged => return None,
        }
    }
    (signed && checkpoint.origin == origin).then_some(SeenTree {
        size: checkpoint.size,
        root: checkpoint.root,
    })
}

fn lost(origin: &str, by: &str) -> LogObstacle {
    LogObstacle::Behind {
        origin: origin.to_owned(),
        have: 0,
        seen: 1,
        by: by.to_owned(),
    }
}

/// While there is an obstacle, it is looked at again this often.
const RECHECK: Duration = Duration::from_secs(5);

//! Whether this database may speak for its log: it must hold everything that was ever witnessed or
//! published. A backup that was restored does not, and a registry that went on from it would show
//! a second history. The log is the source of truth; the database is a view of it.

use std::time::Duration;

use async_trait::async_trait;
use foundation::Timestamp;
use foundation::http::health::Readiness;
use futures::future::join_all;
use verifier::checkpoint::Checkpoint;
use verifier::note::{Note, Verdict, VerifierKey};

use super::store::{self, LogRow};
use super::{LogError, TransparencyLog, current, locked};
use crate::trust::witnesses::Witness;

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
            Self::Files { .. } => "log-files",
        }
    }
}

/// What is known of the database's fitness.
#[derive(Debug, Default)]
pub(super) struct Standing {
    examined: Option<Timestamp>,
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
    /// first call, and again while there is an obstacle.
    pub async fn ensure_fit(&self) -> Result<(), LogError> {
        let now = self.0.parts.clock.now();
        let due = {
            let standing = locked(&self.0.standing);
            match (standing.examined, &standing.obstacle) {
                (None, _) => true,
                (Some(_), None) => return Ok(()),
                (Some(at), Some(_)) => now.since(at) >= RECHECK || now < at,
            }
        };
        if due {
            let found = self.examine().await;
            let mut standing = locked(&self.0.standing);
            match found {
                Ok(()) => {
                    standing.examined = Some(now);
                    standing.obstacle = None;
                }
                Err(LogError::Obstacle(obstacle)) => {
                    standing.examined = Some(now);
                    standing.obstacle = Some(obstacle);
                }
                Err(other) => return Err(other),
            }
        }
        self.refuse_unfit()
    }

    /// Refuses what may not be done while there is an obstacle.
    pub(super) fn refuse_unfit(&self) -> Result<(), LogError> {
        match &locked(&self.0.standing).obstacle {
            Some(obstacle) => Err(obstacle.clone().into()),
            None => Ok(()),
        }
    }

    async fn examine(&self) -> Result<(), LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let logs = store::all(&mut tx).await?;
        let open = current(&mut tx).await?;
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
        let asked = self.0.witnesses.iter().map(|witness| async {
            let seen = self.seen_by(&log, witness).await?;
            Some((seen, witness.name().to_owned()))
        });
        for (seen, by) in join_all(asked).await.into_iter().flatten() {
            self.compare(&log, &seen, &by).await?;
        }
        Ok(())
    }

    /// A database without a log: no witness may have seen one under the name that the first would
    /// get.
    async fn examine_unknown(&self) -> Result<(), LogError> {
        let origin = self.origin_of(&self.name_now());
        let asked = self.0.witnesses.iter().map(|witness| {
            let origin = origin.as_str();
            async move { (witness.newest(origin).await, witness) }
        });
        for (note, witness) in join_all(asked).await {
            // The log's keys went with the database; the witness's own word is enough to stop.
            let seen = note.and_then(|note| read(&note, &origin, witness.keys()));
            if seen.is_some_and(|seen| seen.size > 0) {
                return Err(lost(&origin, witness.name()).into());
            }
        }
        Ok(())
    }

    /// The newest tree that a witness has of the log, if it can show the log's own signature.
    pub(super) async fn seen_by(&self, log: &LogRow, witness: &Witness) -> Option<SeenTree> {
        let note = witness.newest(&log.origin).await?;
        let signer = self.signer(log).await.ok()?;
        let keys: Vec<_> = signer.keys().cloned().collect();
        read(&note, &log.origin, &keys)
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
        let have = row.map_or(0, |row| row.size());
        let obstacle = if have < seen.size {
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

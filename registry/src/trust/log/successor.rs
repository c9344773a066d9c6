//! The end of a log and the beginning of the next: after a theft of the log's keys, or at a new year.
//! The last checkpoint of the old log is the first entry of the new one, and is pinned where EPJs
//! read it, so that nothing can be added to the old log by whoever has its keys.

use foundation::store::Tx;
use verifier::checkpoint::Checkpoint;
use verifier::note::Note;
use verifier::trust::FrozenLog;

use super::store::{self, LogRow, NewEntry};
use super::{LogError, TransparencyLog, Witnessed, witnessed};

impl TransparencyLog {
    /// Closes the open log: everything in it is witnessed and published first, and that checkpoint
    /// is its last.
    pub async fn freeze(&self) -> Result<Witnessed, LogError> {
        for _ in 0..TRIES {
            let last = self.publish().await?;
            let mut tx = self.0.parts.database.begin().await?;
            let log = store::lock_open(&mut tx).await?.ok_or(LogError::Frozen)?;
            // An entry that came in between is witnessed too before the log is closed.
            if log.size() == last.size && log.origin == last.origin {
                store::freeze(&mut tx, &log.name, self.0.parts.clock.now()).await?;
                tx.commit().await?;
                return Ok(last);
            }
        }
        Err(LogError::Outpaced)
    }

    /// Opens the next log, whose first entry is the last checkpoint of `old` (its name or origin).
    /// Gives its name; it is published with the next round of witnesses, who must know its keys.
    pub async fn start(&self, old: &str, name: Option<&str>) -> Result<String, LogError> {
        let mut tx = self.0.parts.database.begin().await?;
        let logs = store::all(&mut tx).await?;
        let before = logs
            .iter()
            .find(|log| log.name == old || log.origin == old)
            .ok_or_else(|| LogError::Unknown(old.to_owned()))?;
        if let Some(open) = logs.iter().find(|log| !log.is_frozen()) {
            return Err(LogError::StillOpen(open.name.clone()));
        }
        if let Some(last) = logs.last()
            && last.name != before.name
        {
            return Err(LogError::NotLast {
                named: before.name.clone(),
                last: last.name.clone(),
            });
        }
        let opened = self.open_next(&mut tx, before, &logs, name, &[]).await?;
        self.pass("log.start")?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Closes the open log where this database last had it witnessed, and opens the next. For the day
    /// when its keys are stolen: the thief may have had the witnesses cosign an extension, which is
    /// then beyond the log's end, and nothing is asked of them here. What was sequenced and not
    /// witnessed goes into the next log, but for approvals: they name their log, and are signed anew.
    ///
    /// Refused while the published files say more than the database: that is a restored backup.
    pub async fn replace_stolen(
        &self,
        old: &str,
        name: Option<&str>,
    ) -> Result<(Witnessed, String), LogError> {
        let _turn = self.0.rounds.lock().await;
        let mut tx = self.0.parts.database.read().await?;
        let log = store::open(&mut tx).await?.ok_or(LogError::Frozen)?;
        drop(tx);
        if log.name != old && log.origin != old {
            return Err(LogError::Unknown(old.to_owned()));
        }
        self.check_published(&log).await?;
        let mut tx = self.0.parts.database.begin().await?;
        let log = store::lock_open(&mut tx).await?.ok_or(LogError::Frozen)?;
        let last = witnessed(&log).ok_or(LogError::NothingWitnessed)?;
        let waiting = store::cut(&mut tx, &log, last.size).await?;
        store::freeze(&mut tx, &log.name, self.0.parts.clock.now()).await?;
        let logs = store::all(&mut tx).await?;
        let carried: Vec<_> = waiting
            .iter()
            .filter(|(key, _)| !key.starts_with(APPROVAL_KEY))
            .map(|(key, content)| NewEntry { key, content })
            .collect();
        let opened = self.open_next(&mut tx, &log, &logs, name, &carried).await?;
        self.pass("log.replaced")?;
        tx.commit().await?;
        self.look_again();
        Ok((last, opened))
    }

    /// Opens the log after `before`, with the end of that one and then `carried`; gives its name.
    async fn open_next(
        &self,
        tx: &mut Tx,
        before: &LogRow,
        logs: &[LogRow],
        name: Option<&str>,
        carried: &[NewEntry<'_>],
    ) -> Result<String, LogError> {
        let note = before.note.as_deref().ok_or(LogError::NothingWitnessed)?;
        let name = match name {
            Some(name) if logs.iter().any(|log| log.name == name) => {
                return Err(LogError::Taken(name.to_owned()));
            }
            Some(name) if !is_name(name) => {
                return Err(LogError::Format(
                    "a log's name is log and then lowercase letters or digits".to_owned(),
                ));
            }
            Some(name) => name.to_owned(),
            None => next_name(&self.name_now(), logs),
        };
        let origin = self.origin_of(&name);
        let now = self.0.parts.clock.now();
        store::create(tx, &name, &origin, Some(&before.name), now).await?;
        let log = store::lock_open(tx).await?.ok_or(LogError::Frozen)?;
        let key = final_key(&before.name);
        let end = NewEntry {
            key: &key,
            content: note.as_bytes(),
        };
        let entries: Vec<_> = std::iter::once(end)
            .chain(carried.iter().copied())
            .collect();
        store::append(tx, &log, &entries, now).await?;
        Ok(name)
    }

    /// Where the next entry of each log goes, by origin, oldest log first.
    pub(in crate::trust) async fn ends(&self, tx: &mut Tx) -> Result<Vec<(String, u64)>, LogError> {
        let logs = store::all(tx).await?;
        Ok(logs
            .into_iter()
            .map(|log| (log.origin.clone(), log.size()))
            .collect())
    }

    /// The closed logs, with the sizes that they will always have.
    pub async fn frozen(&self) -> Result<Vec<FrozenLog>, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let logs = store::all(&mut tx).await?;
        logs.iter()
            .filter(|log| log.is_frozen())
            .filter_map(witnessed)
            .map(|last| {
                let note = Note::parse(&last.note).map_err(LogError::format)?;
                let checkpoint = Checkpoint::parse(note.text).map_err(LogError::format)?;
                Ok(FrozenLog {
                    origin: checkpoint.origin,
                    size: checkpoint.size,
                    root: verifier::Digest::from_bytes(checkpoint.root),
                })
            })
            .collect()
    }
}

/// What the entries of approvals are called begins so.
pub(in crate::trust) const APPROVAL_KEY: &str = "approval:";

/// What the entry with the end of this log is called.
pub(in crate::trust) fn final_key(log: &str) -> String {
    format!("final:{log}")
}

/// `log2026`, or `log2026b`, `log2026c` and so on when there is one.
fn next_name(year: &str, logs: &[LogRow]) -> String {
    let taken = |name: &str| logs.iter().any(|log| log.name == name);
    if !taken(year) {
        return year.to_owned();
    }
    let letters = ('b'..='z').map(|letter| format!("{year}{letter}"));
    let numbers = (1u64..).map(|number| format!("{year}x{number}"));
    letters
        .chain(numbers)
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// Whether a log can be called so, and have its files in a folder of that name.
pub(super) fn is_name(name: &str) -> bool {
    name.strip_prefix("log").is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
    })
}

const TRIES: usize = 8;

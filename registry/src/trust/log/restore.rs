//! Rebuilding the database's rows from the published files alone: they verify themselves, and what
//! witnesses have seen is in them. What the entries say is made true again by whoever knows them.

use std::collections::BTreeSet;

use foundation::Digest;
use foundation::files::Files;
use foundation::store::Tx;
use verifier::checkpoint::Checkpoint;
use verifier::merkle::{Frontier, leaf_hash};
use verifier::note::{Note, Verdict};
use verifier::tiles::{Bundle, WIDTH};

use super::store::{self, LogRow, NewEntry};
use super::successor::is_name;
use super::{LogError, TransparencyLog};

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The log's name.
    pub name: String,
    /// Its origin.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// How many of them the database had not.
    pub missing: u64,
    /// What those entries say that the database could not be given back, in words. While there is
    /// any, nothing is served.
    pub lost: Vec<String>,
}

/// A log as its files have it, checked.
#[derive(Debug)]
pub(in crate::trust) struct ReadBack {
    end: Ended,
    pub(in crate::trust) entries: Vec<Vec<u8>>,
    /// The end of the log before, with which this one begins.
    before: Option<Ended>,
}

/// A checkpoint that the log has signed or enough witnesses have cosigned.
#[derive(Debug)]
struct Ended {
    checkpoint: Checkpoint,
    note: String,
    witnessed_at: i64,
}

impl TransparencyLog {
    /// Reads a log from its files in `folder` of `source`: the checkpoint must be signed by the log
    /// or cosigned by enough witnesses, and the entries must make its tree.
    pub(in crate::trust) async fn read_back(
        &self,
        source: &Files,
        folder: &str,
    ) -> Result<ReadBack, LogError> {
        let file = |name: &str| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let missing = |name: &str| LogError::Tiles(format!("{name} is missing"));
        let note = source.get(&file("checkpoint")).await?;
        let note = note.ok_or_else(|| missing("checkpoint"))?;
        let note = std::str::from_utf8(&note)
            .map_err(|_| LogError::Tiles("the checkpoint is no text".to_owned()))?;
        let end = self.check_end(note).await?;

        let mut frontier = Frontier::new();
        let mut entries: Vec<Vec<u8>> = Vec::new();
        for index in 0..end.checkpoint.size.div_ceil(WIDTH) {
            let (bundle, _) = Bundle::locate(index * WIDTH, end.checkpoint.size)
                .ok_or_else(|| LogError::Tiles("a size out of range".to_owned()))?;
            let bytes = match source.get(&file(&bundle.path())).await? {
                Some(bytes) => bytes,
                // A partial bundle may have been removed for the full one.
                None => source
                    .get(&file(&bundle.full().path()))
                    .await?
                    .ok_or_else(|| missing(&bundle.path()))?,
            };
            let read = Bundle::entries(&bytes)
                .ok_or_else(|| LogError::Tiles(format!("{} is damaged", bundle.path())))?;
            for entry in read.into_iter().take(usize::from(bundle.width)) {
                frontier.append(leaf_hash(entry));
                entries.push(entry.to_vec());
            }
        }
        if frontier.size() != end.checkpoint.size || frontier.root() != end.checkpoint.root {
            return Err(LogError::Tiles(
                "the entries make another tree than the checkpoint's".to_owned(),
            ));
        }
        let first = entries.first().map(|entry| std::str::from_utf8(entry));
        let before = match first {
            Some(Ok(text)) if ended(text).is_some() => Some(self.check_end(text).await?),
            _ => None,
        };
        Ok(ReadBack {
            end,
            entries,
            before,
        })
    }

    /// Puts a log that was read back in the place of what the database has of it, in the caller's
    /// transaction; gives what was restored, and the number of the first entry that the database had
    /// not. `key_of` names an entry by what it says.
    pub(in crate::trust) async fn replace(
        &self,
        tx: &mut Tx,
        read: &ReadBack,
        key_of: fn(&[u8]) -> Option<String>,
    ) -> Result<(Restored, usize), LogError> {
        let checkpoint = &read.end.checkpoint;
        let log = match find(tx, &checkpoint.origin).await? {
            Some(log) => log,
            None => self.create_again(tx, read).await?,
        };
        if log.size() > checkpoint.size {
            return Err(LogError::Tiles(format!(
                "the database has {} entries, the tiles {}",
                log.size(),
                checkpoint.size
            )));
        }
        // What the registry calls its entries is not in the tiles, so it is kept where known.
        let kept = store::keys(tx, &log.name).await?;
        let held = store::entries(tx, &log.name, 0, log.size()).await?;
        let pairs = held.iter().zip(&read.entries);
        let known = pairs.take_while(|(held, entry)| held == entry).count();
        let keys = keys(&log.name, &kept, known, &read.entries, key_of);
        let rows: Vec<_> = keys
            .iter()
            .zip(&read.entries)
            .map(|(key, content)| NewEntry { key, content })
            .collect();
        store::empty(tx, &log.name).await?;
        let emptied = store::named(tx, &log.name).await?;
        let emptied = emptied.ok_or_else(|| LogError::Unknown(log.name.clone()))?;
        store::append(tx, &emptied, &rows, self.0.parts.clock.now()).await?;
        let Ended {
            note, witnessed_at, ..
        } = &read.end;
        store::restore_note(tx, &log.name, checkpoint.size, note, *witnessed_at).await?;
        let restored = Restored {
            name: log.name.clone(),
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            missing: checkpoint.size - log.size(),
            lost: Vec::new(),
        };
        Ok((restored, known))
    }

    /// A log that the database does not know: one of this registry's, after the one before it.
    async fn create_again(&self, tx: &mut Tx, read: &ReadBack) -> Result<LogRow, LogError> {
        let origin = &read.end.checkpoint.origin;
        let name = origin.rsplit('/').next().unwrap_or_default();
        if !is_name(name) || *origin != self.origin_of(name) {
            return Err(LogError::Tiles(format!(
                "{origin} is not a log of this registry"
            )));
        }
        let before = match &read.before {
            Some(before) => Some(self.end_before(tx, before).await?),
            None => None,
        };
        let now = self.0.parts.clock.now();
        store::create(tx, name, origin, before.as_deref(), now).await?;
        let made = store::named(tx, name).await?;
        made.ok_or_else(|| LogError::Unknown(name.to_owned()))
    }

    /// The log before this one. It is closed here if this database does not know yet that it ended.
    async fn end_before(&self, tx: &mut Tx, before: &Ended) -> Result<String, LogError> {
        let last = &before.checkpoint;
        let first = || LogError::Tiles(format!("restore {} first", last.origin));
        let log = find(tx, &last.origin).await?.ok_or_else(first)?;
        if log.size() != last.size {
            return Err(first());
        }
        let frontier = store::frontier(tx, &log.name, last.size).await?;
        if frontier.root() != last.root {
            return Err(first());
        }
        if !log.is_frozen() {
            let Ended {
                note, witnessed_at, ..
            } = before;
            store::restore_note(tx, &log.name, last.size, note, *witnessed_at).await?;
            store::freeze(tx, &log.name, self.0.parts.clock.now()).await?;
        }
        Ok(log.name)
    }

    async fn check_end(&self, note: &str) -> Result<Ended, LogError> {
        let parsed = Note::parse(note).map_err(|error| LogError::Tiles(error.to_string()))?;
        let checkpoint =
            Checkpoint::parse(parsed.text).map_err(|error| LogError::Tiles(error.to_string()))?;
        let witnessed_at = self.check_checkpoint(&parsed, &checkpoint).await?;
        Ok(Ended {
            checkpoint,
            note: note.to_owned(),
            witnessed_at,
        })
    }

    /// The time of a checkpoint that the log has signed or enough witnesses have cosigned.
    async fn check_checkpoint(
        &self,
        note: &Note<'_>,
        checkpoint: &Checkpoint,
    ) -> Result<i64, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let log = find(&mut tx, &checkpoint.origin).await?;
        drop(tx);
        let mut signed = false;
        if let Some(log) = &log {
            for key in self.signer(log).await?.keys() {
                match note.verdict(key) {
                    Verdict::Valid { .. } => signed = true,
                    Verdict::Absent => {}
                    Verdict::Forged => return Err(not_signed()),
                }
            }
        }
        let quorum = self.quorum()?;
        let mut met = BTreeSet::new();
        let mut earliest: Option<u64> = None;
        for (position, witness) in quorum.witnesses().iter().enumerate() {
            match note.verdict(&witness.key) {
                Verdict::Valid { timestamp } => {
                    met.insert(position);
                    earliest = earliest.into_iter().chain(timestamp).min();
                }
                Verdict::Absent => {}
                Verdict::Forged => return Err(not_signed()),
            }
        }
        let witnessed = !quorum.witnesses().is_empty() && quorum.is_met_by(&met);
        if !signed && !witnessed {
            return Err(not_signed());
        }
        let now = self.0.parts.clock.now().seconds();
        Ok(earliest
            .and_then(|time| i64::try_from(time).ok())
            .unwrap_or(now))
    }
}

async fn find(tx: &mut Tx, origin: &str) -> Result<Option<LogRow>, LogError> {
    let logs = store::all(tx).await?;
    Ok(logs.into_iter().find(|log| log.origin == origin))
}

fn not_signed() -> LogError {
    LogError::Tiles(
        "the checkpoint is neither signed by the log nor cosigned by enough witnesses".to_owned(),
    )
}

/// The name of every entry: the one that it had, the one that it gives itself, or its digest.
fn keys(
    log: &str,
    kept: &[String],
    known: usize,
    entries: &[Vec<u8>],
    key_of: fn(&[u8]) -> Option<String>,
) -> Vec<String> {
    let mut used = BTreeSet::new();
    let named = entries.iter().enumerate().map(|(at, entry)| {
        let kept = kept.get(at).filter(|_| at < known).cloned();
        let key = kept.or_else(|| key_of(entry));
        let key = key.unwrap_or_else(|| format!("entry:{}", Digest::of(entry).hex()));
        if used.insert(key.clone()) {
            key
        } else {
            format!("{log}:{at}")
        }
    });
    named.collect()
}

/// The checkpoint that an entry is, if it is one.
pub(in crate::trust) fn ended(entry: &str) -> Option<Checkpoint> {
    let note = Note::parse(entry).ok()?;
    Checkpoint::parse(note.text).ok()
}

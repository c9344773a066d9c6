//! Rebuilding the database's rows from the published files alone: they verify themselves, and what
//! witnesses have seen is in them.

use std::collections::BTreeSet;

use foundation::files::Files;
use foundation::store::Tx;
use serde::Deserialize;
use verifier::checkpoint::Checkpoint;
use verifier::jws::{Compact, MAX_LEN, TokenType};
use verifier::merkle::{Frontier, leaf_hash};
use verifier::note::{Note, Verdict};
use verifier::tiles::{Bundle, WIDTH};

use super::store::{self, LogRow, NewEntry};
use super::{LogError, TransparencyLog, locked};

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
}

impl TransparencyLog {
    /// Reads a log in from its files in `folder` of `source`: the checkpoint must be signed by the
    /// log or cosigned by enough witnesses, and the entries must make its tree. What the database
    /// had of that log is replaced.
    pub async fn restore(&self, source: &Files, folder: &str) -> Result<Restored, LogError> {
        let file = |name: &str| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let missing = |name: &str| LogError::Tiles(format!("{name} is missing"));
        let note = source.get(&file("checkpoint")).await?;
        let note = note.ok_or_else(|| missing("checkpoint"))?;
        let note = std::str::from_utf8(&note)
            .map_err(|_| LogError::Tiles("the checkpoint is no text".to_owned()))?;
        let parsed = Note::parse(note).map_err(|error| LogError::Tiles(error.to_string()))?;
        let checkpoint =
            Checkpoint::parse(parsed.text).map_err(|error| LogError::Tiles(error.to_string()))?;
        let witnessed_at = self.check_checkpoint(&parsed, &checkpoint).await?;

        let mut frontier = Frontier::new();
        let mut entries: Vec<Vec<u8>> = Vec::new();
        for index in 0..checkpoint.size.div_ceil(WIDTH) {
            let (bundle, _) = Bundle::locate(index * WIDTH, checkpoint.size)
                .ok_or_else(|| LogError::Tiles("a size out of range".to_owned()))?;
            let full = Bundle {
                width: 256,
                ..bundle
            };
            let bytes = match source.get(&file(&bundle.path())).await? {
                Some(bytes) => bytes,
                // A partial bundle may have been removed for the full one.
                None => source
                    .get(&file(&full.path()))
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
        if frontier.size() != checkpoint.size || frontier.root() != checkpoint.root {
            return Err(LogError::Tiles(
                "the entries make another tree than the checkpoint's".to_owned(),
            ));
        }
        self.replace(&checkpoint, note, witnessed_at, &entries)
            .await
    }

    async fn replace(
        &self,
        checkpoint: &Checkpoint,
        note: &str,
        witnessed_at: i64,
        entries: &[Vec<u8>],
    ) -> Result<Restored, LogError> {
        let now = self.0.parts.clock.now();
        let mut tx = self.0.parts.database.begin().await?;
        let known = find(&mut tx, &checkpoint.origin).await?;
        let log = if let Some(log) = known {
            log
        } else {
            let name = checkpoint.origin.rsplit('/').next().unwrap_or_default();
            let before = self.end_before(&mut tx, entries).await?;
            store::create(&mut tx, name, &checkpoint.origin, before.as_deref(), now).await?;
            let made = store::named(&mut tx, name).await?;
            made.ok_or_else(|| LogError::Unknown(name.to_owned()))?
        };
        if log.size() > checkpoint.size {
            return Err(LogError::Tiles(format!(
                "the database has {} entries, the tiles {}",
                log.size(),
                checkpoint.size
            )));
        }
        let missing = checkpoint.size - log.size();
        // What the registry calls its entries is not in the tiles, so it is kept where known.
        let kept = store::keys(&mut tx, &log.name).await?;
        let held = store::entries(&mut tx, &log.name, 0, log.size()).await?;
        store::empty(&mut tx, &log.name).await?;
        let mut used = BTreeSet::new();
        let keys: Vec<String> = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let same = held.get(at).is_some_and(|held| held == entry);
                let key = kept.get(at).filter(|_| same).cloned();
                let key = key.unwrap_or_else(|| derived_key(entry));
                if used.insert(key.clone()) {
                    key
                } else {
                    format!("{}:{at}", log.name)
                }
            })
            .collect();
        let rows: Vec<_> = keys
            .iter()
            .zip(entries)
            .map(|(key, content)| NewEntry { key, content })
            .collect();
        let emptied = store::named(&mut tx, &log.name).await?;
        let emptied = emptied.ok_or_else(|| LogError::Unknown(log.name.clone()))?;
        store::append(&mut tx, &emptied, &rows, now).await?;
        store::publish(&mut tx, &log.name, checkpoint.size, note, witnessed_at).await?;
        tx.commit().await?;
        *locked(&self.0.standing) = super::Standing::default();
        Ok(Restored {
            name: log.name,
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            missing,
        })
    }

    /// The log before this one, which the first entry is the end of. It is closed here if this
    /// database does not know yet that it ended.
    async fn end_before(
        &self,
        tx: &mut Tx,
        entries: &[Vec<u8>],
    ) -> Result<Option<String>, LogError> {
        let first = entries
            .first()
            .and_then(|entry| std::str::from_utf8(entry).ok());
        let Some(note) = first.and_then(|entry| Note::parse(entry).ok()) else {
            return Ok(None);
        };
        let Ok(last) = Checkpoint::parse(note.text) else {
            return Ok(None);
        };
        let Some(log) = find(tx, &last.origin).await? else {
            return Ok(None);
        };
        if log.size() != last.size {
            return Err(LogError::Tiles(format!(
                "{} ended with {} entries, of which the database has {}; restore that log first",
                last.origin,
                last.size,
                log.size()
            )));
        }
        if !log.is_frozen() {
            store::freeze(tx, &log.name, self.0.parts.clock.now()).await?;
        }
        Ok(Some(log.name))
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

/// The key of an entry that says itself what it is for, or its digest.
fn derived_key(entry: &[u8]) -> String {
    named_key(entry).unwrap_or_else(|| format!("entry:{}", foundation::Digest::of(entry).hex()))
}

fn named_key(entry: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        jti: String,
    }
    let text = std::str::from_utf8(entry).ok()?;
    let compact = Compact::split(text, MAX_LEN).ok()?;
    let token = verifier::jws::Token::of(compact, TokenType::Approval).ok()?;
    let named: Named = serde_json::from_slice(token.unverified_payload()).ok()?;
    Some(format!("approval:{}", named.jti))
}

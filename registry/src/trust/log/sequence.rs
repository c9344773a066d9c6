//! Taking entries in: exactly once for each key, in one order, durable. Entries that arrive while a
//! batch is being written form the next one, so that a disk's sync is shared.

use foundation::store::{StoreError, Tx};
use tokio::sync::oneshot;
use verifier::tiles::MAX_ENTRY;

use super::store::{self, LogRow, NewEntry};
use super::{LogError, Place, TransparencyLog, locked};

/// An entry that waits for its batch.
pub(super) struct Waiting {
    key: String,
    content: Vec<u8>,
    placed: oneshot::Sender<Result<Place, BatchFailed>>,
}

/// A batch failed for a reason that one of those in it was told.
#[derive(Debug)]
struct BatchFailed;

impl TransparencyLog {
    /// Adds an entry and waits until it is durable, witnessed and published; with a key that is
    /// there already, nothing is added. Not to be called within a transaction.
    pub async fn add(&self, key: &str, content: &[u8]) -> Result<Place, LogError> {
        let place = self.sequence(key, content).await?;
        self.publish().await?;
        Ok(place)
    }

    /// Adds an entry and waits until it is durable. Not to be called within a transaction.
    pub async fn sequence(&self, key: &str, content: &[u8]) -> Result<Place, LogError> {
        check_length(content)?;
        self.ensure_fit().await?;
        for _ in 0..TRIES {
            let (placed, place) = oneshot::channel();
            locked(&self.0.waiting).push(Waiting {
                key: key.to_owned(),
                content: content.to_vec(),
                placed,
            });
            let turn = self.0.sequencing.lock().await;
            let batch = std::mem::take(&mut *locked(&self.0.waiting));
            // Empty: whoever had the turn before took this entry along.
            let written = if batch.is_empty() {
                Ok(())
            } else {
                self.write(batch).await
            };
            drop(turn);
            match (place.await, written) {
                (Ok(Ok(place)), _) => return Ok(place),
                (_, Err(error)) => return Err(error),
                // Whoever wrote the batch was stopped, or has failed and knows why: the entry is
                // not in the log, and is sent in again.
                (Ok(Err(BatchFailed)) | Err(_), Ok(())) => {}
            }
        }
        Err(LogError::Format("the entry was not taken in".to_owned()))
    }

    async fn write(&self, batch: Vec<Waiting>) -> Result<(), LogError> {
        let entries: Vec<_> = batch
            .iter()
            .map(|waiting| NewEntry {
                key: &waiting.key,
                content: &waiting.content,
            })
            .collect();
        let written = self.write_batch(&entries).await;
        match written {
            Ok(places) => {
                for (waiting, place) in batch.into_iter().zip(places) {
                    // Who no longer waits has gone; the entry stays.
                    drop(waiting.placed.send(Ok(place)));
                }
                Ok(())
            }
            Err(error) => {
                for waiting in batch {
                    drop(waiting.placed.send(Err(BatchFailed)));
                }
                Err(error)
            }
        }
    }

    async fn write_batch(&self, entries: &[NewEntry<'_>]) -> Result<Vec<Place>, LogError> {
        self.pass("log.sequence")?;
        let mut tx = self.0.parts.database.begin().await?;
        let places = self.append_all(&mut tx, entries).await?;
        self.pass("log.commit")?;
        tx.commit().await?;
        self.pass("log.durable")?;
        Ok(places)
    }

    /// Adds an entry in the caller's transaction; with a key that is there already, nothing.
    pub(in crate::trust) async fn append(
        &self,
        tx: &mut Tx,
        key: &str,
        content: &[u8],
    ) -> Result<Place, LogError> {
        check_length(content)?;
        let places = self.append_all(tx, &[NewEntry { key, content }]).await?;
        places.into_iter().next().ok_or(LogError::NothingWitnessed)
    }

    async fn append_all(
        &self,
        tx: &mut Tx,
        entries: &[NewEntry<'_>],
    ) -> Result<Vec<Place>, LogError> {
        self.refuse_unfit()?;
        let mut places: Vec<Option<Place>> = vec![None; entries.len()];
        let log = self.lock(tx).await?;
        let mut new: Vec<NewEntry<'_>> = Vec::new();
        for (entry, place) in entries.iter().zip(&mut places) {
            if let Some((log, position)) = store::find(tx, entry.key).await? {
                *place = Some(Place { log, position });
                continue;
            }
            // Twice in one batch is once in the log.
            let at = new.iter().position(|known| known.key == entry.key);
            let at = at.unwrap_or_else(|| {
                new.push(*entry);
                new.len() - 1
            });
            let at = u64::try_from(at).unwrap_or(u64::MAX);
            *place = Some(Place {
                log: log.name.clone(),
                position: log.size().saturating_add(at),
            });
        }
        if !new.is_empty() {
            store::append(tx, &log, &new, self.0.parts.clock.now()).await?;
        }
        Ok(places.into_iter().flatten().collect())
    }

    /// Makes sure that there is a log, so that its keys can be given to witnesses. None is made where
    /// files or witnesses know one that the database does not.
    pub async fn prepare(&self) -> Result<(), LogError> {
        let mut tx = self.0.parts.database.read().await?;
        if super::current(&mut tx).await?.is_some() {
            return Ok(());
        }
        drop(tx);
        self.ensure_fit().await?;
        let mut tx = self.0.parts.database.begin().await?;
        self.lock(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// The open log, kept from other writers; the first one is made here.
    async fn lock(&self, tx: &mut Tx) -> Result<LogRow, LogError> {
        if let Some(log) = store::lock_open(tx).await? {
            return Ok(log);
        }
        if !store::all(tx).await?.is_empty() {
            return Err(LogError::Frozen);
        }
        let name = self.name_now();
        let origin = self.origin_of(&name);
        store::create(tx, &name, &origin, None, self.0.parts.clock.now()).await?;
        let made = store::lock_open(tx).await?;
        made.ok_or_else(|| StoreError::inconsistent("registry_log", "name", name).into())
    }
}

fn check_length(content: &[u8]) -> Result<(), LogError> {
    if content.len() > MAX_ENTRY {
        return Err(LogError::TooLong(content.len()));
    }
    Ok(())
}

/// A batch can be stopped under one who waits in it this often before it is told.
const TRIES: usize = 16;

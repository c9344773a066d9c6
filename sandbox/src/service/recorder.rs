//! Writes traffic to the database: one task, many exchanges per transaction. A batch is whatever
//! came while the last one was written, so nothing waits for a timer and a busy sandbox writes few
//! transactions. A reader of traffic waits until everything answered before is written.

use std::collections::BTreeMap;
use std::time::Duration;

use foundation::store::{Database, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::domain::exchange::Exchange;
use crate::store::exchanges;

/// Takes exchanges; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Message>,
}

#[derive(Debug)]
enum Message {
    Record(String, Box<Exchange>),
    Flush(oneshot::Sender<()>),
}

impl Recorder {
    /// Starts the writing task; it ends when the last recorder is dropped.
    pub(crate) fn start(database: Database) -> Self {
        let (queue, inbox) = mpsc::channel(CAPACITY);
        tokio::spawn(write(database, inbox));
        Self { queue }
    }

    pub(crate) async fn record(&self, sandbox: String, exchange: Exchange) {
        let message = Message::Record(sandbox, Box::new(exchange));
        if self.queue.send(message).await.is_err() {
            tracing::error!("traffic is not recorded: the recorder has stopped");
        }
    }

    /// Returns when everything recorded before is written.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            // An error means that the task stopped, which `record` reports.
            let _stopped = written.await;
        }
    }
}

async fn write(database: Database, mut inbox: mpsc::Receiver<Message>) {
    let mut batch = Vec::with_capacity(BATCH);
    while inbox.recv_many(&mut batch, BATCH).await > 0 {
        let mut by_sandbox = BTreeMap::<String, Vec<Exchange>>::new();
        let mut waiting = Vec::new();
        for message in batch.drain(..) {
            match message {
                Message::Record(sandbox, exchange) => {
                    by_sandbox.entry(sandbox).or_default().push(*exchange);
                }
                Message::Flush(done) => waiting.push(done),
            }
        }
        for (sandbox, exchanges) in by_sandbox {
            append(&database, &sandbox, &exchanges).await;
        }
        for done in waiting {
            // The reader may have gone away meanwhile.
            let _gone = done.send(());
        }
    }
}

/// A busy database is tried again; a broken one must not stop the sandbox.
async fn append(database: &Database, sandbox: &str, exchanges: &[Exchange]) {
    for pause in [
        Duration::from_millis(100),
        Duration::from_secs(1),
        Duration::ZERO,
    ] {
        match try_append(database, sandbox, exchanges).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%error, sandbox, count = exchanges.len(), "traffic could not be written");
                tokio::time::sleep(pause).await;
            }
        }
    }
    tracing::error!(sandbox, count = exchanges.len(), "traffic was lost");
}

async fn try_append(
    database: &Database,
    sandbox: &str,
    exchanges: &[Exchange],
) -> Result<(), StoreError> {
    let mut tx = database.begin().await?;
    exchanges::append(&mut tx, sandbox, exchanges).await?;
    tx.commit().await
}

const CAPACITY: usize = 4096;
/// PostgreSQL takes 65 535 parameters in a statement; an exchange has five.
const BATCH: usize = 256;

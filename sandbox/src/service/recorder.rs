//! Writes traffic to the database: one task, many exchanges per transaction, a few times a second. A
//! reader of traffic waits until everything answered before is written, which is then done at once.
//!
//! An exchange is read from its bytes here and not while an app waits. Under a load that no person
//! makes, recording takes a tenth of a processor and no more: what comes on top is counted, and the
//! next exchange that is kept says how many are missing before it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foundation::store::{Database, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::domain::exchange::Exchange;
use crate::store::exchanges;

/// Exchanges that may wait to be written, and the bytes that they may hold.
const MOST_WAITING: usize = 4096;
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// SQLite takes 32 766 parameters in a statement; an exchange has five.
const BATCH: usize = 1024;
/// How long exchanges are gathered before they are written, unless somebody wants to read them.
const GATHERED: Duration = Duration::from_millis(200);
/// How much longer a pause is than the writing before it, while more comes than can be written.
const REST: u32 = 9;

/// Takes exchanges; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

/// An exchange that is still to be read from what was sent and answered.
pub(crate) struct Answered {
    pub(crate) sandbox: String,
    /// Bytes that it holds on to.
    pub(crate) size: usize,
    pub(crate) read: Box<dyn FnOnce() -> Exchange + Send>,
}

impl fmt::Debug for Answered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What was sent may hold secrets, which are marked when it is read.
        write!(formatter, "Answered({}, {})", self.sandbox, self.size)
    }
}

/// Where one exchange will be recorded.
#[derive(Debug)]
pub(crate) struct Place {
    permit: mpsc::OwnedPermit<Message>,
    shared: Arc<Shared>,
}

impl Place {
    pub(crate) fn record(self, answered: Answered) {
        let Self { permit, shared } = self;
        shared.bytes.fetch_add(answered.size, Ordering::Relaxed);
        let missed = shared.missed().remove(&answered.sandbox).unwrap_or(0);
        permit.send(Message::Record(answered, missed));
    }
}

#[derive(Debug)]
enum Message {
    /// With how many were missed before it.
    Record(Answered, u64),
    Flush(oneshot::Sender<()>),
}

#[derive(Debug, Default)]
struct Shared {
    /// Bytes of what waits.
    bytes: AtomicUsize,
    /// Readers that wait until everything is written.
    readers: AtomicUsize,
    hurry: Notify,
    /// How many were not recorded since the last that was, by sandbox.
    missed: Mutex<BTreeMap<String, u64>>,
}

impl Shared {
    fn missed(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Starts the writing task; it ends when the last recorder is dropped.
    pub(crate) fn start(database: Database) -> Self {
        let (queue, inbox) = mpsc::channel(MOST_WAITING);
        let shared = Arc::new(Shared::default());
        tokio::spawn(write(database, inbox, Arc::clone(&shared)));
        Self { queue, shared }
    }

    /// A place for an exchange that is about to be; where too many wait it is counted, and there is none.
    /// Never waits itself.
    pub(crate) fn place(&self, sandbox: &str) -> Option<Place> {
        let room = self.shared.bytes.load(Ordering::Relaxed) <= MOST_BYTES;
        let place = room.then(|| self.queue.clone().try_reserve_owned());
        if let Some(Ok(permit)) = place {
            let shared = Arc::clone(&self.shared);
            return Some(Place { permit, shared });
        }
        let mut missed = self.shared.missed();
        match missed.get_mut(sandbox) {
            Some(missed) => *missed += 1,
            None => drop(missed.insert(sandbox.to_owned(), 1)),
        }
        None
    }

    /// Returns when everything recorded before is written.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        self.shared.readers.fetch_add(1, Ordering::SeqCst);
        self.shared.hurry.notify_one();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            // An error means that the task stopped, and with it the process.
            let _stopped = written.await;
        }
        self.shared.readers.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn write(database: Database, mut inbox: mpsc::Receiver<Message>, shared: Arc<Shared>) {
    let mut batch = Vec::with_capacity(BATCH);
    while inbox.recv_many(&mut batch, BATCH).await > 0 {
        let begun = Instant::now();
        write_batch(&database, &shared, &mut batch).await;
        if shared.readers.load(Ordering::SeqCst) == 0 {
            // The apps go first: they wait for the same disk.
            let pause = GATHERED.max(begun.elapsed() * REST);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shared.hurry.notified() => {}
            }
        }
    }
}

async fn write_batch(database: &Database, shared: &Shared, batch: &mut Vec<Message>) {
    let mut by_sandbox = BTreeMap::<String, Vec<Exchange>>::new();
    let mut readers = Vec::new();
    for message in batch.drain(..) {
        match message {
            Message::Record(answered, missed) => {
                shared.bytes.fetch_sub(answered.size, Ordering::Relaxed);
                let mut exchange = (answered.read)();
                exchange.missed = missed;
                by_sandbox
                    .entry(answered.sandbox)
                    .or_default()
                    .push(exchange);
            }
            Message::Flush(done) => readers.push(done),
        }
    }
    for (sandbox, exchanges) in by_sandbox {
        append(database, &sandbox, &exchanges).await;
    }
    for done in readers {
        // The reader may have gone away meanwhile.
        let _gone = done.send(());
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

#[cfg(test)]
mod tests {
    use foundation::{Timestamp, testing};
    use synthetic_data::Settings;

    use super::*;
    use crate::domain::exchange::Surface;
    use crate::domain::sandbox::SandboxInfo;
    use crate::store::sandboxes;

    fn exchange(number: usize) -> Exchange {
        Exchange {
            seq: 0,
            at: Timestamp::from_millis(0),
            surface: Surface::Fhir,
            method: "GET".to_owned(),
            path: format!("/busy/fhir/Patient/p{number}"),
            query: Vec::new(),
            request_headers: Vec::new(),
            form: Vec::new(),
            status: 200,
            response_headers: Vec::new(),
            error: None,
            resources: Vec::new(),
            patients: Vec::new(),
            scope_granted: None,
            client_id: None,
            launch: None,
            missed: 0,
        }
    }

    async fn sandbox(database: &Database) {
        let info = SandboxInfo {
            name: "busy".to_owned(),
            title: String::new(),
            owner: None,
            settings: Settings::default_on("2026-11-21".parse().unwrap()),
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            validation: crate::domain::sandbox::Validation::default(),
        };
        let mut tx = database.begin().await.unwrap();
        assert!(sandboxes::insert(&mut tx, &info).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// More than can wait comes at once: what is kept and what is counted is everything together.
    #[tokio::test]
    async fn what_is_not_recorded_is_counted_by_the_next_that_is() {
        const SENT: usize = MOST_WAITING + 700;
        for test in testing::databases().await.unwrap() {
            let database = test.database.clone();
            sandbox(&database).await;
            let recorder = Recorder::start(database.clone());
            let record = |number| {
                if let Some(place) = recorder.place("busy") {
                    place.record(Answered {
                        sandbox: "busy".to_owned(),
                        size: 10,
                        read: Box::new(move || exchange(number)),
                    });
                }
            };
            (0..SENT).for_each(&record);
            recorder.flush().await;
            record(SENT);
            recorder.flush().await;
            let mut tx = database.read().await.unwrap();
            let kept = exchanges::after(&mut tx, "busy", 0, 10_000).await.unwrap();
            let missed: u64 = kept.iter().map(|one| one.missed).sum();
            assert_eq!(kept.len() as u64 + missed, SENT as u64 + 1);
            assert!(missed > 0, "{} were all recorded", kept.len());
            // Those that fit are the first, in their order, and the last says what is missing.
            assert!(kept[1].path.ends_with("/p1"));
            assert!(kept.last().unwrap().missed > 0);
        }
    }
}

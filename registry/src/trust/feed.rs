//! Status lists as they change, for whoever follows them. One task for each process looks in the
//! database while there are followers, so a change that another process made is seen as well; a
//! change of this process is seen at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foundation::store::Database;
use futures::{Stream, stream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::log::{LogError, TransparencyLog};
use super::store::status;

/// A list, as it is told to followers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    /// Counts up with every issue of this list.
    pub(crate) generation: i64,
    /// The exact token.
    pub(crate) token: Arc<str>,
}

type Lists = BTreeMap<i64, Issue>;

/// The feed of one process; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Feed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    log: TransparencyLog,
    lists: watch::Sender<Lists>,
    /// That something was published in this process.
    changed: Notify,
    seats: Arc<Semaphore>,
    closing: CancellationToken,
    looking: Mutex<bool>,
}

/// Every place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many follow the status lists already")]
pub(crate) struct Full;

struct Follower {
    feed: Feed,
    lists: watch::Receiver<Lists>,
    list: i64,
    last: Option<i64>,
    /// Given back with the follower; somebody of this process needs none.
    _seat: Option<OwnedSemaphorePermit>,
}

impl Feed {
    /// A feed of the lists in this database, while it may speak for its log.
    pub(crate) fn new(database: Database, log: TransparencyLog) -> Self {
        Self(Arc::new(Inner {
            database,
            log,
            lists: watch::Sender::new(Lists::new()),
            changed: Notify::new(),
            seats: Arc::new(Semaphore::new(SEATS)),
            closing: CancellationToken::new(),
            looking: Mutex::new(false),
        }))
    }

    /// To be called when something was published here: followers need not wait for the next look.
    pub(crate) fn nudge(&self) {
        self.0.changed.notify_one();
    }

    /// Ends every follower's stream: the process is about to stop.
    pub(crate) fn close(&self) {
        self.0.closing.cancel();
    }

    /// A list now, unless the follower has seen generation `after` and it is still that one, and
    /// then each time it is published.
    pub(crate) fn follow(
        &self,
        list: i64,
        after: Option<i64>,
    ) -> Result<impl Stream<Item = Issue> + Send + use<>, Full> {
        let seat = Arc::clone(&self.0.seats).try_acquire_owned();
        Ok(self.issues(list, after, Some(seat.map_err(|_| Full)?)))
    }

    /// A list now and each time it is published, for somebody of this process: there are few of
    /// them, and those who connect cannot take their places.
    pub(crate) fn follow_here(&self, list: i64) -> impl Stream<Item = Issue> + Send + use<> {
        self.issues(list, None, None)
    }

    fn issues(
        &self,
        list: i64,
        after: Option<i64>,
        seat: Option<OwnedSemaphorePermit>,
    ) -> impl Stream<Item = Issue> + Send + use<> {
        let follower = Follower {
            lists: self.0.lists.subscribe(),
            feed: self.clone(),
            list,
            last: after,
            _seat: seat,
        };
        self.look();
        self.nudge();
        stream::unfold(follower, |mut follower| async move {
            let issue = follower.next().await?;
            Some((issue, follower))
        })
    }

    /// Starts the task that looks, unless it runs.
    fn look(&self) {
        let mut looking = self.looking();
        if !*looking {
            *looking = true;
            tokio::spawn(self.clone().watch());
        }
    }

    fn looking(&self) -> MutexGuard<'_, bool> {
        let looking = self.0.looking.lock();
        looking.unwrap_or_else(PoisonError::into_inner)
    }

    async fn watch(self) {
        loop {
            if let Err(error) = self.look_once().await {
                tracing::warn!(%error, "the status lists could not be looked at");
            }
            {
                let mut looking = self.looking();
                if self.0.lists.receiver_count() == 0 || self.0.closing.is_cancelled() {
                    // The next follower must not be given what is old by then.
                    self.0.lists.send_modify(Lists::clear);
                    *looking = false;
                    return;
                }
            }
            let sooner = async {
                tokio::select! {
                    () = self.0.changed.notified() => {}
                    () = self.0.closing.cancelled() => {}
                }
            };
            timeout(LOOK, sooner).await.unwrap_or_default();
        }
    }

    /// Tells followers of what was published since the last look.
    async fn look_once(&self) -> Result<(), LogError> {
        match self.0.log.ensure_fit().await {
            // Followers keep what they have; whoever runs this has been told why.
            Err(LogError::Obstacle(_)) => return Ok(()),
            fit => fit?,
        }
        let known = self.0.lists.borrow().clone();
        let mut news = Lists::new();
        let mut tx = self.0.database.read().await?;
        for (list, generation) in status::generations(&mut tx).await? {
            if known.get(&list).map(|issue| issue.generation) == Some(generation) {
                continue;
            }
            if let Some(published) = status::published(&mut tx, list).await? {
                let issue = Issue {
                    generation: published.generation,
                    token: published.token.into(),
                };
                news.insert(list, issue);
            }
        }
        if !news.is_empty() {
            self.0.lists.send_modify(|lists| lists.extend(news));
        }
        Ok(())
    }
}

impl Follower {
    async fn next(&mut self) -> Option<Issue> {
        loop {
            let newest = self.lists.borrow_and_update().get(&self.list).cloned();
            if let Some(issue) = newest
                && self.last != Some(issue.generation)
            {
                self.last = Some(issue.generation);
                return Some(issue);
            }
            tokio::select! {
                changed = self.lists.changed() => changed.ok()?,
                () = self.feed.0.closing.cancelled() => return None,
            }
        }
    }
}

/// How long a change that another process made may stay unseen.
const LOOK: Duration = Duration::from_millis(500);
/// How many may follow one process; each holds a connection.
const SEATS: usize = 2048;

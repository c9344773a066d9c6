//! Writes that wait for their turn. One task leads: it takes all that wait, decides one after the other,
//! each on what those before it leave, and commits them together, until nobody waits. What comes while
//! it commits waits for its next round, so that a busy sandbox waits for the disk once for many.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foundation::store::StoreError;
use tokio::sync::oneshot;

use super::super::error::FhirError;
use super::draft::Draft;

/// Writes in one commit: the last of them waits for all to be decided.
const MOST_TOGETHER: usize = 64;

/// What a commit came to, for everybody in it.
pub(super) type Committed = Result<(), Arc<StoreError>>;

/// Tells a writer what came of the commit.
type Tell = Box<dyn FnOnce(Committed) + Send>;

/// Where a write is decided, or why nothing can be.
type Ground<'a, 'v> = Result<&'a mut Draft<'v>, &'a Arc<StoreError>>;

/// A write that waits. It gives nothing where it was refused, has told its writer so, and has left the
/// draft as it was.
pub(super) struct Waiting(Box<dyn FnOnce(Ground<'_, '_>) -> Option<Tell> + Send>);

impl fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Waiting")
    }
}

/// Where writes wait.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Row>);

#[derive(Debug, Default)]
struct Row {
    waiting: VecDeque<Waiting>,
    /// Somebody leads, and takes everybody who waits.
    led: bool,
}

/// The lead: given back when nobody waits.
#[derive(Debug)]
pub(super) struct Lead<'t>(&'t Turns);

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut row = self.0.row();
        row.led = false;
        // Somebody waits only where the lead broke off: better an answer than none.
        row.waiting.clear();
    }
}

impl Turns {
    /// Puts a write in the row; its answer comes when it is on disk, or refused. True where the caller
    /// is to have somebody lead.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&mut Draft<'_>) -> Result<T, FhirError> + Send + 'static,
    ) -> (oneshot::Receiver<Result<T, FhirError>>, bool) {
        let (tell, told) = oneshot::channel();
        let waiting = Waiting(Box::new(move |ground| {
            let decided = match ground {
                Ok(draft) => {
                    let before = draft.mark();
                    decide(draft).inspect_err(|_| draft.back_to(before))
                }
                Err(error) => Err(FhirError::Store(Arc::clone(error))),
            };
            match decided {
                Ok(answer) => Some(Box::new(move |committed: Committed| {
                    // Who asked may have gone away meanwhile.
                    let _gone = tell.send(committed.map(|()| answer).map_err(FhirError::Store));
                }) as Tell),
                Err(refused) => {
                    let _gone = tell.send(Err(refused));
                    None
                }
            }
        }));
        let mut row = self.row();
        row.waiting.push_back(waiting);
        let leaderless = !std::mem::replace(&mut row.led, true);
        (told, leaderless)
    }

    /// Leads, as [`Turns::wait`] asked.
    pub(super) fn lead(&self) -> Lead<'_> {
        Lead(self)
    }

    fn row(&self) -> MutexGuard<'_, Row> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead<'_> {
    /// Those whose turn it is now; with nobody left, the lead is over.
    pub(super) fn take(self) -> Option<(Self, Vec<Waiting>)> {
        let mut row = self.0.row();
        let most = row.waiting.len().min(MOST_TOGETHER);
        let together: Vec<Waiting> = row.waiting.drain(..most).collect();
        if together.is_empty() {
            // Under the lock that writers take: whoever comes next finds nobody leading.
            row.led = false;
            drop(row);
            std::mem::forget(self);
            return None;
        }
        drop(row);
        Some((self, together))
    }
}

/// Decides all of them on one draft; gives whom to tell.
pub(super) fn decide(all: Vec<Waiting>, draft: &mut Draft<'_>) -> Vec<Tell> {
    let answered = all.into_iter().filter_map(|Waiting(one)| one(Ok(draft)));
    answered.collect()
}

/// Tells all of them that nothing could be decided.
pub(super) fn refuse(all: Vec<Waiting>, error: StoreError) {
    let error = Arc::new(error);
    for Waiting(one) in all {
        one(Err(&error));
    }
}

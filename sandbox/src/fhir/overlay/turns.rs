//! Writes that wait for their turn. Whoever's turn it is takes all that wait along, decides one after
//! the other, each on what those before it leave, and commits them together: the disk is waited for
//! once, and nobody is answered before.

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
pub(super) struct Turns(Mutex<VecDeque<Waiting>>);

impl Turns {
    /// Puts a write in the row; its answer comes when it is on disk, or refused.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&mut Draft<'_>) -> Result<T, FhirError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, FhirError>> {
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
        self.row().push_back(waiting);
        told
    }

    /// Those whose turn it is now.
    pub(super) fn take(&self) -> Vec<Waiting> {
        let mut row = self.row();
        let most = row.len().min(MOST_TOGETHER);
        row.drain(..most).collect()
    }

    fn row(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

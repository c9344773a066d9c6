//! Waiting for hardware, which may take long or for ever: never on a thread that others wait on, and
//! never longer than a transaction may be held open.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

use super::KeyStoreError;

/// Does this on a thread of its own and gives what comes of it, or says after [`PATIENCE`] that the
/// token does not answer. What is late finishes by itself, and nobody gets its result.
pub(super) fn in_time<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static,
) -> Result<T, KeyStoreError> {
    within(PATIENCE, work)
}

fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static,
) -> Result<T, KeyStoreError> {
    let turn = Turn::take().ok_or(KeyStoreError::Silent)?;
    let (done, result) = mpsc::channel();
    let started = thread::Builder::new()
        .name("token".to_owned())
        .spawn(move || {
            let outcome = work();
            drop(turn);
            // Who no longer waits has been told.
            drop(done.send(outcome));
        });
    started.map_err(|_| KeyStoreError::Interrupted)?;
    let wait = || match result.recv_timeout(patience) {
        Ok(outcome) => outcome,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(KeyStoreError::Silent),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(KeyStoreError::Interrupted),
    };
    let shared = Handle::try_current()
        .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    if shared {
        // The thread's other tasks go on elsewhere.
        tokio::task::block_in_place(wait)
    } else {
        wait()
    }
}

/// One of those who may wait for the token at once: one that hangs must not take every thread.
struct Turn;

static WAITING: AtomicUsize = AtomicUsize::new(0);

impl Turn {
    fn take() -> Option<Self> {
        let add = |waiting: usize| (waiting < AT_ONCE).then_some(waiting + 1);
        let taken = WAITING.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
        taken.is_ok().then_some(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A network HSM answers in milliseconds; one that fails over, in seconds.
const PATIENCE: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_work_while_one_waits() {
        let (heard, hear) = mpsc::channel();
        let other = tokio::spawn(async move { heard.send(()).unwrap() });
        let patient = Duration::from_secs(10);
        let listened = within(PATIENCE, move || Ok(hear.recv_timeout(patient / 2).is_ok()));
        assert!(listened.unwrap());
        other.await.unwrap();
    }

    #[test]
    fn a_token_that_hangs_is_given_up() {
        let (go, wait) = mpsc::channel::<()>();
        let stuck = within(Duration::from_millis(50), move || Ok(wait.recv()));
        assert!(matches!(stuck, Err(KeyStoreError::Silent)));
        drop(go);
        assert_eq!(in_time(|| Ok(7)).unwrap(), 7);
    }
}

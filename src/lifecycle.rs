//! Stopping: the first signal lets running work finish, the second stops at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled at the first interrupt or termination signal; the second one ends the
/// process with the status that shells expect.
pub(crate) fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let cancelled = stop.clone();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if cancelled.is_cancelled() {
                end_now();
            }
            cancelled.cancel();
        }
    });
    Ok(stop)
}

#[expect(clippy::exit, reason = "the user asked twice")]
fn end_now() -> ! {
    std::process::exit(130)
}

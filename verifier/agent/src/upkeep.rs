//! When what is known is renewed: the trust repository every hour or so, checkpoints and status lists
//! every few minutes, status lists at once when they are pushed. What fails is tried again, each time
//! after a longer wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use foundation::Entropy;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::agent::Inner;
use crate::follow::{self, Away, Feed, Pace, Subscriber, backoff, jittered};

/// Renews until `stop`.
pub(crate) async fn run(inner: &Arc<Inner>, stop: CancellationToken) {
    tokio::join!(
        follow::follow(Arc::clone(inner), stop.clone()),
        renew(inner, stop)
    );
}

/// The trust repository, and with it the approvals; the lists that it has made unusable, at once; and
/// the logs' checkpoints.
async fn renew(inner: &Inner, stop: CancellationToken) {
    let (mut trust, mut checkpoints) = (Schedule::now(), Schedule::now());
    let mut unread: Option<Schedule> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(trust.next) => {
                let well = inner.refresh_trust().await;
                if well {
                    inner.renew_approvals().await;
                }
                trust.after(well, inner.settings.refresh, &*inner.entropy);
            }
            () = inner.unread.notified() => unread = Some(Schedule::now()),
            () = due(unread.as_ref()) => {
                let all = inner.read_forgotten().await;
                unread = unread.take().filter(|_| !all);
                if let Some(again) = &mut unread {
                    again.after(false, inner.settings.poll, &*inner.entropy);
                }
            }
            () = sleep_until(checkpoints.next), if trust.has_run => {
                let well = inner.refresh_checkpoints().await;
                checkpoints.after(well, inner.settings.poll, &*inner.entropy);
            }
        }
    }
}

/// Waits for what is planned, or for ever when nothing is.
async fn due(planned: Option<&Schedule>) {
    match planned {
        Some(planned) => sleep_until(planned.next).await,
        None => std::future::pending().await,
    }
}

/// When something is done next.
struct Schedule {
    next: Instant,
    failures: u32,
    has_run: bool,
}

impl Schedule {
    fn now() -> Self {
        Self {
            next: Instant::now(),
            failures: 0,
            has_run: false,
        }
    }

    fn after(&mut self, well: bool, interval: std::time::Duration, entropy: &dyn Entropy) {
        self.has_run = true;
        let wait = if well {
            self.failures = 0;
            jittered(interval, entropy)
        } else {
            self.failures = self.failures.saturating_add(1);
            backoff(self.failures, entropy).min(interval)
        };
        self.next = Instant::now() + wait;
    }
}

#[async_trait]
impl Subscriber for Inner {
    fn lists(&self) -> watch::Receiver<BTreeSet<String>> {
        self.lists.subscribe()
    }

    fn pace(&self) -> Pace {
        Pace {
            poll: self.settings.poll,
            push: true,
        }
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    async fn fetch(&self, uri: &str) -> Result<Option<String>, Away> {
        self.fetch_status(uri).await
    }

    async fn subscribe(&self, uri: &str) -> Result<Feed, Away> {
        self.source.status_events(uri).await
    }

    async fn take(&self, uri: &str, token: &str) {
        self.take_status(uri, token).await;
    }

    fn connection(&self, uri: &str, lost: Option<&str>) {
        tracing::info!(uri, lost, "the push of a status list");
        let mut journal = self.journal();
        journal.pushed.insert(uri.to_owned(), lost.is_none());
    }
}

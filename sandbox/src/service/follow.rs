//! Follows the status lists that the sandboxes' EPJs rely on: by push where the registry pushes,
//! and in any case by a fetch every few minutes. A lost connection is made again, each time after a
//! longer wait.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use foundation::entropy;
use futures::StreamExt;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Core;
use crate::approvals::StatusFeed;

/// Follows until `stop`.
pub(crate) async fn follow(core: Arc<Core>, stop: CancellationToken) {
    if let Err(error) = core.recall_lists().await {
        tracing::warn!(%error, "the known status lists could not be read");
    }
    let mut lists = core.lists.subscribe();
    let mut followed = BTreeSet::new();
    let mut tasks = JoinSet::new();
    loop {
        let known = lists.borrow_and_update().clone();
        for uri in known {
            if followed.insert(uri.clone()) {
                tasks.spawn(Follower::new(Arc::clone(&core), uri).run(stop.clone()));
            }
        }
        tokio::select! {
            changed = lists.changed() => if changed.is_err() { break },
            () = stop.cancelled() => break,
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// One list.
struct Follower {
    core: Arc<Core>,
    uri: String,
    feed: Option<StatusFeed>,
    failures: u32,
    /// When to try to connect again.
    retry: Instant,
    /// When to fetch if nothing has come by then.
    poll: Instant,
}

/// What a follower woke up for.
enum Woken {
    Pushed(Option<String>),
    Retry,
    Poll,
    Stop,
}

impl Follower {
    fn new(core: Arc<Core>, uri: String) -> Self {
        let now = Instant::now();
        Self {
            poll: now + core.config.poll(),
            core,
            uri,
            feed: None,
            failures: 0,
            retry: now,
        }
    }

    async fn run(mut self, stop: CancellationToken) {
        loop {
            match self.wait(&stop).await {
                Woken::Pushed(Some(token)) => self.take(&token).await,
                Woken::Pushed(None) => self.lost("the stream ended"),
                Woken::Retry => self.connect().await,
                Woken::Poll => self.fetch().await,
                Woken::Stop => return,
            }
        }
    }

    async fn wait(&mut self, stop: &CancellationToken) -> Woken {
        let connected = self.feed.is_some();
        let pushes = self.core.config.status_push;
        let pushed = async {
            match &mut self.feed {
                Some(feed) => feed.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => Woken::Stop,
            token = pushed => Woken::Pushed(token),
            () = sleep_until(self.retry), if !connected && pushes => Woken::Retry,
            () = sleep_until(self.poll) => Woken::Poll,
        }
    }

    async fn connect(&mut self) {
        match self.core.approvals.follow_status(&self.uri).await {
            Ok(feed) => self.feed = Some(feed),
            Err(error) => self.lost(&error.0),
        }
    }

    fn lost(&mut self, why: &str) {
        self.feed = None;
        self.failures = self.failures.saturating_add(1);
        let wait = backoff(self.failures, &*self.core.entropy);
        self.retry = Instant::now() + wait;
        let uri = &self.uri;
        tracing::debug!(uri, why, ?wait, "the status list is not pushed");
    }

    async fn take(&mut self, token: &str) {
        self.failures = 0;
        self.poll = Instant::now() + self.core.config.poll();
        if let Err(error) = self.core.take_status(&self.uri, token).await {
            tracing::warn!(%error, "a status list could not be kept");
        }
    }

    async fn fetch(&mut self) {
        match self.core.approvals.status_list(&self.uri).await {
            Ok(token) => self.take(&token).await,
            Err(error) => {
                tracing::warn!(%error, uri = self.uri, "a status list could not be fetched");
                self.poll = Instant::now() + self.core.config.poll().min(LONGEST);
            }
        }
    }
}

/// One second, two, four … at most a minute, and up to a half more, so that EPJs do not all come
/// back at the same moment.
fn backoff(failures: u32, entropy: &dyn foundation::Entropy) -> Duration {
    let seconds = 1_u64 << failures.saturating_sub(1).min(6);
    let wait = Duration::from_secs(seconds).min(LONGEST);
    let [spread] = entropy::bytes::<1>(entropy);
    wait + wait * u32::from(spread) / 512
}

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use foundation::testing;

    use super::*;

    #[test]
    fn the_wait_grows_to_a_minute_and_a_half_at_most() {
        let entropy = testing::entropy();
        let waits: Vec<Duration> = (1..40).map(|n| backoff(n, &*entropy)).collect();
        assert!(waits[0] >= Duration::from_secs(1) && waits[0] < Duration::from_secs(2));
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(90)));
        assert!(waits[7..].iter().all(|wait| *wait >= LONGEST));
        let distinct: BTreeSet<&Duration> = waits[7..].iter().collect();
        assert!(distinct.len() > 20);
    }
}

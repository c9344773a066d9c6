//! Follows status lists: by push where the registry pushes, and in any case by a fetch every few
//! minutes. A lost connection is made again, each time after a longer wait. Where the lists come
//! from and who takes them in is the [`Subscriber`]'s business.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use foundation::{Entropy, entropy};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Status list tokens as they are published.
pub type Feed = BoxStream<'static, String>;

/// The registry did not answer, or not with what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registry did not answer: {0}")]
pub struct Away(pub String);

/// Somebody who keeps status lists.
#[async_trait]
pub trait Subscriber: Send + Sync + 'static {
    /// The addresses of the lists that are to be followed; more may come.
    fn lists(&self) -> watch::Receiver<BTreeSet<String>>;

    /// How to follow them.
    fn pace(&self) -> Pace;

    /// Randomness, so that not everybody comes back at the same moment.
    fn entropy(&self) -> &dyn Entropy;

    /// The token at this address; `None` when it is the one that was taken in last.
    async fn fetch(&self, uri: &str) -> Result<Option<String>, Away>;

    /// The tokens at this address: the newest at once, then each time one is published. It ends when
    /// the connection does.
    async fn subscribe(&self, uri: &str) -> Result<Feed, Away>;

    /// Takes in a token, and says itself what is wrong with it.
    async fn take(&self, uri: &str, token: &str);

    /// Hears that a list is being pushed, or why it no longer is.
    fn connection(&self, uri: &str, lost: Option<&str>) {
        tracing::debug!(uri, lost, "the push of a status list");
    }
}

/// How lists are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long to wait before a list is fetched that was not pushed.
    pub poll: Duration,
    /// Whether to have them pushed at all.
    pub push: bool,
}

/// Follows every list of the subscriber until `stop`.
pub async fn follow<S: Subscriber>(subscriber: Arc<S>, stop: CancellationToken) {
    let mut lists = subscriber.lists();
    let mut followed = BTreeSet::new();
    let mut tasks = JoinSet::new();
    loop {
        let known = lists.borrow_and_update().clone();
        for uri in known {
            if followed.insert(uri.clone()) {
                tasks.spawn(Following::new(Arc::clone(&subscriber), uri).run(stop.clone()));
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
struct Following<S> {
    subscriber: Arc<S>,
    uri: String,
    feed: Option<Feed>,
    failures: u32,
    /// When to try to connect again.
    retry: Instant,
    /// When to fetch if nothing has come by then.
    poll: Instant,
}

/// What it woke up for.
enum Woken {
    Pushed(Option<String>),
    Retry,
    Poll,
    Stop,
}

impl<S: Subscriber> Following<S> {
    fn new(subscriber: Arc<S>, uri: String) -> Self {
        let now = Instant::now();
        Self {
            poll: now + jittered(subscriber.pace().poll, subscriber.entropy()),
            subscriber,
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
        let pushes = self.subscriber.pace().push;
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
        match self.subscriber.subscribe(&self.uri).await {
            Ok(feed) => {
                self.feed = Some(feed);
                self.subscriber.connection(&self.uri, None);
            }
            Err(Away(why)) => self.lost(&why),
        }
    }

    fn lost(&mut self, why: &str) {
        self.feed = None;
        self.failures = self.failures.saturating_add(1);
        self.retry = Instant::now() + backoff(self.failures, self.subscriber.entropy());
        self.subscriber.connection(&self.uri, Some(why));
    }

    async fn take(&mut self, token: &str) {
        self.failures = 0;
        self.heard();
        self.subscriber.take(&self.uri, token).await;
    }

    fn heard(&mut self) {
        let pace = self.subscriber.pace();
        self.poll = Instant::now() + jittered(pace.poll, self.subscriber.entropy());
    }

    async fn fetch(&mut self) {
        match self.subscriber.fetch(&self.uri).await {
            Ok(Some(token)) => self.take(&token).await,
            Ok(None) => self.heard(),
            Err(error) => {
                tracing::warn!(%error, uri = self.uri, "a status list could not be fetched");
                let soon = self.subscriber.pace().poll.min(LONGEST);
                self.poll = Instant::now() + jittered(soon, self.subscriber.entropy());
            }
        }
    }
}

/// One second, two, four … at most a minute, and up to a half more, so that EPJs do not all come
/// back at the same moment.
pub fn backoff(failures: u32, entropy: &dyn Entropy) -> Duration {
    let seconds = 1_u64 << failures.saturating_sub(1).min(6);
    let wait = Duration::from_secs(seconds).min(LONGEST);
    let [spread] = entropy::bytes::<1>(entropy);
    wait + wait * u32::from(spread) / 512
}

/// This long, or up to a tenth less.
pub fn jittered(interval: Duration, entropy: &dyn Entropy) -> Duration {
    let [spread] = entropy::bytes::<1>(entropy);
    interval.saturating_sub(interval * u32::from(spread) / 2560)
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

    #[test]
    fn polls_are_spread_and_never_late() {
        let entropy = testing::entropy();
        let interval = Duration::from_mins(5);
        let polls: BTreeSet<Duration> = (0..40).map(|_| jittered(interval, &*entropy)).collect();
        assert!(polls.len() > 20);
        assert!(
            polls
                .iter()
                .all(|poll| *poll <= interval && *poll >= interval * 9 / 10)
        );
    }
}

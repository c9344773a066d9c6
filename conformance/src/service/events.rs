//! Follows a check. The database holds the news in order; a signal in the process, or else a look
//! every second, tells when there is more, so it works across processes too.

use std::time::Duration;

use futures::Stream;
use futures::stream;
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::Conformance;
use crate::domain::check::{CheckId, Progress};
use crate::store;

/// Where a follower stands.
struct Follower {
    room: Conformance,
    check: CheckId,
    last: i64,
    ready: std::vec::IntoIter<Progress>,
    signal: broadcast::Receiver<CheckId>,
    over: bool,
}

impl Conformance {
    /// The news of a check after number `after`, until it is finished. Whether the caller may see
    /// the check is asked before, with [`Conformance::check`].
    pub fn follow(
        &self,
        check: CheckId,
        after: i64,
    ) -> impl Stream<Item = Progress> + Send + use<> {
        let follower = Follower {
            signal: self.news.subscribe(),
            room: self.clone(),
            check,
            last: after,
            ready: Vec::new().into_iter(),
            over: false,
        };
        stream::unfold(follower, |mut follower| async move {
            let news = follower.next().await?;
            Some((news, follower))
        })
    }
}

impl Follower {
    async fn next(&mut self) -> Option<Progress> {
        loop {
            if self.over {
                return None;
            }
            if let Some(news) = self.ready.next() {
                self.last = news.seq;
                self.over = news.kind == "finished";
                return Some(news);
            }
            let fresh = self.fresh().await.ok()?;
            let none = fresh.is_empty();
            self.ready = fresh.into_iter();
            if none {
                if self.is_final().await {
                    // Whoever comes back after the end has missed nothing.
                    return None;
                }
                self.wait().await;
            }
        }
    }

    async fn fresh(&self) -> Result<Vec<Progress>, foundation::store::StoreError> {
        let mut tx = self.room.parts.database.read().await?;
        store::progress::after(&mut tx, &self.check, self.last).await
    }

    async fn is_final(&self) -> bool {
        let Ok(mut tx) = self.room.parts.database.read().await else {
            return true;
        };
        // The end of a check and its last news are one transaction.
        match store::check::find(&mut tx, &self.check).await {
            Ok(Some(check)) => {
                check.state.is_final()
                    && store::progress::after(&mut tx, &self.check, self.last)
                        .await
                        .is_ok_and(|rest| rest.is_empty())
            }
            Ok(None) | Err(_) => true,
        }
    }

    async fn wait(&mut self) {
        let ours = async {
            loop {
                match self.signal.recv().await {
                    Ok(check) if check == self.check => return,
                    Ok(_) => {}
                    // Missed some: look. Closed: the room is going away, look at the usual pace.
                    Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        timeout(Duration::from_secs(1), ours)
            .await
            .unwrap_or_default();
    }
}

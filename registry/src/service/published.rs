//! What EPJs read of the registry: trust repository, status lists, and the log.

use verifier::TrustUpdate;

use std::time::Duration;

use futures::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;

use super::Registry;
use crate::error::RegistryError;
use crate::jobs::{hosted, refresh};
use crate::trust::feed::Issue;
use crate::trust::log::{LogError, TransparencyLog};

impl Registry {
    /// Makes the keys, publishes the first trust repository and status list, and orders their
    /// renewal, and what was decided and not carried out. To be called once at start.
    ///
    /// A database that may not speak for its log publishes nothing, and the process stands: what it
    /// serves besides goes on, and `/readyz` says what is in the way.
    pub async fn prepare(&self) -> Result<(), RegistryError> {
        match self.log().ensure_fit().await {
            Ok(()) => {
                // The lists wait for nobody, once there is a log.
                let renewed = self.renew_trust_if_possible().await;
                self.trust().name_approvals().await?;
                self.trust().refresh_status(Duration::ZERO).await?;
                renewed?;
                // What the last process published and did not live to show to the witnesses.
                self.trust().witness_soon().await;
            }
            Err(LogError::Obstacle(_)) => {}
            Err(other) => return Err(other.into()),
        }
        self.resume().await?;
        refresh::order_next(self).await?;
        Ok(hosted::order_next(self).await?)
    }

    /// Keeps status lists young until `stop`, whatever becomes of the job queue. To be run by every
    /// process that works for the registry.
    pub async fn keep_status_young(&self, stop: CancellationToken) {
        refresh::watch(self.clone(), stop).await;
    }

    /// Publishes the trust repository anew when it no longer says what is true, such as after a
    /// change of the reviewers.
    pub async fn renew_trust(&self) -> Result<(), RegistryError> {
        Ok(self.trust().ensure_repository().await?)
    }

    /// [`Self::renew_trust`], for who goes on without: what is missing is published once enough
    /// witnesses answer, the log has a successor, or the database was restored.
    pub async fn renew_trust_if_possible(&self) -> Result<(), RegistryError> {
        match self.renew_trust().await {
            Err(RegistryError::Log(
                error @ (LogError::Quorum(_) | LogError::Frozen | LogError::Obstacle(_)),
            )) => {
                tracing::warn!(%error, "what is new in the trust repository is published later");
                Ok(())
            }
            renewed => renewed,
        }
    }

    /// A file of the trust repository, by its path below `/trust/`. Neither it nor anything else that
    /// speaks for the log is given away while the database has less than the witnesses have seen.
    pub async fn trust_file(&self, path: &str) -> Result<Option<String>, RegistryError> {
        self.log().ensure_fit().await?;
        Ok(self.trust().repository_file(path).await?)
    }

    /// The trust repository for somebody who knows the root document of this version.
    pub async fn trust_update(&self, known_root: u64) -> Result<TrustUpdate, RegistryError> {
        self.log().ensure_fit().await?;
        Ok(self.trust().trust_update(known_root).await?)
    }

    /// The first root document, `1.root.json`: what EPJs pin. `None` before it is published.
    pub async fn first_root(&self) -> Result<Option<String>, RegistryError> {
        Ok(self.trust().first_root().await?)
    }

    /// The status list with this number: a compact JWS.
    pub async fn status_list(&self, list: i64) -> Result<Option<String>, RegistryError> {
        self.log().ensure_fit().await?;
        Ok(self.trust().status_list(list).await?)
    }

    /// The status list at this address.
    pub async fn status_list_at(&self, uri: &str) -> Result<Option<String>, RegistryError> {
        self.log().ensure_fit().await?;
        Ok(self.trust().status_list_at(uri).await?)
    }

    /// The transparency log.
    pub fn log(&self) -> &TransparencyLog {
        &self.parts().log
    }

    /// The status list at this address now, and then each time it is published: exact tokens. The
    /// stream ends with [`Registry::close_feeds`].
    pub fn follow_status_at(
        &self,
        uri: &str,
    ) -> Result<impl Stream<Item = String> + Send + use<>, RegistryError> {
        let list = self.trust().status_number(uri);
        let list = list.ok_or(RegistryError::StatusListUnknown)?;
        let issues = self.trust().feed.follow_here(list);
        Ok(issues.map(|issue| issue.token.to_string()))
    }

    /// The status list with this number as it is published, from what follows `after` on.
    pub(crate) fn follow_status(
        &self,
        list: i64,
        after: Option<i64>,
    ) -> Result<impl Stream<Item = Issue> + Send + use<>, RegistryError> {
        let followed = self.trust().feed.follow(list, after);
        followed.map_err(|_| RegistryError::FeedFull)
    }

    /// Ends the streams of everybody who follows a status list: the process is about to stop.
    pub fn close_feeds(&self) {
        self.trust().feed.close();
    }
}

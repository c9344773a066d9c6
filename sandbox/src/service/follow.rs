//! The sandboxes' EPJs as subscribers of the status lists that they rely on: how lists are followed is
//! the EPJ agent's own way, here it is said where they come from and who takes them in.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use epj_agent::follow::{self, Away, Feed, Pace, Subscriber};
use foundation::Entropy;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Core;
use crate::approvals::SourceError;

/// Follows until `stop`.
pub(crate) async fn follow(core: Arc<Core>, stop: CancellationToken) {
    if let Err(error) = core.recall_lists().await {
        tracing::warn!(%error, "the known status lists could not be read");
    }
    follow::follow(core, stop).await;
}

#[async_trait]
impl Subscriber for Core {
    fn lists(&self) -> watch::Receiver<BTreeSet<String>> {
        self.lists.subscribe()
    }

    fn pace(&self) -> Pace {
        Pace {
            poll: self.config.poll(),
            push: self.config.status_push,
        }
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    async fn fetch(&self, uri: &str) -> Result<Option<String>, Away> {
        Ok(Some(self.approvals.status_list(uri).await?))
    }

    async fn subscribe(&self, uri: &str) -> Result<Feed, Away> {
        Ok(self.approvals.follow_status(uri).await?)
    }

    async fn take(&self, uri: &str, token: &str) {
        if let Err(error) = self.take_status(uri, token).await {
            tracing::warn!(%error, "a status list could not be kept");
        }
    }
}

impl From<SourceError> for Away {
    fn from(SourceError(why): SourceError) -> Self {
        Self(why)
    }
}

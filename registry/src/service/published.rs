//! What EPJs read of the registry: trust repository, status lists, and the log.

use verifier::TrustUpdate;

use super::Registry;
use crate::error::RegistryError;
use crate::jobs::refresh;
use crate::trust::log::{LogError, TransparencyLog};

impl Registry {
    /// Makes the keys, publishes the first trust repository and status list, and orders their
    /// renewal. To be called once at start.
    ///
    /// A database that may not speak for its log publishes nothing, and the process stands: what it
    /// serves besides goes on, and `/readyz` says what is in the way.
    pub async fn prepare(&self) -> Result<(), RegistryError> {
        match self.log().ensure_fit().await {
            Ok(()) => {
                match self.renew_trust().await {
                    Err(RegistryError::Log(error @ LogError::Quorum(_))) => {
                        tracing::warn!(%error, "what is new is published once witnesses answer");
                    }
                    renewed => renewed?,
                }
                self.trust().refresh_status().await?;
            }
            Err(LogError::Obstacle(_)) => {}
            Err(other) => return Err(other.into()),
        }
        Ok(refresh::order_next(self).await?)
    }

    /// Publishes the trust repository anew when it no longer says what is true, such as after a
    /// change of the reviewers.
    pub async fn renew_trust(&self) -> Result<(), RegistryError> {
        Ok(self.trust().ensure_repository().await?)
    }

    /// A file of the trust repository, by its path below `/trust/`.
    pub async fn trust_file(&self, path: &str) -> Result<Option<String>, RegistryError> {
        Ok(self.trust().repository_file(path).await?)
    }

    /// The trust repository for somebody who knows the root document of this version.
    pub async fn trust_update(&self, known_root: u64) -> Result<TrustUpdate, RegistryError> {
        Ok(self.trust().trust_update(known_root).await?)
    }

    /// The first root document, `1.root.json`: what EPJs pin.
    pub async fn first_root(&self) -> Result<String, RegistryError> {
        Ok(self.trust().first_root().await?)
    }

    /// The status list with this number: a compact JWS.
    pub async fn status_list(&self, list: i64) -> Result<Option<String>, RegistryError> {
        Ok(self.trust().status_list(list).await?)
    }

    /// The status list at this address.
    pub async fn status_list_at(&self, uri: &str) -> Result<Option<String>, RegistryError> {
        Ok(self.trust().status_list_at(uri).await?)
    }

    /// The transparency log.
    pub fn log(&self) -> &TransparencyLog {
        &self.parts().log
    }
}

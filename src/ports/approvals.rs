//! The sandbox's EPJ fetches approvals, status lists and the trust repository; the registry
//! publishes them. The EPJ verifies all of it, as it would over the network.

use async_trait::async_trait;
use futures::StreamExt;
use registry::{ListedVersion, Registry};
use sandbox::{ApprovalSource, ListedApp, SourceError, StatusFeed};
use verifier::TrustUpdate;

/// The registry's public files, and the root document that was pinned when the rooms were joined.
#[derive(Debug)]
pub(crate) struct RegistryApprovals {
    registry: Registry,
    root: Option<String>,
}

impl RegistryApprovals {
    /// Answers from this registry.
    pub(crate) const fn new(registry: Registry, root: Option<String>) -> Self {
        Self { registry, root }
    }
}

#[async_trait]
impl ApprovalSource for RegistryApprovals {
    async fn trust_update(&self, known_root: u64) -> Result<TrustUpdate, SourceError> {
        self.registry
            .trust_update(known_root)
            .await
            .map_err(|error| failed(&error))
    }

    async fn status_list(&self, uri: &str) -> Result<String, SourceError> {
        let list = self
            .registry
            .status_list_at(uri)
            .await
            .map_err(|error| failed(&error))?;
        list.ok_or_else(|| SourceError(format!("there is no status list at {uri}")))
    }

    async fn follow_status(&self, uri: &str) -> Result<StatusFeed, SourceError> {
        let issues = self.registry.follow_status_at(uri);
        Ok(issues.map_err(|error| failed(&error))?.boxed())
    }

    async fn listed(&self) -> Result<Vec<ListedApp>, SourceError> {
        let versions = self
            .registry
            .listed_versions()
            .await
            .map_err(|error| failed(&error))?;
        Ok(versions.into_iter().map(listed).collect())
    }

    fn pinned_root(&self) -> Option<String> {
        self.root.clone()
    }
}

fn listed(version: ListedVersion) -> ListedApp {
    ListedApp {
        software_id: version.software_id,
        version: version.software_version,
        name: version.name,
        organisation: version.vendor,
        launch_uri: version.addresses.launch_uri,
        redirect_uris: version.addresses.redirect_uris,
        scope: version.scope,
        content: version.bundle.map(|digest| digest.sri()),
        observed: version
            .observed
            .map(|(digest, at)| (digest.sri(), at.seconds())),
        approval: version.approval,
        ticket: version.ticket,
    }
}

fn failed(error: &registry::RegistryError) -> SourceError {
    SourceError(error.to_string())
}

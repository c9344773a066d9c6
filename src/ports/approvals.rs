//! The sandbox's EPJ fetches approvals, status lists and the trust configuration; the registry
//! publishes them. The EPJ verifies all of it, as it would over the network.

use async_trait::async_trait;
use registry::{ListedVersion, Registry};
use sandbox::{ApprovalSource, ListedApp, SourceError};

/// The registry's public files.
#[derive(Debug)]
pub struct RegistryApprovals(Registry);

impl RegistryApprovals {
    /// Answers from this registry.
    pub const fn new(registry: Registry) -> Self {
        Self(registry)
    }
}

#[async_trait]
impl ApprovalSource for RegistryApprovals {
    async fn trust_config(&self) -> Result<String, SourceError> {
        self.0.trust_config().await.map_err(failed)
    }

    async fn status_list(&self, uri: &str) -> Result<String, SourceError> {
        self.0.status_list_at(uri).await.map_err(failed)
    }

    async fn listed(&self) -> Result<Vec<ListedApp>, SourceError> {
        let versions = self.0.listed_versions().await.map_err(failed)?;
        Ok(versions.into_iter().map(listed).collect())
    }

    fn root_key(&self) -> Option<String> {
        Some(self.0.root_key())
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
        approval: version.approval,
        ticket: version.ticket,
    }
}

fn failed(error: registry::RegistryError) -> SourceError {
    SourceError(error.to_string())
}

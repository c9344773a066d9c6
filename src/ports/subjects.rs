//! Conformance asks what it checks; the registry knows.

use async_trait::async_trait;
use conformance::{AppUnderTest, Subject, Subjects, SubjectsError};
use registry::{Registry, VersionState};

/// The registry's versions as subjects of checks.
#[derive(Debug)]
pub(crate) struct RegistrySubjects(Registry);

impl RegistrySubjects {
    /// Answers from this registry.
    pub(crate) const fn new(registry: Registry) -> Self {
        Self(registry)
    }
}

#[async_trait]
impl Subjects for RegistrySubjects {
    async fn find(&self, app: &str, version: &str) -> Result<Option<Subject>, SubjectsError> {
        let failed = |error: registry::RegistryError| SubjectsError(error.to_string());
        let Some(subject) = self.0.subject(app, version).await.map_err(failed)? else {
            return Ok(None);
        };
        Ok(Some(Subject {
            app: subject.software_id.clone(),
            version: subject.software_version.clone(),
            release: subject.release,
            organisation: subject.vendor.orgnr.to_string(),
            published: subject.state.is_public(),
            open: matches!(subject.state, VersionState::Draft | VersionState::Returned),
            app_under_test: app_under_test(&subject),
        }))
    }
}

/// A release as a run needs to know it.
fn app_under_test(subject: &registry::Subject) -> AppUnderTest {
    let manifest = &subject.manifest;
    AppUnderTest {
        app: subject.software_id.clone(),
        version: subject.software_version.clone(),
        launch_url: subject.addresses.launch_uri.clone(),
        redirect_uris: subject.addresses.redirect_uris.clone(),
        scope: manifest.scope.clone(),
        hosts: manifest.hosts.clone(),
        origins: subject.addresses.origins.clone(),
        languages: subject.entry.languages.iter().cloned().collect(),
        token_endpoint_auth_method: manifest.token_endpoint_auth_method.clone(),
        jwks: manifest
            .jwks
            .as_ref()
            .and_then(|jwks| serde_json::to_value(jwks).ok()),
    }
}

//! One request's surroundings: the sandbox, its population, and what the token allows.

use std::sync::Arc;

use synthetic_data::ResourceType;
use verifier::scope::Permission;

use super::FhirState;
use super::criterion::Surroundings;
use super::error::FhirError;
use super::overlay::{Draft, Overlay};
use super::permit::Permit;
use super::population::{Entry, Population};
use super::types::TypeInfo;
use super::value::System;
use crate::domain::grant::{Grant, Tenant};

/// What a handler works in.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) state: FhirState,
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) grant: Arc<Grant>,
    pub(crate) population: Arc<Population>,
}

impl Room {
    pub(crate) fn new(
        state: FhirState,
        tenant: Arc<Tenant>,
        grant: Option<Arc<Grant>>,
    ) -> Result<Self, FhirError> {
        let grant = grant.ok_or(FhirError::NoToken)?;
        let population = state.populations.get(&tenant.settings)?;
        tracing::debug!(
            sandbox = tenant.name,
            client = grant.client_id,
            encounter = grant.encounter,
            "FHIR request admitted"
        );
        Ok(Self {
            state,
            tenant,
            grant,
            population,
        })
    }

    /// What the token allows of a type.
    pub(crate) fn permit(
        &self,
        info: &TypeInfo,
        permission: Permission,
    ) -> Result<Permit, FhirError> {
        Permit::of(&self.grant, info, permission, self)
    }

    /// What was written in the sandbox.
    pub(crate) async fn overlay(&self) -> Result<Arc<Overlay>, FhirError> {
        let (state, tenant) = (&self.state, &self.tenant);
        let overlays = &state.overlays;
        Ok(overlays
            .get(&state.database, &tenant.name, &tenant.base)
            .await?)
    }

    /// Decides on changes and carries them out, all or none.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&mut Draft<'_>) -> Result<T, FhirError> + Send + 'static,
    ) -> Result<T, FhirError> {
        let overlay = self.overlay().await?;
        let log = super::log_name(&*self.state.entropy);
        overlay.write(&self.state.database, log, decide).await
    }

    /// A resource, as written in the sandbox or else as computed; why there is none otherwise.
    pub(crate) async fn find(
        &self,
        info: &'static TypeInfo,
        id: &str,
    ) -> Result<Option<Entry>, FhirError> {
        let overlay = self.overlay().await?;
        let written = overlay.view().slot(info, id).map(|slot| {
            let current = slot.current.as_ref();
            current.map(|current| current.entry.clone())
        });
        match written {
            Some(Some(entry)) => Ok(Some(entry)),
            Some(None) => Err(FhirError::Deleted(shown(info, id))),
            None => self.computed(info, id).await,
        }
    }

    /// A resource of the base population. A whole person is computed off the request's thread.
    pub(crate) async fn computed(
        &self,
        info: &'static TypeInfo,
        id: &str,
    ) -> Result<Option<Entry>, FhirError> {
        let Some(kind) = info.base else {
            return Ok(None);
        };
        if kind.is_of_practice() || kind == ResourceType::Patient {
            return Ok(self.population.find(info.name, id));
        }
        let (population, id) = (Arc::clone(&self.population), id.to_owned());
        let found = tokio::task::spawn_blocking(move || population.find(info.name, &id)).await;
        found.map_err(|_| FhirError::Interrupted)
    }

    /// A resource that the token allows to be read; refused or unknown otherwise.
    pub(crate) async fn readable(
        &self,
        info: &'static TypeInfo,
        id: &str,
    ) -> Result<Entry, FhirError> {
        let permit = self.permit(info, Permission::Read)?;
        let unknown = || FhirError::Unknown(shown(info, id));
        let entry = self.find(info, id).await?.ok_or_else(unknown)?;
        permit.check_kept(info, &entry, &self.tenant.base)?;
        Ok(entry)
    }

    /// One version of a resource that the token allows to be read.
    pub(crate) async fn readable_version(
        &self,
        info: &'static TypeInfo,
        id: &str,
        version: &str,
    ) -> Result<Entry, FhirError> {
        let permit = self.permit(info, Permission::Read)?;
        let number: i64 = version.parse().unwrap_or(0);
        let overlay = self.overlay().await?;
        let written = overlay
            .version(&self.state.database, info, id, number)
            .await?;
        let found = match written {
            Some(change) => match change.content {
                Some(content) => Some(content.entry.clone()),
                None => return Err(FhirError::Deleted(shown(info, id))),
            },
            None => self
                .computed(info, id)
                .await?
                .filter(|entry| entry.version == number),
        };
        let unknown =
            || FhirError::Unknown(format!("{}/_history/{}", shown(info, id), clipped(version)));
        let entry = found.ok_or_else(unknown)?;
        permit.check_kept(info, &entry, &self.tenant.base)?;
        Ok(entry)
    }
}

impl Surroundings for Room {
    fn base(&self) -> &str {
        &self.tenant.base
    }

    fn patient_with(&self, system: &System, value: &str) -> Option<String> {
        self.population
            .index_of(system, value)
            .map(|index| format!("p{index}"))
    }
}

/// Type and id for a message; an id from an address may be anything.
pub(crate) fn shown(info: &TypeInfo, id: &str) -> String {
    format!("{}/{}", info.name, clipped(id))
}

fn clipped(text: &str) -> String {
    text.chars().take(64).collect()
}

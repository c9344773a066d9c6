//! One request's surroundings: the sandbox, its population, and what the token allows.

use std::sync::Arc;

use foundation::store::StoreError;
use synthetic_data::ResourceType;
use verifier::scope::Permission;

use super::FhirState;
use super::criterion::Surroundings;
use super::error::FhirError;
use super::keys::Keys;
use super::overlay;
use super::parameter::TypeInfo;
use super::permit::Permit;
use super::population::{Entry, Population};
use super::value::System;
use crate::domain::grant::{Grant, Tenant};

/// What a handler works in.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) state: FhirState,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) population: Arc<Population>,
}

impl Room {
    pub(crate) fn new(
        state: FhirState,
        tenant: Tenant,
        grant: Option<Grant>,
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

    /// A resource, as written in the sandbox or else as computed.
    pub(crate) async fn find(
        &self,
        info: &'static TypeInfo,
        id: &str,
    ) -> Result<Option<Entry>, FhirError> {
        if info.writable {
            let mut tx = self.state.database.read().await?;
            if let Some(entry) = overlay::newest(&mut tx, &self.tenant.name, info, id).await? {
                return Ok(Some(entry));
            }
        }
        self.computed(info, id).await
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
        permit.check(&entry, &Keys::of_bytes(info, &entry.json))?;
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
        let written = if info.writable {
            self.written_version(info, id, number).await?
        } else {
            None
        };
        let found = match written {
            Some(entry) => Some(entry),
            None => self
                .computed(info, id)
                .await?
                .filter(|entry| entry.version == number),
        };
        let unknown =
            || FhirError::Unknown(format!("{}/_history/{}", shown(info, id), clipped(version)));
        let entry = found.ok_or_else(unknown)?;
        permit.check(&entry, &Keys::of_bytes(info, &entry.json))?;
        Ok(entry)
    }

    async fn written_version(
        &self,
        info: &'static TypeInfo,
        id: &str,
        version: i64,
    ) -> Result<Option<Entry>, StoreError> {
        let mut tx = self.state.database.read().await?;
        overlay::version(&mut tx, &self.tenant.name, info, id, version).await
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

//! App entries: created and changed by their vendor, seen by strangers once a version is listed.

use foundation::Timestamp;
use foundation::access::{Actor, Role};
use foundation::store::Tx;
use serde::Serialize;

use super::Registry;
use super::versions::VersionView;
use crate::domain::app::AppEntry;
use crate::domain::checks;
use crate::domain::organisation::Organisation;
use crate::domain::schema;
use crate::domain::version::VersionState;
use crate::error::RegistryError;
use crate::store;
use crate::store::app::App;

/// An app as its viewer may see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AppView {
    /// What the vendor says about it.
    pub entry: AppEntry,
    /// Who made it.
    pub vendor: Organisation,
    /// The app's entity id.
    pub entity_id: String,
    /// Counts changes of the entry.
    pub revision: i64,
    /// When the entry was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The versions that the viewer may see, highest first.
    pub versions: Vec<VersionView>,
    /// The version that the catalogue lists.
    pub listed: Option<String>,
}

/// An app in its vendor's console.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VendorApp {
    /// What the vendor says about it.
    pub entry: AppEntry,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Its versions, highest first.
    pub versions: Vec<VersionView>,
}

impl Registry {
    /// Creates an app entry from its JSON.
    pub async fn create_app(&self, actor: &Actor, json: &[u8]) -> Result<AppView, RegistryError> {
        let entry = self.read_entry(json)?;
        let now = self.parts().clock.now();
        let mut tx = self.parts().database.begin().await?;
        if !store::app::insert(&mut tx, now, &actor.organisation, &entry).await? {
            let owner = store::app::find(&mut tx, &entry.software_id).await?;
            let own = owner.is_some_and(|app| app.orgnr == actor.organisation);
            return Err(if own {
                RegistryError::AppExists
            } else {
                RegistryError::SoftwareIdTaken
            });
        }
        claim_names(&mut tx, &actor.organisation, &entry).await?;
        let view = self
            .app_view(&mut tx, Some(actor), &entry.software_id)
            .await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Replaces the entry, which must still have the revision that the vendor read. What was
    /// submitted or approved keeps the entry that it was submitted with.
    pub async fn update_app(
        &self,
        actor: &Actor,
        software_id: &str,
        revision: i64,
        json: &[u8],
    ) -> Result<AppView, RegistryError> {
        let entry = self.read_entry(json)?;
        let now = self.parts().clock.now();
        let mut tx = self.parts().database.begin().await?;
        own(&mut tx, actor, software_id).await?;
        if entry.software_id != software_id {
            return Err(RegistryError::invalid(
                "app-invalid",
                vec![checks::app::other_software_id(software_id)],
            ));
        }
        if !store::app::update(&mut tx, now, &entry, revision).await? {
            return Err(RegistryError::EntryStale);
        }
        claim_names(&mut tx, &actor.organisation, &entry).await?;
        let view = self.app_view(&mut tx, Some(actor), software_id).await?;
        tx.commit().await?;
        Ok(view)
    }

    fn read_entry(&self, json: &[u8]) -> Result<AppEntry, RegistryError> {
        let entry: AppEntry = schema::APP
            .read(json)
            .map_err(|findings| RegistryError::invalid("app-invalid", findings))?;
        let findings = checks::app::check(&entry, self.config());
        if findings.is_empty() {
            Ok(entry)
        } else {
            Err(RegistryError::invalid("app-invalid", findings))
        }
    }

    /// An app with the versions that the viewer may see.
    pub async fn app(
        &self,
        viewer: Option<&Actor>,
        software_id: &str,
    ) -> Result<AppView, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        self.app_view(&mut tx, viewer, software_id).await
    }

    async fn app_view(
        &self,
        tx: &mut Tx,
        viewer: Option<&Actor>,
        software_id: &str,
    ) -> Result<AppView, RegistryError> {
        let app = store::app::find(tx, software_id)
            .await?
            .ok_or(RegistryError::AppUnknown)?;
        let versions = self.versions_seen(tx, viewer, &app).await?;
        if versions.is_empty() && !sees_entry(viewer, &app) {
            return Err(RegistryError::AppUnknown);
        }
        // Strangers see what was approved, not what the vendor has written since.
        let shown = versions.iter().find(|version| version.state.is_public());
        let listed = versions
            .iter()
            .find(|version| version.state == VersionState::Approved);
        let listed = listed.or_else(|| versions.iter().find(|version| version.state.is_listed()));
        let listed = listed.map(|version| version.software_version.clone());
        let entry = match shown {
            Some(version) if !sees_entry(viewer, &app) => {
                version.entry.clone().unwrap_or(app.entry)
            }
            _ => app.entry,
        };
        Ok(AppView {
            vendor: self.vendor(tx, &app.orgnr).await?,
            entity_id: self.config().entity_id(software_id),
            entry,
            revision: app.revision,
            created_at: app.created_at,
            updated_at: app.updated_at,
            versions,
            listed,
        })
    }

    /// The caller's organisation's apps with all their versions.
    pub async fn vendor_apps(&self, actor: &Actor) -> Result<Vec<VendorApp>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let mut apps = Vec::new();
        for app in store::app::of(&mut tx, Some(&actor.organisation)).await? {
            apps.push(VendorApp {
                versions: self.versions_seen(&mut tx, Some(actor), &app).await?,
                entry: app.entry,
                updated_at: app.updated_at,
            });
        }
        Ok(apps)
    }

    /// The organisation that an app belongs to.
    pub(super) async fn vendor(
        &self,
        tx: &mut Tx,
        orgnr: &str,
    ) -> Result<Organisation, RegistryError> {
        store::organisation::find(tx, orgnr)
            .await?
            .ok_or(RegistryError::OrganisationUnknown)
    }
}

/// The app, when it is the actor's own; to others it is unknown.
pub(super) async fn own(
    tx: &mut Tx,
    actor: &Actor,
    software_id: &str,
) -> Result<App, RegistryError> {
    store::app::find(tx, software_id)
        .await?
        .filter(|app| app.orgnr == actor.organisation && actor.is(Role::Vendor))
        .ok_or(RegistryError::AppUnknown)
}

fn sees_entry(viewer: Option<&Actor>, app: &App) -> bool {
    viewer.is_some_and(|actor| {
        actor.is(Role::Operator) || (actor.organisation == app.orgnr && actor.is(Role::Vendor))
    })
}

async fn claim_names(tx: &mut Tx, orgnr: &str, entry: &AppEntry) -> Result<(), RegistryError> {
    let mut findings = Vec::new();
    for (tag, name) in entry.name.texts() {
        let skeleton = checks::name::skeleton(name);
        if let Some(taken) = store::app::claim_name(tx, &skeleton, orgnr, name).await? {
            findings.push(checks::name::confusable(tag, name, &taken));
        }
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(RegistryError::invalid("app-invalid", findings))
    }
}

//! Organisations and people: who may come in, and as what.

use foundation::access::Actor;

use super::{Registry, progress};
use crate::domain::organisation::{Organisation, Person};
use crate::error::RegistryError;
use crate::store;

impl Registry {
    /// Adds an organisation, or gives a known one this name and these roles.
    pub async fn save_organisation(
        &self,
        organisation: &Organisation,
    ) -> Result<(), RegistryError> {
        let orgnr = organisation.orgnr.as_str();
        let mut tx = self.parts().database.begin().await?;
        let known = store::organisation::find(&mut tx, orgnr).await?;
        store::organisation::save(&mut tx, self.parts().clock.now(), organisation).await?;
        if known.is_some_and(|known| known.name != organisation.name) {
            // The catalogue's rows carry their vendor's name.
            for app in store::app::of(&mut tx, Some(orgnr)).await? {
                progress::relist(self, &mut tx, &app.entry.software_id).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Adds a person to their organisation, or gives a known one this name and these roles.
    pub async fn save_person(&self, person: &Person) -> Result<(), RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        store::organisation::find(&mut tx, person.orgnr.as_str())
            .await?
            .ok_or(RegistryError::OrganisationUnknown)?;
        store::organisation::save_person(&mut tx, self.parts().clock.now(), person).await?;
        Ok(tx.commit().await?)
    }

    /// Every organisation, by name.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        Ok(store::organisation::all(&mut tx).await?)
    }

    /// The people of an organisation, or all people, by name.
    pub async fn persons(&self, orgnr: Option<&str>) -> Result<Vec<Person>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        Ok(store::organisation::persons(&mut tx, orgnr).await?)
    }

    /// The person as their organisation registered them.
    pub async fn person(&self, actor: &Actor) -> Result<Person, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        store::organisation::find_person(&mut tx, &actor.person, &actor.organisation)
            .await?
            .ok_or(RegistryError::PersonUnknown)
    }

    /// Lets somebody in whom an identity provider has authenticated, for the organisation that they
    /// chose; the name is kept as the provider gave it.
    pub async fn sign_in(
        &self,
        subject: &str,
        name: &str,
        orgnr: &str,
    ) -> Result<Actor, RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        let organisation = store::organisation::find(&mut tx, orgnr)
            .await?
            .ok_or(RegistryError::OrganisationUnknown)?;
        let mut person = store::organisation::find_person(&mut tx, subject, orgnr)
            .await?
            .ok_or(RegistryError::PersonUnknown)?;
        if person.name != name && !name.trim().is_empty() {
            store::organisation::rename_person(&mut tx, subject, orgnr, name).await?;
            name.clone_into(&mut person.name);
        }
        tx.commit().await?;
        Ok(actor(person, organisation))
    }
}

/// The actor that a person of an organisation is.
pub(super) fn actor(person: Person, organisation: Organisation) -> Actor {
    Actor {
        roles: store::organisation::effective(&person.roles, &organisation.roles),
        person: person.subject,
        name: person.name,
        organisation: person.orgnr.into(),
        organisation_name: organisation.name,
    }
}

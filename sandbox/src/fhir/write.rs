//! Creating, updating and deleting in a sandbox's overlay, by id or by condition. A resource of the
//! base is copied on its first change; an update of what is not there creates it under the id that
//! the client chose. Each write is decided against what stands when it is its turn ([`Draft`]).

use axum::http::HeaderMap;
use bytes::Bytes;
use verifier::scope::Permission;

use super::body::{Incoming, refuse};
use super::error::{FhirError, Flaw};
use super::flaws;
use super::keys::Keys;
use super::overlay::{Change, Draft, MOST_BYTES_KEPT, Standing};
use super::permit::Permit;
use super::population::{Entry, Indexed, person_of};
use super::room::Room;
use super::rules;
use super::selector::{Precondition, Selector};
use super::subscription::{Note, room_for_another};
use super::types::TypeInfo;
use crate::domain::sandbox::Validation;

/// What a write left.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) entry: Entry,
    pub(crate) outcome: Outcome,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Created,
    /// It was there already, and was left as it is.
    Found,
    Updated,
}

/// A write that is ready to have its turn.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) room: Room,
    pub(crate) permit: Permit,
    pub(crate) incoming: Incoming,
    /// What the base population has under the id.
    pub(crate) computed: Option<Entry>,
    /// What is kept beside a Subscription.
    pub(crate) note: Option<Note>,
}

impl Ready {
    /// Keeps the resource as the next version under an id.
    fn keep(&self, draft: &mut Draft<'_>, id: &str, before: &Standing) -> Result<Entry, FhirError> {
        let (info, room) = (self.incoming.info, &self.room);
        if draft.bytes() > MOST_BYTES_KEPT {
            return Err(FhirError::Full(MOST_BYTES_KEPT));
        }
        if before.entry().is_none() {
            room_for_another(draft, info)?;
        }
        let now = room.state.clock.now();
        let version = before.version() + 1;
        let entry = Entry {
            resource_type: info.name,
            id: id.to_owned(),
            version,
            updated: now.millis(),
            json: Bytes::from(self.incoming.stamped(id, version, now)),
            patients: Vec::new(),
        };
        let indexed = Indexed::written(info, entry, &room.tenant.base);
        let there = |patient: &str| room.has_patient(draft, patient);
        refuse(flaws::patients(info, &indexed, &there))?;
        self.permit.check(&indexed.entry, &indexed.keys)?;
        let entry = indexed.entry.clone();
        draft.change(Change {
            info,
            id: id.to_owned(),
            number: version,
            updated: entry.updated,
            content: Some(indexed),
            note: self.note.clone(),
        });
        Ok(entry)
    }

    /// Creates it under an id of the server's, unless what it is conditional on is there.
    pub(crate) fn create(
        &self,
        draft: &mut Draft<'_>,
        id: &str,
        unless: Option<&Selector>,
    ) -> Result<Written, FhirError> {
        if let Some(entry) = unless.map_or(Ok(None), |unless| unless.one(draft))? {
            let outcome = Outcome::Found;
            return Ok(Written { entry, outcome });
        }
        let entry = self.keep(draft, id, &Standing::Absent)?;
        let outcome = Outcome::Created;
        Ok(Written { entry, outcome })
    }

    /// Updates what stands under an id, or creates it there.
    pub(crate) fn update(
        &self,
        draft: &mut Draft<'_>,
        id: &str,
        precondition: &Precondition,
    ) -> Result<Written, FhirError> {
        let info = self.incoming.info;
        let before = draft.standing(info, id, self.computed.as_ref());
        precondition.check(info, id, before.entry())?;
        let taken = person_of(info.name, id).is_some();
        match (&before, before.entry()) {
            (_, Some(entry)) => {
                self.permit
                    .check_kept(info, entry, &self.room.tenant.base)?;
            }
            (Standing::Absent, None) if taken => {
                return Err(FhirError::Invalid(vec![Flaw {
                    at: "Resource.id".to_owned(),
                    detail: "This id is kept for the computed population.".to_owned(),
                }]));
            }
            _ => {}
        }
        let entry = self.keep(draft, id, &before)?;
        let outcome = match before.entry() {
            Some(_) => Outcome::Updated,
            None => Outcome::Created,
        };
        Ok(Written { entry, outcome })
    }
}

impl Room {
    /// Creates a resource under an id of the server's.
    pub(crate) async fn create(
        &self,
        info: &'static TypeInfo,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Written, FhirError> {
        let permit = self.permit(info, Permission::Create)?;
        let incoming = Incoming::read(info, headers, content)?;
        let ready = self.ready(permit, incoming, None).await?;
        let unless = match headers.get("if-none-exist") {
            Some(condition) => {
                let condition = condition.to_str().unwrap_or_default();
                Some(self.selector(info, condition).await?)
            }
            None => None,
        };
        let id = self.new_id();
        self.write(move |draft| ready.create(draft, &id, unless.as_ref()))
            .await
    }

    /// Updates a resource, or creates it under the client's id.
    pub(crate) async fn update(
        &self,
        info: &'static TypeInfo,
        id: &str,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Written, FhirError> {
        let permit = self.permit(info, Permission::Update)?;
        let incoming = Incoming::read(info, headers, content)?;
        self.put(permit, incoming, id, Precondition::of(headers))
            .await
    }

    pub(crate) async fn put(
        &self,
        permit: Permit,
        incoming: Incoming,
        id: &str,
        precondition: Precondition,
    ) -> Result<Written, FhirError> {
        same_id(&incoming, id)?;
        let ready = self.ready(permit, incoming, Some(id)).await?;
        let id = id.to_owned();
        self.write(move |draft| ready.update(draft, &id, &precondition))
            .await
    }

    /// Updates the one resource that fits a condition, or creates it (R4 §3.1.0.4.3).
    pub(crate) async fn update_by(
        &self,
        info: &'static TypeInfo,
        condition: &str,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Written, FhirError> {
        let permit = self.permit(info, Permission::Update)?;
        let incoming = Incoming::read(info, headers, content)?;
        let selector = self.selector(info, condition).await?;
        // What the base has is not looked up under the lock: the selector has it already.
        let own_id = incoming.id().map(str::to_owned);
        let mut ready = self.ready(permit, incoming, own_id.as_deref()).await?;
        let precondition = Precondition::of(headers);
        let new_id = self.new_id();
        self.write(move |draft| {
            let found = selector.one(draft)?;
            let id = match (&found, own_id) {
                (Some(found), Some(own)) if found.id != own => {
                    return Err(id_flaw(info));
                }
                (Some(found), _) => found.id.clone(),
                (None, Some(own)) => own,
                (None, None) => new_id,
            };
            ready.computed = found.or_else(|| ready.computed.take());
            ready.update(draft, &id, &precondition)
        })
        .await
    }

    /// Deletes a resource; what is gone already stays gone. Gives the version of the deletion.
    pub(crate) async fn delete(
        &self,
        info: &'static TypeInfo,
        id: &str,
        precondition: Precondition,
    ) -> Result<Option<i64>, FhirError> {
        let permit = self.permit(info, Permission::Delete)?;
        let computed = self.computed(info, id).await?;
        let (room, id) = (self.clone(), id.to_owned());
        self.write(move |draft| {
            let before = draft.standing(info, &id, computed.as_ref());
            precondition.check(info, &id, before.entry())?;
            room.remove(draft, &permit, info, before.entry())
        })
        .await
    }

    /// Deletes the one resource that fits a condition.
    pub(crate) async fn delete_by(
        &self,
        info: &'static TypeInfo,
        condition: &str,
    ) -> Result<Option<i64>, FhirError> {
        let permit = self.permit(info, Permission::Delete)?;
        let selector = self.selector(info, condition).await?;
        let room = self.clone();
        self.write(move |draft| {
            let found = selector.one(draft)?;
            room.remove(draft, &permit, info, found.as_ref())
        })
        .await
    }

    /// Deletes what stands; nothing is done where nothing does.
    pub(crate) fn remove(
        &self,
        draft: &mut Draft<'_>,
        permit: &Permit,
        info: &'static TypeInfo,
        before: Option<&Entry>,
    ) -> Result<Option<i64>, FhirError> {
        let Some(before) = before else {
            return Ok(None);
        };
        permit.check_kept(info, before, &self.tenant.base)?;
        let number = before.version + 1;
        draft.change(Change {
            info,
            id: before.id.clone(),
            number,
            updated: self.state.clock.now().millis(),
            content: None,
            note: None,
        });
        Ok(Some(number))
    }

    /// Looks a resource over and finds what the base has under its id.
    pub(crate) async fn ready(
        &self,
        permit: Permit,
        incoming: Incoming,
        id: Option<&str>,
    ) -> Result<Ready, FhirError> {
        let incoming = incoming.secured_for(self.grant.patient.as_deref())?;
        incoming.check()?;
        if self.tenant.validation == Validation::Strict {
            let broken = rules::broken(&incoming.value);
            if !broken.is_empty() {
                return Err(FhirError::Breaks(broken));
            }
        }
        let (incoming, note) = self.subscribed(incoming)?;
        let info = incoming.info;
        let keys = Keys::of(info, &incoming.value, &self.tenant.base);
        let patients =
            super::population::compartments(info, "", &incoming.value, &keys, &self.tenant.base);
        refuse(flaws::encounter(self, info, &incoming.value, &patients).await?)?;
        let computed = match id {
            Some(id) => self.computed(info, id).await?,
            None => None,
        };
        Ok(Ready {
            room: self.clone(),
            permit,
            incoming,
            computed,
            note,
        })
    }

    pub(crate) fn new_id(&self) -> String {
        foundation::id::generate("r", &*self.state.clock, &*self.state.entropy).replace('_', "-")
    }

    /// Whether a patient is there: computed and not deleted, or written.
    fn has_patient(&self, draft: &Draft<'_>, id: &str) -> bool {
        let Some(info) = TypeInfo::by_name("Patient") else {
            return false;
        };
        match draft.standing(info, id, None) {
            Standing::Present(_) => true,
            Standing::Deleted(_) => false,
            Standing::Absent => {
                person_of("Patient", id).is_some_and(|index| self.population.has(index))
            }
        }
    }
}

/// Refuses a resource whose id is not that of the address.
pub(crate) fn same_id(incoming: &Incoming, id: &str) -> Result<(), FhirError> {
    if !is_id(id) {
        return Err(FhirError::BadId {
            id: id.chars().take(64).collect(),
        });
    }
    if incoming.id() == Some(id) {
        Ok(())
    } else {
        Err(id_flaw(incoming.info))
    }
}

fn id_flaw(info: &TypeInfo) -> FhirError {
    FhirError::Invalid(vec![Flaw {
        at: "Resource.id".to_owned(),
        detail: format!("{}.id must be the id in the address.", info.name),
    }])
}

/// An id of FHIR: 1 to 64 letters, digits, hyphens and full stops.
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

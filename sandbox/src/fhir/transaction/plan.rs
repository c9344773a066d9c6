//! A transaction: every write is made ready, then all have one turn in the order that R4 §3.1.0.11.2
//! gives (deletions, creations, updates); what only reads comes after.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderMap;
use foundation::Timestamp;
use verifier::scope::Permission;

use super::super::body::Incoming;
use super::super::error::FhirError;
use super::super::overlay::Draft;
use super::super::patch::Patch;
use super::super::permit::Permit;
use super::super::population::Entry as Resource;
use super::super::room::{Room, shown};
use super::super::selector::{Precondition, Selector};
use super::super::types::TypeInfo;
use super::super::write::{Outcome, Ready, Written, same_id};
use super::entry::{Asked, Entry};
use super::links::Links;
use super::{Answer, bad};

/// What one entry is to do.
enum Step {
    Create {
        ready: Box<Ready>,
        id: String,
        unless: Option<Selector>,
        /// What the condition found when the references were followed.
        expected: Option<String>,
    },
    Delete {
        permit: Permit,
        info: &'static TypeInfo,
        id: Option<(String, Option<Resource>)>,
        selector: Option<Selector>,
        precondition: Precondition,
    },
    Read,
    Update {
        ready: Box<Ready>,
        id: String,
        precondition: Precondition,
    },
}

/// Where an entry's resource will stand.
struct Place {
    info: &'static TypeInfo,
    id: String,
    unless: Option<Selector>,
    expected: Option<String>,
}

impl Room {
    pub(super) async fn transaction(
        &self,
        headers: &HeaderMap,
        entries: &[Entry],
        representation: bool,
    ) -> Result<Vec<Answer>, FhirError> {
        let (places, mut links) = self.places(entries).await?;
        let mut steps = Vec::with_capacity(entries.len());
        for (number, (entry, place)) in entries.iter().zip(places).enumerate() {
            let step = self.step(number, entry, place, &mut links).await;
            steps.push(step.map_err(|error| within(number, error))?);
        }
        let room = self.clone();
        let mut answers = self
            .write(move |draft| carry_out(&room, draft, &steps, representation))
            .await?;
        for (entry, answer) in entries.iter().zip(&mut answers) {
            if let (Some(asked), 0) = (&entry.request, answer.status) {
                *answer = self.one(headers, asked, &[]).await?;
            }
        }
        Ok(answers)
    }

    /// Decides where each resource will stand, so that references to it can be followed.
    async fn places(&self, entries: &[Entry]) -> Result<(Vec<Option<Place>>, Links), FhirError> {
        let (mut places, mut links) = (Vec::new(), Links::default());
        let (mut taken, mut named) = (BTreeSet::new(), BTreeMap::new());
        for (number, entry) in entries.iter().enumerate() {
            let asked = entry.request.as_ref();
            let asked = asked.ok_or_else(|| bad(number, "it has no request"))?;
            let place = self.place(number, asked).await;
            let place = place.map_err(|error| within(number, error))?;
            if let Some(place) = &place {
                let stands = (
                    place.info.name,
                    place.expected.as_ref().unwrap_or(&place.id).clone(),
                );
                if place.expected.is_none() && !taken.insert(stands.clone()) {
                    let name = format!("{}/{}", stands.0, stands.1);
                    return Err(bad(number, format!("{name} is changed twice")));
                }
                if let Some(full) = &entry.full_url {
                    if named.insert(full.clone(), number).is_some() {
                        return Err(bad(number, "its fullUrl stands there twice"));
                    }
                    links.add(full, format!("{}/{}", stands.0, stands.1));
                }
            }
            places.push(place);
        }
        Ok((places, links))
    }

    async fn place(&self, number: usize, asked: &Asked) -> Result<Option<Place>, FhirError> {
        let path = asked.path();
        let info = || {
            let name = path.split('/').next().unwrap_or_default();
            TypeInfo::by_name(name).ok_or_else(|| FhirError::Type(name.chars().take(64).collect()))
        };
        match (asked.method.as_str(), path.split_once('/'), asked.query()) {
            ("GET" | "HEAD" | "DELETE", ..) => Ok(None),
            ("POST", None, None) => {
                let info = info()?;
                let (unless, expected) = match &asked.if_none_exist {
                    Some(condition) => {
                        let (selector, found) = self.find_one(info, condition).await?;
                        (Some(selector), found.map(|found| found.id))
                    }
                    None => (None, None),
                };
                Ok(Some(Place {
                    info,
                    id: self.new_id(),
                    unless,
                    expected,
                }))
            }
            ("PATCH" | "PUT", Some((_, id)), None) => Ok(Some(Place {
                info: info()?,
                id: id.to_owned(),
                unless: None,
                expected: None,
            })),
            ("PUT", None, Some(condition)) => {
                let info = info()?;
                let (selector, found) = self.find_one(info, condition).await?;
                let id = found.map_or_else(|| self.new_id(), |found| found.id);
                Ok(Some(Place {
                    info,
                    id,
                    unless: Some(selector),
                    expected: None,
                }))
            }
            ("PATCH", None, Some(condition)) => {
                let info = info()?;
                let (_, found) = self.find_one(info, condition).await?;
                let unknown = || bad(number, format!("no {} fits {condition}", info.name));
                Ok(Some(Place {
                    info,
                    id: found.ok_or_else(unknown)?.id,
                    unless: None,
                    expected: None,
                }))
            }
            (method, ..) => {
                let method: String = method.chars().take(20).collect();
                Err(bad(
                    number,
                    format!("{method} of {path} is not done in a transaction"),
                ))
            }
        }
    }

    async fn find_one(
        &self,
        info: &'static TypeInfo,
        condition: &str,
    ) -> Result<(Selector, Option<Resource>), FhirError> {
        let selector = self.selector(info, condition).await?;
        let found = self.overlay().await?.look(|draft| selector.one(draft))?;
        Ok((selector, found))
    }

    async fn step(
        &self,
        number: usize,
        entry: &Entry,
        place: Option<Place>,
        links: &mut Links,
    ) -> Result<Step, FhirError> {
        let asked = entry.request.as_ref();
        let asked = asked.ok_or_else(|| bad(number, "it has no request"))?;
        let precondition = Precondition::new(asked.if_match.clone(), asked.if_none_match.clone());
        let Some(place) = place else {
            return if asked.method == "DELETE" {
                self.deletion(asked, precondition).await
            } else {
                Ok(Step::Read)
            };
        };
        let resource = entry.resource.as_ref();
        let resource = resource.ok_or_else(|| bad(number, "it has no resource"))?;
        let value = serde_json::from_str(resource.get())
            .map_err(|error| FhirError::BadBody(error.to_string()))?;
        self.conditional_references(number, &value, links).await?;
        let content = links.follow(resource.get());
        if asked.method == "PATCH" {
            return self
                .patching(place, content.as_bytes(), &precondition)
                .await;
        }
        let incoming = Incoming::parse(place.info, content.as_bytes())?;
        if asked.method == "POST" {
            let permit = self.permit(place.info, Permission::Create)?;
            return Ok(Step::Create {
                ready: Box::new(self.ready(permit, incoming, None).await?),
                id: place.id,
                unless: place.unless,
                expected: place.expected,
            });
        }
        let permit = self.permit(place.info, Permission::Update)?;
        let conditional = place.unless.is_some();
        if !conditional || incoming.id().is_some() {
            same_id(&incoming, &place.id)?;
        }
        let ready = self.ready(permit, incoming, Some(&place.id)).await?;
        Ok(Step::Update {
            ready: Box::new(ready),
            id: place.id,
            precondition,
        })
    }

    /// An update to what a patch makes of the version that is there now.
    async fn patching(
        &self,
        Place { info, id, .. }: Place,
        patch: &[u8],
        precondition: &Precondition,
    ) -> Result<Step, FhirError> {
        let permit = self.permit(info, Permission::Update)?;
        let found = self.find(info, &id).await?;
        let before = found.ok_or_else(|| FhirError::Unknown(shown(info, &id)))?;
        precondition.check(info, &id, Some(&before))?;
        let incoming = Patch::of_entry(patch)?.patched(info, &before)?;
        same_id(&incoming, &id)?;
        Ok(Step::Update {
            ready: Box::new(self.ready(permit, incoming, Some(&id)).await?),
            id,
            precondition: Precondition::unchanged(&before),
        })
    }

    async fn deletion(&self, asked: &Asked, precondition: Precondition) -> Result<Step, FhirError> {
        let (name, id) = match asked.path().split_once('/') {
            Some((name, id)) => (name, Some(id)),
            None => (asked.path(), None),
        };
        let unknown = || FhirError::Type(name.chars().take(64).collect());
        let info = TypeInfo::by_name(name).ok_or_else(unknown)?;
        let permit = self.permit(info, Permission::Delete)?;
        let selector = match (id, asked.query()) {
            (None, condition) => Some(self.selector(info, condition.unwrap_or_default()).await?),
            (Some(_), _) => None,
        };
        let id = match id {
            Some(id) => Some((id.to_owned(), self.computed(info, id).await?)),
            None => None,
        };
        Ok(Step::Delete {
            permit,
            info,
            id,
            selector,
            precondition,
        })
    }
}

/// Says which entry was refused, where the refusal is about what it holds.
fn within(number: usize, error: FhirError) -> FhirError {
    match error {
        FhirError::BadBody(reason) => bad(number, reason),
        FhirError::Type(name) => bad(number, format!("{name} is not served here")),
        FhirError::BadId { id } => bad(number, format!("{id} is not an id")),
        other => other,
    }
}

fn carry_out(
    room: &Room,
    draft: &mut Draft<'_>,
    steps: &[Step],
    representation: bool,
) -> Result<Vec<Answer>, FhirError> {
    let mut answers = vec![Answer::default(); steps.len()];
    for turn in 0..3 {
        for (number, step) in steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.turn() == turn)
        {
            let done = step.carry_out(room, draft, representation);
            let done = done.map_err(|error| within(number, error))?;
            if let Some(answer) = answers.get_mut(number) {
                *answer = done;
            }
        }
    }
    Ok(answers)
}

impl Step {
    fn turn(&self) -> u8 {
        match self {
            Self::Delete { .. } => 0,
            Self::Create { .. } => 1,
            Self::Update { .. } => 2,
            Self::Read => 3,
        }
    }

    fn carry_out(
        &self,
        room: &Room,
        draft: &mut Draft<'_>,
        representation: bool,
    ) -> Result<Answer, FhirError> {
        match self {
            Self::Read => Ok(Answer::default()),
            Self::Create {
                ready,
                id,
                unless,
                expected,
            } => {
                let written = ready.create(draft, id, unless.as_ref())?;
                let found = (written.outcome == Outcome::Found).then(|| written.entry.id.clone());
                if found != *expected {
                    // References were made to something else: the client may try again.
                    let name = ready.incoming.info.name;
                    return Err(FhirError::Conflict(format!(
                        "a {name} that the condition names"
                    )));
                }
                Ok(answer(room, &written, representation))
            }
            Self::Update {
                ready,
                id,
                precondition,
            } => {
                let written = ready.update(draft, id, precondition)?;
                Ok(answer(room, &written, representation))
            }
            Self::Delete {
                permit,
                info,
                id,
                selector,
                precondition,
            } => {
                let before = match (id, selector) {
                    (Some((id, computed)), _) => {
                        let standing = draft.standing(info, id, computed.as_ref());
                        precondition.check(info, id, standing.entry())?;
                        standing.entry().cloned()
                    }
                    (None, Some(selector)) => selector.one(draft)?,
                    (None, None) => None,
                };
                let version = room.remove(draft, permit, info, before.as_ref())?;
                Ok(Answer {
                    status: 204,
                    etag: version.map(|version| format!("W/\"{version}\"")),
                    ..Answer::default()
                })
            }
        }
    }
}

fn answer(room: &Room, written: &Written, representation: bool) -> Answer {
    let entry = &written.entry;
    let (name, id, version) = (entry.resource_type, &entry.id, entry.version);
    let base = &room.tenant.base;
    Answer {
        status: if written.outcome == Outcome::Created {
            201
        } else {
            200
        },
        location: Some(format!("{base}/{name}/{id}/_history/{version}")),
        etag: Some(format!("W/\"{version}\"")),
        last_modified: Some(Timestamp::from_millis(entry.updated).rfc3339()),
        resource: representation.then(|| entry.json.to_vec()),
        outcome: None,
    }
}

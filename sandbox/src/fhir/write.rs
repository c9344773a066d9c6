//! Creating and updating in a sandbox's overlay. A resource of the base is copied on its first
//! change; an update of what is not there creates it under the id that the client chose.

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde_json::{Map, Value};
use verifier::scope::Permission;

use super::body;
use super::error::{FhirError, Flaw};
use super::keys::Keys;
use super::overlay;
use super::parameter::TypeInfo;
use super::population::{Entry, person_of};
use super::room::{Room, shown};

/// What a write left.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) entry: Entry,
    pub(crate) created: bool,
}

impl Room {
    /// Creates a resource under an id of the server's.
    pub(crate) async fn create(
        &self,
        info: &'static TypeInfo,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Written, FhirError> {
        let permit = self.permit(writable(info)?, Permission::Create)?;
        let members = body::read(info, headers, content)?;
        let patient = self.compartment(info, &members).await?;
        let id = foundation::id::generate("r", &*self.state.clock, &*self.state.entropy)
            .replace('_', "-");
        let entry = self.entry(info, members, id, 1, patient);
        permit.check(&entry, &Keys::of_bytes(info, &entry.json))?;
        let mut tx = self.state.database.begin().await?;
        overlay::put(&mut tx, &self.tenant.name, &entry).await?;
        tx.commit().await?;
        Ok(Written {
            entry,
            created: true,
        })
    }

    /// Updates a resource, or creates it under the client's id.
    pub(crate) async fn update(
        &self,
        info: &'static TypeInfo,
        id: &str,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Written, FhirError> {
        let permit = self.permit(writable(info)?, Permission::Update)?;
        if !is_id(id) {
            return Err(FhirError::BadId {
                id: id.chars().take(64).collect(),
            });
        }
        let members = body::read(info, headers, content)?;
        if members.get("id").and_then(Value::as_str) != Some(id) {
            let detail = format!("{}.id must be the id in the address.", info.name);
            return Err(FhirError::Invalid(vec![Flaw {
                at: "Resource.id",
                detail,
            }]));
        }
        let patient = self.compartment(info, &members).await?;
        // Outside the transaction: a base resource never changes under it.
        let computed = self.computed(info, id).await?;
        let mut tx = self.state.database.begin().await?;
        let written = overlay::newest(&mut tx, &self.tenant.name, info, id).await?;
        let before = written.or(computed);
        expected(info, id, headers, before.as_ref())?;
        match &before {
            Some(before) => permit.check(before, &Keys::of_bytes(info, &before.json))?,
            None if person_of(info.name, id).is_some() => {
                let detail = "This id is kept for the computed population.".to_owned();
                return Err(FhirError::Invalid(vec![Flaw {
                    at: "Resource.id",
                    detail,
                }]));
            }
            None => {}
        }
        let version = before.as_ref().map_or(1, |before| before.version + 1);
        let entry = self.entry(info, members, id.to_owned(), version, patient);
        permit.check(&entry, &Keys::of_bytes(info, &entry.json))?;
        let stored = overlay::put(&mut tx, &self.tenant.name, &entry).await;
        stored.map_err(|error| {
            if error.is_duplicate() {
                FhirError::Conflict(shown(info, id))
            } else {
                FhirError::Store(error)
            }
        })?;
        tx.commit().await?;
        Ok(Written {
            entry,
            created: before.is_none(),
        })
    }

    /// The patient whom the resource is about. What a Binary does not say is taken from the context.
    async fn compartment(
        &self,
        info: &TypeInfo,
        members: &Map<String, Value>,
    ) -> Result<Option<String>, FhirError> {
        let named = body::examine(self, info, members).await?;
        let context = self.grant.patient.clone().filter(|_| info.name == "Binary");
        Ok(named.or(context))
    }

    fn entry(
        &self,
        info: &'static TypeInfo,
        members: Map<String, Value>,
        id: String,
        version: i64,
        patient: Option<String>,
    ) -> Entry {
        let now = self.state.clock.now();
        let json = Bytes::from(body::stamped(members, &id, version, now));
        Entry {
            resource_type: info.name,
            id,
            version,
            updated: now.millis(),
            json,
            patient,
        }
    }
}

fn writable(info: &'static TypeInfo) -> Result<&'static TypeInfo, FhirError> {
    if info.writable {
        Ok(info)
    } else {
        Err(FhirError::Method(info.name.to_owned()))
    }
}

/// Holds `If-Match` and `If-None-Match: *` against what is there.
pub(super) fn expected(
    info: &TypeInfo,
    id: &str,
    headers: &HeaderMap,
    before: Option<&Entry>,
) -> Result<(), FhirError> {
    let given = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let current = before.map_or(0, |before| before.version);
    let failed = |given: &str| FhirError::Precondition {
        what: shown(info, id),
        current,
        given: given.chars().take(40).collect(),
    };
    if let Some(wanted) = given(header::IF_MATCH)
        && !(before.is_some() && (wanted == "*" || tag_version(wanted) == Some(current)))
    {
        return Err(failed(wanted));
    }
    match given(header::IF_NONE_MATCH) {
        Some("*") if before.is_some() => Err(failed("*")),
        _ => Ok(()),
    }
}

/// The version in an entity tag such as `W/"3"`.
fn tag_version(tag: &str) -> Option<i64> {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    strong.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// An id of FHIR: 1 to 64 letters, digits, hyphens and full stops.
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

//! What an access token allows, held against every single resource: compartments of `patient/`
//! scopes, and the conditions of granular ones. A request is allowed for what any one scope allows.

use verifier::scope::{Context, Permission, ResourceScope};

use super::criterion::{Criterion, Surroundings};
use super::error::FhirError;
use super::keys::Keys;
use super::population::Entry;
use super::subscription::{is_subscription, of_client};
use super::types::TypeInfo;
use crate::domain::grant::Grant;

/// What one scope allows of a type.
#[derive(Clone, Debug)]
struct Clause {
    /// The only patient whose data it opens; `None` opens everybody's.
    patient: Option<String>,
    /// What a resource must meet, all of it.
    conditions: Vec<Criterion>,
}

/// What a token allows of one type by one interaction.
#[derive(Clone, Debug)]
pub(crate) struct Permit {
    shared: bool,
    clauses: Vec<Clause>,
}

impl Permit {
    /// The permit of a grant; refused when no scope gives the interaction with the type.
    pub(crate) fn of(
        grant: &Grant,
        info: &TypeInfo,
        permission: Permission,
        around: &dyn Surroundings,
    ) -> Result<Self, FhirError> {
        let clauses: Vec<Clause> = grant
            .scopes
            .granting(info.name, permission)
            .filter_map(|scope| clause(grant, info, scope, around))
            .collect();
        if clauses.is_empty() {
            return Err(FhirError::ScopeMissing {
                needed: needed(grant, info, permission),
                granted: grant.scopes.to_string(),
            });
        }
        Ok(Self {
            shared: info.is_shared(),
            clauses,
        })
    }

    /// The permit of those scopes alone that open everybody's: of systems, and of staff.
    pub(crate) fn everybodys(
        grant: &Grant,
        info: &TypeInfo,
        permission: Permission,
        around: &dyn Surroundings,
    ) -> Result<Self, FhirError> {
        let missing = || FhirError::ScopeMissing {
            needed: format!("system/{}.rs", info.name),
            granted: grant.scopes.to_string(),
        };
        let mut permit = Self::of(grant, info, permission, around).map_err(|_| missing())?;
        permit.clauses.retain(|clause| clause.patient.is_none());
        if permit.clauses.is_empty() {
            return Err(missing());
        }
        Ok(permit)
    }

    /// Whether every resource of the type is within the permit.
    pub(crate) fn opens_all(&self) -> bool {
        let all = |clause: &Clause| clause.patient.is_none() && clause.conditions.is_empty();
        self.clauses.iter().any(all)
    }

    /// Whether the resource is within the permit.
    pub(crate) fn admits(&self, entry: &Entry, keys: &Keys) -> bool {
        self.clauses.iter().any(|clause| {
            let mine = |patient: &String| entry.patients.contains(patient);
            let everybodys = self.shared && entry.patients.is_empty();
            let inside = everybodys || clause.patient.as_ref().is_none_or(mine);
            inside
                && clause
                    .conditions
                    .iter()
                    .all(|condition| condition.fits(keys))
        })
    }

    /// The only patient whose data the permit opens, if it opens no other's.
    pub(crate) fn only_patient(&self) -> Option<&str> {
        if self.shared {
            return None;
        }
        let mut patients = self.clauses.iter().map(|clause| clause.patient.as_deref());
        let first = patients.next()??;
        patients.all(|other| other == Some(first)).then_some(first)
    }

    /// Refuses a resource outside the permit. Its keys are read only where a scope asks for them.
    pub(crate) fn check_kept(
        &self,
        info: &TypeInfo,
        entry: &Entry,
        base: &str,
    ) -> Result<(), FhirError> {
        let mut conditions = self.clauses.iter().map(|clause| &clause.conditions);
        let keys = if conditions.all(Vec::is_empty) {
            Keys::default()
        } else {
            Keys::of_bytes(info, &entry.json, base)
        };
        self.check(entry, &keys)
    }

    /// Refuses a resource outside the permit, saying what would have opened it.
    pub(crate) fn check(&self, entry: &Entry, keys: &Keys) -> Result<(), FhirError> {
        if self.admits(entry, keys) {
            return Ok(());
        }
        let name = format!("{}/{}", entry.resource_type, entry.id);
        match self.only_patient() {
            Some(patient) if !entry.patients.iter().any(|own| own == patient) => {
                Err(FhirError::OtherPatient {
                    what: name,
                    patient: patient.to_owned(),
                })
            }
            _ => Err(FhirError::ScopeNarrower(name)),
        }
    }
}

fn clause(
    grant: &Grant,
    info: &TypeInfo,
    scope: &ResourceScope,
    around: &dyn Surroundings,
) -> Option<Clause> {
    let patient = match scope.context() {
        // A patient scope without a patient in context opens nothing.
        Context::Patient => Some(grant.patient.clone()?),
        // A patient who is logged in is a user of their own data.
        Context::User => grant.user.strip_prefix("Patient/").map(str::to_owned),
        Context::System => None,
    };
    let mut conditions = Vec::new();
    for filter in scope.filters() {
        let pair = format!("{}={}", filter.name, filter.value);
        let decoded: Vec<(String, String)> = serde_urlencoded::from_str(&pair).ok()?;
        for (name, value) in decoded {
            // A condition that cannot be held against a resource opens nothing.
            conditions.push(Criterion::parse(info, &name, &value, around).ok()?);
        }
    }
    if is_subscription(info) {
        conditions.push(of_client(info, &grant.client_id, around)?);
    }
    Some(Clause {
        patient,
        conditions,
    })
}

/// The scope that would have been enough, in the context that the token works in.
fn needed(grant: &Grant, info: &TypeInfo, permission: Permission) -> String {
    let contexts: Vec<Context> = grant
        .scopes
        .resources()
        .map(ResourceScope::context)
        .collect();
    let patient = contexts.is_empty() || contexts.contains(&Context::Patient);
    let context = match contexts.first() {
        Some(first) if !patient => first.as_str(),
        _ => Context::Patient.as_str(),
    };
    let letter = match permission {
        Permission::Create => "c",
        Permission::Read => "r",
        Permission::Update => "u",
        Permission::Delete => "d",
        Permission::Search => "s",
    };
    format!("{context}/{}.{letter}", info.name)
}

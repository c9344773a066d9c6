//! Which resource a write means, and which version of it: by `If-Match` and `If-None-Match`, or by a
//! condition (R4 §3.1.0.4.3, §3.1.0.7.1).

use axum::http::{HeaderMap, header};
use verifier::scope::Permission;

use super::condition::{Resolved, lookups};
use super::error::FhirError;
use super::overlay::{Draft, Narrow};
use super::permit::Permit;
use super::population::{Entry, Indexed};
use super::query::{Query, Target};
use super::room::{Room, shown};
use super::types::TypeInfo;

/// What a write asks of the version that is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Precondition {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl Precondition {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            if_match: given(header::IF_MATCH).map(str::to_owned),
            if_none_match: given(header::IF_NONE_MATCH).map(str::to_owned),
        }
    }

    /// Of an entry of a Bundle.
    pub(crate) fn new(if_match: Option<String>, if_none_match: Option<String>) -> Self {
        Self {
            if_match,
            if_none_match,
        }
    }

    /// Of a change that was made from a version, and may replace no other.
    pub(crate) fn unchanged(before: &Entry) -> Self {
        Self::new(Some(format!("W/\"{}\"", before.version)), None)
    }

    /// Holds it against what is there.
    pub(crate) fn check(
        &self,
        info: &TypeInfo,
        id: &str,
        before: Option<&Entry>,
    ) -> Result<(), FhirError> {
        let current = before.map_or(0, |before| before.version);
        let failed = |given: &str| FhirError::Precondition {
            what: shown(info, id),
            current,
            given: given.chars().take(40).collect(),
        };
        if let Some(wanted) = &self.if_match
            && !(before.is_some() && (wanted == "*" || tag_version(wanted) == Some(current)))
        {
            return Err(failed(wanted));
        }
        match self.if_none_match.as_deref() {
            Some("*") if before.is_some() => Err(failed("*")),
            _ => Ok(()),
        }
    }
}

/// The version in an entity tag such as `W/"3"`.
fn tag_version(tag: &str) -> Option<i64> {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    strong.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// A condition that names the resource meant, with what the base population has that fits. The base
/// never changes; what was written is looked through when the write has its turn.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    info: &'static TypeInfo,
    conditions: Vec<Resolved>,
    permit: Permit,
    computed: Vec<Indexed>,
}

impl Selector {
    /// Everything that fits now.
    pub(crate) fn matches(&self, draft: &Draft<'_>) -> Vec<Entry> {
        let computed = self.computed.iter();
        let computed = computed.filter(|one| !draft.shadows(self.info, &one.entry.id));
        let fits = |one: &&Indexed| {
            self.conditions.iter().all(|condition| condition.fits(one))
                && self.permit.admits(&one.entry, &one.keys)
        };
        let narrow = Narrow {
            patients: None,
            lookups: lookups(&self.conditions),
        };
        let written = draft.written(self.info, &narrow);
        let written = written.iter().filter(fits);
        computed
            .chain(written)
            .map(|one| one.entry.clone())
            .collect()
    }

    /// The one that fits, if any does; refused when there are several.
    pub(crate) fn one(&self, draft: &Draft<'_>) -> Result<Option<Entry>, FhirError> {
        let mut found = self.matches(draft);
        if found.len() > 1 {
            return Err(FhirError::Multiple {
                resource_type: self.info.name,
                found: found.len(),
            });
        }
        Ok(found.pop())
    }
}

impl Room {
    /// Reads a condition that names a resource, as in `If-None-Exist`.
    pub(crate) async fn selector(
        &self,
        info: &'static TypeInfo,
        condition: &str,
    ) -> Result<Selector, FhirError> {
        let pairs = super::handler::pairs(condition.as_bytes())?;
        let query = Query::parse(Target::of_type(info), pairs, true, self)?;
        let conditions = query.conditions.into_iter().next().unwrap_or_default();
        if conditions.is_empty() {
            return Err(FhirError::BadValue {
                name: "condition".to_owned(),
                takes: "at least one search parameter with its value",
            });
        }
        let conditions = self.resolve(info, conditions).await?;
        let permit = self.permit(info, Permission::Search)?;
        let computed = self.computed_matches(info, conditions.clone()).await?;
        Ok(Selector {
            info,
            conditions,
            permit,
            computed,
        })
    }
}

//! Carrying out a search. A search that names its patients, or whose token opens one patient alone,
//! computes those and counts and sorts everything; a search over everybody walks the population
//! drawer by drawer, a page at a time, so that no request computes the whole of it.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use synthetic_data::ResourceType;
use verifier::scope::Permission;

use super::error::FhirError;
use super::keys::{Key, Keys};
use super::overlay;
use super::parameter::TypeInfo;
use super::permit::Permit;
use super::population::{DIRECTORY_SIZE, Entry, Indexed, Population};
use super::query::{Position, Query};
use super::reach::Reach;
use super::room::Room;

/// People whom one page of a walk looks at: whole journals, or Patient resources alone.
const JOURNALS_A_PAGE: u32 = 40;
const PATIENTS_A_PAGE: u32 = 4000;

/// One page of what was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// How many there are in all, where that is known.
    pub(crate) total: Option<usize>,
    pub(crate) page: Vec<Entry>,
    pub(crate) included: Vec<Entry>,
    pub(crate) next: Option<Position>,
}

/// A match, with what is needed of its keys.
struct Match {
    entry: Entry,
    order: Vec<Option<SortKey>>,
    references: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i64),
    Text(String),
}

impl Room {
    /// Carries out a search.
    pub(crate) async fn search(&self, query: Query) -> Result<Found, FhirError> {
        let permit = self.permit(query.info, Permission::Search)?;
        let reach = Reach::of(&query, &permit)?;
        let written = self.written(query.info, &reach).await?;
        let includes = !query.includes.is_empty();
        let work = Work {
            population: Arc::clone(&self.population),
            query,
            permit,
            reach,
            written,
        };
        let (mut found, references) = tokio::task::spawn_blocking(move || work.run())
            .await
            .map_err(|_| FhirError::Interrupted)??;
        if includes {
            found.included = self.included(&found.page, references).await?;
        }
        Ok(found)
    }

    async fn written(
        &self,
        info: &'static TypeInfo,
        reach: &Reach,
    ) -> Result<Vec<Indexed>, FhirError> {
        if !info.writable {
            return Ok(Vec::new());
        }
        let patients: Option<Vec<String>> = reach
            .written_of
            .as_ref()
            .map(|people| people.iter().map(|index| format!("p{index}")).collect());
        let mut tx = self.state.database.read().await?;
        let entries = overlay::all(&mut tx, &self.tenant.name, info, patients.as_deref()).await?;
        Ok(entries
            .into_iter()
            .map(|entry| Indexed::new(info, entry))
            .collect())
    }

    /// The targets of references, each once, as far as the token allows them to be read.
    async fn included(
        &self,
        page: &[Entry],
        references: BTreeSet<(String, String)>,
    ) -> Result<Vec<Entry>, FhirError> {
        let mut included = Vec::new();
        for (resource_type, id) in references {
            let on_page = page
                .iter()
                .any(|entry| entry.resource_type == resource_type && entry.id == id);
            let Some(info) = TypeInfo::by_name(&resource_type).filter(|_| !on_page) else {
                continue;
            };
            match self.readable(info, &id).await {
                Ok(entry) => included.push(entry),
                Err(FhirError::Store(error)) => return Err(FhirError::Store(error)),
                Err(_) => {} // what may not be read, or is not there, does not come along
            }
        }
        Ok(included)
    }
}

/// The part of a search that computes; runs where it may take its time.
struct Work {
    population: Arc<Population>,
    query: Query,
    permit: Permit,
    reach: Reach,
    written: Vec<Indexed>,
}

type References = BTreeSet<(String, String)>;

impl Work {
    fn run(self) -> Result<(Found, References), FhirError> {
        let people = self.by_identifier().or_else(|| self.reach.people.clone());
        match (people, self.query.info.base) {
            (_, None) => Ok(self.whole(Vec::new())),
            (_, Some(kind)) if kind.is_of_practice() => {
                Ok(self.whole(self.matches(self.population.practice().of_type(self.query.info))))
            }
            (Some(people), Some(kind)) => {
                let found = people
                    .into_iter()
                    .flat_map(|index| self.of_person(kind, index, true))
                    .collect();
                Ok(self.whole(found))
            }
            (None, Some(ResourceType::Patient)) if self.population.size() <= DIRECTORY_SIZE => {
                let directory = self
                    .population
                    .directory(self.query.info)
                    .unwrap_or_default();
                Ok(self.whole(self.matches(directory)))
            }
            (None, Some(kind)) => self.walk(kind),
        }
    }

    /// A search of Patient by identifier leads straight to the person.
    fn by_identifier(&self) -> Option<BTreeSet<u32>> {
        if self.query.info.base != Some(ResourceType::Patient) {
            return None;
        }
        let criterion = self
            .query
            .criteria
            .iter()
            .find(|one| one.parameter.name == "identifier")?;
        let wanted = criterion.identifiers()?;
        let found = wanted
            .iter()
            .filter_map(|(system, value)| self.population.index_of(system, value));
        let found: BTreeSet<u32> = found.collect();
        Some(match &self.reach.people {
            None => found,
            Some(people) => people.intersection(&found).copied().collect(),
        })
    }

    fn of_person(&self, kind: ResourceType, index: u32, keep: bool) -> Vec<Match> {
        let info = self.query.info;
        if kind == ResourceType::Patient {
            let entry = self.population.patient(index);
            let indexed: Vec<Indexed> = entry
                .map(|entry| Indexed::new(info, entry))
                .into_iter()
                .collect();
            self.matches(&indexed)
        } else if keep {
            self.matches(self.population.journal(index).of_type(info))
        } else {
            self.matches(self.population.compute(index).of_type(info))
        }
    }

    /// Those that fit and may be seen, except what was written over.
    fn matches(&self, candidates: &[Indexed]) -> Vec<Match> {
        let written = |id: &str| self.written.iter().any(|own| own.entry.id == id);
        let seen = candidates.iter().filter(|one| !written(&one.entry.id));
        seen.filter_map(|one| self.fitting(one)).collect()
    }

    fn fitting(&self, one: &Indexed) -> Option<Match> {
        let fits = self
            .query
            .criteria
            .iter()
            .all(|criterion| criterion.fits(&one.keys));
        (fits && self.permit.admits(&one.entry, &one.keys)).then(|| Match {
            entry: one.entry.clone(),
            order: self
                .query
                .sort
                .iter()
                .map(|(by, _)| sort_key(&one.keys, by.name))
                .collect(),
            references: self
                .query
                .includes
                .iter()
                .flat_map(|by| references(&one.keys, by.name))
                .collect(),
        })
    }

    /// Counts, sorts and cuts a page.
    fn whole(&self, mut matches: Vec<Match>) -> (Found, References) {
        matches.extend(self.written.iter().filter_map(|one| self.fitting(one)));
        matches.sort_by(|one, other| self.in_order(one, other));
        let total = matches.len();
        let mut found = Found {
            total: Some(total),
            ..Found::default()
        };
        if self.query.number_only {
            return (found, References::new());
        }
        let offset = self.query.from.offset;
        let page: Vec<Match> = matches
            .into_iter()
            .skip(offset)
            .take(self.query.count)
            .collect();
        let after = offset.saturating_add(page.len());
        found.next = (after < total && !page.is_empty()).then_some(Position {
            drawer: 0,
            offset: after,
        });
        finish(found, page)
    }

    fn in_order(&self, one: &Match, other: &Match) -> Ordering {
        let pairs = self
            .query
            .sort
            .iter()
            .zip(one.order.iter().zip(&other.order));
        pairs
            .map(|((_, descending), (one, other))| match (one, other) {
                (Some(one), Some(other)) if *descending => other.cmp(one),
                (Some(one), Some(other)) => one.cmp(other),
                // What lacks the value comes last either way.
                (one, other) => other.is_some().cmp(&one.is_some()),
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// One page of a walk over everybody: a drawer per person, then one of what was written.
    fn walk(&self, kind: ResourceType) -> Result<(Found, References), FhirError> {
        if !self.query.sort.is_empty() || self.query.number_only {
            return Err(FhirError::TooWide);
        }
        let size = self.population.size();
        let first = self.query.from.drawer.min(size);
        let a_page = if kind == ResourceType::Patient {
            PATIENTS_A_PAGE
        } else {
            JOURNALS_A_PAGE
        };
        let last = first.saturating_add(a_page - 1).min(size);
        let mut page = Vec::new();
        for drawer in first..=last {
            let matches = if drawer == size {
                self.written
                    .iter()
                    .filter_map(|one| self.fitting(one))
                    .collect()
            } else {
                self.of_person(kind, drawer, false)
            };
            let skipped = if drawer == first {
                self.query.from.offset
            } else {
                0
            };
            for (offset, found) in matches.into_iter().enumerate().skip(skipped) {
                if page.len() == self.query.count {
                    let next = Some(Position { drawer, offset });
                    return Ok(finish(
                        Found {
                            next,
                            ..Found::default()
                        },
                        page,
                    ));
                }
                page.push(found);
            }
        }
        let next = (last < size).then_some(Position {
            drawer: last + 1,
            offset: 0,
        });
        Ok(finish(
            Found {
                next,
                ..Found::default()
            },
            page,
        ))
    }
}

fn finish(mut found: Found, page: Vec<Match>) -> (Found, References) {
    let mut references = References::new();
    for one in page {
        references.extend(one.references);
        found.page.push(one.entry);
    }
    (found, references)
}

fn sort_key(keys: &Keys, parameter: &str) -> Option<SortKey> {
    keys.get(parameter).find_map(|key| match key {
        Key::Period(period) => Some(SortKey::Number(period.start)),
        Key::Text { folded, .. } => Some(SortKey::Text(folded.clone())),
        Key::Token { code, .. } => Some(SortKey::Text(code.clone())),
        Key::Uri(uri) => Some(SortKey::Text(uri.clone())),
        Key::Identifier { .. } | Key::Reference { .. } => None,
    })
}

fn references(keys: &Keys, parameter: &str) -> Vec<(String, String)> {
    let found = keys.get(parameter).filter_map(|key| match key {
        Key::Reference { resource_type, id } => Some((resource_type.clone(), id.clone())),
        _ => None,
    });
    found.collect()
}

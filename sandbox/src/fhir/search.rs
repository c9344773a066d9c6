//! Carrying out a search. A search that names its patients, or whose token opens one patient alone,
//! computes those and counts and sorts everything; a search over everybody walks the population
//! drawer by drawer, a page at a time, so that no request computes the whole of it. What was written
//! is in memory and always looked through whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use synthetic_data::ResourceType;
use verifier::scope::Permission;

use super::condition::{Condition, Resolved, lookups};
use super::error::FhirError;
use super::overlay::{Narrow, Overlay};
use super::page::page_of;
use super::permit::Permit;
use super::population::{DIRECTORY_SIZE, Indexed, Population};
use super::query::{Position, Query};
use super::reach::Reach;
use super::resolve::Boxed;
use super::room::Room;
use super::types::TypeInfo;

/// People whom one page of a walk looks at: whole journals, or Patient resources alone.
const JOURNALS_A_PAGE: u32 = 40;
const PATIENTS_A_PAGE: u32 = 4000;
/// Municipalities whose registers one page of a walk looks at.
const DISTRICTS_A_PAGE: u32 = 20;

/// One page of what was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// How many there are in all, where that is known.
    pub(crate) total: Option<usize>,
    pub(crate) page: Vec<Indexed>,
    pub(crate) included: Vec<Indexed>,
    pub(crate) next: Option<Position>,
}

impl Room {
    /// Carries out a search.
    pub(crate) async fn search(&self, query: &Query) -> Result<Found, FhirError> {
        let mut found = match query.target.types.as_slice() {
            [only] => {
                let conditions = query.conditions.first().cloned().unwrap_or_default();
                let work = self.work(only, conditions).await?;
                if work.needs_a_walk() {
                    if !query.sort.is_empty() || query.number_only {
                        return Err(FhirError::TooWide);
                    }
                    let asked = query.clone();
                    work.spawn(move |work| work.walk(&asked)).await?
                } else {
                    page_of(work.everything().await?, query)
                }
            }
            types => {
                let mut all = Vec::new();
                for (info, conditions) in types.iter().zip(&query.conditions) {
                    match self.work(info, conditions.clone()).await {
                        Ok(work) => all.extend(work.everything().await?),
                        // A search over many types finds what the token opens of them.
                        Err(FhirError::ScopeMissing { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                page_of(all, query)
            }
        };
        if query.no_total {
            found.total = None;
        }
        if !query.includes.is_empty() {
            found.included = self.included(&found.page, &query.includes).await?;
        }
        Ok(found)
    }

    /// Everything of a type that fits and may be seen.
    pub(crate) fn every(
        &self,
        info: &'static TypeInfo,
        conditions: Vec<Resolved>,
    ) -> Boxed<'_, Vec<Indexed>> {
        Box::pin(async move { self.prepare(info, conditions).await?.everything().await })
    }

    /// The computed part of a search: what the base population has that fits.
    pub(crate) async fn computed_matches(
        &self,
        info: &'static TypeInfo,
        conditions: Vec<Resolved>,
    ) -> Result<Vec<Indexed>, FhirError> {
        self.prepare(info, conditions).await?.computed().await
    }

    async fn work(
        &self,
        info: &'static TypeInfo,
        conditions: Vec<Condition>,
    ) -> Result<Work, FhirError> {
        let resolved = self.resolve(info, conditions).await?;
        self.prepare(info, resolved).await
    }

    async fn prepare(
        &self,
        info: &'static TypeInfo,
        conditions: Vec<Resolved>,
    ) -> Result<Work, FhirError> {
        let permit = self.permit(info, Permission::Search)?;
        let reach = Reach::of(info, &conditions, &permit)?;
        Ok(Work {
            info,
            conditions,
            permit,
            reach,
            population: Arc::clone(&self.population),
            overlay: self.overlay().await?,
            everybody: self.state.everybody,
        })
    }
}

/// A search of one type, ready to be carried out.
pub(crate) struct Work {
    info: &'static TypeInfo,
    conditions: Vec<Resolved>,
    permit: Permit,
    reach: Reach,
    population: Arc<Population>,
    overlay: Arc<Overlay>,
    everybody: u32,
}

impl Work {
    /// Runs what may take its time off the request's thread.
    async fn spawn<T: Send + 'static>(
        self,
        run: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, FhirError> {
        tokio::task::spawn_blocking(move || run(&self))
            .await
            .map_err(|_| FhirError::Interrupted)
    }

    /// Whom of the base population it must look at; `None` is everybody.
    fn people(&self) -> Option<BTreeSet<u32>> {
        self.by_identifier().or_else(|| self.reach.people.clone())
    }

    /// Whether it is over everybody's journals, and too many to be computed at once.
    fn needs_a_walk(&self) -> bool {
        let most = match self.info.base {
            None => return false,
            Some(kind) if kind.is_of_practice() => {
                return self.population.districts() > 1 && self.named().is_none();
            }
            Some(ResourceType::Patient) => DIRECTORY_SIZE,
            Some(_) => self.everybody,
        };
        self.population.size() > most && self.people().is_none()
    }

    /// Everything that fits: what was computed, then what was written.
    async fn everything(self) -> Result<Vec<Indexed>, FhirError> {
        if self.computes_little() {
            return self.all();
        }
        self.spawn(Self::all).await?
    }

    async fn computed(self) -> Result<Vec<Indexed>, FhirError> {
        if self.computes_little() {
            return self.of_the_base();
        }
        self.spawn(Self::of_the_base).await?
    }

    /// True where nobody's journal has to be computed.
    fn computes_little(&self) -> bool {
        let kind = self.info.base;
        kind.is_none_or(ResourceType::is_of_practice)
            || self
                .people()
                .is_some_and(|people| people.iter().all(|index| !self.population.has(*index)))
    }

    fn all(&self) -> Result<Vec<Indexed>, FhirError> {
        let mut found = self.of_the_base()?;
        let view = self.overlay.view();
        found.retain(|one| view.slot(self.info, &one.entry.id).is_none());
        found.extend(self.written().filter(|one| self.fits(one)));
        Ok(found)
    }

    /// What was written that can match.
    fn written(&self) -> impl Iterator<Item = Indexed> {
        let narrow = Narrow {
            patients: self.reach.written_of.as_ref(),
            lookups: lookups(&self.conditions),
        };
        let view = self.overlay.view();
        let found = view.of_type(self.info, &narrow);
        let found: Vec<Indexed> = found.filter(|one| self.fits(one)).cloned().collect();
        found.into_iter()
    }

    fn of_the_base(&self) -> Result<Vec<Indexed>, FhirError> {
        if self.needs_a_walk() {
            return Err(FhirError::TooWide);
        }
        let Some(kind) = self.info.base else {
            return Ok(Vec::new());
        };
        if kind.is_of_practice() {
            return Ok(self.of_the_registers());
        }
        Ok(match self.people() {
            Some(people) => people
                .into_iter()
                .flat_map(|index| self.of_person(kind, index, true))
                .collect(),
            None if kind == ResourceType::Patient => {
                let directory = self.population.directory(self.info);
                self.among(directory.unwrap_or_default())
            }
            None => (0..self.population.size())
                .flat_map(|index| self.of_person(kind, index, true))
                .collect(),
        })
    }

    fn of_the_registers(&self) -> Vec<Indexed> {
        let Some(ids) = self.named().filter(|_| self.population.districts() > 1) else {
            return self.among(self.population.district(0).of_type(self.info));
        };
        let entries = ids
            .iter()
            .filter_map(|id| self.population.find(self.info.name, id));
        let indexed: Vec<Indexed> = entries
            .map(|entry| Indexed::new(self.info, entry, ""))
            .collect();
        self.among(&indexed)
    }

    /// The ids that a search names; `None` where it names none.
    fn named(&self) -> Option<BTreeSet<&str>> {
        self.conditions.iter().find_map(|one| match one {
            Resolved::Own(criterion) if criterion.parameter.code == "_id" => {
                criterion.ids().map(|ids| ids.into_iter().collect())
            }
            Resolved::Among(names) => {
                let own = names.iter().filter(|(kind, _)| kind == self.info.name);
                Some(own.map(|(_, id)| id.as_str()).collect())
            }
            _ => None,
        })
    }

    /// A search of Patient by identifier leads straight to the person.
    fn by_identifier(&self) -> Option<BTreeSet<u32>> {
        if self.info.base != Some(ResourceType::Patient) {
            return None;
        }
        let wanted = self.conditions.iter().find_map(|one| match one {
            Resolved::Own(criterion) if criterion.parameter.code == "identifier" => {
                criterion.identifiers()
            }
            _ => None,
        })?;
        let found = wanted
            .iter()
            .filter_map(|(system, value)| self.population.index_of(system, value));
        let found: BTreeSet<u32> = found.collect();
        Some(match &self.reach.people {
            None => found,
            Some(people) => people.intersection(&found).copied().collect(),
        })
    }

    fn of_person(&self, kind: ResourceType, index: u32, keep: bool) -> Vec<Indexed> {
        if kind == ResourceType::Patient {
            let entry = self.population.patient(index);
            let indexed: Vec<Indexed> = entry
                .map(|entry| Indexed::new(self.info, entry, ""))
                .into_iter()
                .collect();
            self.among(&indexed)
        } else if keep {
            self.among(self.population.journal(index).of_type(self.info))
        } else {
            self.among(self.population.compute(index).of_type(self.info))
        }
    }

    fn among(&self, candidates: &[Indexed]) -> Vec<Indexed> {
        let fitting = candidates.iter().filter(|one| self.fits(one));
        fitting.cloned().collect()
    }

    fn fits(&self, one: &Indexed) -> bool {
        self.conditions.iter().all(|condition| condition.fits(one))
            && self.permit.admits(&one.entry, &one.keys)
    }

    /// The drawers of what is computed: one for each person, or for each part of the registers.
    fn drawers(&self) -> u32 {
        match self.info.base {
            Some(kind) if kind.is_of_practice() => self.population.districts(),
            _ => self.population.size(),
        }
    }

    /// One page of a walk over everybody: drawer by drawer, then one of what was written.
    fn walk(&self, query: &Query) -> Found {
        let size = self.drawers();
        let first = query.from.drawer.min(size);
        let a_page = match self.info.base {
            Some(ResourceType::Patient) => PATIENTS_A_PAGE,
            Some(kind) if kind.is_of_practice() => DISTRICTS_A_PAGE,
            _ => JOURNALS_A_PAGE,
        };
        let last = first.saturating_add(a_page - 1).min(size);
        let mut page = Vec::new();
        for drawer in first..=last {
            let matches = self.drawer(drawer);
            let skipped = if drawer == first {
                query.from.offset
            } else {
                0
            };
            for (offset, found) in matches.into_iter().enumerate().skip(skipped) {
                if page.len() == query.count {
                    return Found {
                        page,
                        next: Some(Position { drawer, offset }),
                        ..Found::default()
                    };
                }
                page.push(found);
            }
        }
        let next = (last < size).then_some(Position {
            drawer: last + 1,
            offset: 0,
        });
        Found {
            page,
            next,
            ..Found::default()
        }
    }

    fn drawer(&self, drawer: u32) -> Vec<Indexed> {
        let Some(kind) = self.info.base.filter(|_| drawer < self.drawers()) else {
            return self.written().collect();
        };
        let mut found = if kind.is_of_practice() {
            self.among(self.population.district(drawer).of_type(self.info))
        } else {
            self.of_person(kind, drawer, false)
        };
        let view = self.overlay.view();
        found.retain(|one| view.slot(self.info, &one.entry.id).is_none());
        found
    }
}

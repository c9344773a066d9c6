//! A dataset: the pure function from (version, seed, index) to a person and all that is known of
//! that person on a date. Nothing is stored, so any person costs the same and none costs all.

use std::io;
use std::sync::Arc;

use crate::cohort::Cohort;
use crate::date::{Date, Moment};
use crate::draw::{Draws, Topic};
use crate::fhir::{self, Letterhead, Names, Resource, Sheaf, Subject};
use crate::history::{History, sick_leave};
use crate::ids::PersonIdentifier;
use crate::named::{NAMED_FROM, Story};
use crate::names::Name;
use crate::people::{self, Block, Person, Relation, Sex, VISITORS_FROM, Visitors};
use crate::philox::philox;
use crate::places::{Address, Distribution, Municipality, Place, PlaceError};
use crate::world::{DOCTORS, Unit, UnitKind, World};

/// The version of the rules in this crate. Another version may give other people for the same seed.
pub const VERSION: u32 = 1;
/// Size of the default GP list.
pub const DEFAULT_SIZE: u32 = 1200;
/// Journals begin on this date at the earliest.
const JOURNALS_BEGIN: (i32, u32, u32) = (2016, 1, 4);
/// Women born earlier had their children before journals were kept.
const FIRST_MOTHERS: i32 = 1960;
/// The pyramid is not carried further than this: nobody is born and nobody dies after its last year.
const JOURNALS_END: (i32, u32, u32) = (2039, 12, 31);

/// What a dataset is made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settings {
    /// The version of the rules; [`VERSION`] is the only one so far.
    pub version: u32,
    /// The seed: another seed, other people.
    pub seed: u64,
    /// How many people.
    pub size: u32,
    /// "Today": nothing that happens later is known.
    pub as_of: Date,
    /// Four-digit code of the municipality where all live, or [`Place::COUNTRY`] for all of them.
    pub municipality: String,
}

impl Settings {
    /// The default GP list as known on a date: version 1, seed 1, 1 200 people in Lillehammer.
    pub fn default_on(as_of: Date) -> Self {
        Self {
            version: VERSION,
            seed: 1,
            size: DEFAULT_SIZE,
            as_of,
            municipality: "3405".to_owned(),
        }
    }

    /// The whole of Norway as known on a date: version 1, seed 1, 5.3 million people.
    pub fn country_on(as_of: Date) -> Self {
        Self {
            size: Cohort::SIZE,
            municipality: Place::COUNTRY.to_owned(),
            ..Self::default_on(as_of)
        }
    }
}

/// Why a dataset cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatasetError {
    /// No such version.
    #[error("dataset version {0} is not known; the only version is 1")]
    Version(u32),
    /// More people than the pyramid holds.
    #[error("a dataset has from 1 to {capacity} people, not {size}")]
    Size {
        /// What was asked for.
        size: u32,
        /// The most there can be.
        capacity: u32,
    },
    /// A date outside the journals.
    #[error("the date {0} is outside the journals; choose one from 2016-01-04 to 2039-12-31")]
    AsOf(Date),
    /// A municipality that is not there.
    #[error(transparent)]
    Municipality(#[from] PlaceError),
    /// A number series ran dry. Never seen; reported rather than hidden.
    #[error("the practice's synthetic numbers could not be made for seed {0}; choose another seed")]
    Practice(u64),
}

/// A synthetic population.
#[derive(Clone, Debug)]
pub struct Dataset {
    settings: Settings,
    key: [u32; 2],
    cohort: Cohort,
    spread: Distribution,
    world: World,
    practice: Unit,
    names: Option<Arc<dyn Names>>,
}

impl Dataset {
    /// Prepares a dataset; takes microseconds whatever its size.
    pub fn new(settings: Settings) -> Result<Self, DatasetError> {
        if settings.version != VERSION {
            return Err(DatasetError::Version(settings.version));
        }
        let known = Some(settings.as_of);
        if known < day(JOURNALS_BEGIN) || known > day(JOURNALS_END) {
            return Err(DatasetError::AsOf(settings.as_of));
        }
        let place: Place = settings.municipality.parse()?;
        let [high, low] = [settings.seed >> 32, settings.seed & u64::from(u32::MAX)]
            .map(|half| u32::try_from(half).unwrap_or(0));
        let counter = [high, low, settings.version, 0];
        let [first, second, ..] = philox(counter, [0x4e6f_7267, 0x6573_796e]);
        let key = [first, second];
        let cohort = Cohort::new(key);
        let capacity = cohort.capacity();
        if settings.size == 0 || settings.size > capacity {
            return Err(DatasetError::Size {
                size: settings.size,
                capacity,
            });
        }
        let (spread, world) = (Distribution::new(place), World::new(key, place));
        let (municipality, rank) = spread.home(0);
        let first = World::unit_for(municipality, UnitKind::Practice, rank);
        let practice = world
            .unit(&cohort, first)
            .ok_or(DatasetError::Practice(settings.seed))?;
        Ok(Self {
            settings,
            key,
            cohort,
            spread,
            world,
            practice,
            names: None,
        })
    }

    /// The same dataset, with names for the codes that have none here: journals say the same, and say it
    /// with the names that whoever runs the product has a right to.
    #[must_use]
    pub fn with_names(mut self, names: Arc<dyn Names>) -> Self {
        self.names = Some(names);
        self
    }

    /// What the dataset was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The first person's practice; with one municipality and at most 4 800 people, everybody's.
    pub fn practice(&self) -> &Unit {
        &self.practice
    }

    /// The person with this index, if it is in the dataset and born by its date. Visitors follow the
    /// list, with indices from 20 000 000.
    pub fn person(&self, index: u32) -> Option<Person> {
        self.person_among(index, self.neighbours(index).as_ref())
    }

    /// The people among whom the person's nearest are found: a visitor and a named patient have none here.
    fn neighbours(&self, index: u32) -> Option<Block> {
        let listed = index < self.settings.size && index < VISITORS_FROM;
        let (municipality, rank) = listed.then(|| self.spread.home(index))?;
        Some(self.block(municipality, rank))
    }

    fn person_among(&self, index: u32, block: Option<&Block>) -> Option<Person> {
        let as_of = self.settings.as_of;
        if index >= NAMED_FROM {
            return self.named_person(index);
        }
        if let Some(number) = index.checked_sub(VISITORS_FROM) {
            return self.visiting().person(number, as_of);
        }
        self.resident_person(index, block?)
            .filter(|person| person.registered <= as_of)
    }

    /// Whoever has this index in the pyramid, in the dataset or not, born or not.
    fn resident_person(&self, index: u32, block: &Block) -> Option<Person> {
        let as_of = self.settings.as_of;
        let place = self.cohort.place(index)?;
        let draws = Draws::new(self.key, index);
        let doctor = draws.below(Topic::GeneralPractitioner, 0, 0, DOCTORS);
        let (municipality, rank) = self.spread.home(index);
        let head = Draws::new(self.key, block.head(index));
        let mut address = Address::draw(head, 0, municipality);
        let moved = people::moved(head, municipality).filter(|one| one.date > place.birth);
        let born = day(JOURNALS_BEGIN).map_or(place.birth, |begin| begin.max(place.birth));
        let lives_on = |date| people::deceased(draws, place.sex, place.birth, date).is_none();
        let new = moved.as_ref().map(|one| one.date);
        let new = new.filter(|date| people::comes_new(head) && lives_on(*date));
        let moved = match moved {
            Some(coming) if coming.date > as_of => {
                address = coming.from;
                None
            }
            moved => moved,
        };
        Some(Person {
            index,
            identifier: self.cohort.identifier(index, place)?,
            sex: place.sex,
            birth_date: place.birth,
            name: Name::draw(draws),
            address,
            municipality,
            rank,
            general_practitioner: usize::try_from(doctor).ok(),
            registered: new.map_or(born, |date| date.max(born)),
            protection: people::protection(head),
            moved,
            deceased: people::deceased(draws, place.sex, place.birth, as_of),
            arrived: None,
        })
    }

    /// The people on the list, by rising index.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        (0..self.settings.size).filter_map(|index| self.person(index))
    }

    /// The visitors, by rising index.
    pub fn visitors(&self) -> impl Iterator<Item = Person> + '_ {
        let number = self.visiting().count();
        (0..number).filter_map(|number| self.person(VISITORS_FROM + number))
    }

    /// The indices of all who can be in the dataset: the list, then the visitors, then the
    /// named patients.
    pub fn indices(&self) -> impl Iterator<Item = u32> + use<> {
        let visitors = self.visiting().count();
        (0..self.settings.size)
            .chain(VISITORS_FROM..VISITORS_FROM + visitors)
            .chain(Story::indices())
    }

    /// The person's nearest: parents or foster parents of a child, partner, grown child of somebody
    /// old. An index may lie outside the dataset: not all kin are on the list.
    pub fn relations(&self, person: &Person) -> Vec<Relation> {
        let block = self.neighbours(person.index);
        block.map_or_else(Vec::new, |block| block.relations(person.index))
    }

    /// The index of the person with this number; exact, and without a search.
    pub fn index_of(&self, identifier: &PersonIdentifier) -> Option<u32> {
        let as_of = self.settings.as_of;
        let listed = self
            .cohort
            .index_of(identifier)
            .filter(|index| *index < self.settings.size)
            .filter(|index| self.person(*index).is_some());
        let visiting = || self.visiting().find(identifier, as_of);
        listed
            .or_else(|| visiting().map(|number| VISITORS_FROM + number))
            .or_else(|| Story::find(&self.cohort, identifier))
    }

    fn block(&self, municipality: Municipality, rank: u32) -> Block {
        Block::of(&self.cohort, &self.spread, municipality, rank, self.key)
    }

    fn visiting(&self) -> Visitors<'_> {
        Visitors {
            key: self.key,
            cohort: &self.cohort,
            spread: &self.spread,
            size: self.settings.size,
        }
    }

    /// What happened to a person, as known on the dataset's date.
    pub fn history(&self, person: &Person) -> History {
        self.history_among(person, self.neighbours(person.index).as_ref())
    }

    fn history_among(&self, person: &Person, block: Option<&Block>) -> History {
        let draws = Draws::new(self.key, person.index);
        let could = person.sex == Sex::Female && person.birth_date.year() >= FIRST_MOTHERS;
        let children = block.filter(|_| could);
        let children = children.map_or_else(Vec::new, |block| block.children(person.index));
        History::build(person, draws, &children, self.settings.as_of)
    }

    /// True where the person is at work on the dataset's date.
    pub(crate) fn works(&self, person: &Person) -> bool {
        let draws = Draws::new(self.key, person.index);
        sick_leave::works(person, draws, self.settings.as_of)
    }

    /// The Patient resource alone; a hundredth of the work of [`Dataset::resources`].
    pub fn patient(&self, index: u32) -> Option<Resource> {
        let person = self.person(index)?;
        let mut sheaf = Sheaf::new();
        self.write_patient(&Subject::new(&person), &mut sheaf);
        sheaf.into_resources().pop()
    }

    fn write_patient(&self, patient: &Subject<'_>, sheaf: &mut Sheaf) {
        let person = patient.person;
        let kind = if person.arrived.is_some() {
            UnitKind::OutOfHours
        } else {
            UnitKind::Practice
        };
        if let Some(unit) = self.world.letterhead(person.unit(kind)) {
            fhir::patient(sheaf, patient, &unit, self.registered(person.registered));
        }
    }

    /// All resources of a person: Patient and the nearest first, then by the day they came to be.
    /// Those of an earlier date are a beginning of those of a later one.
    pub fn resources(&self, index: u32) -> Vec<Resource> {
        let mut sheaf = Sheaf::new();
        self.write(index, &mut sheaf);
        sheaf.into_resources()
    }

    /// The same, written into a buffer after what is there.
    pub fn write(&self, index: u32, sheaf: &mut Sheaf) {
        let block = self.neighbours(index);
        let Some(person) = self.person_among(index, block.as_ref()) else {
            return;
        };
        let patient = Subject::new(&person);
        sheaf.name_from(self.names.clone(), patient.nynorsk);
        self.write_patient(&patient, sheaf);
        if let Some(block) = &block {
            for (number, relation) in (1..).zip(block.relations(index)) {
                if let Some(other) = self.resident_person(relation.index, block) {
                    fhir::related(sheaf, &patient, number, &other, relation.kin);
                }
            }
        }
        let history = self.history_among(&person, block.as_ref());
        let units = history.units().into_iter();
        let units = units.filter_map(|kind| self.world.letterhead(person.unit(kind)));
        let units: Vec<Letterhead> = units.collect();
        history.write(sheaf, &patient, &units, self.settings.as_of);
    }

    /// Writes everything as NDJSON: the units, then person by person. Returns how many resources.
    pub fn write_ndjson(&self, out: &mut impl io::Write) -> io::Result<u64> {
        let mut count = 0;
        let mut sheaf = Sheaf::new();
        for municipality in self.municipalities() {
            for unit in self.units(municipality) {
                sheaf.clear();
                self.write_unit(unit, &mut sheaf);
                count += sheaf.write_to(out)?;
            }
        }
        for index in self.indices() {
            sheaf.clear();
            self.write(index, &mut sheaf);
            count += sheaf.write_to(out)?;
        }
        Ok(count)
    }

    pub(crate) fn registered(&self, born: Date) -> Moment {
        let begin = day(JOURNALS_BEGIN).unwrap_or(self.settings.as_of);
        Moment {
            date: begin.max(born),
            minute: 8 * 60,
        }
    }

    pub(crate) fn draws(&self, index: u32) -> Draws {
        Draws::new(self.key, index)
    }

    pub(crate) fn parts(&self) -> (&Cohort, &Distribution, &World) {
        (&self.cohort, &self.spread, &self.world)
    }
}

/// Writes resources as NDJSON, one a line; returns how many.
pub fn write_lines(out: &mut impl io::Write, resources: &[Resource]) -> io::Result<u64> {
    for resource in resources {
        out.write_all(&resource.json)?;
        out.write_all(b"\n")?;
    }
    Ok(u64::try_from(resources.len()).unwrap_or(u64::MAX))
}

fn day((year, month, day): (i32, u32, u32)) -> Option<Date> {
    Date::new(year, month, day)
}

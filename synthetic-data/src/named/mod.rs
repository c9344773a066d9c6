//! The named patients: seventeen people whose stories municipalities have told, each with a fixed place
//! among the indices and a fixed course of life. What a story does not say is left to the engine.

mod person;
mod stories;

use crate::cohort::Cohort;
use crate::date::Date;
use crate::history::{Code, Drug, Form, Part, Service, What};
use crate::ids::{IdentifierKind, PersonIdentifier};
use crate::people::Sex;
use stories::STORIES;

/// The index of the first named patient: above every index that a list or a visitor can have.
pub(crate) const NAMED_FROM: u32 = 30_000_000;
/// Which of a birth date's spare numbers they have: above those of staff.
const SPARE: u32 = 60;

/// Year, month and day.
type Day = (i32, u32, u32);

/// The story of a named patient.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) sex: Sex,
    birth: Day,
    /// What the story is of, in bokmål.
    pub(crate) title: &'static str,
    /// Lasting conditions, by ICPC-2 code, each with its day of onset. There are no others.
    conditions: &'static [(&'static str, Day)],
    home_care: Option<Day>,
    nursing_home: Option<Day>,
    /// The day of a birth.
    due: Option<Day>,
    /// A wound's kind, by its place in the table of kinds, and the day when it is found.
    wound: Option<(usize, Day)>,
    /// An incurable illness: when it is found, when care at home begins, when the person dies.
    dying: Option<[Day; 3]>,
    /// The day of a move from another municipality.
    moved: Option<Day>,
    /// The day from which somebody who lives elsewhere is here.
    visiting: Option<Day>,
    pub(crate) resuscitation: bool,
    /// Medicines that the person must not have, by the beginning of their ATC code.
    pub(crate) avoids: &'static [&'static str],
    /// What the person has reacted to, by the beginning of its ATC code.
    pub(crate) allergies: &'static [&'static str],
    /// Services whose journal the script alone writes.
    without: &'static [Service],
    pub(crate) script: &'static [Entry],
}

/// One contact of a story.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) service: Service,
    day: Day,
    pub(crate) hour: u16,
    pub(crate) form: Form,
    /// Who, by place among the staff.
    pub(crate) by: usize,
    /// The problem dealt with.
    pub(crate) problem: Option<Code>,
    pub(crate) done: &'static [Done],
    pub(crate) note: &'static str,
}

/// What is done at a contact.
#[derive(Debug)]
pub(crate) enum Done {
    /// A medicine is prescribed for the problem, for so many days.
    Course(Drug, i32),
    /// Something is found.
    Found(&'static str, &'static [Part]),
    /// Something is measured, in units of the last decimal.
    Measured(What, i32),
    /// Vital signs are scored, for somebody as ill as this, from 0 to 3.
    News(i32),
    /// The person says that this medicine is taken.
    Says(Drug),
    /// Something is done to the person.
    Procedure(&'static str),
}

fn date((year, month, day): Day) -> Date {
    Date::new(year, month, day).unwrap_or_else(|| Date::new_year(year))
}

impl Story {
    /// The story of the person with this index.
    pub(crate) fn of(index: u32) -> Option<&'static Self> {
        let place = usize::try_from(index.checked_sub(NAMED_FROM)?).ok()?;
        STORIES.get(place)
    }

    /// The indices of all named patients.
    pub(crate) fn indices() -> impl Iterator<Item = u32> + Clone {
        let count = u32::try_from(STORIES.len()).unwrap_or(0);
        NAMED_FROM..NAMED_FROM + count
    }

    /// The index of the person with this number.
    pub(crate) fn find(cohort: &Cohort, identifier: &PersonIdentifier) -> Option<u32> {
        if identifier.kind() != IdentifierKind::Fnr {
            return None;
        }
        let birth = identifier.birth_date()?;
        Self::indices().find(|index| {
            Self::of(*index).is_some_and(|story| {
                story.birth() == birth && story.identifier(cohort).as_ref() == Some(identifier)
            })
        })
    }

    pub(crate) fn identifier(&self, cohort: &Cohort) -> Option<PersonIdentifier> {
        cohort.spare(self.birth(), self.sex, SPARE)
    }

    pub(crate) fn birth(&self) -> Date {
        date(self.birth)
    }

    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&'static str, Date)> + '_ {
        self.conditions
            .iter()
            .map(|(code, day)| (*code, date(*day)))
    }

    pub(crate) fn home_care(&self) -> Option<Date> {
        self.home_care.map(date)
    }

    pub(crate) fn nursing_home(&self) -> Option<Date> {
        self.nursing_home.map(date)
    }

    pub(crate) fn births(&self) -> Vec<Date> {
        self.due.map(date).into_iter().collect()
    }

    pub(crate) fn wound(&self) -> Option<(usize, Date)> {
        self.wound.map(|(kind, day)| (kind, date(day)))
    }

    /// When the illness is found, when care begins, when the person dies.
    pub(crate) fn dying(&self) -> Option<[Date; 3]> {
        self.dying.map(|days| days.map(date))
    }

    pub(crate) fn moved(&self) -> Option<Date> {
        self.moved.map(date)
    }

    pub(crate) fn visiting(&self) -> Option<Date> {
        self.visiting.map(date)
    }

    pub(crate) fn is_told_by_script(&self, service: Service) -> bool {
        self.without.contains(&service)
    }
}

impl Entry {
    pub(crate) fn date(&self) -> Date {
        date(self.day)
    }
}

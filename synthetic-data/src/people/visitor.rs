//! Visitors: people on no list here, met at the out-of-hours clinic. Some live in another
//! municipality and have their fødselsnummer; some come from abroad and get an H-number from the
//! clinic or an FH-number. They follow the list: a dataset has one for every fifty people, from
//! [`VISITORS_FROM`] up, each there from the day of arrival on.

use crate::cohort::Cohort;
use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::ids::{IdentifierKind, PersonIdentifier};
use crate::names::Name;
use crate::people::Person;
use crate::places::{Address, Distribution, Municipality};

/// The index of the first visitor: above every index that a list can have.
pub(crate) const VISITORS_FROM: u32 = 20_000_000;
/// One visitor for so many people.
const PEOPLE_A_VISITOR: u32 = 50;
/// Visitors come over the years of the journals: so many days from the first of 2016.
const DAYS: u32 = 24 * 365;

/// Makes the visitors of a dataset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitors<'a> {
    pub(crate) key: [u32; 2],
    pub(crate) cohort: &'a Cohort,
    pub(crate) spread: &'a Distribution,
    /// People on the list.
    pub(crate) size: u32,
}

impl Visitors<'_> {
    /// How many there are over all years.
    pub(crate) fn count(&self) -> u32 {
        self.size.div_ceil(PEOPLE_A_VISITOR)
    }

    /// The visitor with this number, from 0, if arrived by the date.
    pub(crate) fn person(&self, number: u32, as_of: Date) -> Option<Person> {
        let index = VISITORS_FROM.checked_add(number)?;
        let draws = Draws::new(self.key, index);
        let arrived = arrival(draws);
        if number >= self.count() || arrived > as_of {
            return None;
        }
        let place = self.place(number)?;
        if place.birth >= arrived {
            return None; // nobody travels before birth
        }
        let (identifier, is_foreign) = self.identity(number, draws)?;
        let (municipality, _) = self.spread.home(number);
        let others = Municipality::all().iter().map(|one| {
            (
                if *one == municipality {
                    0
                } else {
                    one.hundreds
                },
                one,
            )
        });
        let address = if is_foreign {
            Address::abroad(draws, 0)
        } else {
            let home = draws.weighted(Topic::Visitor, 0, 2, others)?;
            Address::draw(draws, 0, *home)
        };
        Some(Person {
            index,
            identifier,
            sex: place.sex,
            birth_date: place.birth,
            name: Name::draw(draws),
            address,
            municipality,
            rank: 0,
            general_practitioner: None,
            registered: arrived,
            protection: None,
            moved: None,
            deceased: None,
            arrived: Some(arrived),
        })
    }

    /// The number of the visitor with this identifier.
    pub(crate) fn find(&self, identifier: &PersonIdentifier, as_of: Date) -> Option<u32> {
        let number = if identifier.kind() == IdentifierKind::FhNumber {
            identifier.help_serial()?
        } else {
            let (index, _) = self.cohort.place_of(identifier)?;
            Cohort::SIZE.checked_sub(index + 1)?
        };
        let person = self.person(number, as_of)?;
        (person.identifier == *identifier).then_some(number)
    }

    /// Visitors take the pyramid's places from its end, where a dataset smaller than the pyramid has
    /// nobody.
    fn place(&self, number: u32) -> Option<crate::cohort::Place> {
        self.cohort.place(Cohort::SIZE.checked_sub(number + 1)?)
    }

    /// The visitor's number, and whether home is abroad.
    fn identity(&self, number: u32, draws: Draws) -> Option<(PersonIdentifier, bool)> {
        let place = self.place(number)?;
        let at_home = self.size.checked_add(self.count())? <= Cohort::SIZE;
        let drawn = draws.below(Topic::Visitor, 0, 0, 100);
        if drawn < 40 && at_home {
            let index = Cohort::SIZE - number - 1;
            return Some((self.cohort.identifier(index, place)?, false));
        }
        let shared = PersonIdentifier::help(number).filter(|_| drawn >= 70);
        let local = || self.cohort.number(place, IdentifierKind::HNumber);
        Some((shared.or_else(local)?, true))
    }
}

/// The day of arrival.
fn arrival(draws: Draws) -> Date {
    let day = draws.below(Topic::Visitor, 0, 1, DAYS);
    Date::new_year(2016).plus_days(10 + i32::try_from(day).unwrap_or(0))
}

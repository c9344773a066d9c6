//! The population pyramid as a numbered list, and the one-to-one map between a person's index and a
//! place in it. A place is (birth date, sex, rank), and each is one number of the synthetic series;
//! so identity number and index can each be had from the other, with nothing stored.

use std::ops::RangeInclusive;

use crate::date::{Date, is_leap};
use crate::draw::{Draws, Topic};
use crate::ids::person_identifier::{Day, IdentifierKind, PersonIdentifier};
use crate::people::Sex;

/// Births end on this date in dataset version 1.
const LAST_BIRTH: (i32, u32, u32) = (2026, 10, 31);
/// Ages in [`PYRAMID`] are counted in this year.
const PYRAMID_YEAR: i32 = 2026;
/// Men and women per birth date, by five-year age band from 0-4 up: our own rounding of Norway's
/// age distribution (Statistics Norway, table 07459).
const PYRAMID: [(u32, u32); 21] = [
    (72, 69),
    (80, 76),
    (86, 82),
    (88, 84),
    (88, 83),
    (97, 92),
    (103, 98),
    (101, 97),
    (96, 93),
    (94, 90),
    (101, 97),
    (98, 95),
    (88, 87),
    (78, 79),
    (70, 73),
    (62, 67),
    (38, 46),
    (17, 26),
    (12, 21),
    (3, 6),
    (0, 1),
];
/// The shuffle works on two halves of this many values; 4096 × 4096 exceeds every pyramid's sum.
const HALF: u32 = 4096;
const FEISTEL_ROUNDS: u32 = 4;
/// How many of a thousand of working age have a D-number: our own choice, so that a GP list has
/// some.
const D_NUMBERS: u32 = 12;
/// The birth years of those who come here to work.
const WORKING_AGE: RangeInclusive<i32> = 1960..=2006;

/// All births of one sex in one year.
#[derive(Clone, Copy, Debug)]
struct Row {
    year: i32,
    sex: Sex,
    per_day: u32,
    days: u32,
    start: u32,
}

/// One place in the pyramid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) birth: Date,
    pub(crate) sex: Sex,
    pub(crate) rank: u32,
}

/// The pyramid, with running sums.
#[derive(Clone, Debug)]
pub(crate) struct Cohort {
    rows: Vec<Row>,
    total: u32,
    draws: Draws,
}

/// The last day on which anybody of the population is born.
pub(crate) fn last_birth() -> Date {
    let (year, month, day) = LAST_BIRTH;
    Date::new(year, month, day).unwrap_or_else(|| Date::new_year(year))
}

impl Cohort {
    /// How many people [`PYRAMID`] has: the most that a dataset can have.
    pub(crate) const SIZE: u32 = 5_349_626;

    pub(crate) fn new(key: [u32; 2]) -> Self {
        let (mut rows, mut total) = (Vec::new(), 0);
        let last = last_birth();
        for (band, (men, women)) in (0_i32..).zip(PYRAMID) {
            for year in (0..5).map(|step| PYRAMID_YEAR - band * 5 - step) {
                let days = if year == last.year() {
                    last.days_since(Date::new_year(year)) + 1
                } else {
                    365 + i32::from(is_leap(year))
                };
                let days = days.unsigned_abs();
                for (sex, per_day) in [(Sex::Male, men), (Sex::Female, women)] {
                    rows.push(Row {
                        year,
                        sex,
                        per_day,
                        days,
                        start: total,
                    });
                    total += per_day * days;
                }
            }
        }
        Self {
            rows,
            total,
            draws: Draws::new(key, u32::MAX),
        }
    }

    /// How many people there can be.
    pub(crate) fn capacity(&self) -> u32 {
        self.total
    }

    /// The place of an index below [`Cohort::capacity`].
    pub(crate) fn place(&self, index: u32) -> Option<Place> {
        if index >= self.total {
            return None;
        }
        let mut position = self.shuffle(index);
        while position >= self.total {
            position = self.shuffle(position);
        }
        let after = self.rows.partition_point(|row| row.start <= position);
        let row = self
            .rows
            .get(..after)?
            .iter()
            .rev()
            .find(|row| row.per_day > 0)?;
        let within = position - row.start;
        let day = i32::try_from(within / row.per_day).ok()?;
        let birth = Date::new_year(row.year).plus_days(day);
        Some(Place {
            birth,
            sex: row.sex,
            rank: within % row.per_day,
        })
    }

    /// The index of a place; the inverse of [`Cohort::place`].
    fn index(&self, place: Place) -> Option<u32> {
        let year = place.birth.year();
        let row = self
            .rows
            .iter()
            .find(|row| row.year == year && row.sex == place.sex)?;
        let day = u32::try_from(place.birth.days_since(Date::new_year(year))).ok()?;
        if place.rank >= row.per_day || day >= row.days {
            return None;
        }
        let mut index = self.unshuffle(row.start + day * row.per_day + place.rank);
        while index >= self.total {
            index = self.unshuffle(index);
        }
        Some(index)
    }

    /// The number of the person with this index, whose place this is.
    pub(crate) fn identifier(&self, index: u32, place: Place) -> Option<PersonIdentifier> {
        self.number(place, self.kind(index, place.birth))
    }

    /// The index of the person with this number, if the pyramid has that person.
    pub(crate) fn index_of(&self, identifier: &PersonIdentifier) -> Option<u32> {
        let (index, birth) = self.place_of(identifier)?;
        (self.kind(index, birth) == identifier.kind()).then_some(index)
    }

    /// The index whose place a number of any dated kind belongs to, and the birth date.
    pub(crate) fn place_of(&self, identifier: &PersonIdentifier) -> Option<(u32, Date)> {
        let (birth, sex) = (identifier.birth_date()?, identifier.sex()?);
        let (number, count) = identifier.place(birth)?;
        let rank = (number + count - self.rotation(birth, sex, count)) % count.max(1);
        Some((self.index(Place { birth, sex, rank })?, birth))
    }

    /// A fødselsnummer of the date's series that no place of the pyramid uses: the `spare`-th from
    /// its end.
    pub(crate) fn spare(&self, birth: Date, sex: Sex, spare: u32) -> Option<PersonIdentifier> {
        let count = Day::new(birth, sex, IdentifierKind::Fnr)?.count();
        let rank = count.checked_sub(spare + 1)?;
        self.number(Place { birth, sex, rank }, IdentifierKind::Fnr)
    }

    /// The number of a place, if its person has one of this kind. Ranks start at a drawn point of the
    /// day's series, so that the numbers of one day do not all begin at its first.
    pub(crate) fn number(&self, place: Place, kind: IdentifierKind) -> Option<PersonIdentifier> {
        let day = Day::new(place.birth, place.sex, kind)?;
        let count = day.count();
        day.nth((place.rank + self.rotation(place.birth, place.sex, count)) % count.max(1))
    }

    /// Which kind of number a person has: a few of working age are here for a time.
    fn kind(&self, index: u32, birth: Date) -> IdentifierKind {
        let visits = self.draws.chance(Topic::Identifier, index, 0, D_NUMBERS);
        if visits && WORKING_AGE.contains(&birth.year()) {
            IdentifierKind::DNumber
        } else {
            IdentifierKind::Fnr
        }
    }

    fn rotation(&self, birth: Date, sex: Sex, count: u32) -> u32 {
        self.draws.below(
            Topic::Rotation,
            birth.epoch_days().unsigned_abs(),
            sex as u32,
            count,
        )
    }

    /// A permutation of `0..HALF²` (a Feistel network, so it has an inverse whatever the rounds do).
    fn shuffle(&self, value: u32) -> u32 {
        let (mut left, mut right) = (value / HALF, value % HALF);
        for round in 0..FEISTEL_ROUNDS {
            (left, right) = (right, (left + self.round(round, right)) % HALF);
        }
        left * HALF + right
    }

    fn unshuffle(&self, value: u32) -> u32 {
        let (mut left, mut right) = (value / HALF, value % HALF);
        for round in (0..FEISTEL_ROUNDS).rev() {
            (left, right) = ((right + HALF - self.round(round, left)) % HALF, left);
        }
        left * HALF + right
    }

    fn round(&self, round: u32, half: u32) -> u32 {
        self.draws.below(Topic::Shuffle, round, half, HALF)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shuffle_has_room_for_everybody_and_the_spare_numbers_are_spare() {
        let cohort = Cohort::new([1, 2]);
        assert_eq!(cohort.total, Cohort::SIZE);
        assert!(cohort.total < HALF * HALF);
        for (men, women) in PYRAMID {
            assert!(
                men.max(women) < 190,
                "a date's series must keep some numbers over"
            );
        }
        let birth = Date::new(1980, 5, 17).unwrap();
        let spare = cohort.spare(birth, Sex::Female, 0).unwrap();
        assert_eq!(cohort.index_of(&spare), None);
    }

    proptest! {
        #[test]
        fn index_place_and_number_are_one_to_one(index in 0u32..5_000_000, key in any::<[u32; 2]>()) {
            let cohort = Cohort::new(key);
            let place = cohort.place(index).unwrap();
            prop_assert_eq!(cohort.index(place), Some(index));
            let number = cohort.identifier(index, place).unwrap();
            prop_assert_eq!(number.birth_date(), Some(place.birth));
            prop_assert_eq!(number.sex(), Some(place.sex));
            prop_assert_eq!(cohort.index_of(&number), Some(index));
            // The numbers of the other kinds are nobody's.
            for kind in [IdentifierKind::Fnr, IdentifierKind::DNumber, IdentifierKind::HNumber] {
                let other = cohort.number(place, kind).unwrap();
                prop_assert_eq!(other.kind(), kind);
                prop_assert_eq!(cohort.index_of(&other), (other == number).then_some(index));
            }
        }
    }
}

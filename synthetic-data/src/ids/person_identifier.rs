//! The synthetic numbers of persons, and the numbered list of what the series holds for one birth
//! date, sex and kind. The check rules are in [`mod@super::check`].
//!
//! Those of Folkeregisteret are in the month + 80 series. Persons without such a number get a help
//! number: an H-number (month + 40, HIS 1001), which means something only beside the unit that gave
//! it, here always a synthetic one; or an FH-number, which NHN gives and for which no synthetic series
//! is published: ours all begin with 99.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::check::{ControlRule, IdError, Series, WEIGHTS_K1, WEIGHTS_K2, check};
use super::mod11::{check_digit, digits};
use crate::date::Date;
use crate::people::Sex;

/// The kinds of number that identify a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// Fødselsnummer: who is born here, or has come to stay.
    Fnr,
    /// D-number (day + 40): who is here for a time, or has come lately.
    DNumber,
    /// H-number (month + 40): given by a unit to somebody whose number it does not know.
    HNumber,
    /// FH-number (first digit 8 or 9): the same, shared by all units; tells neither age nor sex.
    FhNumber,
}

impl IdentifierKind {
    /// What is added to the day and to the month.
    const fn offsets(self) -> (u32, u32) {
        match self {
            Self::Fnr | Self::FhNumber => (0, SYNTHETIC_MONTH),
            Self::DNumber => (40, SYNTHETIC_MONTH),
            Self::HNumber => (0, 40),
        }
    }
}

/// A synthetic number of a person, valid by the rule until 2031: month + 80, or one of the two help
/// numbers. None that Folkeregisteret could have given to a real person can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonIdentifier([u8; 11]);

impl PersonIdentifier {
    /// What kind of number it is, as its digits tell.
    pub const fn kind(&self) -> IdentifierKind {
        match self.0 {
            [8..=9, ..] => IdentifierKind::FhNumber,
            [4..=7, ..] => IdentifierKind::DNumber,
            [_, _, 4..=5, ..] => IdentifierKind::HNumber,
            _ => IdentifierKind::Fnr,
        }
    }

    /// The birth date in the number; an FH-number has none.
    pub fn birth_date(&self) -> Option<Date> {
        check(&self.to_string(), ControlRule::Until2031)
            .ok()?
            .birth_date
    }

    /// The sex in the number: an odd ninth digit is a man's; an FH-number tells none.
    pub fn sex(&self) -> Option<Sex> {
        let [.., ninth, _, _] = self.0;
        match (self.kind(), ninth % 2) {
            (IdentifierKind::FhNumber, _) => None,
            (_, 1) => Some(Sex::Male),
            _ => Some(Sex::Female),
        }
    }

    /// The FH-number with this serial number below 10 000 000; `None` where the control digits do not
    /// exist.
    pub(crate) fn help(serial: u32) -> Option<Self> {
        let text = format!("{HELP}{serial:07}");
        let body: [u8; 9] = digits(&text)?;
        let (first, _) = body.split_first_chunk()?;
        Self::assemble(*first, serial % 1000)
    }

    /// The serial number in an FH-number of ours.
    pub(crate) fn help_serial(&self) -> Option<u32> {
        let text = self.to_string();
        let (body, _) = text.split_at_checked(9)?;
        body.strip_prefix(HELP)?.parse().ok()
    }

    /// The individual number, 0 to 999.
    fn individual(&self) -> u32 {
        let [.., i0, i1, i2, _, _] = self.0;
        u32::from(i0) * 100 + u32::from(i1) * 10 + u32::from(i2)
    }

    fn date_digits(birth: Date, kind: IdentifierKind) -> Option<[u8; 6]> {
        let (year, month, day) = birth.civil();
        let (on_day, on_month) = kind.offsets();
        let (day, month) = (day + on_day, month + on_month);
        let year = u32::try_from(year.rem_euclid(100)).ok()?;
        let digits = [
            day / 10,
            day % 10,
            month / 10,
            month % 10,
            year / 10,
            year % 10,
        ];
        Some(digits.map(|digit| u8::try_from(digit).unwrap_or(0)))
    }

    fn assemble(date: [u8; 6], individual: u32) -> Option<Self> {
        let mut all = [0_u8; 11];
        let number = [individual / 100, individual / 10 % 10, individual % 10];
        let number = number.map(|digit| u8::try_from(digit).unwrap_or(0));
        let known = date.into_iter().chain(number);
        for (place, digit) in all.iter_mut().zip(known) {
            *place = digit;
        }
        *all.get_mut(9)? = check_digit(all.get(..9)?, &WEIGHTS_K1)?;
        *all.get_mut(10)? = check_digit(all.get(..10)?, &WEIGHTS_K2)?;
        Some(Self(all))
    }

    /// The place of this number in its [`Day`], and how many the day has.
    pub(crate) fn place(&self, birth: Date) -> Option<(u32, u32)> {
        let day = Day::new(birth, self.sex()?, self.kind())?;
        let (own, mut before, mut all) = (self.individual(), 0, 0);
        for other in day.individuals() {
            all += 1;
            before += u32::from(other < own);
        }
        Some((before, all))
    }
}

/// All numbers of a kind that the synthetic series holds for one birth date and sex.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    /// The first six digits.
    date: [u8; 6],
    first: u32,
    /// The weighted sums of the date's digits, for each control digit.
    sums: [u32; 2],
}

impl Day {
    pub(crate) fn new(birth: Date, sex: Sex, kind: IdentifierKind) -> Option<Self> {
        let date = PersonIdentifier::date_digits(birth, kind)?;
        let sum = |weights: &[u8]| -> u32 {
            date.iter()
                .zip(weights)
                .map(|(digit, weight)| u32::from(*digit) * u32::from(*weight))
                .sum()
        };
        let first = if birth.year() < 2000 { 0 } else { 500 };
        let sums = [sum(&WEIGHTS_K1), sum(&WEIGHTS_K2)];
        Some(Self {
            date,
            first: first + u32::from(sex == Sex::Male),
            sums,
        })
    }

    /// The individual numbers whose control digits exist, in rising order.
    fn individuals(self) -> impl Iterator<Item = u32> {
        let [_, _, _, _, _, _, a1, b1, c1] = WEIGHTS_K1.map(u32::from);
        let [_, _, _, _, _, _, a2, b2, c2, d2] = WEIGHTS_K2.map(u32::from);
        let [sum1, sum2] = self.sums;
        (0..250)
            .map(move |step| self.first + step * 2)
            .filter(move |number| {
                let (a, b, c) = (number / 100, number / 10 % 10, number % 10);
                let rest = (sum1 + a * a1 + b * b1 + c * c1) % 11;
                let k1 = (11 - rest) % 11;
                rest != 1 && (sum2 + a * a2 + b * b2 + c * c2 + k1 * d2) % 11 != 1
            })
    }

    /// How many numbers there are.
    pub(crate) fn count(self) -> u32 {
        u32::try_from(self.individuals().count()).unwrap_or(0)
    }

    /// The number at a place, from 0.
    pub(crate) fn nth(self, place: u32) -> Option<PersonIdentifier> {
        let individual = self.individuals().nth(usize::try_from(place).ok()?)?;
        PersonIdentifier::assemble(self.date, individual)
    }
}

impl fmt::Display for PersonIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|digit| write!(formatter, "{digit}"))
    }
}

impl FromStr for PersonIdentifier {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let found = check(text, ControlRule::Until2031)?;
        let is_ours = match found.series {
            Series::Month80 => true,
            Series::Month40 => !found.d_number,
            Series::Help => text.starts_with(HELP),
            Series::Real | Series::Month65 => false,
        };
        if !is_ours {
            return Err(IdError::NotSynthetic);
        }
        digits(text).map(Self).ok_or(IdError::Form)
    }
}

impl TryFrom<String> for PersonIdentifier {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<PersonIdentifier> for String {
    fn from(identifier: PersonIdentifier) -> Self {
        identifier.to_string()
    }
}

const SYNTHETIC_MONTH: u32 = 80;
/// What our FH-numbers begin with.
const HELP: &str = "99";

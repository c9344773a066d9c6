//! Fødselsnummer and D-number: the check rules of today and of 2032, the synthetic series, and the
//! numbered list of what the synthetic month + 80 series holds for one birth date and sex.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::mod11::{check_digit, digits, remainder};
use crate::date::Date;
use crate::person::Sex;

const WEIGHTS_K1: [u8; 9] = [3, 7, 6, 1, 8, 9, 4, 5, 2];
const WEIGHTS_K2: [u8; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
const SYNTHETIC_MONTH: u32 = 80;

/// Which control-digit rule a number must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlRule {
    /// The rule for numbers issued until 2031: one first control digit, and the ninth digit tells sex.
    Until2031,
    /// Either that rule or the one for numbers issued from 2032, with four possible first control
    /// digits and no sex in the number. It can no longer catch every single-digit error.
    Either,
}

/// The rule that a number was found to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Meets the rule for numbers issued until 2031.
    Until2031,
    /// Meets only the rule for numbers issued from 2032.
    From2032,
}

/// Who may use a number, as its month tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Month 1-12: given to real people.
    Real,
    /// Month + 40: NAV's Dolly, and local help numbers (H-numbers).
    Month40,
    /// Month + 65: reserved by NHN's `SyntPop`.
    Month65,
    /// Month + 80: Skatteetaten's Tenor, and this population.
    Month80,
}

/// A checked Norwegian identity number of eleven digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NationalId {
    /// Who may use the number.
    pub series: Series,
    /// True for a D-number (day + 40).
    pub d_number: bool,
    /// The rule it meets.
    pub rule: Rule,
    /// The birth date, where the individual number tells the century.
    pub birth_date: Option<Date>,
}

/// Why a text is no Norwegian identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not eleven digits.
    #[error("an identity number has exactly eleven digits and nothing else")]
    Form,
    /// The first six digits name no day in any series.
    #[error("the first six digits of the identity number are no date in any series")]
    Date,
    /// A control digit is wrong.
    #[error("a control digit of the identity number is wrong; check the digits")]
    Control,
    /// Not in the synthetic month + 80 series.
    #[error(
        "the number is not in the synthetic series (month + 80); only synthetic numbers are used here"
    )]
    NotSynthetic,
}

/// Checks a fødselsnummer or D-number of any series.
pub fn check(text: &str, rule: ControlRule) -> Result<NationalId, IdError> {
    let all: [u8; 11] = digits(text).ok_or(IdError::Form)?;
    let [d0, d1, m0, m1, y0, y1, i0, i1, i2, k1, _] = all;
    let two = |high: u8, low: u8| u32::from(high) * 10 + u32::from(low);
    let (day, d_number) = if d0 >= 4 {
        (two(d0 - 4, d1), true)
    } else {
        (two(d0, d1), false)
    };
    let (month, series) = match two(m0, m1) {
        month @ 1..=12 => (month, Series::Real),
        month @ 41..=52 => (month - 40, Series::Month40),
        month @ 66..=77 => (month - 65, Series::Month65),
        month @ 81..=92 => (month - 80, Series::Month80),
        _ => return Err(IdError::Date),
    };
    let individual = two(i0, i1) * 10 + u32::from(i2);
    let short_year = two(y0, y1);
    let birth_date = century(short_year, individual)
        .and_then(|century| Date::new(century + i32::try_from(short_year).ok()?, month, day));
    let any_century = || {
        [1800, 1900, 2000].iter().any(|base| {
            Date::new(base + i32::try_from(short_year).unwrap_or(0), month, day).is_some()
        })
    };
    if birth_date.is_none() && !any_century() {
        return Err(IdError::Date);
    }
    let [body @ .., _, _] = &all;
    let [first_ten @ .., k2] = &all;
    if check_digit(first_ten, &WEIGHTS_K2) != Some(*k2) {
        return Err(IdError::Control);
    }
    let met = first_control(body, k1).ok_or(IdError::Control)?;
    match (met, rule) {
        (Rule::From2032, ControlRule::Until2031) => Err(IdError::Control),
        (Rule::Until2031, _) if birth_date.is_none() => Err(IdError::Date),
        (rule, _) => Ok(NationalId {
            series,
            d_number,
            rule,
            birth_date,
        }),
    }
}

/// The rule that makes `k1` right: today's allows one digit, that of 2032 allows the remainders 0-3.
fn first_control(body: &[u8], k1: u8) -> Option<Rule> {
    let rest = remainder(body, &WEIGHTS_K1);
    let allowed = |extra: u8| {
        let digit = 11 + extra - rest;
        if digit > 10 { digit - 11 } else { digit }
    };
    if k1 == allowed(0) {
        return Some(Rule::Until2031);
    }
    (1..=3)
        .any(|extra| k1 == allowed(extra))
        .then_some(Rule::From2032)
}

/// The century that an individual number tells for a two-digit year, by HIS 1001.
fn century(short_year: u32, individual: u32) -> Option<i32> {
    match (individual, short_year) {
        (0..=499, _) | (900..=999, 40..) => Some(1900),
        (500..=999, 0..=39) => Some(2000),
        (500..=749, 54..) => Some(1800),
        _ => None,
    }
}

/// A synthetic fødselsnummer: month + 80, valid by the rule until 2031. No other kind can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fnr([u8; 11]);

impl Fnr {
    /// The birth date in the number.
    pub fn birth_date(&self) -> Option<Date> {
        check(&self.to_string(), ControlRule::Until2031)
            .ok()?
            .birth_date
    }

    /// The sex in the number: an odd ninth digit is a man's.
    pub fn sex(&self) -> Sex {
        let [.., ninth, _, _] = self.0;
        if ninth % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The individual number, 0 to 999.
    fn individual(&self) -> u32 {
        let [.., i0, i1, i2, _, _] = self.0;
        u32::from(i0) * 100 + u32::from(i1) * 10 + u32::from(i2)
    }

    fn date_digits(birth: Date) -> Option<[u8; 6]> {
        let (year, month, day) = birth.civil();
        let month = month + SYNTHETIC_MONTH;
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

    fn assemble(birth: Date, individual: u32) -> Option<Self> {
        let mut all = [0_u8; 11];
        let number = [individual / 100, individual / 10 % 10, individual % 10];
        let number = number.map(|digit| u8::try_from(digit).unwrap_or(0));
        let known = Self::date_digits(birth)?.into_iter().chain(number);
        for (place, digit) in all.iter_mut().zip(known) {
            *place = digit;
        }
        *all.get_mut(9)? = check_digit(all.get(..9)?, &WEIGHTS_K1)?;
        *all.get_mut(10)? = check_digit(all.get(..10)?, &WEIGHTS_K2)?;
        Some(Self(all))
    }

    /// The place of this number in its [`Day`], and how many the day has.
    pub(crate) fn place(&self, birth: Date) -> Option<(u32, u32)> {
        let day = Day::new(birth, self.sex())?;
        let (own, mut before, mut all) = (self.individual(), 0, 0);
        for other in day.individuals() {
            all += 1;
            before += u32::from(other < own);
        }
        Some((before, all))
    }
}

/// All numbers that the synthetic series holds for one birth date and sex.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    birth: Date,
    first: u32,
    /// The weighted sums of the date's digits, for each control digit.
    sums: [u32; 2],
}

impl Day {
    pub(crate) fn new(birth: Date, sex: Sex) -> Option<Self> {
        let date = Fnr::date_digits(birth)?;
        let sum = |weights: &[u8]| -> u32 {
            date.iter()
                .zip(weights)
                .map(|(digit, weight)| u32::from(*digit) * u32::from(*weight))
                .sum()
        };
        let first = if birth.year() < 2000 { 0 } else { 500 };
        let sums = [sum(&WEIGHTS_K1), sum(&WEIGHTS_K2)];
        Some(Self {
            birth,
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
    pub(crate) fn nth(self, place: u32) -> Option<Fnr> {
        let individual = self.individuals().nth(usize::try_from(place).ok()?)?;
        Fnr::assemble(self.birth, individual)
    }
}

impl fmt::Display for Fnr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|digit| write!(formatter, "{digit}"))
    }
}

impl FromStr for Fnr {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let found = check(text, ControlRule::Until2031)?;
        if found.series != Series::Month80 || found.d_number {
            return Err(IdError::NotSynthetic);
        }
        digits(text).map(Self).ok_or(IdError::Form)
    }
}

impl TryFrom<String> for Fnr {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Fnr> for String {
    fn from(fnr: Fnr) -> Self {
        fnr.to_string()
    }
}

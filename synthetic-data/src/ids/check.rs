//! The check rules of fødselsnummer, D-number and the two kinds of help number, of today and of 2032,
//! for numbers of any series. Making them is in [`super::person_identifier`].

use super::mod11::{check_digit, digits, remainder};
use crate::date::Date;

pub(super) const WEIGHTS_K1: [u8; 9] = [3, 7, 6, 1, 8, 9, 4, 5, 2];
pub(super) const WEIGHTS_K2: [u8; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

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
    /// First digit 8 or 9: felles hjelpenummer (FH-number), without birth date and sex.
    Help,
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
    /// Not in a series that this crate makes.
    #[error(
        "the number is not in the synthetic series (month + 80); only synthetic numbers are used here"
    )]
    NotSynthetic,
}

/// Checks a fødselsnummer, D-number, H-number or FH-number of any series. The rule of 2032 is for
/// numbers with a date: an FH-number's first control digit is made as it always was.
pub fn check(text: &str, rule: ControlRule) -> Result<NationalId, IdError> {
    let all: [u8; 11] = digits(text).ok_or(IdError::Form)?;
    let [d0, ..] = all;
    if d0 >= 8 {
        help(&all)
    } else {
        dated(all, rule)
    }
}

fn help(all: &[u8; 11]) -> Result<NationalId, IdError> {
    let [body @ .., k1, _] = all;
    let [first_ten @ .., k2] = all;
    let right = check_digit(body, &WEIGHTS_K1) == Some(*k1)
        && check_digit(first_ten, &WEIGHTS_K2) == Some(*k2);
    right
        .then_some(NationalId {
            series: Series::Help,
            d_number: false,
            rule: Rule::Until2031,
            birth_date: None,
        })
        .ok_or(IdError::Control)
}

fn dated(all: [u8; 11], rule: ControlRule) -> Result<NationalId, IdError> {
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

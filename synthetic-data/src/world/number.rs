//! Numbers of units and staff: every unit and every member of staff has a place in one series, from
//! which organisation number, HER-id, HPR number and birth date follow, so no two share one.

use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::ids::Hpr;

/// How many kinds of unit there are.
pub(super) const KINDS: u32 = 6;
/// A unit has this many numbers: its own and at most nine of staff.
pub(super) const STAFF_SERIES: u32 = 10;
/// The most units of a dataset.
pub(super) const UNITS: u32 = 12_000;
/// Organisation numbers of neighbours are this far apart, since not every number has a check digit.
pub(super) const ORGANIZATION_STEP: u32 = 4;
/// A dataset's series begins somewhere below this, so that it ends within seven digits.
pub(super) const SERIES: u32 = 9_880_000;
/// HPR numbers after the first practice's begin here.
const HPR_FROM: u32 = 100_000;
/// Years of birth of staff: from the first, this many.
const BIRTH_YEARS: (i32, u32) = (1964, 32);
const DAYS: u32 = 32 * 365;
/// A stride coprime with [`DAYS`], so that colleagues are not born day by day.
const STRIDE: u32 = 7919;

/// The subject that a place in the series has in draws.
pub(super) fn subject(serial: u32) -> u32 {
    u32::MAX - 1 - serial
}

/// True for the staff of the first practice, whose numbers are drawn freely.
fn is_of_first(serial: u32) -> bool {
    serial < STAFF_SERIES
}

pub(super) fn birth_date(draws: Draws, serial: u32) -> Option<Date> {
    let (first, years) = BIRTH_YEARS;
    let (year, day) = if is_of_first(serial) {
        let year = draws.below(Topic::Staff, 0, 0, years);
        (year, draws.below(Topic::Staff, 0, 1, 365))
    } else {
        let day = serial % DAYS * STRIDE % DAYS;
        (day / 365, day % 365)
    };
    let first_day = Date::new_year(first + i32::try_from(year).ok()?);
    Some(first_day.plus_days(i32::try_from(day).ok()?))
}

/// Which of the birth date's spare numbers this member of staff has.
pub(super) fn spare(serial: u32) -> u32 {
    if is_of_first(serial) {
        serial
    } else {
        STAFF_SERIES + serial / DAYS
    }
}

pub(super) fn hpr(draws: Draws, serial: u32) -> Option<Hpr> {
    if is_of_first(serial) {
        Hpr::from_serial(draws.below(Topic::Staff, 0, 2, 900) * 100 + serial * 10)
    } else {
        Hpr::from_serial(HPR_FROM + serial * 3)
    }
}

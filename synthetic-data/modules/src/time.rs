//! Points in time in UTC, to the second, and the units that modules count in: a year of 365 days and a
//! month of 30, as in the framework. Ages go by the calendar.

use std::fmt;

use crate::number::{Fixed, ONE};

/// Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i64);

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

impl Instant {
    /// Later than anything.
    pub(crate) const NEVER: Self = Self(i64::MAX);

    /// Midnight of a day, if there is such a day; years have four digits.
    pub fn of_day(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        let date = Self(days_from_civil(year.into(), month.into(), day.into()) * DAY);
        (date.civil() == (year.into(), month, day)).then_some(date)
    }

    #[cfg(test)]
    pub(crate) fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    pub(crate) fn seconds(self) -> i64 {
        self.0
    }

    /// So many seconds later; never, where that is beyond all time.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Year, month (1-12) and day.
    pub(crate) fn civil(self) -> (i64, u32, u32) {
        // Howard Hinnant's days-to-civil algorithm, with eras of 400 years from 1 March.
        let shifted = self.0.div_euclid(DAY) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        (year, small(month), small(day))
    }

    /// `YYYY-MM-DD`.
    pub(crate) fn day_text(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The age in a unit of somebody born at this instant; years and months are whole.
    pub(crate) fn age(self, at: Self, unit: Unit) -> Fixed {
        let (year, month, day) = at.civil();
        let (birth_year, birth_month, birth_day) = self.civil();
        let months = (year - birth_year) * 12 + i64::from(month)
            - i64::from(birth_month)
            - i64::from(day < birth_day);
        match unit {
            Unit::Decades => Fixed::whole(months.div_euclid(120)),
            Unit::Years => Fixed::whole(months.div_euclid(12)),
            Unit::Months => Fixed::whole(months),
            _ => Fixed::whole(at.0.saturating_sub(self.0) / unit.seconds()),
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let day = self.day_text();
        write!(formatter, "{day}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Decades,
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
}

impl Unit {
    pub(crate) const KNOWN: &'static str =
        "decades, years, months, weeks, days, hours, minutes, seconds";

    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word.trim_end_matches('s') {
            "decade" => Self::Decades,
            "year" => Self::Years,
            "month" => Self::Months,
            "week" => Self::Weeks,
            "day" => Self::Days,
            "hour" => Self::Hours,
            "minute" => Self::Minutes,
            "second" => Self::Seconds,
            _ => return None,
        })
    }

    pub(crate) fn seconds(self) -> i64 {
        match self {
            Self::Decades => 3650 * DAY,
            Self::Years => 365 * DAY,
            Self::Months => 30 * DAY,
            Self::Weeks => 7 * DAY,
            Self::Days => DAY,
            Self::Hours => 3600,
            Self::Minutes => 60,
            Self::Seconds => 1,
        }
    }

    /// So many of this unit in seconds; nothing goes back in time.
    pub(crate) fn times(self, number: Fixed) -> i64 {
        let seconds = i128::from(number.get()) * i128::from(self.seconds()) / i128::from(ONE);
        // No life is longer than two centuries, and sums of such times stay small.
        i64::try_from(seconds.clamp(0, 200 * 365 * i128::from(DAY))).unwrap_or(0)
    }

    /// The unit in UCUM, as `Timing` has it.
    pub(crate) fn ucum(self) -> &'static str {
        match self {
            Self::Decades | Self::Years => "a",
            Self::Months => "mo",
            Self::Weeks => "wk",
            Self::Days => "d",
            Self::Hours => "h",
            Self::Minutes => "min",
            Self::Seconds => "s",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (year, month, day) in [(1970, 1, 1), (2000, 2, 29), (1899, 12, 31), (2026, 11, 23)] {
            let date = Instant::of_day(year, month, day).unwrap();
            assert_eq!(date.civil(), (year.into(), month, day));
            assert_eq!(date.day_text(), format!("{year}-{month:02}-{day:02}"));
        }
        assert_eq!(Instant::of_day(2026, 2, 29), None);
        assert_eq!(Instant::of_day(0, 1, 1), None);
        let moment = Instant::of_day(2026, 1, 2).unwrap().plus(3 * 3600 + 65);
        assert_eq!(moment.to_string(), "2026-01-02T03:01:05Z");
    }

    #[test]
    fn ages_change_on_the_birthday() {
        let birth = Instant::of_day(2000, 6, 15).unwrap();
        let age =
            |year, month, day, unit| birth.age(Instant::of_day(year, month, day).unwrap(), unit);
        assert_eq!(age(2018, 6, 14, Unit::Years), Fixed::whole(17));
        assert_eq!(age(2018, 6, 15, Unit::Years), Fixed::whole(18));
        assert_eq!(age(2000, 8, 14, Unit::Months), Fixed::whole(1));
        assert_eq!(age(2000, 6, 29, Unit::Weeks), Fixed::whole(2));
    }

    #[test]
    fn time_never_goes_back() {
        assert_eq!(Unit::Days.times(Fixed::whole(-3)), 0);
        assert_eq!(Unit::Hours.times(Fixed::from_text("1.5").unwrap()), 5400);
    }
}

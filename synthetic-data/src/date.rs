//! Calendar dates and clock times in Norway, by arithmetic alone: no clock, no time-zone database.
//! Daylight saving follows the European rule in force since 1996 (last Sunday of March to last
//! Sunday of October, at 01:00 UTC).

use std::fmt;
use std::str::FromStr;

/// A day in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// A text that is not a calendar date in the form `YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not a calendar date; write it as YYYY-MM-DD, for example 2026-11-21")]
pub struct DateError(pub String);

impl Date {
    /// The date with this year, month (1-12) and day, if there is one.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        Some(Self(days_from_civil(
            year,
            i32::try_from(month).ok()?,
            i32::try_from(day).ok()?,
        )))
    }

    /// The first of January.
    pub(crate) fn new_year(year: i32) -> Self {
        Self(days_from_civil(year, 1, 1))
    }

    /// Days since 1970-01-01.
    pub fn epoch_days(self) -> i32 {
        self.0
    }

    /// This many days later (or earlier).
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// Days from `earlier` to this date.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Year, month (1-12) and day.
    pub fn civil(self) -> (i32, u32, u32) {
        // Howard Hinnant's days-to-civil algorithm, with eras of 400 years from 1 March.
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month.unsigned_abs(), day.unsigned_abs())
    }

    /// The calendar year.
    pub fn year(self) -> i32 {
        self.civil().0
    }

    /// 0 for Monday to 6 for Sunday.
    pub(crate) fn weekday(self) -> i32 {
        (self.0 + 3).rem_euclid(7)
    }

    /// Whole years of age on `day` of somebody born on this date.
    pub fn age_on(self, day: Self) -> i32 {
        let (birth_year, birth_month, birth_day) = self.civil();
        let (year, month, dom) = day.civil();
        year - birth_year - i32::from((month, dom) < (birth_month, birth_day))
    }

    /// The same day, or the next one on which a practice is open.
    pub(crate) fn working_day(self) -> Self {
        let mut day = self;
        while day.weekday() >= 5 || is_public_holiday(day) {
            day = day.plus_days(1);
        }
        day
    }
}

impl Date {
    /// The text of this date, as ASCII: `YYYY-MM-DD`.
    pub(crate) fn text(self) -> [u8; 10] {
        let mut text = *b"0000-00-00";
        write_civil(&mut text, self.civil());
        text
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let wrong = || DateError(text.chars().take(40).collect());
        let mut parts = text.splitn(3, '-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse::<u32>().ok()).flatten()
        };
        let (year, month, day) = (number(4), number(2), number(2));
        let (Some(year), Some(month), Some(day)) = (year, month, day) else {
            return Err(wrong());
        };
        Self::new(i32::try_from(year).map_err(|_| wrong())?, month, day).ok_or_else(wrong)
    }
}

/// A minute of a day, Norwegian clock time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The day.
    pub date: Date,
    /// Minutes since midnight, 0 to 1439.
    pub minute: u16,
}

impl Moment {
    /// This many minutes later on the same day (never past midnight).
    #[must_use]
    pub fn plus_minutes(self, minutes: u16) -> Self {
        Self {
            date: self.date,
            minute: (self.minute + minutes).min(1439),
        }
    }

    fn is_summer_time(self, year: i32, month: u32) -> bool {
        // The clock changes at 02:00 and 03:00 local time.
        match month {
            3 => (self.date, self.minute) >= (last_sunday(year, 3), 120),
            4..=9 => true,
            10 => (self.date, self.minute) < (last_sunday(year, 10), 180),
            _ => false,
        }
    }
}

impl Moment {
    /// The text of this moment, as ASCII: FHIR's `dateTime` with seconds and offset.
    pub(crate) fn text(self) -> [u8; 25] {
        let (year, month, day) = self.date.civil();
        let offset = if self.is_summer_time(year, month) {
            2
        } else {
            1
        };
        let (hour, minute) = (u32::from(self.minute / 60), u32::from(self.minute % 60));
        let mut text = *b"0000-00-00T00:00:00+00:00";
        write_civil(&mut text, (year, month, day));
        put(&mut text, 11, hour);
        put(&mut text, 14, minute);
        put(&mut text, 20, offset);
        text
    }
}

/// Texts of moments, most of which are on the day of the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Texts {
    /// The day of the text, if the clock is not changed on it.
    day: Option<Date>,
    text: [u8; 25],
}

impl Texts {
    /// The same as [`Moment::text`].
    pub(crate) fn of(&mut self, moment: Moment) -> [u8; 25] {
        if self.day == Some(moment.date) {
            put(&mut self.text, 11, u32::from(moment.minute / 60));
            put(&mut self.text, 14, u32::from(moment.minute % 60));
        } else {
            // The clock is changed on Sundays.
            self.day = Some(moment.date).filter(|date| date.weekday() < 6);
            self.text = moment.text();
        }
        self.text
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// Writes `YYYY-MM-DD` at the front; years have four digits here.
fn write_civil(text: &mut [u8], (year, month, day): (i32, u32, u32)) {
    let year = year.unsigned_abs();
    put(text, 0, year / 100 % 100);
    put(text, 2, year % 100);
    put(text, 5, month);
    put(text, 8, day);
}

/// Writes a number below 100 as two digits: formatting it costs more than making the rest.
fn put(text: &mut [u8], at: usize, number: u32) {
    let digits = [number / 10 % 10, number % 10];
    for (place, digit) in text.iter_mut().skip(at).zip(digits) {
        *place = b'0' + u8::try_from(digit).unwrap_or(0);
    }
}

fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

pub(crate) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn last_sunday(year: i32, month: u32) -> Date {
    // Both March and October have 31 days.
    let last = Date(days_from_civil(year, i32::try_from(month).unwrap_or(3), 31));
    last.plus_days(-((last.weekday() + 1) % 7))
}

fn is_public_holiday(day: Date) -> bool {
    let (_, month, dom) = day.civil();
    matches!((month, dom), (1, 1) | (5, 1 | 17) | (12, 24..=26 | 31))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn knows_weekdays_and_summer_time() {
        let day: Date = "2026-11-21".parse().unwrap();
        assert_eq!(day.weekday(), 5, "a Saturday");
        assert_eq!(day.working_day().to_string(), "2026-11-23");
        let at = |text: &str, minute| {
            Moment {
                date: text.parse().unwrap(),
                minute,
            }
            .to_string()
        };
        assert_eq!(at("2026-03-29", 119), "2026-03-29T01:59:00+01:00");
        assert_eq!(at("2026-03-29", 180), "2026-03-29T03:00:00+02:00");
        assert_eq!(at("2026-10-25", 180), "2026-10-25T03:00:00+01:00");
        assert_eq!(at("2026-07-01", 545), "2026-07-01T09:05:00+02:00");
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "20260101",
            "2026-01-01T",
            "åååå-01-01",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn ages_change_on_the_birthday() {
        let born: Date = "2000-02-29".parse().unwrap();
        assert_eq!(born.age_on("2018-02-28".parse().unwrap()), 17);
        assert_eq!(born.age_on("2018-03-01".parse().unwrap()), 18);
    }

    proptest! {
        #[test]
        fn a_text_kept_from_the_moment_before_is_right(days in 20_000i32..20_400, minutes in proptest::collection::vec(0u16..1440, 1..4)) {
            let mut texts = Texts::default();
            for minute in minutes {
                for later in [0, 1] {
                    let moment = Moment { date: Date(days + later), minute };
                    prop_assert_eq!(texts.of(moment), moment.text());
                }
            }
        }

        #[test]
        fn text_and_date_are_inverses(days in -40_000i32..40_000) {
            let date = Date(days);
            prop_assert_eq!(date.to_string().parse::<Date>().unwrap(), date);
            let (year, month, day) = date.civil();
            prop_assert_eq!(Date::new(year, month, day), Some(date));
        }
    }
}

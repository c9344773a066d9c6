//! Points and stretches of time as FHIR search compares them (R4 §3.1.1.4.6): every value is a
//! half-open stretch as long as its precision. A value without an offset is Norwegian time.

use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value;

/// From the first millisecond to just before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// How a searched value relates to a resource's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Approximately,
    EndsBefore,
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    NotEqual,
    StartsAfter,
}

impl Period {
    /// Whether the two have a moment in common.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        !Prefix::StartsAfter.holds(self, other) && !Prefix::EndsBefore.holds(self, other)
    }
}

impl Prefix {
    /// Splits a search value into prefix and the rest; no prefix means equal.
    pub(crate) fn split(text: &str) -> Option<(Self, &str)> {
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return Some((Self::Equal, text));
        }
        let (prefix, rest) = text.split_at_checked(2)?;
        let prefix = match prefix {
            "ap" => Self::Approximately,
            "eb" => Self::EndsBefore,
            "eq" => Self::Equal,
            "ge" => Self::GreaterOrEqual,
            "gt" => Self::Greater,
            "le" => Self::LessOrEqual,
            "lt" => Self::Less,
            "ne" => Self::NotEqual,
            "sa" => Self::StartsAfter,
            _ => return None,
        };
        Some((prefix, rest))
    }

    /// Whether a resource's value stands in this relation to the searched one.
    pub(crate) fn holds(self, value: Period, searched: Period) -> bool {
        let equal = value.start >= searched.start && value.end <= searched.end;
        match self {
            // As wide again on both sides as what was asked for: no clock comes into it.
            Self::Approximately => {
                let width = searched.end.saturating_sub(searched.start);
                value.end > searched.start.saturating_sub(width)
                    && value.start < searched.end.saturating_add(width)
            }
            Self::EndsBefore => value.end <= searched.start,
            Self::Equal => equal,
            Self::Greater => value.end > searched.end,
            Self::GreaterOrEqual => equal || value.end > searched.end,
            Self::Less => value.start < searched.start,
            Self::LessOrEqual => equal || value.start < searched.start,
            Self::NotEqual => !equal,
            Self::StartsAfter => value.start >= searched.end,
        }
    }
}

impl Period {
    /// Reads a FHIR date, dateTime, instant, or a search value without its prefix.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once('T') {
            None => Self::of_date(text),
            Some((date, time)) => Self::of_time(date, time),
        }
    }

    /// Reads a value of a resource: a date as text, or a Period whose open ends reach for ever.
    pub(crate) fn of_value(value: &Value) -> Option<Self> {
        let text = |name| value.get(name).and_then(Value::as_str);
        match value {
            Value::String(text) => Self::parse(text),
            Value::Object(_) => {
                let (start, end) = (text("start"), text("end"));
                start.or(end)?;
                Some(Self {
                    start: start.map_or(Some(i64::MIN), |text| Some(Self::parse(text)?.start))?,
                    end: end.map_or(Some(i64::MAX), |text| Some(Self::parse(text)?.end))?,
                })
            }
            _ => None,
        }
    }

    fn of_date(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year: i16 = digits(parts.next()?, 4)?.try_into().ok()?;
        let month = parts.next().map(|part| digits(part, 2));
        let day = parts.next().map(|part| digits(part, 2));
        if parts.next().is_some() {
            return None;
        }
        let small = |number: Option<u32>| number.and_then(|number| i8::try_from(number).ok());
        let (first, after) = match (month, day) {
            (None, _) => (
                civil::Date::new(year, 1, 1).ok()?,
                civil::Date::new(year + 1, 1, 1).ok()?,
            ),
            (Some(month), None) => {
                let first = civil::Date::new(year, small(month)?, 1).ok()?;
                (first, first.last_of_month().tomorrow().ok()?)
            }
            (Some(month), Some(day)) => {
                let date = civil::Date::new(year, small(month)?, small(day)?).ok()?;
                (date, date.tomorrow().ok()?)
            }
        };
        Some(Self {
            start: midnight(first)?,
            end: midnight(after)?,
        })
    }

    fn of_time(date: &str, time: &str) -> Option<Self> {
        let offset_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, offset) = time.split_at_checked(offset_at)?;
        let (seconds, fraction) = match clock.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (clock, None),
        };
        let mut parts = seconds.split(':');
        let hour = digits(parts.next()?, 2)?;
        let minute = digits(parts.next()?, 2)?;
        let (second, mut precision) = match parts.next() {
            Some(second) => (digits(second, 2)?, 1000),
            None => (0, 60_000),
        };
        if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let mut millis = i64::from(hour * 3600 + minute * 60 + second) * 1000;
        if let Some(fraction) = fraction {
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
            millis += padded.parse::<i64>().ok()?;
            precision = 1;
        }
        let start = Self::at_offset(date, millis, offset)?;
        Some(Self {
            start,
            end: start + precision,
        })
    }

    fn at_offset(date: &str, millis: i64, offset: &str) -> Option<i64> {
        let day: civil::Date = date.parse().ok()?;
        if offset.is_empty() {
            let midnight = day.to_datetime(civil::Time::midnight());
            let local = midnight
                .checked_add(jiff::Span::new().milliseconds(millis))
                .ok()?;
            let zoned = local.to_zoned(TimeZone::get("Europe/Oslo").ok()?).ok()?;
            return Some(zoned.timestamp().as_millisecond());
        }
        let utc = day
            .to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_millisecond()
            + millis;
        if offset == "Z" {
            return Some(utc);
        }
        let (sign, hours_minutes) = offset.split_at_checked(1)?;
        let (hours, minutes) = hours_minutes.split_once(':')?;
        let shift = i64::from(digits(hours, 2)? * 60 + digits(minutes, 2)?) * 60_000;
        Some(if sign == "-" {
            utc + shift
        } else {
            utc - shift
        })
    }
}

fn digits(text: &str, length: usize) -> Option<u32> {
    let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn midnight(date: civil::Date) -> Option<i64> {
    let zone = TimeZone::get("Europe/Oslo").ok()?;
    Some(date.to_zoned(zone).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    fn fits(value: &str, searched: &str) -> bool {
        let (prefix, rest) = Prefix::split(searched).unwrap();
        prefix.holds(period(value), period(rest))
    }

    #[test]
    fn precision_decides_what_is_equal() {
        let morning = "2024-03-05T08:30:00+01:00";
        for searched in [
            "2024",
            "2024-03",
            "2024-03-05",
            "2024-03-05T08:30",
            "eq2024-03-05T07:30:00Z",
        ] {
            assert!(fits(morning, searched), "{searched}");
        }
        assert!(
            !fits("2024-03", "2024-03-05"),
            "a month is not within a day"
        );
        assert!(fits(morning, "ge2024-03-05") && fits(morning, "le2024-03-05"));
        assert!(!fits(morning, "gt2024-03-05") && !fits(morning, "lt2024-03-05"));
        assert!(
            fits("2024-03-05T23:30:00Z", "2024-03-06"),
            "a day is a Norwegian day"
        );
    }

    #[test]
    fn open_periods_reach_for_ever() {
        let value = Period::of_value(&serde_json::json!({"start": "2024-01-01"})).unwrap();
        assert!(Prefix::Greater.holds(value, period("2030")));
        assert!(!Prefix::Equal.holds(value, period("2024")));
        assert_eq!(Period::of_value(&serde_json::json!({})), None);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "20240305",
            "2024-13",
            "2024-02-30",
            "2024-3-5",
            "2024-03-05T",
            "2024-03-05T25:00Z",
            "2024-03-05T08",
            "2024-03-05T08:30:00+1:00",
            "2024-03-05T08:30:00.Z",
            "x2024",
            "2024-03-05-01",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
        assert_eq!(Prefix::split("xx2024"), None);
        assert!(fits("2024-03-06", "ap2024-03-05") && !fits("2024-03-08", "ap2024-03-05"));
        assert_eq!(Prefix::split("é"), None);
    }

    proptest! {
        #[test]
        fn every_instant_is_before_in_or_after_a_searched_day(seconds in 0i64..4_000_000_000, day in 0i32..40_000) {
            let instant = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            let day = civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap().to_string();
            let (value, searched) = (period(&instant), period(&day));
            let found = [Prefix::Less, Prefix::Equal, Prefix::Greater].map(|prefix| prefix.holds(value, searched));
            prop_assert_eq!(found.iter().filter(|found| **found).count(), 1);
            prop_assert_eq!(Prefix::GreaterOrEqual.holds(value, searched), !found[0]);
            prop_assert_eq!(Prefix::LessOrEqual.holds(value, searched), !found[2]);
            prop_assert_eq!(Prefix::NotEqual.holds(value, searched), !found[1]);
            prop_assert_eq!(Prefix::StartsAfter.holds(value, searched), found[2]);
            prop_assert_eq!(Prefix::EndsBefore.holds(value, searched), found[0]);
        }

        #[test]
        fn coarser_dates_hold_finer_ones(year in 1900i16..2100, month in 1i8..=12, day in 1i8..=28) {
            let (y, m, d) = (format!("{year}"), format!("{year}-{month:02}"), format!("{year}-{month:02}-{day:02}"));
            prop_assert!(fits(&d, &m) && fits(&m, &y) && fits(&d, &y));
        }

        #[test]
        fn no_text_makes_it_fall_over(text in "\\PC{0,30}|[0-9TZ:+.-]{0,30}") {
            let _ = Period::parse(&text);
            let _ = Prefix::split(&text);
        }
    }
}

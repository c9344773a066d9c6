//! Moments as TUF writes them: `YYYY-MM-DDTHH:MM:SSZ`, in this one spelling, as Unix seconds.

use serde::{Deserialize, Deserializer, Serializer};

/// Reads a moment; `None` for any other spelling and for days that do not exist.
pub fn parse(text: &str) -> Option<i64> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let number = |from: usize, to: usize| {
        bytes.get(from..to)?.iter().try_fold(0i64, |value, byte| {
            byte.is_ascii_digit()
                .then(|| value * 10 + i64::from(byte - b'0'))
        })
    };
    let punctuation = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'Z'),
    ];
    if punctuation
        .iter()
        .any(|(at, byte)| bytes.get(*at) != Some(byte))
    {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    in_range.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Writes a moment; what lies outside the years 1970 to 9999 becomes the nearest that can be written.
pub fn format(seconds: i64) -> String {
    let seconds = seconds.clamp(0, LAST);
    let (day, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(day);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// For members that hold a moment.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
pub(super) fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(*seconds))
}

/// For members that hold a moment.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| serde::de::Error::custom("a moment is written YYYY-MM-DDTHH:MM:SSZ"))
}

/// Days from 1970-01-01, in the Gregorian calendar (years begin in March, so the leap day is last).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970-01-01.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 9999-12-31T23:59:59Z.
const LAST: i64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_spelling_is_read() {
        assert_eq!(parse("1985-10-21T01:21:00Z"), Some(498_705_660));
        assert_eq!(parse("2000-02-29T00:00:00Z"), Some(951_782_400));
        assert_eq!(parse("9999-12-31T23:59:59Z"), Some(LAST));
        for bad in [
            "1985-10-21T01:21:00",
            "1985-10-21 01:21:00Z",
            "1985-10-21T01:21:00z",
            "1985-10-21T01:21:00.0Z",
            "1985-10-21T01:21:60Z",
            "1985-13-21T01:21:00Z",
            "1985-02-29T01:21:00Z",
            "2100-02-29T01:21:00Z",
            "1985-00-21T01:21:00Z",
            "1985-10-00T01:21:00Z",
            "1969-12-31T23:59:59Z",
            "+985-10-21T01:21:00Z",
            "1985-1æ-21T01:21:0Z",
            "",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in 0..=LAST) {
            prop_assert_eq!(parse(&format(seconds)), Some(seconds));
        }

        #[test]
        fn later_moments_sort_later(left in 0..=LAST, right in 0..=LAST) {
            prop_assert_eq!(left.cmp(&right), format(left).cmp(&format(right)));
        }
    }
}

//! How primitive values are written (R4, `datatypes.html#primitive`).
//!
//! The specification gives regular expressions; these are the same languages by hand, because they are
//! run on every value, with one addition: a date has to exist.

use crate::definitions::Primitive;

/// R4, `string`: "SHALL NOT exceed 1MB (1024*1024 characters)".
const LONGEST: usize = 1024 * 1024;

/// Whether a text is a value of a primitive type that is written as a JSON string.
pub(super) fn fits(primitive: Primitive, text: &str) -> bool {
    match primitive {
        Primitive::Base64Binary => base64(text),
        Primitive::Canonical | Primitive::Uri | Primitive::Url | Primitive::System => {
            !text.is_empty() && !text.contains(char::is_whitespace)
        }
        Primitive::Code => code(text),
        Primitive::Date => date(text).is_some_and(str::is_empty),
        Primitive::DateTime => date_time(text),
        Primitive::Id => {
            matches!(text.len(), 1..=64)
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        }
        Primitive::Instant => {
            full_date(text).is_some_and(|after| after.starts_with('T') && time_with_zone(after))
        }
        Primitive::Oid => text.strip_prefix("urn:oid:").is_some_and(oid),
        Primitive::Time => time(text).is_some_and(str::is_empty),
        Primitive::Uuid => text.strip_prefix("urn:uuid:").is_some_and(uuid),
        Primitive::Markdown | Primitive::String | Primitive::Xhtml => string(text),
        Primitive::Boolean
        | Primitive::Decimal
        | Primitive::Integer
        | Primitive::PositiveInt
        | Primitive::UnsignedInt => false,
    }
}

/// Whether a JSON number is a value of a primitive type that is written as one.
pub(super) fn fits_number(primitive: Primitive, number: &serde_json::Number) -> bool {
    let whole = number.as_i64().and_then(|n| i32::try_from(n).ok());
    match primitive {
        Primitive::Decimal => true,
        Primitive::Integer => whole.is_some(),
        Primitive::PositiveInt => whole.is_some_and(|n| n > 0),
        Primitive::UnsignedInt => whole.is_some_and(|n| n >= 0),
        _ => false,
    }
}

fn string(text: &str) -> bool {
    // Bytes that belong to a longer character are above the control characters, so bytes are enough.
    text.len() <= LONGEST
        && text
            .bytes()
            .all(|b| b >= b' ' || matches!(b, b'\t' | b'\n' | b'\r'))
}

fn code(text: &str) -> bool {
    let mut space_before = true;
    for letter in text.chars() {
        let space = letter.is_whitespace();
        if space && space_before {
            return false;
        }
        space_before = space;
    }
    !space_before
}

fn base64(text: &str) -> bool {
    let (mut letters, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' if (letters + padding).is_multiple_of(4) => {}
            b'=' => padding += 1,
            _ if padding > 0 => return false,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => letters += 1,
            _ => return false,
        }
    }
    letters > 0 && padding <= 2 && (letters + padding).is_multiple_of(4)
}

fn oid(text: &str) -> bool {
    let mut arcs = text.split('.');
    matches!(arcs.next(), Some("0" | "1" | "2"))
        && text.contains('.')
        && arcs.all(|arc| {
            !arc.is_empty()
                && arc.bytes().all(|b| b.is_ascii_digit())
                && (arc == "0" || !arc.starts_with('0'))
        })
}

fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Takes so many digits off the start.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (start, after) = text.split_at_checked(count)?;
    if !start.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((start.parse().ok()?, after))
}

fn month_length(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; gives what follows.
fn date(text: &str) -> Option<&str> {
    let (year, after) = digits(text, 4).filter(|(year, _)| *year > 0)?;
    let Some(after) = after.strip_prefix('-') else {
        return Some(after);
    };
    let (month, after) = digits(after, 2).filter(|(month, _)| matches!(month, 1..=12))?;
    let Some(after) = after.strip_prefix('-') else {
        return Some(after);
    };
    let (day, after) = digits(after, 2)?;
    (1..=month_length(year, month))
        .contains(&day)
        .then_some(after)
}

/// `YYYY-MM-DD`; gives what follows.
fn full_date(text: &str) -> Option<&str> {
    date(text).filter(|after| text.len() - after.len() == 10)
}

fn date_time(text: &str) -> bool {
    match date(text) {
        Some("") => true,
        Some(after) => full_date(text).is_some() && time_with_zone(after),
        None => false,
    }
}

/// `Thh:mm:ss(.s+)` and a zone.
fn time_with_zone(text: &str) -> bool {
    text.strip_prefix('T').and_then(time).is_some_and(zone)
}

/// `hh:mm:ss(.s+)`; gives what follows.
fn time(text: &str) -> Option<&str> {
    let (_, after) = digits(text, 2).filter(|(hour, _)| *hour < 24)?;
    let (_, after) = digits(after.strip_prefix(':')?, 2).filter(|(minute, _)| *minute < 60)?;
    // A leap second may be given.
    let (_, after) = digits(after.strip_prefix(':')?, 2).filter(|(second, _)| *second <= 60)?;
    let Some(fraction) = after.strip_prefix('.') else {
        return Some(after);
    };
    let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < fraction.len()).then_some(rest)
}

fn zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else {
        return text == "Z";
    };
    let Some((hours, after)) = digits(offset, 2) else {
        return false;
    };
    let Some((minutes, "")) = after.strip_prefix(':').and_then(|a| digits(a, 2)) else {
        return false;
    };
    (hours < 14 && minutes < 60) || (hours == 14 && minutes == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The regular expressions of the specification, from the table of elements.
    fn specified(name: &str) -> regex::Regex {
        let table = include_str!("../../definitions/elements.tsv");
        let prefix = format!("type\t{name}\tprimitive\t");
        let line = table
            .lines()
            .find(|line| line.starts_with(&prefix))
            .unwrap();
        regex::Regex::new(&format!("^(?:{})$", line.split('\t').nth(5).unwrap())).unwrap()
    }

    #[test]
    fn dates_exist() {
        for good in ["2024", "2024-02", "2024-02-29", "2000-02-29", "0001-01-01"] {
            assert!(fits(Primitive::Date, good), "{good}");
            assert!(fits(Primitive::DateTime, good), "{good}");
        }
        for bad in [
            "",
            "24",
            "2024-13",
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-1-1",
            "0000",
            "2024-01-01T",
            "2024-",
            "20240101",
        ] {
            assert!(!fits(Primitive::Date, bad), "{bad}");
        }
    }

    #[test]
    fn a_time_of_a_day_has_a_zone() {
        for good in [
            "2024-05-17T08:30:00Z",
            "2024-05-17T08:30:00.123+02:00",
            "2016-12-31T23:59:60-14:00",
        ] {
            assert!(fits(Primitive::DateTime, good), "{good}");
            assert!(fits(Primitive::Instant, good), "{good}");
        }
        for bad in [
            "2024-05-17T08:30:00",
            "2024-05-17T08:30Z",
            "2024-05T08:30:00Z",
            "2024-05-17T24:00:00Z",
            "2024-05-17T08:30:00+14:30",
            "2024-05-17T08:30:00.Z",
            "2024-05-17 08:30:00Z",
        ] {
            assert!(!fits(Primitive::DateTime, bad), "{bad}");
            assert!(!fits(Primitive::Instant, bad), "{bad}");
        }
        assert!(!fits(Primitive::Instant, "2024-05-17"));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_the_specification_matches(
            text in prop_oneof![
                "[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,3})?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?",
                "urn:oid:[0-3](\\.[0-9]{1,3}){0,4}",
                "urn:uuid:[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                "[A-Za-z0-9 \\-._åø\\n]{0,70}",
                "[A-Za-z0-9+/= ]{0,12}",
                "[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,3})?",
            ]
        ) {
            for (name, primitive) in [
                ("code", Primitive::Code), ("id", Primitive::Id), ("oid", Primitive::Oid),
                ("uuid", Primitive::Uuid), ("time", Primitive::Time),
            ] {
                prop_assert_eq!(fits(primitive, &text), specified(name).is_match(&text), "{} {:?}", name, text);
            }
            for (name, primitive) in [
                ("date", Primitive::Date), ("dateTime", Primitive::DateTime), ("instant", Primitive::Instant),
                ("base64Binary", Primitive::Base64Binary), ("uri", Primitive::Uri),
            ] {
                if fits(primitive, &text) {
                    prop_assert!(specified(name).is_match(&text), "{} {:?}", name, text);
                }
            }
        }
    }
}

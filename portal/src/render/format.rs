//! Dates, times and numbers as people write them: «21. november 2026» on a Norwegian wall clock,
//! and a non-breaking space between thousands.

use foundation::Timestamp;
use foundation::language::Language;

/// No line may break here.
const NBSP: char = '\u{a0}';

const MONTHS_NO: [&str; 12] = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// «21. november 2026» or "21 November 2026".
pub(crate) fn date(at: Timestamp, language: Language) -> String {
    let local = at.in_oslo();
    let month = usize::try_from(local.month().saturating_sub(1)).unwrap_or(0);
    let names = if language == Language::En {
        &MONTHS_EN
    } else {
        &MONTHS_NO
    };
    let month = names.get(month).copied().unwrap_or_default();
    let dot = if language == Language::En { "" } else { "." };
    format!("{}{dot}{NBSP}{month}{NBSP}{}", local.day(), local.year())
}

/// The date and the time of day, to the minute.
pub(crate) fn date_time(at: Timestamp, language: Language) -> String {
    let local = at.in_oslo();
    let (joint, between) = match language {
        Language::En => (", ", ':'),
        Language::Nb | Language::Nn => (" kl.\u{a0}", '.'),
    };
    let time = format!("{:02}{between}{:02}", local.hour(), local.minute());
    format!("{}{joint}{time}", date(at, language))
}

/// The time of day, to the second.
pub(crate) fn time(at: Timestamp) -> String {
    let local = at.in_oslo();
    format!(
        "{:02}:{:02}:{:02}",
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// A whole number with its thousands apart.
pub(crate) fn number(value: i64, language: Language) -> String {
    let digits = value.unsigned_abs().to_string();
    let separator = if language == Language::En { ',' } else { NBSP };
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    if value < 0 {
        text.insert(0, '\u{2212}');
    }
    text
}

/// A size in bytes, rounded to what people compare.
pub(crate) fn size(bytes: i64, language: Language) -> String {
    match bytes {
        ..1_000 => format!("{}{NBSP}byte", number(bytes, language)),
        1_000..1_000_000 => format!("{}{NBSP}kB", number((bytes + 500) / 1_000, language)),
        _ => {
            let tenths = (bytes + 50_000) / 100_000;
            let comma = if language == Language::En { '.' } else { ',' };
            let whole = number(tenths / 10, language);
            format!("{whole}{comma}{}{NBSP}MB", tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_as_a_norwegian_date() {
        let at = Timestamp::from_seconds(1_795_302_000); // 2026-11-21T23:00:00Z, midnight in Oslo
        assert_eq!(date(at, Language::Nb), "22.\u{a0}november\u{a0}2026");
        assert_eq!(
            date_time(at, Language::Nn),
            "22.\u{a0}november\u{a0}2026 kl.\u{a0}00.00"
        );
        assert_eq!(
            date_time(at, Language::En),
            "22\u{a0}November\u{a0}2026, 00:00"
        );
    }

    #[test]
    fn thousands_stand_apart_without_breaking() {
        assert_eq!(number(0, Language::Nb), "0");
        assert_eq!(number(999, Language::Nb), "999");
        assert_eq!(number(1_234_567, Language::Nb), "1\u{a0}234\u{a0}567");
        assert_eq!(number(-1_000, Language::En), "\u{2212}1,000");
        assert_eq!(size(1_250_000, Language::Nb), "1,3\u{a0}MB");
        assert_eq!(size(640, Language::Nb), "640\u{a0}byte");
    }
}

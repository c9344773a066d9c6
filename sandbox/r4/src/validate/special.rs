//! Rules of single data types that are checked in code: extensions, periods, codings.

use serde_json::{Map, Value};

use super::diagnosis;
use super::fault;
use super::path::Path;
use super::walk::{Frame, Walk};
use crate::definitions::{Allowed, Role, Type};

impl Walk<'_> {
    /// What this type has to keep besides its structure and its invariants.
    pub(super) fn special<'v>(
        &mut self,
        described: &Type,
        allowed: &Allowed,
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        match described.role {
            Role::Coding => self.coding(properties, path),
            Role::Extension => self.extension(properties, path, frame),
            Role::Period => self.period(properties, path),
            Role::Reference => self.reference(&allowed.targets, properties, path, frame),
            Role::Bundle | Role::CodeableConcept | Role::None | Role::Quantity => {}
        }
    }

    /// ext-1, and what the definition of the extension demands where it is known.
    fn extension<'v>(
        &mut self,
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let has_value = properties
            .keys()
            .any(|name| name.strip_prefix('_').unwrap_or(name).starts_with("value"));
        let has_children = properties.contains_key("extension");
        if has_value == has_children {
            self.report(path, fault::extension_content(has_value));
        }
        let Some(Value::String(url)) = properties.get("url") else {
            return;
        };
        let within = matches!(path.parent_name(), "extension" | "modifierExtension");
        if !within && !url.contains(':') {
            self.report(path, fault::relative_extension(url));
        }
        self.known_extension(url, properties, path, frame);
    }

    /// The system is an address, and has the code where it is here as a whole.
    fn coding(&mut self, properties: &Map<String, Value>, path: &Path<'_>) {
        let text = |name| properties.get(name).and_then(Value::as_str);
        let Some(system) = text("system") else { return };
        if !system.contains(':') && !system.starts_with('#') {
            self.report(&path.child("system", None), fault::relative_system(system));
        }
        let Some(code) = text("code") else { return };
        if let Some(other) = diagnosis::other_system(system, code) {
            let fault = fault::other_diagnosis_system(code, system, other);
            self.report(&path.child("system", None), fault);
        }
        let known = self
            .terminology
            .code_system(system)
            .filter(|s| s.content == "complete");
        if known.is_some_and(|s| s.concept(code).is_none()) {
            self.report(
                &path.child("code", None),
                fault::not_in_system(code, system),
            );
        }
    }

    /// per-1; what is given less precisely is compared as far as both are given.
    fn period(&mut self, properties: &Map<String, Value>, path: &Path<'_>) {
        let text = |name| properties.get(name).and_then(Value::as_str);
        let (Some(start), Some(end)) = (text("start"), text("end")) else {
            return;
        };
        let reversed = if let (Some(start), Some(end)) = (instant(start), instant(end)) {
            start > end
        } else {
            let (start, end) = (day(start), day(end));
            let both = start.len().min(end.len());
            start.get(..both) > end.get(..both)
        };
        if reversed {
            self.report(path, fault::period_reversed());
        }
    }
}

/// The date, without the time of day.
fn day(text: &str) -> &str {
    text.get(..10).unwrap_or(text)
}

/// Seconds since year 0 and the fraction, for a date and time with zone.
fn instant(text: &str) -> Option<(i64, &str)> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let after = text.get(19..)?;
    let zone_at = after.find(['Z', '+', '-'])?;
    let (fraction, zone) = after.split_at_checked(zone_at)?;
    let offset = match zone.split_at_checked(1)? {
        ("Z", _) => 0,
        (sign, rest) => {
            let (hours, minutes) = rest.split_once(':')?;
            let size =
                i64::from(hours.parse::<u8>().ok()?) * 60 + i64::from(minutes.parse::<u8>().ok()?);
            if sign == "-" { -size } else { size }
        }
    };
    let days = days_before(year, month) + day;
    let minutes = days * 24 * 60 + hour * 60 + minute - offset;
    Some((minutes * 60 + second, fraction.trim_end_matches('0')))
}

/// Days from the start of year 0 to the start of a month, in the Gregorian calendar.
fn days_before(year: i64, month: i64) -> i64 {
    // Years that start in March have the leap day at their end.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_ordered_across_zones() {
        let later = instant("2024-03-01T01:00:00+02:00").unwrap();
        let earlier = instant("2024-02-29T22:59:59Z").unwrap();
        assert_eq!(later.0 - earlier.0, 1);
        assert!(
            instant("2024-03-01T00:00:00.5Z").unwrap() > instant("2024-03-01T00:00:00Z").unwrap()
        );
        assert_eq!(instant("2024-03-01"), None);
        assert_eq!(instant("æøå"), None);
        assert_eq!(instant("2024-03-01T00:00:00+9223372036854775807:00"), None);
    }
}

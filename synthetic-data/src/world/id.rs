//! Logical ids of units and staff, and the way back. `practice-1` is the first practice of a dataset
//! with one municipality and `practice-0301-1` that of Oslo in a dataset of the country; the staff of
//! practices are numbered through (`practitioner-7` is the first of the second practice), others are
//! named by kind, unit and place (`practitioner-h2-3`).

use super::unit::{UnitId, UnitKind};
use crate::places::Municipality;

const PRACTICE_STAFF: u32 = 6;

impl UnitKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Practice => "practice-",
            Self::HomeCare => "homecare-",
            Self::NursingHome => "nursinghome-",
            Self::OutOfHours => "outofhours-",
            Self::HealthStation => "healthstation-",
            Self::Physiotherapy => "physiotherapy-",
        }
    }

    fn letter(self) -> Option<char> {
        match self {
            Self::Practice => None,
            Self::HomeCare => Some('h'),
            Self::NursingHome => Some('n'),
            Self::OutOfHours => Some('l'),
            Self::HealthStation => Some('s'),
            Self::Physiotherapy => Some('f'),
        }
    }
}

pub(super) fn organization(id: UnitId, coded: bool) -> String {
    format!("{}{}{}", id.kind.prefix(), code(id, coded), id.number)
}

/// The id of the staff member at a place, counted from 1.
pub(super) fn practitioner(id: UnitId, place: u32, coded: bool) -> String {
    format!("practitioner-{}{}", code(id, coded), own(id, place))
}

/// The id of that member's role.
pub(super) fn role(id: UnitId, place: u32, coded: bool) -> String {
    format!("role-{}{}", code(id, coded), own(id, place))
}

fn code(id: UnitId, coded: bool) -> String {
    if coded {
        format!("{}-", id.municipality.code)
    } else {
        String::new()
    }
}

fn own(id: UnitId, place: u32) -> String {
    match id.kind.letter() {
        None => ((id.number - 1) * PRACTICE_STAFF + place).to_string(),
        Some(letter) => format!("{letter}{}-{place}", id.number),
    }
}

/// Reads an organisation's id; `only` is the dataset's municipality where it has but one.
pub(super) fn read_organization(text: &str, only: Option<Municipality>) -> Option<UnitId> {
    let (kind, rest) = UnitKind::ALL
        .into_iter()
        .find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))?;
    let (municipality, rest) = read_code(rest, only)?;
    Some(UnitId {
        municipality,
        kind,
        number: canonical(rest)?,
    })
}

/// Reads the id of one of the staff: the unit, and the place from 0.
pub(super) fn read_staff(
    text: &str,
    prefix: &str,
    only: Option<Municipality>,
) -> Option<(UnitId, Option<usize>)> {
    let (municipality, rest) = read_code(text.strip_prefix(prefix)?, only)?;
    let by_letter = UnitKind::ALL
        .into_iter()
        .find_map(|kind| Some((kind, rest.strip_prefix(kind.letter()?)?)));
    let (kind, number, place) = if let Some((kind, rest)) = by_letter {
        let (number, place) = rest.split_once('-')?;
        (kind, canonical(number)?, canonical(place)?)
    } else {
        let before = canonical(rest)? - 1;
        let place = before % PRACTICE_STAFF + 1;
        (UnitKind::Practice, before / PRACTICE_STAFF + 1, place)
    };
    let place = usize::try_from(place - 1).ok();
    let staff = kind.staff().len();
    let id = UnitId {
        municipality,
        kind,
        number,
    };
    place
        .filter(|place| *place < staff)
        .map(|place| (id, Some(place)))
}

fn read_code(text: &str, only: Option<Municipality>) -> Option<(Municipality, &str)> {
    if let Some(municipality) = only {
        return Some((municipality, text));
    }
    let (code, rest) = text.split_once('-')?;
    Some((Municipality::by_code(code)?, rest))
}

/// A number from 1 as this module writes it: no sign, no leading nought.
fn canonical(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|number: &u32| *number > 0 && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_of_no_unit_lead_nowhere() {
        let only = Municipality::by_code("3405");
        for text in [
            "practice-0",
            "practice-01",
            "practice-",
            "practice-0301-1",
            "x",
        ] {
            assert_eq!(read_organization(text, only), None, "{text}");
        }
        for text in [
            "practitioner-0",
            "practitioner-h1-7",
            "practitioner-h1",
            "role-1",
        ] {
            assert_eq!(read_staff(text, "practitioner-", only), None, "{text}");
        }
        assert_eq!(read_organization("practice-9999-1", None), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall_over(text in "(practitioner-|practice-)?\\PC{0,12}") {
            let _ = read_organization(&text, None);
            let _ = read_staff(&text, "practitioner-", Municipality::by_code("3405"));
        }
    }
}

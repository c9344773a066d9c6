//! Where people live: municipalities, addresses, and which of them a person lives in. Municipality,
//! and postal code where there is one, are real; streets are such that no municipality has them.
//! Municipality codes and names: Statistics Norway, KLASS 131, 2024 (NLOD 2.0).

mod address;
mod distribution;
mod language;
mod postal;
mod table;

use std::str::FromStr;

pub use address::Address;
pub(crate) use distribution::Distribution;
use table::MUNICIPALITIES;

/// A municipality (kommune).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Municipality {
    /// Four digits.
    pub code: &'static str,
    /// The name, with " - " between languages where there are several.
    pub name: &'static str,
    /// The county (fylke), which the first two digits of the code tell.
    pub county: &'static str,
    /// Inhabitants in hundreds: our own rounding.
    pub hundreds: u32,
}

impl Municipality {
    /// The municipality with this four-digit code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::place(code).and_then(|place| MUNICIPALITIES.get(place).copied())
    }

    /// All 357, by rising code.
    pub fn all() -> &'static [Self] {
        &MUNICIPALITIES
    }

    /// The place in [`Municipality::all`] of the one with this code.
    pub(crate) fn place(code: &str) -> Option<usize> {
        MUNICIPALITIES
            .binary_search_by(|one| one.code.cmp(code))
            .ok()
    }

    /// The name in one language: the first.
    pub fn short_name(&self) -> &'static str {
        self.name
            .split_once(" - ")
            .map_or(self.name, |(first, _)| first)
    }
}

/// What a dataset spans: one municipality or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The whole country, people spread as the municipalities' inhabitants are.
    Country,
    /// One municipality.
    Municipality(Municipality),
}

impl Place {
    /// The code of the whole country, as in Statistics Norway's tables.
    pub const COUNTRY: &'static str = "0";
}

/// A text that names neither a municipality nor the country.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is no municipality of Norway; write its four digits, or 0 for the whole country")]
pub struct PlaceError(pub String);

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(code: &str) -> Result<Self, PlaceError> {
        if code == Self::COUNTRY {
            return Ok(Self::Country);
        }
        Municipality::by_code(code)
            .map(Self::Municipality)
            .ok_or_else(|| PlaceError(code.chars().take(20).collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_municipality_is_found_by_its_code_and_lies_in_one_of_fifteen_counties() {
        let mut counties = BTreeSet::new();
        for municipality in Municipality::all() {
            assert_eq!(
                Municipality::by_code(municipality.code),
                Some(*municipality)
            );
            assert!(municipality.hundreds > 0);
            counties.insert((municipality.code.get(..2), municipality.county));
        }
        assert_eq!(Municipality::all().len(), 357);
        assert_eq!(counties.len(), 15);
        let inhabitants: u32 = Municipality::all().iter().map(|one| one.hundreds).sum();
        assert!((55_000..56_500).contains(&inhabitants), "{inhabitants}");
    }

    #[test]
    fn a_place_is_a_municipality_or_the_country() {
        assert_eq!("0".parse(), Ok(Place::Country));
        let Ok(Place::Municipality(found)) = "5001".parse() else {
            panic!("Trondheim");
        };
        assert_eq!(found.short_name(), "Trondheim");
        for wrong in ["", "00", "9999", "340", "Oslo", "0301 "] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}

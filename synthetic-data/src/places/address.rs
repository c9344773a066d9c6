//! Addresses: a street that no municipality has, in a real municipality or abroad.

use super::{Municipality, postal};
use crate::draw::{Draws, Topic};

/// A home address, or an organisation's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Street and house number.
    pub line: String,
    /// Four digits, where one is known for the municipality.
    pub postal_code: Option<&'static str>,
    /// Poststed; the municipality's name where no postal code is known; empty abroad.
    pub city: &'static str,
    /// The municipality; none abroad.
    pub municipality: Option<Municipality>,
    /// ISO 3166 code of the country.
    pub country: &'static str,
}

impl Address {
    /// An address in a municipality, drawn by topic and step.
    pub(crate) fn draw(draws: Draws, step: u32, municipality: Municipality) -> Self {
        let known = postal::of(municipality.code);
        let (postal_code, city) = draws.pick(Topic::Address, step, 2, known).map_or_else(
            || (None, municipality.short_name()),
            |(code, city)| (Some(*code), *city),
        );
        Self {
            line: line(draws, step),
            postal_code,
            city,
            municipality: Some(municipality),
            country: "NO",
        }
    }

    /// An address in another country: street and country, since places there are not ours to invent.
    pub(crate) fn abroad(draws: Draws, step: u32) -> Self {
        let country = draws.pick(Topic::Address, step, 3, &COUNTRIES);
        Self {
            line: line(draws, step),
            postal_code: None,
            city: "",
            municipality: None,
            country: country.copied().unwrap_or("SE"),
        }
    }
}

fn line(draws: Draws, step: u32) -> String {
    let street = draws
        .pick(Topic::Address, step, 0, &STREETS)
        .copied()
        .unwrap_or("Testveien");
    let number = draws.below(Topic::Address, step, 1, 98) + 1;
    format!("{street} {number}")
}

/// Where visitors come from.
const COUNTRIES: [&str; 6] = ["SE", "DK", "DE", "PL", "GB", "NL"];

const STREETS: [&str; 10] = [
    "Testveien",
    "Prøvegata",
    "Eksempelvegen",
    "Øvingsbakken",
    "Liksomstien",
    "Mønsterveien",
    "Oppdiktgata",
    "Læretunet",
    "Demolia",
    "Utkastvegen",
];

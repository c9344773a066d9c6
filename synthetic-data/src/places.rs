//! Addresses: real municipality, postal code and place, on streets that no municipality has.
//! Municipality codes and names: Statistics Norway, KLASS 131, 2024 (NLOD 2.0).

use crate::draw::{Draws, Topic};

/// A municipality that people can live in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Municipality {
    /// Four digits.
    pub code: &'static str,
    /// The name, with " - " between languages where there are several.
    pub name: &'static str,
    /// The county (fylke).
    pub county: &'static str,
    postal: &'static [(&'static str, &'static str)],
}

/// A home address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Street and house number.
    pub line: String,
    /// Four digits.
    pub postal_code: &'static str,
    /// Poststed.
    pub city: &'static str,
    /// The municipality.
    pub municipality: Municipality,
}

impl Municipality {
    /// The municipality with this four-digit code, where this crate has postal codes for it.
    pub fn by_code(code: &str) -> Option<Self> {
        MUNICIPALITIES
            .iter()
            .find(|municipality| municipality.code == code)
            .copied()
    }

    /// All that [`Municipality::by_code`] knows.
    pub fn all() -> &'static [Self] {
        &MUNICIPALITIES
    }

    pub(crate) fn address(self, draws: Draws) -> Address {
        let street = draws
            .pick(Topic::Address, 0, 0, &STREETS)
            .copied()
            .unwrap_or("Testveien");
        let number = draws.below(Topic::Address, 0, 1, 98) + 1;
        let (postal_code, city) = draws
            .pick(Topic::Address, 0, 2, self.postal)
            .copied()
            .unwrap_or(("0000", ""));
        Address {
            line: format!("{street} {number}"),
            postal_code,
            city,
            municipality: self,
        }
    }
}

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

#[rustfmt::skip]
const MUNICIPALITIES: [Municipality; 16] = [
    Municipality { code: "3405", name: "Lillehammer", county: "Innlandet", postal: &[("2609", "LILLEHAMMER"), ("2615", "LILLEHAMMER"), ("2618", "LILLEHAMMER"), ("2619", "LILLEHAMMER"), ("2625", "FÅBERG")] },
    Municipality { code: "0301", name: "Oslo", county: "Oslo", postal: &[("0150", "OSLO"), ("0275", "OSLO"), ("0361", "OSLO"), ("0477", "OSLO"), ("0567", "OSLO"), ("0650", "OSLO"), ("0880", "OSLO")] },
    Municipality { code: "1103", name: "Stavanger", county: "Rogaland", postal: &[("4005", "STAVANGER"), ("4012", "STAVANGER"), ("4021", "STAVANGER"), ("4032", "STAVANGER")] },
    Municipality { code: "1506", name: "Molde", county: "Møre og Romsdal", postal: &[("6411", "MOLDE"), ("6413", "MOLDE")] },
    Municipality { code: "1508", name: "Ålesund", county: "Møre og Romsdal", postal: &[("6003", "ÅLESUND"), ("6010", "ÅLESUND")] },
    Municipality { code: "1804", name: "Bodø", county: "Nordland", postal: &[("8005", "BODØ"), ("8011", "BODØ"), ("8028", "BODØ")] },
    Municipality { code: "3107", name: "Fredrikstad", county: "Østfold", postal: &[("1607", "FREDRIKSTAD"), ("1617", "FREDRIKSTAD")] },
    Municipality { code: "3205", name: "Lillestrøm", county: "Akershus", postal: &[("2000", "LILLESTRØM"), ("2007", "KJELLER"), ("2010", "STRØMMEN")] },
    Municipality { code: "3301", name: "Drammen", county: "Buskerud", postal: &[("3015", "DRAMMEN"), ("3024", "DRAMMEN"), ("3043", "DRAMMEN")] },
    Municipality { code: "3403", name: "Hamar", county: "Innlandet", postal: &[("2315", "HAMAR"), ("2317", "HAMAR"), ("2319", "HAMAR"), ("2321", "HAMAR")] },
    Municipality { code: "3905", name: "Tønsberg", county: "Vestfold", postal: &[("3113", "TØNSBERG"), ("3117", "TØNSBERG")] },
    Municipality { code: "4003", name: "Skien", county: "Telemark", postal: &[("3715", "SKIEN"), ("3722", "SKIEN")] },
    Municipality { code: "4204", name: "Kristiansand", county: "Agder", postal: &[("4610", "KRISTIANSAND S"), ("4612", "KRISTIANSAND S"), ("4630", "KRISTIANSAND S")] },
    Municipality { code: "4601", name: "Bergen", county: "Vestland", postal: &[("5003", "BERGEN"), ("5015", "BERGEN"), ("5034", "BERGEN"), ("5052", "BERGEN"), ("5162", "LAKSEVÅG")] },
    Municipality { code: "5001", name: "Trondheim - Tråante", county: "Trøndelag", postal: &[("7010", "TRONDHEIM"), ("7020", "TRONDHEIM"), ("7030", "TRONDHEIM"), ("7045", "TRONDHEIM")] },
    Municipality { code: "5501", name: "Tromsø", county: "Troms", postal: &[("9008", "TROMSØ"), ("9010", "TROMSØ"), ("9016", "TROMSØ"), ("9020", "TROMSDALEN")] },
];

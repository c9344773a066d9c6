//! Organisation numbers (Enhetsregisteret) and HER-ids (Adresseregisteret). Real organisation
//! numbers begin with 8 or 9; those made here begin with 3, as in the national test data. Real
//! HER-ids are handed out in sequence and have at most seven digits; those made here have nine.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::mod11::{check_digit, digits};

const WEIGHTS: [u8; 8] = [3, 2, 7, 6, 5, 4, 3, 2];

/// An organisation number: nine digits, the last a mod-11 check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrgNr([u8; 9]);

/// A text that is no organisation number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an organisation number has nine digits, the last of them a mod-11 check digit")]
pub struct OrgNrError;

impl OrgNr {
    /// True where the number is in the synthetic series (first digit 2 or 3).
    pub fn is_synthetic(&self) -> bool {
        let [first, ..] = self.0;
        matches!(first, 2 | 3)
    }

    /// The first valid synthetic number at or after a serial number below 10 000 000.
    pub(crate) fn from_serial(serial: u32) -> Option<Self> {
        (serial..serial + 20).find_map(|candidate| {
            let text = format!("3{candidate:07}");
            let body: [u8; 8] = digits(&text)?;
            let check = check_digit(&body, &WEIGHTS)?;
            format!("{text}{check}").parse().ok()
        })
    }
}

impl fmt::Display for OrgNr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|digit| write!(formatter, "{digit}"))
    }
}

impl FromStr for OrgNr {
    type Err = OrgNrError;

    fn from_str(text: &str) -> Result<Self, OrgNrError> {
        let all: [u8; 9] = digits(text).ok_or(OrgNrError)?;
        let [body @ .., check] = &all;
        (check_digit(body, &WEIGHTS) == Some(*check))
            .then_some(Self(all))
            .ok_or(OrgNrError)
    }
}

impl TryFrom<String> for OrgNr {
    type Error = OrgNrError;

    fn try_from(text: String) -> Result<Self, OrgNrError> {
        text.parse()
    }
}

impl From<OrgNr> for String {
    fn from(orgnr: OrgNr) -> Self {
        orgnr.to_string()
    }
}

/// A HER-id of the synthetic range: 990 000 000 and up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HerId(u32);

impl HerId {
    pub(crate) fn from_serial(serial: u32) -> Self {
        Self(990_000_000 + serial)
    }

    /// The number.
    pub fn value(self) -> u32 {
        self.0
    }
}

impl fmt::Display for HerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_published_synthetic_numbers() {
        for text in ["312232324", "313325016"] {
            let orgnr: OrgNr = text.parse().unwrap();
            assert!(orgnr.is_synthetic());
        }
        assert!("312232325".parse::<OrgNr>().is_err());
        assert!("31223232".parse::<OrgNr>().is_err());
    }

    #[test]
    fn every_serial_gives_a_synthetic_number() {
        for serial in (0..2000).chain(9_999_900..9_999_970) {
            assert!(OrgNr::from_serial(serial).unwrap().is_synthetic());
        }
    }
}

//! HPR numbers (Helsepersonellregisteret). Real ones have at most eight digits today; those made
//! here have nine, begin with 565 to 569 as national test users' begin with 565, and end in a mod-11
//! check digit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::mod11::{check_digit, digits};

/// The series' first number, without its check digit.
const FIRST: u32 = 56_500_000;
const WEIGHTS: [u8; 8] = [3, 2, 7, 6, 5, 4, 3, 2];

/// A synthetic HPR number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hpr([u8; 9]);

/// A text that is no HPR number of the synthetic series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an HPR number of the synthetic series: nine digits, 565 to 569 first, mod-11 check digit last"
)]
pub struct HprError;

impl Hpr {
    /// The first valid number at or after a serial number below 499 980.
    pub(crate) fn from_serial(serial: u32) -> Option<Self> {
        (serial..serial + 20).find_map(|candidate| {
            let text = format!("{:08}", FIRST.checked_add(candidate)?);
            let body: [u8; 8] = digits(&text)?;
            let check = check_digit(&body, &WEIGHTS)?;
            format!("{text}{check}").parse().ok()
        })
    }
}

impl fmt::Display for Hpr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|digit| write!(formatter, "{digit}"))
    }
}

impl FromStr for Hpr {
    type Err = HprError;

    fn from_str(text: &str) -> Result<Self, HprError> {
        let all: [u8; 9] = digits(text).ok_or(HprError)?;
        let [body @ .., check] = &all;
        let in_series = matches!(all, [5, 6, 5..=9, ..]);
        let valid = in_series && check_digit(body, &WEIGHTS) == Some(*check);
        valid.then_some(Self(all)).ok_or(HprError)
    }
}

impl TryFrom<String> for Hpr {
    type Error = HprError;

    fn try_from(text: String) -> Result<Self, HprError> {
        text.parse()
    }
}

impl From<Hpr> for String {
    fn from(hpr: Hpr) -> Self {
        hpr.to_string()
    }
}

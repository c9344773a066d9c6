//! Organisations, their people, and the check digit of organisation numbers.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use foundation::access::Role;
use serde::{Deserialize, Serialize};
use verifier::claims::ReviewRole;

/// A Norwegian organisation number whose check digit is right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationNumber(String);

/// A text that is no organisation number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an organisation number is nine digits, the last of which is the check digit (modulus 11)")]
pub struct InvalidOrganisationNumber;

impl OrganisationNumber {
    /// The nine digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrganisationNumber {
    type Err = InvalidOrganisationNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidOrganisationNumber);
        }
        let digits = text.bytes().map(|byte| u32::from(byte - b'0'));
        // With the check digit weighted 1, the sum is a multiple of 11.
        let sum: u32 = digits
            .zip(WEIGHTS)
            .map(|(digit, weight)| digit * weight)
            .sum();
        if sum.is_multiple_of(11) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidOrganisationNumber)
        }
    }
}

impl TryFrom<String> for OrganisationNumber {
    type Error = InvalidOrganisationNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OrganisationNumber> for String {
    fn from(number: OrganisationNumber) -> Self {
        number.0
    }
}

impl fmt::Display for OrganisationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An organisation that takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its number.
    pub orgnr: OrganisationNumber,
    /// Its name.
    pub name: String,
    /// What it does here.
    pub roles: BTreeSet<Role>,
}

/// A person who acts for an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Stable pseudonymous subject, never an identity number.
    pub subject: String,
    /// Name to show.
    pub name: String,
    /// The organisation.
    pub orgnr: OrganisationNumber,
    /// Roles that the organisation gave; those that it does not have itself are without effect.
    pub roles: BTreeSet<Role>,
    /// In which capacities a reviewer may review.
    pub review_roles: BTreeSet<ReviewRole>,
}

const WEIGHTS: [u32; 9] = [3, 2, 7, 6, 5, 4, 3, 2, 1];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_numbers_are_read_and_wrong_ones_refused() {
        // 974 760 673 is the register's own (Brønnøysundregistrene).
        assert!("974760673".parse::<OrganisationNumber>().is_ok());
        for wrong in [
            "974760674",
            "97476067",
            "9747606730",
            "97476067x",
            "",
            "９74760673",
        ] {
            assert_eq!(
                wrong.parse::<OrganisationNumber>(),
                Err(InvalidOrganisationNumber),
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(body in 0_u32..100_000_000, place in 0_usize..9, add in 1_u8..10) {
            let Some(valid) = (0..10)
                .map(|check| format!("{body:08}{check}"))
                .find(|text| text.parse::<OrganisationNumber>().is_ok()) else { return Ok(()) };
            let mut bytes = valid.into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + add) % 10;
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(changed.parse::<OrganisationNumber>().is_err());
        }
    }
}

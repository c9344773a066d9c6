//! Numbers of modules as whole numbers: quantities in millionths, probabilities in million millionths.
//! JSON's floating point is converted once, when a file is read, and decides nothing after that.

use std::fmt;

use serde_json::{Number, Value};

/// A quantity, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fixed(i64);

/// Millionths in one.
pub(crate) const ONE: i64 = 1_000_000;
/// Quantities are this large at most, so that sums of a few cannot overflow.
const MOST: f64 = 1e12;

impl Fixed {
    /// A whole number; the largest there is where it is too large.
    pub fn whole(number: i64) -> Self {
        Self(number.saturating_mul(ONE))
    }

    pub(crate) fn millionths(number: i64) -> Self {
        Self(number)
    }

    /// In millionths.
    pub(crate) fn get(self) -> i64 {
        self.0
    }

    /// The number of a JSON text; `None` where it is too large.
    pub(crate) fn from_json(number: &Number) -> Option<Self> {
        if let Some(whole) = number.as_i64() {
            return whole
                .checked_mul(ONE)
                .map(Self)
                .filter(|one| one.0.unsigned_abs() <= 1_000_000_000_000_000_000);
        }
        Self::from_float(number.as_f64()?)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    fn from_float(number: f64) -> Option<Self> {
        (number.abs() <= MOST).then(|| Self((number * 1e6).round() as i64))
    }

    /// The number that a text spells.
    pub fn from_text(text: &str) -> Option<Self> {
        text.parse::<f64>().ok().and_then(Self::from_float)
    }

    /// The whole number below.
    pub(crate) fn floor(self) -> i64 {
        self.0.div_euclid(ONE)
    }

    /// Rounded to so many decimals, halves up.
    #[must_use]
    pub(crate) fn rounded(self, decimals: u32) -> Self {
        let step = 10_i64.pow(6_u32.saturating_sub(decimals));
        Self((self.0.saturating_add(step / 2)).div_euclid(step) * step)
    }

    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The number as JSON has it.
    pub(crate) fn to_json(self) -> Value {
        if self.0 % ONE == 0 {
            return Value::from(self.0 / ONE);
        }
        #[expect(clippy::cast_precision_loss, reason = "written, never decided by")]
        let float = self.0 as f64 / 1e6;
        Value::from(float)
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(formatter)
    }
}

/// A probability, in million millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Million millionths in one.
    pub(crate) const WHOLE: u64 = 1_000_000_000_000;

    /// A probability from a JSON text; `None` where it is none.
    pub(crate) fn from_json(number: &Number) -> Option<Self> {
        Self::from_float(number.as_f64()?)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    fn from_float(number: f64) -> Option<Self> {
        // Some tables round up by a little.
        (0.0..=1.01)
            .contains(&number)
            .then(|| Self((number * 1e12).round() as u64))
    }

    /// The probability that a text spells.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        text.parse::<f64>().ok().and_then(Self::from_float)
    }

    pub(crate) fn from_fixed(number: Fixed) -> Self {
        let millionths = u64::try_from(number.0.clamp(0, ONE)).unwrap_or(0);
        Self(millionths * 1_000_000)
    }

    pub(crate) const fn percent(number: u64) -> Self {
        Self(number * (Self::WHOLE / 100))
    }

    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> Option<Fixed> {
        Fixed::from_json(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn numbers_keep_six_decimals_and_refuse_what_is_too_large() {
        assert_eq!(fixed("37.25"), Some(Fixed(37_250_000)));
        assert_eq!(fixed("-1"), Some(Fixed(-1_000_000)));
        assert_eq!(fixed("1e300"), None);
        assert_eq!(fixed("9223372036854775807"), None);
        assert_eq!(fixed("37.25").unwrap().to_string(), "37.25");
        assert_eq!(Fixed::from_text("NaN"), None);
    }

    #[test]
    fn halves_are_rounded_up() {
        assert_eq!(Fixed(2_500_000).rounded(0), Fixed::whole(3));
        assert_eq!(Fixed(-2_500_000).rounded(0), Fixed::whole(-2));
        assert_eq!(Fixed(1_234_567).rounded(2), Fixed(1_230_000));
    }

    #[test]
    fn probabilities_are_between_nought_and_one() {
        assert_eq!(Chance::from_text("0.25"), Some(Chance::percent(25)));
        assert_eq!(Chance::from_text("1.2e-8").map(Chance::get), Some(12_000));
        for wrong in ["-0.1", "2", "", "inf"] {
            assert_eq!(Chance::from_text(wrong), None, "{wrong}");
        }
    }
}

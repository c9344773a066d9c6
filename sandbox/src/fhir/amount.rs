//! Numbers and quantities as FHIR search compares them (R4 §3.1.1.4.5 and .11): a searched value
//! stands for everything that rounds to it.

use serde_json::Value;

use super::period::Prefix;

/// An amount of a resource: a point, or a stretch with open ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Amount {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) system: Option<String>,
    /// The coded unit, or the currency.
    pub(crate) code: Option<String>,
    /// The unit as people write it.
    pub(crate) unit: Option<String>,
}

impl Amount {
    /// Reads a number, Quantity, Money, Range or `SampledData`.
    pub(crate) fn of_value(value: &Value) -> Option<Self> {
        if let Some(number) = value.as_f64() {
            return Some(Self::plain(number, number));
        }
        let inner = |name| value.get(name).and_then(Value::as_f64);
        let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(lower), Some(upper)) = (inner("lowerLimit"), inner("upperLimit")) {
            return Some(Self::plain(lower, upper));
        }
        if let Some(number) = inner("value") {
            return Some(Self {
                system: text("system"),
                code: text("code").or_else(|| text("currency")),
                unit: text("unit"),
                ..Self::plain(number, number)
            });
        }
        let (low, high) = (value.get("low"), value.get("high"));
        let end = low.or(high)?;
        let limit = |one: Option<&Value>, open: f64| {
            one.map_or(Some(open), |one| one.get("value").and_then(Value::as_f64))
        };
        let text = |name| end.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            system: text("system"),
            code: text("code"),
            unit: text("unit"),
            ..Self::plain(limit(low, f64::NEG_INFINITY)?, limit(high, f64::INFINITY)?)
        })
    }

    fn plain(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            system: None,
            code: None,
            unit: None,
        }
    }
}

/// A number asked for: with prefix, and as wide as its last digit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Searched {
    prefix: Prefix,
    value: f64,
    /// Half a step of the last digit.
    margin: f64,
}

impl Searched {
    /// Reads `5.40`, `ge100`, `lt1e-3`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.trim_start_matches(['-', '+']);
        let (prefix, number) = if unsigned.starts_with(|first: char| first.is_ascii_digit()) {
            (Prefix::Equal, text)
        } else {
            Prefix::split(text)?
        };
        let (mantissa, exponent) = match number.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (number, 0),
        };
        let plain = mantissa.trim_start_matches(['-', '+']);
        let decimal = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if plain.is_empty() || !plain.bytes().all(decimal) || exponent.abs() > 300 {
            return None;
        }
        let value: f64 = number.parse().ok()?;
        let decimals = plain.split_once('.').map_or(0, |(_, after)| after.len());
        let step = exponent.checked_sub(i32::try_from(decimals).ok()?)?;
        Some(Self {
            prefix,
            value,
            margin: 0.5 * 10_f64.powi(step),
        })
    }

    /// Whether an amount stands in the asked relation to the number.
    pub(crate) fn holds(&self, amount: &Amount) -> bool {
        let (low, high) = (self.value - self.margin, self.value + self.margin);
        let within = amount.low >= low && amount.high < high;
        match self.prefix {
            Prefix::Approximately => {
                let tenth = (self.value / 10.0).abs().max(self.margin);
                amount.high >= self.value - tenth && amount.low <= self.value + tenth
            }
            Prefix::Equal => within,
            Prefix::NotEqual => !within,
            Prefix::Greater => amount.high > self.value,
            Prefix::GreaterOrEqual => amount.high >= self.value,
            Prefix::Less => amount.low < self.value,
            Prefix::LessOrEqual => amount.low <= self.value,
            Prefix::StartsAfter => amount.low > self.value,
            Prefix::EndsBefore => amount.high < self.value,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn holds(searched: &str, value: &Value) -> bool {
        Searched::parse(searched)
            .unwrap()
            .holds(&Amount::of_value(value).unwrap())
    }

    #[test]
    fn a_number_is_as_wide_as_its_last_digit() {
        // The examples of R4 §3.1.1.4.5.
        for (searched, value, expected) in [
            ("100", 99.5, true),
            ("100", 100.49, true),
            ("100", 100.5, false),
            ("100.00", 100.004, true),
            ("100.00", 100.006, false),
            ("1e2", 100.4, true),
            ("lt100", 99.99, true),
            ("le100", 100.0, true),
            ("gt100", 100.0, false),
            ("ge100", 100.0, true),
            ("ne100", 100.2, false),
            ("ap100", 109.0, true),
            ("ap100", 111.0, false),
            ("-5", -5.2, true),
        ] {
            assert_eq!(
                holds(searched, &json!(value)),
                expected,
                "{searched} {value}"
            );
        }
    }

    #[test]
    fn a_range_is_compared_by_its_ends() {
        let range = json!({"low": {"value": 5, "unit": "mg"}, "high": {"value": 10}});
        assert!(holds("gt9", &range) && holds("lt6", &range) && holds("sa4", &range));
        assert!(!holds("sa5", &range) && !holds("eb10", &range) && !holds("7", &range));
        let open = json!({"low": {"value": 5}});
        assert!(holds("gt1000", &open));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall_over(text in "\\PC{0,20}|[a-z]{0,2}[0-9.eE+-]{0,12}") {
            let _ = Searched::parse(&text);
        }

        #[test]
        fn a_number_equals_itself(number in -1_000_000i32..1_000_000, decimals in 0usize..4) {
            let value = f64::from(number) / 10_f64.powi(i32::try_from(decimals).unwrap());
            let text = format!("{value:.decimals$}");
            prop_assert!(holds(&text, &json!(text.parse::<f64>().unwrap())), "{}", text);
        }
    }
}

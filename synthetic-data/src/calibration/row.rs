//! One figure: what is published, what we have, and what chance allows.

use serde_json::{Value, json};

/// A published figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// One number.
    Value(f64),
    /// Anything between two numbers.
    Between(f64, f64),
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The published figure lies in the interval of ours.
    Within,
    /// Outside the interval, but less than a tenth of the figure from it.
    Near,
    /// Further off.
    Out,
    /// Too few people to say.
    Unsure,
}

impl Verdict {
    /// The word for it in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Near => "near",
            Self::Out => "out",
            Self::Unsure => "unsure",
        }
    }

    /// The word for it on the page, in bokmål.
    pub fn word(self) -> &'static str {
        match self {
            Self::Within => "innenfor",
            Self::Near => "nær",
            Self::Out => "utenfor",
            Self::Unsure => "for få",
        }
    }
}

/// One figure with its verdict.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it belongs with.
    pub group: &'static str,
    /// What it is of, in bokmål.
    pub name: String,
    /// The published figure.
    pub target: Target,
    /// Where it is published, and when.
    pub source: &'static str,
    /// Our figure; `None` where nobody was counted.
    pub value: Option<f64>,
    /// The 99 % interval of our figure.
    pub interval: (f64, f64),
    /// How many were counted.
    pub count: u32,
    /// `%` for shares; a word for rates.
    pub unit: &'static str,
}

/// The 99 % point of the normal distribution.
const Z: f64 = 2.576;
/// Fewer than this many counted say nothing.
const ENOUGH: u32 = 30;

/// A share in percent with its interval (Wilson).
pub(super) fn share(part: u32, all: u32) -> (Option<f64>, (f64, f64)) {
    if all == 0 {
        return (None, (0.0, 100.0));
    }
    let (k, n) = (f64::from(part), f64::from(all));
    let p = k / n;
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + Z * Z / n);
    (
        Some(p * 100.0),
        ((middle - spread) * scale, (middle + spread) * scale),
    )
}

/// A mean with its interval (normal), from sum and sum of squares.
pub(super) fn mean(sum: f64, squares: f64, count: u32) -> (Option<f64>, (f64, f64)) {
    if count == 0 {
        return (None, (0.0, 0.0));
    }
    let n = f64::from(count);
    let mean = sum / n;
    let spread = Z * ((squares / n - mean * mean).max(0.0) / n).sqrt();
    (Some(mean), (mean - spread, mean + spread))
}

impl Row {
    /// What the row says.
    pub fn verdict(&self) -> Verdict {
        let Some(_) = self.value.filter(|_| self.count >= ENOUGH) else {
            return Verdict::Unsure;
        };
        let (low, high) = self.interval;
        let (from, to) = match self.target {
            Target::Value(value) => (value, value),
            Target::Between(from, to) => (from, to),
        };
        let away = (from - high).max(low - to).max(0.0);
        if away <= 0.0 {
            Verdict::Within
        } else if away <= f64::midpoint(from, to) * 0.1 {
            Verdict::Near
        } else {
            Verdict::Out
        }
    }

    pub(super) fn json(&self) -> Value {
        let target = match self.target {
            Target::Value(value) => json!(value),
            Target::Between(from, to) => json!([from, to]),
        };
        let (low, high) = self.interval;
        json!({
            "group": self.group,
            "name": self.name,
            "target": target,
            "source": self.source,
            "value": self.value,
            "interval": [low, high],
            "count": self.count,
            "unit": self.unit,
            "verdict": self.verdict().code(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(part: u32, all: u32, target: Target) -> Verdict {
        let (value, interval) = share(part, all);
        let row = Row {
            group: "",
            name: String::new(),
            target,
            source: "",
            value,
            interval,
            count: all,
            unit: "%",
        };
        row.verdict()
    }

    #[test]
    fn the_interval_is_wilsons() {
        let (value, (low, high)) = share(50, 100);
        assert_eq!(value, Some(50.0));
        assert!(
            (low - 37.5).abs() < 0.2 && (high - 62.5).abs() < 0.2,
            "{low} {high}"
        );
        let (_, (low, high)) = share(0, 100);
        assert!(low.abs() < 1e-9 && high > 5.0);
    }

    #[test]
    fn a_verdict_follows_from_interval_and_target() {
        assert_eq!(row(500, 1000, Target::Value(51.0)), Verdict::Within);
        assert_eq!(row(50_000, 100_000, Target::Value(53.0)), Verdict::Near);
        assert_eq!(row(50_000, 100_000, Target::Value(70.0)), Verdict::Out);
        assert_eq!(row(5, 10, Target::Value(50.0)), Verdict::Unsure);
        assert_eq!(row(300, 1000, Target::Between(25.0, 35.0)), Verdict::Within);
    }
}

//! NEWS2: six vital signs scored 0 to 3 each (Royal College of Physicians, 2017), with oxygen scale 2
//! for people with COPD. Values are drawn around what is usual for how ill the person is.

use super::scribe::{Scribe, Subject};
use super::{Part, PartValue};
use crate::draw::{Draws, Topic};

/// Vital signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) breaths: i32,
    pub(super) saturation: i32,
    /// Oxygen scale 2, for those whose usual saturation is 88-92 %.
    pub(super) scale_2: bool,
    pub(super) systolic: i32,
    pub(super) pulse: i32,
    /// In tenths of a degree.
    pub(super) temperature: i32,
    pub(super) confused: bool,
}

impl Signs {
    /// Signs of somebody who is `ill` from 0 (not) to 3 (gravely).
    pub(super) fn draw(draws: Draws, step: u32, ill: i32, feverish: bool, scale_2: bool) -> Self {
        let bell = |number: u32| draws.bell(Topic::OutOfHours, step, 40 + number);
        let saturation = if scale_2 { 91 } else { 98 };
        Self {
            breaths: (15 + ill * 3 + bell(0) * 2 / 1000).clamp(8, 40),
            saturation: (saturation - ill * 2 + bell(1) * 11 / 10_000).clamp(75, 100),
            scale_2,
            systolic: (132 - ill * 7 + bell(2) * 14 / 1000).clamp(75, 215),
            pulse: (76 + ill * 12 + bell(3) * 10 / 1000).clamp(42, 165),
            temperature: (368 + if feverish { 12 } else { 0 } + bell(4) * 4 / 1000).clamp(344, 411),
            confused: ill >= 3 && draws.chance(Topic::OutOfHours, step, 45, 400),
        }
    }

    /// The total score.
    pub(super) fn score(&self) -> i32 {
        let breaths = match self.breaths {
            ..=8 | 25.. => 3,
            21..=24 => 2,
            9..=11 => 1,
            _ => 0,
        };
        let saturation = match (self.scale_2, self.saturation) {
            (false, ..=91) | (true, ..=83) => 3,
            (false, 92..=93) | (true, 84..=85) => 2,
            (false, 94..=95) | (true, 86..=87) => 1,
            _ => 0,
        };
        let systolic = match self.systolic {
            ..=90 | 220.. => 3,
            91..=100 => 2,
            101..=110 => 1,
            _ => 0,
        };
        let pulse = match self.pulse {
            ..=40 | 131.. => 3,
            111..=130 => 2,
            41..=50 | 91..=110 => 1,
            _ => 0,
        };
        let temperature = match self.temperature {
            ..=350 => 3,
            391.. => 2,
            351..=360 | 381..=390 => 1,
            _ => 0,
        };
        breaths + saturation + systolic + pulse + temperature + if self.confused { 3 } else { 0 }
    }

    /// Writes them down.
    pub(super) fn write(&self, scribe: &mut Scribe) {
        let number = |loinc, name, value, decimals, unit| Part {
            loinc: Some(loinc),
            name,
            value: Some(PartValue::Scaled {
                value,
                decimals,
                unit,
            }),
        };
        let text = |name, text| Part {
            loinc: None,
            name,
            value: Some(PartValue::Text(text)),
        };
        let scale = if self.scale_2 { "Skala 2" } else { "Skala 1" };
        let awake = if self.confused {
            "Nyoppstått forvirring"
        } else {
            "Våken"
        };
        let parts = vec![
            number("9279-1", "Respirasjonsfrekvens", self.breaths, 0, "/min"),
            number("2708-6", "SpO2", self.saturation, 0, "%"),
            text("SpO2-skala", scale),
            number("8480-6", "Systolisk blodtrykk", self.systolic, 0, "mm[Hg]"),
            number("8867-4", "Puls", self.pulse, 0, "/min"),
            number("8310-5", "Temperatur", self.temperature, 1, "Cel"),
            text("Bevissthet", awake),
        ];
        let subject = Subject {
            loinc: None,
            name: "NEWS2",
            category: "vital-signs",
            problem: None,
            site: None,
        };
        scribe.finding(&subject, parts, Some(self.score()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Signs = Signs {
        breaths: 16,
        saturation: 97,
        scale_2: false,
        systolic: 125,
        pulse: 70,
        temperature: 370,
        confused: false,
    };

    #[test]
    fn the_score_is_that_of_the_published_chart() {
        assert_eq!(WELL.score(), 0);
        let copd = Signs {
            saturation: 89,
            ..WELL
        };
        assert_eq!(copd.score(), 3);
        assert_eq!(
            Signs {
                scale_2: true,
                ..copd
            }
            .score(),
            0
        );
        let ill = Signs {
            breaths: 25,
            saturation: 91,
            systolic: 90,
            pulse: 131,
            temperature: 391,
            confused: true,
            ..WELL
        };
        assert_eq!(ill.score(), 17);
        let between = Signs {
            breaths: 21,
            saturation: 94,
            systolic: 101,
            pulse: 91,
            temperature: 360,
            ..WELL
        };
        assert_eq!(between.score(), 2 + 1 + 1 + 1 + 1);
    }
}

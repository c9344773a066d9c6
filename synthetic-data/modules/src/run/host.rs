//! What Synthea's host makes up around the modules, in the little that modules cannot do without: a
//! body, vital signs in the middle of their ranges, and a few facts of life. Rough on purpose: a module
//! that is about one of them sets it itself, and a host that knows better tells so.

use super::{Fact, Sex};
use crate::number::{Chance, Fixed, ONE};
use crate::random::Random;

/// A vital sign that is made up until a module sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Height,
    Weight,
    BodyMassIndex,
    HeadCircumference,
    /// In thousandths, from and to.
    Between(i64, i64),
}

impl Sign {
    /// The sign with this name in modules; units are those that modules write beside it.
    pub(super) fn named(name: &str) -> Option<Self> {
        let (low, high) = match name {
            "Height" => return Some(Self::Height),
            "Weight" => return Some(Self::Weight),
            "BMI" => return Some(Self::BodyMassIndex),
            "Head Circumference" => return Some(Self::HeadCircumference),
            "BMI Percentile"
            | "Height Percentile"
            | "Weight Percentile"
            | "Head Circumference Percentile"
            | "Weight-for-Length Percentile" => (5_000, 95_000),
            "Systolic Blood Pressure" => (102_000, 138_000),
            "Diastolic Blood Pressure" => (64_000, 88_000),
            "Heart Rate" => (60_000, 98_000),
            "Respiration Rate" => (12_000, 18_000),
            "Oxygen Saturation" => (95_000, 99_000),
            "Body Temperature" => (36_300, 37_300),
            "Glucose" => (72_000, 99_000),
            // HbA1c goes by this name in modules.
            "Blood Glucose" => (4_300, 5_700),
            "Urea Nitrogen" => (7_000, 20_000),
            "Calcium" => (8_600, 10_200),
            "Sodium" => (136_000, 144_000),
            "Potassium" => (3_600, 5_000),
            "Chloride" => (99_000, 108_000),
            "Carbon Dioxide" => (22_000, 29_000),
            "Creatinine" => (600, 1_200),
            "EGFR" => (70_000, 115_000),
            "Total Cholesterol" => (145_000, 198_000),
            "Triglycerides" => (70_000, 148_000),
            "LDL" => (70_000, 128_000),
            "HDL" => (42_000, 70_000),
            "Microalbumin Creatinine Ratio" => (2_000, 28_000),
            "Left ventricular Ejection fraction" => (55_000, 70_000),
            _ => return None,
        };
        Some(Self::Between(low, high))
    }
}

/// A build for life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    sex: Sex,
    /// Height beside the mean, in thousandths.
    taller: i64,
    /// Body mass index when grown up, in thousandths.
    mass_index: i64,
}

/// Mean heights in millimetres at 0, 2, 4 … 18 years.
const HEIGHTS: [(i64, i64); 10] = [
    (495, 500),
    (860, 875),
    (1020, 1030),
    (1150, 1160),
    (1270, 1280),
    (1380, 1380),
    (1510, 1490),
    (1610, 1640),
    (1650, 1750),
    (1665, 1795),
];
const GROWN: i64 = 18 * 12;

impl Body {
    pub(super) fn new(random: &mut Random, sex: Sex) -> Self {
        let beside = random.normal(Fixed::whole(0), Fixed::whole(40));
        let index = random.normal(Fixed::whole(26_000), Fixed::whole(4_200));
        Self {
            sex,
            taller: beside.floor(),
            mass_index: index.floor().clamp(17_000, 48_000),
        }
    }

    /// The sign at an age in months.
    pub(super) fn measure(&self, sign: Sign, age: Fixed, random: &mut Random) -> Fixed {
        let months = age.floor().clamp(0, GROWN);
        let thousandths = match sign {
            // Centimetres of millimetres.
            Sign::Height => self.height(months) * 100,
            Sign::BodyMassIndex => self.index(months),
            Sign::Weight => {
                let height = self.height(months);
                self.index(months) * height * height / 1_000_000
            }
            Sign::HeadCircumference => 35_000 + 13_500 * months.min(36) / 36,
            Sign::Between(low, high) => {
                let scale = ONE / 1000;
                let (low, high) = (low * scale, high * scale);
                return random.between(Fixed::millionths(low), Fixed::millionths(high));
            }
        };
        Fixed::millionths(thousandths * (ONE / 1000))
    }

    /// In millimetres.
    fn height(&self, months: i64) -> i64 {
        let row = usize::try_from(months / 24).unwrap_or(0);
        let of = |row: usize| {
            let (female, male) = HEIGHTS
                .get(row)
                .or(HEIGHTS.last())
                .copied()
                .unwrap_or((0, 0));
            match self.sex {
                Sex::Female => female,
                Sex::Male => male,
            }
        };
        let (from, to) = (of(row), of(row + 1));
        let mean = from + (to - from) * (months % 24) / 24;
        mean + mean * self.taller / 1000
    }

    /// Children are leaner, and come to their own index as they grow.
    fn index(&self, months: i64) -> i64 {
        let child = 16_000 + (self.mass_index - 26_000) / 4;
        child + (self.mass_index - child) * months / GROWN
    }
}

/// Attributes that modules read and none writes. No race or ethnicity: no register has them here.
pub(super) fn background(random: &mut Random, sex: Sex) -> Vec<(&'static str, Fact)> {
    let text = |word: &str| Fact::Text(word.to_owned());
    let (category, score) = match random.below(100) {
        0..25 => ("Low", 20),
        25..75 => ("Middle", 50),
        _ => ("High", 80),
    };
    let education = match random.below(100) {
        0..22 => "less_than_hs",
        22..58 => "hs_degree",
        58..72 => "some_college",
        _ => "bs_degree",
    };
    let score = Fixed::millionths(score * ONE / 100);
    vec![
        (
            "gender",
            text(match sex {
                Sex::Female => "F",
                Sex::Male => "M",
            }),
        ),
        ("socioeconomic_category", text(category)),
        ("socioeconomic_score", Fact::Number(score)),
        ("education", text(education)),
        ("first_language", text("norwegian")),
        ("birth_country", text("NO")),
        ("RH_NEG", Fact::Flag(random.chance(Chance::percent(15)))),
    ]
}

/// Contacts at the doctor's, in an emergency room and at a distance, which only came in 2020.
pub(super) fn kinds_of_care(year: i64) -> [Chance; 3] {
    let percent = if year < 2020 {
        [75, 25, 0]
    } else {
        [56, 20, 24]
    };
    percent.map(Chance::percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_grow_and_stop() {
        let mut random = Random::new(1);
        let body = Body::new(&mut random, Sex::Male);
        let at = |sign, months| body.measure(sign, Fixed::whole(months), &mut Random::new(1));
        let heights: Vec<_> = (0..20).map(|year| at(Sign::Height, year * 12)).collect();
        assert!(heights.is_sorted(), "{heights:?}");
        assert_eq!(at(Sign::Height, 1000), at(Sign::Height, GROWN));
        assert!(at(Sign::Weight, 0) < Fixed::whole(6));
        assert!(at(Sign::Weight, 600) > Fixed::whole(40));
        let index = at(Sign::BodyMassIndex, 600);
        assert!((Fixed::whole(17)..=Fixed::whole(48)).contains(&index));
    }
}

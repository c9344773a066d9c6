//! The person's body as measured: growth, weight, blood pressure and laboratory values over the
//! years, each as a slow course plus the scatter of one reading. Whole numbers in units of the last
//! decimal; the growth and pressure tables are our own rounding of common reference charts.

use super::chronic::{Trait, liability};
use super::quantity::What;
use crate::date::{Date, Moment};
use crate::draw::{Draws, Topic};
use crate::people::Sex;

/// What treatment and illness do to a reading.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct State {
    /// Medicines in force that lower blood pressure.
    pub(crate) pressure_drugs: i32,
    pub(crate) beta_blockers: i32,
    pub(crate) glucose_drugs: i32,
    pub(crate) lipid_drugs: i32,
    /// Days since diabetes was found; `None` without diabetes.
    pub(crate) diabetes_days: Option<i32>,
    pub(crate) thyroid: Thyroid,
    pub(crate) copd: bool,
    pub(crate) heart_failure: bool,
    pub(crate) anaemia: bool,
    /// Days since depression or anxiety was found; `None` without.
    pub(crate) mood_days: Option<i32>,
    /// Days since dementia was found; `None` without.
    pub(crate) dementia_days: Option<i32>,
    pub(crate) infection: Infection,
    /// High pressure is found at this visit: it is found on a day when it reads high.
    pub(crate) found_high: bool,
}

/// The state of the thyroid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Thyroid {
    #[default]
    Healthy,
    Treated,
    Untreated,
}

/// An infection at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Infection {
    Bacterial,
    #[default]
    None,
    Viral,
}

/// The person's fixed deviations from the average, in thousandths of a standard deviation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    draws: Draws,
    sex: Sex,
    birth: Date,
    pressure: i32,
    mass: i32,
    height: i32,
    glucose: i32,
    lipids: i32,
    kidney: i32,
    blood: i32,
    pulse: i32,
}

impl Body {
    pub(crate) fn new(draws: Draws, sex: Sex, birth: Date) -> Self {
        let own = |number| draws.bell(Topic::Body, 0, number);
        Self {
            draws,
            sex,
            birth,
            pressure: liability(draws, "K86"),
            mass: liability(draws, "T82"),
            height: own(1),
            glucose: liability(draws, "T90"),
            lipids: liability(draws, "T93"),
            kidney: own(2) - Trait::Frailty.of(draws) / 3,
            blood: own(3),
            pulse: own(4),
        }
    }

    /// A reading's own scatter: a bell of the given standard deviation.
    fn scatter(&self, at: Moment, what: What, deviation: i32) -> i32 {
        let step = at.date.epoch_days().unsigned_abs() * 2048 + u32::from(at.minute);
        self.draws.bell(Topic::Reading, step, what as u32) * deviation / 1000
    }

    fn age_days(&self, at: Moment) -> i32 {
        at.date.days_since(self.birth)
    }

    /// Systolic and diastolic pressure in mm[Hg].
    pub(crate) fn blood_pressure(&self, at: Moment, state: &State) -> (i32, i32) {
        let age = self.age_days(at);
        let men = [82, 104, 122, 125, 128, 131, 135, 139, 141, 140];
        let women = [82, 103, 114, 116, 120, 127, 134, 140, 144, 143];
        let usual = along(&self.of_sex(men, women), 3652, age);
        let spread = along(&[6, 9, 11, 11, 13, 15, 16, 17, 18, 18], 3652, age);
        let (_, month, _) = at.date.civil();
        let season = match month {
            12 | 1 | 2 => 2,
            6..=8 => -2,
            _ => 0,
        };
        let own = usual + self.pressure.clamp(-2300, 2300) * spread / 1000 + season;
        let own = own + if state.found_high { 7 } else { 0 };
        let treated = own - 9 * state.pressure_drugs - 6 * state.beta_blockers;
        let systolic = (treated + self.scatter(at, What::BloodPressure, 7)).max(72);
        let diastolic = along(&[50, 62, 70, 76, 80, 82, 81, 77, 73, 71], 3652, age)
            + (systolic - usual) * 45 / 100
            + self
                .draws
                .bell(Topic::Reading, at.date.epoch_days().unsigned_abs(), 901)
                * 4
                / 1000;
        let (systolic, diastolic) = (systolic, diastolic.clamp(38, systolic - 18));
        // One reader in eight rounds to the nearest five.
        let step = at.date.epoch_days().unsigned_abs();
        if self.draws.chance(Topic::Reading, step, 900, 125) {
            ((systolic + 2) / 5 * 5, (diastolic + 2) / 5 * 5)
        } else {
            (systolic, diastolic)
        }
    }

    /// Height in millimetres.
    pub(crate) fn height(&self, on: Date) -> i32 {
        let age = on.days_since(self.birth);
        let usual = self.growth(age, HEIGHTS_BOYS, HEIGHTS_GIRLS);
        // To the nearest half centimetre, and never less than the visit before.
        (usual + usual * self.height.clamp(-2800, 2800) / 1000 * 36 / 1000) / 5 * 5
    }

    /// Weight in hundreds of grams, without the scatter of a reading.
    fn weight(&self, on: Date) -> i32 {
        let age = on.days_since(self.birth);
        if age < 18 * 365 {
            let usual = self.growth(age, WEIGHTS_BOYS, WEIGHTS_GIRLS);
            let share = self.mass.clamp(-2000, 2800) * 11 / 100 + self.height * 6 / 100;
            return usual + usual * share / 1000;
        }
        let tall = self.height(on);
        self.usual_bmi(age) * (tall / 5) * (tall / 5) / 40_000
    }

    fn usual_bmi(&self, age: i32) -> i32 {
        let men = [0, 0, 238, 259, 268, 273, 274, 270, 260, 248];
        let women = [0, 0, 230, 247, 257, 263, 266, 264, 254, 240];
        let usual = along(&self.of_sex(men, women), 3652, age.max(7304));
        let spread = if self.mass > 0 { 46 } else { 32 };
        (usual + self.mass * spread / 1000).max(165)
    }

    fn growth(&self, age: i32, boys: [i32; 22], girls: [i32; 22]) -> i32 {
        let chart = self.of_sex(boys, girls);
        let after = GROWTH_DAYS.partition_point(|day| *day <= age);
        let knot = |at: usize| Some((*GROWTH_DAYS.get(at)?, *chart.get(at)?));
        let (Some((from, low)), Some((to, high))) = (knot(after.saturating_sub(1)), knot(after))
        else {
            return chart.last().copied().unwrap_or(0);
        };
        low + (high - low) * (age - from) / (to - from).max(1)
    }

    /// One reading in units of its last decimal; blood pressure has its own function.
    pub(crate) fn reading(&self, what: What, at: Moment, state: &State) -> i32 {
        let age = self.age_days(at);
        match what {
            What::BloodPressure => self.blood_pressure(at, state).0,
            What::Height => self.height(at.date),
            What::Weight => {
                self.weight(at.date) + self.scatter(at, what, self.weight(at.date) / 130)
            }
            What::Bmi => {
                let tall = self.height(at.date).max(300);
                let weight = self.reading(What::Weight, at, state);
                // Tenths of kg over square millimetres, to tenths of kg/m².
                weight * 10_000 / (tall / 10) * 10 / tall
            }
            What::Pulse => {
                let usual = along(&[125, 86, 72, 71, 71, 71, 71, 71, 72, 73], 3652, age);
                let fever = if state.infection == Infection::None {
                    0
                } else {
                    9
                };
                (usual + fever + self.pulse * 7 / 1000 - 9 * state.beta_blockers.min(1)
                    + self.scatter(at, what, 5))
                .max(42)
            }
            What::Temperature => match state.infection {
                Infection::Bacterial => 382 + self.scatter(at, what, 6),
                Infection::Viral => 376 + self.scatter(at, what, 6),
                Infection::None => 368 + self.scatter(at, what, 3),
            },
            What::Saturation => {
                let usual = if state.copd { 93 } else { 98 };
                (usual + self.scatter(at, what, 1)).clamp(84, 100)
            }
            What::Spirometry => {
                if state.copd {
                    57 + self.scatter(at, what, 6)
                } else {
                    79 + self.scatter(at, what, 5)
                }
            }
            What::Phq9 | What::Gad7 => self.mood(what, at, state),
            What::Mmse => {
                let months = state.dementia_days.unwrap_or(0) / 30;
                (25 - months / 5 + self.scatter(at, what, 2)).clamp(4, 29)
            }
            other => self.laboratory(other, at, state).max(1),
        }
    }

    fn mood(&self, what: What, at: Moment, state: &State) -> i32 {
        let top = if what == What::Phq9 { 27 } else { 21 };
        let usual = match state.mood_days {
            None => 6,
            Some(days) => (16 - days / 25).max(5),
        };
        (usual + self.scatter(at, what, 3)).clamp(0, top)
    }

    fn laboratory(&self, what: What, at: Moment, state: &State) -> i32 {
        let age = self.age_days(at);
        let scatter = |deviation| self.scatter(at, what, deviation);
        match what {
            What::Hba1c => {
                if let Some(days) = state.diabetes_days {
                    let drift = days / 900 - 6 * state.glucose_drugs;
                    (59 + self.glucose / 400 + drift + scatter(3)).max(38)
                } else {
                    let own = self.glucose.clamp(-2500, 2000) * 3 / 1000;
                    (35 + age / 9000 + own + scatter(1)).min(47)
                }
            }
            What::Cholesterol | What::Hdl | What::Ldl | What::Triglycerides => {
                self.lipid(what, at, state)
            }
            What::Egfr => self.filtration(at),
            What::Creatinine => {
                let years = age / 365 - 50;
                let scale = self.of_sex(7650 - 54 * years, 5900 - 45 * years);
                scale / self.filtration(at).max(8)
            }
            What::Potassium => 42 - self.kidney / 1000 + scatter(3),
            What::Sodium => 140 + scatter(2),
            What::Uacr => {
                let years = state.diabetes_days.unwrap_or(0) / 365;
                8 + years.min(20) / 2 + (-self.kidney).max(0) / 120 + scatter(3).abs()
            }
            What::Haemoglobin => {
                let low = if state.anaemia { 30 } else { 0 };
                let young = if age < 12 * 365 { 15 } else { 0 };
                self.of_sex(149, 135) - low - young + self.blood * 8 / 1000 + scatter(3)
            }
            What::Crp => match state.infection {
                Infection::Bacterial => 48 + scatter(38).abs(),
                Infection::Viral => 7 + scatter(13).abs(),
                Infection::None => 1 + scatter(2).abs(),
            },
            What::Tsh => match state.thyroid {
                Thyroid::Healthy => (175 + self.blood / 20 + scatter(35)).max(42),
                Thyroid::Treated => (215 + scatter(110)).max(8),
                Thyroid::Untreated => 940 + scatter(420).abs(),
            },
            What::FreeT4 if state.thyroid == Thyroid::Untreated => 8,
            What::FreeT4 => 15 + scatter(2),
            _ => {
                let old = (age - 60 * 365).max(0) / 150;
                let failing = if state.heart_failure {
                    1100 + scatter(700).abs()
                } else {
                    0
                };
                55 + old + failing + scatter(25)
            }
        }
    }

    /// One part of a lipid profile; the parts of one moment agree with each other.
    fn lipid(&self, what: What, at: Moment, state: &State) -> i32 {
        let scatter = |deviation| self.scatter(at, what, deviation);
        match what {
            What::Cholesterol => {
                let knots = [42, 42, 45, 49, 53, 57, 57, 54, 51, 50];
                let usual = along(&knots, 3652, self.age_days(at)) + self.lipids * 9 / 1000;
                self.with_statin(usual, state) + scatter(2)
            }
            What::Hdl => {
                let own = self.blood / 500 - self.mass / 500;
                (self.of_sex(13, 16) + own + scatter(1)).max(6)
            }
            What::Triglycerides => {
                (13 + self.mass * 4 / 1000 + self.lipids / 500 + scatter(3)).max(5)
            }
            _ => {
                let [total, hdl, fat] = [What::Cholesterol, What::Hdl, What::Triglycerides]
                    .map(|part| self.lipid(part, at, state));
                // Friedewald: LDL = total - HDL - triglycerides / 2.2, all in mmol/L.
                (total - hdl - fat * 10 / 22).max(6)
            }
        }
    }

    fn with_statin(&self, usual: i32, state: &State) -> i32 {
        let share = 1000 - 270 * state.lipid_drugs.min(1) + self.blood / 100;
        usual * share / 1000
    }

    fn filtration(&self, at: Moment) -> i32 {
        let usual = along(
            &[115, 115, 112, 107, 100, 93, 85, 76, 66, 56],
            3652,
            self.age_days(at),
        );
        (usual + self.kidney * 11 / 1000 + self.scatter(at, What::Egfr, 3)).clamp(9, 125)
    }

    fn of_sex<T>(&self, men: T, women: T) -> T {
        if self.sex == Sex::Male { men } else { women }
    }
}

/// A value on a line through knots that stand `step` apart; flat after the last.
fn along(knots: &[i32], step: i32, at: i32) -> i32 {
    let place = usize::try_from(at / step).unwrap_or(0);
    let last = knots.last().copied().unwrap_or(0);
    let low = knots.get(place).copied().unwrap_or(last);
    let high = knots.get(place + 1).copied().unwrap_or(last);
    low + (high - low) * (at % step) / step
}

/// Days of age at the knots of the growth charts: 0, 3, 6, 12, 18 months, then 2 to 18 years.
const GROWTH_DAYS: [i32; 22] = [
    0, 91, 182, 365, 548, 730, 1096, 1461, 1826, 2191, 2557, 2922, 3287, 3652, 4018, 4383, 4748,
    5114, 5479, 5844, 6210, 6575,
];
/// Millimetres.
const HEIGHTS_BOYS: [i32; 22] = [
    505, 620, 680, 765, 825, 880, 970, 1040, 1110, 1180, 1240, 1300, 1355, 1410, 1460, 1520, 1590,
    1670, 1730, 1770, 1795, 1805,
];
const HEIGHTS_GIRLS: [i32; 22] = [
    498, 605, 665, 750, 810, 865, 960, 1035, 1100, 1170, 1230, 1290, 1345, 1405, 1470, 1535, 1595,
    1635, 1655, 1665, 1670, 1672,
];
/// Hundreds of grams.
const WEIGHTS_BOYS: [i32; 22] = [
    35, 63, 80, 100, 113, 126, 148, 168, 189, 213, 238, 265, 295, 328, 365, 410, 465, 535, 600,
    650, 690, 725,
];
const WEIGHTS_GIRLS: [i32; 22] = [
    34, 58, 73, 93, 107, 120, 143, 164, 184, 208, 234, 263, 295, 333, 376, 425, 475, 520, 555, 578,
    592, 605,
];

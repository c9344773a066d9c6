//! How often a person sees the GP in a year: the national rate for age and sex, times a factor that is
//! the person's own. The factor is gamma-distributed, most of it lasting and some of it the year's, so
//! that a third never come in a year and a few come every month. What the visits are for lies in `plan`.

use super::Life;
use super::chronic::Trait;
use super::dependency;
use crate::date::Date;
use crate::draw::Topic;
use crate::people::Sex;

/// The national habit of one age group.
#[derive(Debug)]
struct Habit {
    /// Up to this age.
    to: i32,
    /// Contacts a year of men and of women, in thousandths.
    rate: [u32; 2],
    /// The factor at -3.0, -2.5, … 3.0 standard deviations, in thousandths: quantiles of a gamma
    /// distribution with mean 1.
    factor: [u32; 13],
}

/// Rates follow Statistics Norway's for 2023 after what illness adds. The shapes are chosen so that
/// the share who come at all is theirs too.
#[rustfmt::skip]
const HABITS: [Habit; 9] = [
    Habit { to: 5, rate: [1790, 1790], factor: [1, 4, 16, 53, 146, 332, 655, 1151, 1847, 2764, 3917, 5315, 6965] },
    Habit { to: 15, rate: [1310, 1310], factor: [0, 3, 13, 46, 133, 315, 638, 1143, 1860, 2813, 4016, 5479, 7211] },
    Habit { to: 19, rate: [1720, 2760], factor: [1, 6, 23, 68, 171, 365, 686, 1163, 1821, 2677, 3742, 5027, 6537] },
    Habit { to: 29, rate: [1395, 2460], factor: [0, 0, 3, 17, 70, 217, 530, 1080, 1923, 3095, 4619, 6511, 8779] },
    Habit { to: 49, rate: [1670, 2850], factor: [0, 1, 6, 26, 92, 254, 574, 1108, 1901, 2984, 4375, 6089, 8132] },
    Habit { to: 66, rate: [1705, 2560], factor: [0, 3, 12, 45, 130, 311, 634, 1141, 1863, 2823, 4036, 5514, 7264] },
    Habit { to: 79, rate: [2250, 2640], factor: [3, 11, 34, 90, 204, 405, 720, 1175, 1788, 2573, 3540, 4697, 6049] },
    Habit { to: 89, rate: [2950, 3120], factor: [5, 17, 48, 114, 238, 443, 752, 1184, 1754, 2473, 3351, 4394, 5607] },
    Habit { to: 130, rate: [2300, 2400], factor: [0, 2, 10, 39, 119, 296, 619, 1133, 1874, 2865, 4124, 5661, 7485] },
];
/// What the person, and what the year, weighs in how easily care is sought; their squares sum to 1.
const LASTING: i32 = 850;
const PASSING: i32 = 527;
/// What each planned control a year adds to the rate, in thousandths of it.
const ILLNESS: u32 = 382;

/// A person's visits to the GP in one year, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attendance {
    /// How many of a thousand planned controls are kept.
    pub(super) kept: u32,
    /// Visits for passing complaints.
    pub(super) complaints: u32,
}

/// The attendance of a year in which so many controls are planned and so many visits are certain.
pub(super) fn of_year(life: &Life<'_>, year: i32, planned: u32, certain: u32) -> Attendance {
    let middle = Date::new_year(year).plus_days(182);
    let age = life.person.birth_date.age_on(middle).max(0);
    let [.., oldest] = &HABITS;
    let habit = HABITS.iter().find(|one| age <= one.to).unwrap_or(oldest);
    let [men, women] = habit.rate;
    let rate = match life.person.sex {
        Sex::Male => men,
        Sex::Female => women,
    };
    let ill = rate * (1000 + planned.min(3) * ILLNESS) / 1000;
    let total = ill * habit.factor_at(seeking(life, year)) / 1000;
    let left = total.saturating_sub(certain * 1000);
    // Controls are the greater part of what the ill come for, but even the well come with a cold.
    let controls = (planned * 900).min(left * 7 / 10);
    Attendance {
        kept: controls / planned.max(1),
        complaints: left - controls,
    }
}

/// How easily the person seeks care that year, in thousandths of a standard deviation.
fn seeking(life: &Life<'_>, year: i32) -> i32 {
    let own = Trait::CareSeeking.of(life.draws);
    let passing = life.draws.bell(Topic::Trait, 100, year.unsigned_abs());
    (own * LASTING + passing * PASSING) / 1000
}

impl Habit {
    fn factor_at(&self, deviation: i32) -> u32 {
        let place = (deviation + 3000).clamp(0, 5999).unsigned_abs();
        let (low, into) = (place / 500, place % 500);
        let knot = |at: u32| {
            let knot = usize::try_from(at).ok().and_then(|at| self.factor.get(at));
            knot.copied().unwrap_or(0)
        };
        knot(low) + (knot(low + 1) - knot(low)) * into / 500
    }
}

/// The last day on which the GP looks after a person: a nursing home has its own doctor.
pub(super) fn last_day(life: &Life<'_>) -> Date {
    let moves = dependency::nursing_home(life);
    moves.map_or(life.last, |date| date.plus_days(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_rises_and_has_mean_one() {
        for habit in &HABITS {
            assert!(habit.factor.is_sorted());
            let draws = crate::draw::Draws::new([3, 4], 5);
            let sum: u32 = (0..20_000)
                .map(|n| habit.factor_at(draws.bell(Topic::Reading, 0, n)))
                .sum();
            let mean = sum / 20_000;
            assert!((950..1050).contains(&mean), "{mean} up to {}", habit.to);
        }
    }
}

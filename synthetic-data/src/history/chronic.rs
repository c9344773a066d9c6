//! Lasting conditions: how many have them at each age, what they share, how they are followed and
//! treated. Prevalences are our own smoothed reading of Norwegian GP-diagnosed prevalence (BMC Med
//! Res Methodol 12:143, FHI); ICPC-2 is used by code, and the names are ours.

use super::conditions::CHRONIC;
use super::drug::Drug;
use super::quantity::What;
use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::people::Sex;

/// A latent variable that several conditions draw on, so that they occur together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Trait {
    Metabolic = 1,
    Frailty = 2,
    Mind = 3,
    Airways = 4,
    CareSeeking = 5,
    /// What all illness has in common.
    General = 6,
}

impl Trait {
    /// The person's value, in thousandths of a standard deviation.
    pub(crate) fn of(self, draws: Draws) -> i32 {
        let own = draws.bell(Topic::Trait, self as u32, 0);
        let general = || draws.bell(Topic::Trait, Self::General as u32, 0);
        match self {
            Self::General => own,
            // The squares of both parts sum to 1.
            Self::CareSeeking => (own * 980 + general() * 199) / 1000,
            _ => (own * 714 + general() * 700) / 1000,
        }
    }
}

/// A lasting condition.
#[derive(Debug)]
pub(crate) struct Chronic {
    /// ICPC-2 code.
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// Permille who have it at ages 0, 10, … 90: men, then women. Never falling.
    pub(crate) prevalence: [[u16; 10]; 2],
    pub(crate) shared: Trait,
    /// Share of the liability that is the trait's, in thousandths; the rest is the condition's own.
    pub(crate) loading: i32,
    /// Planned visits a year.
    pub(crate) visits: u32,
    /// How readily a control of several conditions is mainly about this one.
    pub(crate) main: u32,
    pub(crate) checks: &'static [What],
    /// Treatment lines, each a choice and, in thousandths, how many of those who come to it get it.
    pub(crate) lines: &'static [(u32, &'static [Drug])],
    /// Share of those diagnosed who begin the first line, in thousandths.
    pub(crate) treated: u32,
    /// How many lines they begin at once; the next is added when the target is missed.
    pub(crate) at_once: usize,
    pub(crate) passes: Passing,
}

/// Whether a condition passes, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// It stays for life.
    Never,
    /// So many of a thousand recover within two years.
    Recovers(u32),
    /// It is outgrown at an age between these, in years.
    WithAge(i32, i32),
}

impl Passing {
    fn date(self, draws: Draws, place: u32, birth: Date, onset: Date) -> Option<Date> {
        match self {
            Self::Never => None,
            Self::Recovers(permille) => {
                let lasts = 150 + draws.below(Topic::Course, place, 1, 600);
                draws
                    .chance(Topic::Course, place, 0, permille)
                    .then(|| onset.plus_days(i32::try_from(lasts).unwrap_or(400)))
            }
            Self::WithAge(from, to) => {
                let days = (to - from).unsigned_abs() * 365;
                let into = draws.below(Topic::Course, place, 2, days);
                let date = birth.plus_days(from * 365 + i32::try_from(into).unwrap_or(0));
                // Who gets it late keeps it for some years.
                Some(date.max(onset.plus_days(900)))
            }
        }
    }
}

/// A person's own case of a lasting condition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Diagnosis {
    /// Place in [`CHRONIC`].
    pub(crate) place: u32,
    pub(crate) chronic: &'static Chronic,
    pub(crate) onset: Date,
    pub(crate) resolved: Option<Date>,
}

impl Diagnosis {
    pub(crate) fn is_open(&self, on: Date) -> bool {
        self.onset <= on && self.resolved.is_none_or(|date| date > on)
    }
}

/// The person's liability to a condition, in thousandths of a standard deviation.
pub(crate) fn liability(draws: Draws, code: &str) -> i32 {
    let found = (0_u32..)
        .zip(CHRONIC)
        .find(|(_, chronic)| chronic.code == code);
    found.map_or(0, |(place, chronic)| chronic.liability(draws, place))
}

/// All conditions that the person has or will get, with dates.
pub(crate) fn diagnoses(draws: Draws, sex: Sex, birth: Date) -> Vec<Diagnosis> {
    (0_u32..)
        .zip(CHRONIC)
        .filter_map(|(place, chronic)| {
            let age_days = chronic.onset_age(sex, chronic.liability(draws, place))?;
            let onset = birth.plus_days(age_days).working_day();
            let resolved = chronic.passes.date(draws, place, birth, onset);
            Some(Diagnosis {
                place,
                chronic,
                onset,
                resolved,
            })
        })
        .collect()
}

/// Conditions that a story tells of, each with its day of onset.
pub(crate) fn given(told: impl Iterator<Item = (&'static str, Date)>) -> Vec<Diagnosis> {
    let found = told.filter_map(|(code, onset)| {
        let (place, chronic) = (0_u32..).zip(CHRONIC).find(|(_, one)| one.code == code)?;
        Some(Diagnosis {
            place,
            chronic,
            onset,
            resolved: None,
        })
    });
    found.collect()
}

impl Chronic {
    pub(super) fn liability(&self, draws: Draws, place: u32) -> i32 {
        // shared² + own² = 1: the square root is taken in whole thousandths.
        let own = (1_000_000 - self.loading * self.loading)
            .unsigned_abs()
            .isqrt();
        let own = i32::try_from(own).unwrap_or(0);
        (self.shared.of(draws) * self.loading + draws.bell(Topic::Liability, place, 0) * own) / 1000
    }

    /// Age in days when the condition is found: when the share who have it passes the person's rank.
    pub(super) fn onset_age(&self, sex: Sex, liability: i32) -> Option<i32> {
        let [men, women] = &self.prevalence;
        let knots = if sex == Sex::Male { men } else { women };
        let rank = 1_000_000 - share_below(liability);
        let pairs = (0_i32..).zip(knots.iter().zip(knots.iter().skip(1)));
        pairs
            .map(|(decade, (low, high))| (decade, i32::from(*low) * 1000, i32::from(*high) * 1000))
            .find(|(_, _, high)| *high > rank)
            .map(|(decade, low, high)| {
                let into = i64::from((rank - low).max(0)) * 3652 / i64::from((high - low).max(1));
                decade * 3652 + i32::try_from(into).unwrap_or(0)
            })
    }
}

/// The share of a normal distribution below a value in thousandths of a standard deviation, per
/// million.
fn share_below(z: i32) -> i32 {
    let size = usize::try_from(z.unsigned_abs() / 100).unwrap_or(usize::MAX);
    let low = NORMAL.get(size).copied().unwrap_or(1_000_000);
    let high = NORMAL
        .get(size.saturating_add(1))
        .copied()
        .unwrap_or(1_000_000);
    let into = i32::try_from(z.unsigned_abs() % 100).unwrap_or(0);
    let above = low + (high - low) * into / 100;
    if z < 0 { 1_000_000 - above } else { above }
}

/// The normal distribution function at 0.0, 0.1, … 4.0, per million.
const NORMAL: [i32; 41] = [
    500_000, 539_828, 579_260, 617_911, 655_422, 691_462, 725_747, 758_036, 788_145, 815_940,
    841_345, 864_334, 884_930, 903_200, 919_243, 933_193, 945_201, 955_435, 964_070, 971_283,
    977_250, 982_136, 986_097, 989_276, 991_802, 993_790, 995_339, 996_533, 997_445, 998_134,
    998_650, 999_032, 999_313, 999_517, 999_663, 999_767, 999_841, 999_892, 999_928, 999_952,
    999_968,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prevalence_never_falls_with_age() {
        for chronic in CHRONIC {
            for knots in chronic.prevalence {
                assert!(knots.is_sorted(), "{}", chronic.code);
            }
        }
    }

    #[test]
    fn as_many_have_it_as_the_table_says() {
        let birth = Date::new(1960, 1, 1).unwrap();
        let at_sixty = birth.plus_days(60 * 365 + 20);
        let with = |code: &str, sex| {
            (0..8000)
                .filter(|subject| {
                    diagnoses(Draws::new([5, 6], *subject), sex, birth)
                        .iter()
                        .any(|found| found.chronic.code == code && found.onset <= at_sixty)
                })
                .count()
        };
        // 386 permille of 8 000 is 3 088, with a standard deviation of 44.
        assert!((2930..3250).contains(&with("K86", Sex::Male)));
        assert!((480..640).contains(&with("T90", Sex::Female)));
        assert_eq!(with("Y85", Sex::Female), 0);
    }
}

//! How a wound changes: its margin advances at a steady pace of its own (so area falls by pace times
//! perimeter), but for weeks without progress and weeks of infection, when it grows. Lengths in
//! hundredths of a millimetre; whole numbers only.

use super::kind::{Cause, Kind};
use crate::draw::{Draws, Topic};

/// The state of a wound in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) length: i32,
    pub(super) width: i32,
    pub(super) depth: i32,
    pub(super) infected: bool,
    pub(super) stalled: bool,
}

impl State {
    /// Area in hundredths of a square centimetre: length times width times 0.785, an ellipse's.
    pub(super) fn area(&self) -> i32 {
        // 1/100 mm times 1/100 mm is 1/10 000 mm², and a hundredth of a cm² is one mm².
        let product = i64::from(self.length) * i64::from(self.width) * 785;
        i32::try_from(product / 10_000_000).unwrap_or(i32::MAX)
    }

    /// A wound is closed when less than a tenth of a square centimetre is open.
    pub(super) fn is_closed(&self) -> bool {
        self.area() < 10
    }
}

/// One wound's course.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    draws: Draws,
    /// The wound's number among the person's, from 0.
    wound: u32,
    /// The margin's advance in a week.
    advance: i32,
    stalls: u32,
    state: State,
    week: u32,
    infected_until: u32,
}

/// How fast wounds of one kind differ: the exponential of 0.6 times the deviate, at -3, -2.5, … 3
/// deviations, in thousandths.
const PACE: [i32; 13] = [
    165, 223, 301, 407, 549, 741, 1000, 1350, 1822, 2460, 3320, 4482, 6050,
];
/// Of a thousand weeks of an open wound, how many an infection begins in.
const INFECTIONS: u32 = 22;

impl Course {
    pub(super) fn new(draws: Draws, wound: u32, kind: &Kind) -> Self {
        let bell = |number| draws.bell(Topic::WoundCourse, wound * 1024, number);
        let sized = |median: i32, number| median * pace(bell(number) * 3 / 4) / 1000;
        let (length, width) = (sized(kind.size.0, 1), sized(kind.size.1, 2));
        Self {
            draws,
            wound,
            advance: kind.advance * pace(bell(0)) / 1000,
            stalls: if kind.cause == Cause::Malignant {
                0
            } else {
                kind.stalls
            },
            state: State {
                length: length.max(width).clamp(900, 16_000),
                width: width.min(length).clamp(700, 12_000),
                depth: sized(kind.depth, 3).clamp(50, 3000),
                infected: false,
                stalled: false,
            },
            week: 0,
            infected_until: 0,
        }
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Passes a week.
    pub(super) fn pass(&mut self) {
        self.week += 1;
        let step = self.wound * 1024 + self.week;
        let chance = |number, permille| {
            self.draws
                .chance(Topic::WoundCourse, step, number, permille)
        };
        let infected = self.week < self.infected_until;
        let stalled = chance(10, self.stalls);
        let change = if infected {
            60 // the margin retreats
        } else if stalled {
            0
        } else {
            -self.advance
        };
        if !infected && chance(11, INFECTIONS) {
            self.infected_until = self.week + 3;
        }
        let state = &mut self.state;
        state.length = (state.length + 2 * change).clamp(0, 18_000);
        state.width = (state.width + 2 * change).clamp(0, 14_000);
        state.depth = (state.depth + change / 4).clamp(20, 3500);
        state.infected = self.week < self.infected_until;
        state.stalled = stalled;
    }
}

/// The exponential of 0.6 times a deviate in thousandths, in thousandths.
fn pace(deviate: i32) -> i32 {
    let shifted = (deviate + 3000).clamp(0, 5999);
    let place = usize::try_from(shifted / 500).unwrap_or(0);
    let into = shifted % 500;
    let low = PACE.get(place).copied().unwrap_or(1000);
    let high = PACE.get(place + 1).copied().unwrap_or(low);
    low + (high - low) * into / 500
}

#[cfg(test)]
mod tests {
    use super::super::kind::KINDS;
    use super::*;

    fn weeks_to_heal(subject: u32, kind: &Kind) -> u32 {
        let mut course = Course::new(Draws::new([8, 9], subject), 0, kind);
        while !course.state().is_closed() && course.week < 300 {
            course.pass();
        }
        course.week
    }

    #[test]
    fn venous_ulcers_heal_in_a_season_and_a_quarter_stay_open_for_half_a_year() {
        let venous = KINDS.first().unwrap();
        let mut weeks: Vec<u32> = (0..2000).map(|one| weeks_to_heal(one, venous)).collect();
        weeks.sort_unstable();
        let median = weeks[1000];
        assert!((11..=17).contains(&median), "{median}");
        let open = weeks.iter().filter(|weeks| **weeks > 24).count() * 100 / 2000;
        assert!((18..=32).contains(&open), "{open} % open after 24 weeks");
    }

    #[test]
    fn four_weeks_tell_what_twelve_to_twenty_four_bring() {
        let venous = KINDS.first().unwrap();
        let (mut good, mut poor) = ((0, 0), (0, 0));
        for subject in 0..2000 {
            let mut course = Course::new(Draws::new([8, 9], subject), 0, venous);
            let before = course.state().area();
            (0..4).for_each(|_| course.pass());
            let reduced = (before - course.state().area()) * 100 >= before * 40;
            let healed = i32::from(weeks_to_heal(subject, venous) <= 24);
            let sums = if reduced { &mut good } else { &mut poor };
            *sums = (sums.0 + healed, sums.1 + 1);
        }
        let (good, poor) = (good.0 * 100 / good.1, poor.0 * 100 / poor.1);
        assert!(good >= poor + 30, "{good} % against {poor} % healed");
    }

    #[test]
    fn a_wound_in_cancer_does_not_heal() {
        let malignant = KINDS.iter().find(|kind| kind.cause == Cause::Malignant);
        assert_eq!(weeks_to_heal(1, malignant.unwrap()), 300);
    }
}

//! Draws for one subject: a draw is named by topic, step and number, never by "the next one", so a
//! new topic changes no other topic's outcome. Integers only.

use crate::philox::philox;

/// What a draw decides. The numbers are part of the dataset version: add, never renumber.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(crate) enum Topic {
    Shuffle = 1,
    Rotation = 2,
    Name = 3,
    Address = 4,
    GeneralPractitioner = 5,
    Trait = 6,
    Liability = 7,
    FollowUp = 8,
    Contact = 9,
    Complaint = 10,
    ClockTime = 11,
    Reading = 12,
    Treatment = 13,
    Course = 14,
    Note = 15,
    Staff = 17,
    Body = 18,
    Identifier = 19,
    Household = 20,
    Death = 21,
    Visitor = 22,
    Wound = 23,
    WoundCourse = 24,
    WoundReading = 25,
    HomeCare = 26,
    HomeVisit = 27,
    NursingHome = 28,
    OutOfHours = 29,
    HealthStation = 30,
    Vaccine = 31,
    Work = 32,
    SickLeave = 33,
    Pregnancy = 34,
    Palliative = 35,
    Fault = 36,
    Privacy = 37,
    Allergy = 38,
    MedicineList = 39,
    MentalHealth = 40,
    Physiotherapy = 41,
    Fall = 42,
    Nutrition = 43,
    Infection = 44,
}

/// All draws of one subject (a person, or the practice) in one dataset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws {
    key: [u32; 2],
    subject: u32,
}

impl Draws {
    pub(crate) fn new(key: [u32; 2], subject: u32) -> Self {
        Self { key, subject }
    }

    fn words(self, topic: Topic, step: u32, number: u32) -> [u32; 4] {
        philox([self.subject, topic as u32, step, number], self.key)
    }

    /// A whole number in `0..bound`; 0 when the bound is 0.
    pub(crate) fn below(self, topic: Topic, step: u32, number: u32, bound: u32) -> u32 {
        let [word, ..] = self.words(topic, step, number);
        // The product of two 32-bit numbers, shifted by 32, fits in 32 bits.
        u32::try_from((u64::from(word) * u64::from(bound)) >> 32).unwrap_or(0)
    }

    /// A whole number in `0..bound` that shares its drawing with three neighbours: for series in which
    /// every number is asked for.
    pub(crate) fn quarter(self, topic: Topic, step: u32, number: u32, bound: u32) -> u32 {
        let words = self.words(topic, step, number / 4);
        let word = usize::try_from(number % 4)
            .ok()
            .and_then(|at| words.get(at));
        let product = u64::from(word.copied().unwrap_or(0)) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// True in `permille` of a thousand cases.
    pub(crate) fn chance(self, topic: Topic, step: u32, number: u32, permille: u32) -> bool {
        self.below(topic, step, number, 1000) < permille
    }

    /// A bell-shaped deviate in thousandths of a standard deviation: the sum of eight uniform
    /// 16-bit numbers, whose mean is 262 140 and whose standard deviation is 53 510.
    pub(crate) fn bell(self, topic: Topic, step: u32, number: u32) -> i32 {
        let sum: u32 = self
            .words(topic, step, number)
            .iter()
            .map(|word| (word >> 16) + (word & 0xFFFF))
            .sum();
        let centred = i64::from(sum) - 262_140;
        i32::try_from(centred * 1000 / 53_510).unwrap_or(0)
    }

    /// One of the items, each with its weight; `None` when all weights are 0.
    pub(crate) fn weighted<T>(
        self,
        topic: Topic,
        step: u32,
        number: u32,
        items: impl Iterator<Item = (u32, T)> + Clone,
    ) -> Option<T> {
        let total: u32 = items.clone().map(|(weight, _)| weight).sum();
        let mut left = self.below(topic, step, number, total);
        for (weight, item) in items {
            if left < weight {
                return Some(item);
            }
            left -= weight;
        }
        None
    }

    /// One item of a table; `None` when the table is empty.
    pub(crate) fn pick<T>(self, topic: Topic, step: u32, number: u32, table: &[T]) -> Option<&T> {
        let bound = u32::try_from(table.len()).unwrap_or(u32::MAX);
        let place = self.below(topic, step, number, bound);
        table.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bell_has_mean_nought_and_deviation_one() {
        let draws = Draws::new([7, 9], 3);
        let values: Vec<i64> = (0..20_000)
            .map(|n| i64::from(draws.bell(Topic::Reading, 0, n)))
            .collect();
        let mean = values.iter().sum::<i64>() / 20_000;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<i64>() / 20_000;
        assert!(mean.abs() < 25, "{mean}");
        assert!((960_000..1_040_000).contains(&variance), "{variance}");
    }

    #[test]
    fn a_weight_of_nought_is_never_drawn() {
        let draws = Draws::new([1, 2], 3);
        for n in 0..500 {
            let drawn = draws.weighted(Topic::Name, 0, n, [(0, 'a'), (5, 'b')].into_iter());
            assert_eq!(drawn, Some('b'));
        }
        assert_eq!(
            draws.weighted(Topic::Name, 0, 0, [(0, 'a')].into_iter()),
            None
        );
    }
}

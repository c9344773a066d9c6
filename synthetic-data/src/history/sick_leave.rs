//! Certificates of sickness (sykmelding): who is at work, which complaints keep people away, for how
//! long and how much. The first certificate lasts two weeks at most, each later one six.

use super::complaint::Complaint;
use super::note::Draft;
use super::plan::Visit;
use super::visit::{Journal, next};
use super::{Code, Fact, Service, SickLeave};
use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::people::Person;

/// Of a thousand between 20 and 66, how many are at work (Statistics Norway: 78 % in 2023).
const AT_WORK: u32 = 780;
/// Days of the first certificate, and of each later one.
const FIRST_DAYS: u32 = 14;
const LATER_DAYS: u32 = 42;
/// Nobody is certified for longer than a year.
const MOST_DAYS: u32 = 364;

/// By the beginning of the code: of a thousand at work who come, how many are certified; of a thousand
/// certified, how many for more than sixteen days; how much longer those are at the most. After
/// Gjesdal 2018 and Larsen 2022; the lengths are our own.
const AWAY: [(&str, u32, u32, u32); 8] = [
    ("L", 283, 385, 290),
    ("R", 330, 20, 30),
    ("P02", 420, 560, 330),
    ("P", 330, 530, 400),
    ("A04", 300, 490, 350),
    ("D", 140, 150, 120),
    ("N", 160, 250, 200),
    ("", 60, 150, 120),
];

/// An absence from work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Absence {
    from: Date,
    pub(super) days: u32,
    /// Days away altogether, before part of the work is taken up again.
    whole: u32,
    code: Code,
}

/// A stretch that one certificate covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    from: Date,
    to: Date,
    grade: u8,
}

/// A later stretch of an absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    since: Date,
    code: Code,
    pub(super) from: Date,
    stretch: Stretch,
}

/// True where the person is at work on a day.
pub(crate) fn works(person: &Person, draws: Draws, on: Date) -> bool {
    let age = person.birth_date.age_on(on);
    (20..67).contains(&age) && draws.chance(Topic::Work, 0, 0, AT_WORK)
}

/// The absence that a visit for a complaint leads to.
pub(super) fn absence(
    person: &Person,
    draws: Draws,
    complaint: &Complaint,
    on: Date,
) -> Option<Absence> {
    if !works(person, draws, on) {
        return None;
    }
    let (_, certified, long, longest) = AWAY
        .iter()
        .find(|(beginning, ..)| complaint.code.starts_with(beginning))?;
    let step = on.epoch_days().unsigned_abs();
    let below = |number, bound| draws.below(Topic::SickLeave, step, number, bound);
    if below(0, 1000) >= *certified {
        return None;
    }
    let days = if below(1, 1000) < *long {
        // Few are away for the longest time.
        17 + below(2, *longest) * below(3, 1000) / 500
    } else {
        3 + below(2, 13)
    };
    let days = days.min(MOST_DAYS);
    Some(Absence {
        from: on,
        days,
        whole: days.min(28 + below(4, 90)),
        code: Code {
            code: complaint.code,
            name: complaint.name,
        },
    })
}

impl Absence {
    /// What the first certificate covers.
    pub(super) fn first(&self) -> Stretch {
        self.stretch(0, FIRST_DAYS)
    }

    /// What later ones cover.
    pub(super) fn extensions(self) -> impl Iterator<Item = Extension> {
        let begins = (0..).map(|number| FIRST_DAYS + number * LATER_DAYS);
        begins
            .take_while(move |begin| *begin < self.days)
            .map(move |begin| {
                let stretch = self.stretch(begin, LATER_DAYS);
                Extension {
                    since: self.from,
                    code: self.code,
                    from: stretch.from,
                    stretch,
                }
            })
    }

    fn stretch(&self, begin: u32, most: u32) -> Stretch {
        let day = |days: u32| self.from.plus_days(i32::try_from(days).unwrap_or(0));
        let end = (begin + most).min(self.days);
        Stretch {
            from: day(begin),
            to: day(end.saturating_sub(1).max(begin)),
            grade: if begin >= self.whole { 50 } else { 100 },
        }
    }
}

impl Journal<'_> {
    /// Writes a certificate.
    pub(super) fn certify(
        &mut self,
        stretch: &Stretch,
        reason: Code,
        problem: u32,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) {
        let Stretch { from, to, grade } = *stretch;
        let number = next(&mut self.counts.notes);
        self.facts.push(Fact::SickLeave(SickLeave {
            service: Service::GeneralPractice,
            number,
            reason,
            problem,
            grade,
            from,
            to,
            at: visit.at.plus_minutes(10),
            contact,
            practitioner: visit.practitioner,
        }));
        draft.decides(&[&format!("Sykmeldes {grade} % fra {from} til {to}.")]);
    }

    /// A visit at which a certificate is made longer.
    pub(super) fn extend(
        &mut self,
        extension: &Extension,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) -> (Vec<Code>, Vec<u32>) {
        let reason = extension.code;
        let begun = self
            .leaves
            .iter()
            .find(|(since, code, _)| *since == extension.since && *code == reason);
        // Without a first visit, as on a day when something else was found, there is nothing to extend.
        let Some((_, _, problem)) = begun.copied() else {
            return (vec![reason], Vec::new());
        };
        self.certify(&extension.stretch, reason, problem, visit, contact, draft);
        self.renew(visit, contact, draft);
        (vec![reason], vec![problem])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretches_of_an_absence_follow_each_other_to_its_end() {
        let from = Date::new(2026, 3, 2).unwrap();
        for days in 3..MOST_DAYS {
            let absence = Absence {
                from,
                days,
                whole: 40,
                code: Code {
                    code: "L03",
                    name: "",
                },
            };
            let mut last = absence.first();
            assert_eq!(last.from, from);
            for extension in absence.extensions() {
                assert_eq!(extension.stretch.from, last.to.plus_days(1));
                assert!(extension.stretch.grade <= last.grade);
                last = extension.stretch;
            }
            assert_eq!(last.to.days_since(from) + 1, i32::try_from(days).unwrap());
        }
    }
}

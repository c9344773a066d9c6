//! Pregnancy (svangerskap) as the GP sees it. A woman's births are those of her children in the
//! population; after the last of them, births are drawn by her age, since nobody tells of the unborn.

use super::body::{Infection, State};
use super::note::Draft;
use super::plan::Visit;
use super::quantity::What;
use super::visit::{Journal, next};
use super::{Code, Fact, Life, Onset, Problem, Service};
use crate::cohort::last_birth;
use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::people::{Person, Sex};

/// Births a year of a thousand women, by age (our own rounding of Statistics Norway's).
const BIRTHS: [(i32, u32); 7] = [
    (19, 2),
    (24, 24),
    (29, 85),
    (34, 110),
    (39, 58),
    (44, 12),
    (130, 0),
];
/// The last year for which births are drawn.
const LAST_YEAR: i32 = 2041;
/// Two births lie at least so many days apart; what comes sooner is told as one.
const APART: i32 = 340;
/// Weeks of pregnancy in which the GP sees her; the midwife has the others.
const WEEKS: [i32; 3] = [8, 24, 32];
/// Weeks after birth for the last control.
const AFTER: i32 = 6;
pub(super) const PREGNANT: Code = Code {
    code: "W78",
    name: "Svangerskap",
};
const CONTROL_AFTER: Code = Code {
    code: "W90",
    name: "Kontroll etter fødsel",
};

/// A pregnancy with its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pregnancy {
    pub(super) begin: Date,
    pub(super) birth: Date,
}

/// A control at the GP's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Antenatal {
    pub(super) date: Date,
    birth: Date,
}

impl Pregnancy {
    /// The pregnancies of a woman, in order.
    pub(super) fn all<'a>(life: &'a Life<'_>) -> impl Iterator<Item = Self> + 'a {
        life.births.iter().map(|birth| {
            let step = birth.epoch_days().unsigned_abs();
            let days = 266 + life.draws.below(Topic::Pregnancy, step, 0, 22);
            let begin = birth.plus_days(-i32::try_from(days).unwrap_or(280));
            Self {
                begin,
                birth: *birth,
            }
        })
    }

    /// The working day in a week of it, or after its birth where the week is of that.
    pub(super) fn day(self, life: &Life<'_>, from: Date, week: i32) -> Date {
        let step = self.birth.epoch_days().unsigned_abs();
        let number = 10 + week.unsigned_abs();
        let into = life.draws.below(Topic::Pregnancy, step, number, 5);
        let day = week * 7 + i32::try_from(into).unwrap_or(0);
        from.plus_days(day).working_day()
    }
}

/// The days on which a person gives birth, past and coming.
pub(super) fn births(person: &Person, draws: Draws, children: &[Date]) -> Vec<Date> {
    if person.sex != Sex::Female || person.arrived.is_some() {
        return Vec::new();
    }
    let mut births: Vec<Date> = Vec::new();
    let drawn = (last_birth().year()..=LAST_YEAR).filter_map(|year| drawn(person, draws, year));
    for birth in children.iter().copied().chain(drawn) {
        let grown = person.birth_date.age_on(birth) >= 16;
        let apart = births.last();
        if grown && apart.is_none_or(|last| birth.days_since(*last) >= APART) {
            births.push(birth);
        }
    }
    births
}

fn drawn(person: &Person, draws: Draws, year: i32) -> Option<Date> {
    let age = person.birth_date.age_on(Date::new_year(year));
    let (_, rate) = BIRTHS.iter().find(|(to, _)| age <= *to)?;
    let step = year.unsigned_abs();
    if age < 17 || !draws.chance(Topic::Pregnancy, step, 1, *rate) {
        return None;
    }
    let day = draws.below(Topic::Pregnancy, step, 2, 365);
    let birth = Date::new_year(year).plus_days(i32::try_from(day).unwrap_or(0));
    (birth > last_birth()).then_some(birth)
}

/// The controls at the GP's.
pub(super) fn controls(life: &Life<'_>) -> Vec<Antenatal> {
    let mut controls = Vec::new();
    for pregnancy in Pregnancy::all(life) {
        let birth = pregnancy.birth;
        for week in WEEKS {
            let date = pregnancy.day(life, pregnancy.begin, week);
            controls.push(Antenatal { date, birth });
        }
        let date = pregnancy.day(life, birth, AFTER);
        controls.push(Antenatal { date, birth });
    }
    controls
}

impl Journal<'_> {
    pub(super) fn antenatal(
        &mut self,
        control: Antenatal,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) -> (Vec<Code>, Vec<u32>) {
        let known = self.pregnancy.filter(|(birth, _)| *birth == control.birth);
        if control.date > control.birth {
            self.measure(
                &[What::BloodPressure],
                visit,
                contact,
                Infection::None,
                draft,
            );
            draft.decides(&["Avslutter svangerskapsoppfølgingen."]);
            let problems = known.map(|(_, problem)| problem);
            return (vec![CONTROL_AFTER], problems.into_iter().collect());
        }
        let problem = known.map_or_else(|| self.pregnant(control, visit, contact), |one| one.1);
        let checks = [What::BloodPressure, What::Haemoglobin];
        self.measure(&checks, visit, contact, Infection::None, draft);
        draft.decides(&["Neste kontroll hos jordmor."]);
        (vec![PREGNANT], vec![problem])
    }

    fn pregnant(&mut self, control: Antenatal, visit: &Visit, contact: u32) -> u32 {
        let number = next(&mut self.counts.problems);
        self.facts.push(Fact::Problem(Problem {
            service: Service::GeneralPractice,
            number,
            code: PREGNANT,
            lasting: false,
            onset: Onset::Day(visit.at.date),
            recorded: visit.at,
            contact,
            practitioner: visit.practitioner,
            abated: Some(control.birth),
        }));
        self.pregnancy = Some((control.birth, number));
        number
    }
}

/// What is measured of a woman who is otherwise well.
pub(super) fn well() -> State {
    State::default()
}

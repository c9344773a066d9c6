//! Who needs help to live: from which day home care comes, and from which a nursing home is home. Both
//! follow one liability, so everybody who moves to a nursing home had home care first.

use super::Life;
use super::chronic::{Chronic, Passing, Trait};
use crate::date::Date;

/// The place of this liability among the draws, after those of all conditions.
const PLACE: u32 = 1001;

const fn table(prevalence: [[u16; 10]; 2]) -> Chronic {
    Chronic {
        code: "",
        name: "",
        prevalence,
        shared: Trait::Frailty,
        loading: 600,
        visits: 0,
        main: 0,
        checks: &[],
        lines: &[],
        treated: 0,
        at_once: 0,
        passes: Passing::Never,
    }
}

/// Permille with home health care at ages 0, 10, … 90, those in nursing homes among them: our own
/// curve through Statistics Norway's 173 149 users in 2024 and 25.9 % of those aged 80 and more.
const HOME_CARE: Chronic = table([
    [1, 2, 4, 7, 9, 11, 18, 41, 168, 440],
    [1, 2, 5, 8, 11, 14, 23, 54, 220, 555],
]);
/// Permille in long-stay nursing homes: our own curve through 31 129 residents in 2024.
const NURSING_HOME: Chronic = table([
    [0, 0, 0, 0, 0, 0, 0, 1, 14, 105],
    [0, 0, 0, 0, 0, 0, 0, 1, 24, 195],
]);

/// The day from which home care comes, if that is known.
pub(super) fn home_care(life: &Life<'_>) -> Option<Date> {
    match life.story {
        Some(story) => story.home_care().filter(|date| *date <= life.last),
        None => onset(life, &HOME_CARE),
    }
}

/// The day from which a nursing home is home, if that is known.
pub(super) fn nursing_home(life: &Life<'_>) -> Option<Date> {
    moves(life).filter(|date| *date <= life.last)
}

/// The day from which a nursing home will be home, known or not.
pub(super) fn moves(life: &Life<'_>) -> Option<Date> {
    match life.story {
        Some(story) => story.nursing_home(),
        None => coming(life, &NURSING_HOME),
    }
}

fn onset(life: &Life<'_>, need: &Chronic) -> Option<Date> {
    coming(life, need).filter(|date| *date <= life.last)
}

fn coming(life: &Life<'_>, need: &Chronic) -> Option<Date> {
    let person = life.person;
    let age = need.onset_age(person.sex, need.liability(life.draws, PLACE))?;
    let date = person.birth_date.plus_days(age).working_day();
    // What began before the journals did is taken over on their first working day.
    let date = date.max(person.registered.working_day());
    person.arrived.is_none().then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_every_age_more_have_home_care_than_live_in_a_nursing_home() {
        for (home, nursing) in HOME_CARE.prevalence.iter().zip(NURSING_HOME.prevalence) {
            assert!(
                home.iter()
                    .zip(nursing)
                    .all(|(home, nursing)| *home > nursing)
            );
            assert!(home.is_sorted() && nursing.is_sorted());
        }
    }
}

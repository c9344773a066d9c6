//! Wounds (sår): who gets one, how it heals, and what the nurses of home care write down of it week by
//! week: measurements with their error, dressings, plan and notes.

mod care;
mod course;
mod kind;
mod photo;

use super::chronic::Trait;
use super::{Fact, Life};
use crate::date::Date;
use crate::draw::Topic;
use kind::{Cause, KINDS, Kind};

/// Of a hundred thousand people of an age, how many get a lasting wound in a year: set so that some
/// 15 000 in Norway have one, with a mean age of 75 (Dok 8:91 S, 2016-17).
const INCIDENCE: [(i32, u32); 7] = [
    (39, 20),
    (59, 140),
    (69, 520),
    (79, 1350),
    (84, 2900),
    (89, 4200),
    (130, 5600),
];
/// Wounds are told from this year on.
const FROM: i32 = 2016;
/// The most times one wound opens again.
const RECURRENCES: u32 = 3;

/// A wound of a person.
#[derive(Clone, Copy, Debug)]
struct Wound {
    /// Its number among the person's, from 0.
    number: u32,
    kind: &'static Kind,
    site: &'static str,
    found: Date,
}

/// All that wound care wrote of a person.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let mut nurse = care::Nurse::new(life);
    let first = FROM.max(life.person.registered.year());
    let mut free_from = life.person.registered;
    if life.person.arrived.is_some() {
        return Vec::new();
    }
    for year in first..=life.last.year() {
        let Some(wound) = begins(life, year).filter(|wound| wound.found >= free_from) else {
            continue;
        };
        let mut current = wound;
        for again in 0..=RECURRENCES {
            let Some(closed) = nurse.treat(&current) else {
                return nurse.facts(); // still open on the last known day
            };
            free_from = closed.plus_days(30);
            let step = current.number;
            let opens = life
                .draws
                .chance(Topic::Wound, step, 20, current.kind.recurs);
            if !opens || again == RECURRENCES {
                break;
            }
            let later = life.draws.below(Topic::Wound, step, 21, 330);
            let found = closed.plus_days(35 + i32::try_from(later).unwrap_or(0));
            current = Wound {
                number: current.number + 1,
                found: found.working_day(),
                ..current
            };
            free_from = current.found;
        }
    }
    nurse.facts()
}

/// The wound that begins in a year, if one does.
fn begins(life: &Life<'_>, year: i32) -> Option<Wound> {
    if let Some(story) = life.story {
        let (kind, found) = story.wound().filter(|(_, found)| found.year() == year)?;
        let kind = KINDS.get(kind)?;
        return Some(Wound {
            number: 0,
            kind,
            site: kind.sites.first()?,
            found,
        });
    }
    let step = year.unsigned_abs();
    let begin = Date::new_year(year);
    let day = life.draws.below(Topic::Wound, step, 1, 365);
    let found = begin
        .plus_days(i32::try_from(day).unwrap_or(0))
        .working_day();
    let age = life.person.birth_date.age_on(found);
    let (_, incidence) = INCIDENCE.iter().find(|(to, _)| age <= *to)?;
    let frail = (1000 + Trait::Frailty.of(life.draws) * 6 / 10).clamp(200, 3000);
    let diabetic = life.has(&["T89", "T90"], found);
    let risk = incidence * frail.unsigned_abs() / 1000 * if diabetic { 5 } else { 2 } / 2;
    if age < 0 || life.draws.below(Topic::Wound, step, 0, 100_000) >= risk {
        return None;
    }
    let weight = |kind: &Kind| {
        if diabetic {
            kind.weight.1
        } else {
            kind.weight.0
        }
    };
    let kinds = KINDS.iter().map(|kind| (weight(kind), kind));
    let kind = life.draws.weighted(Topic::Wound, step, 2, kinds)?;
    let site = life.draws.pick(Topic::Wound, step, 3, kind.sites)?;
    // Wounds of one year have room for their recurrences.
    let number = (year - FROM).unsigned_abs() * (RECURRENCES + 1);
    Some(Wound {
        number,
        kind,
        site,
        found,
    })
}

impl Wound {
    /// The grade of a pressure ulcer, I to IV, by its depth.
    fn grade(&self, depth: i32) -> Option<&'static str> {
        (self.kind.cause == Cause::Pressure).then_some(match depth {
            ..200 => "Grad I",
            200..500 => "Grad II",
            500..1200 => "Grad III",
            _ => "Grad IV",
        })
    }
}

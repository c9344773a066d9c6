//! Falls of the old (fall): who falls so that it leads to the out-of-hours clinic, when, and what breaks.
//! The frail fall most.

use super::chronic::Trait;
use super::{Code, Life};
use crate::date::Date;
use crate::draw::Topic;

/// Falls a year and ten thousand people that lead to the clinic, by age: our own rounding.
const FALLS: [(i32, u32); 4] = [(64, 0), (79, 150), (89, 480), (130, 900)];
/// A broken hip, which is operated on.
pub(super) const HIP: &str = "L75";
/// What comes of a fall, with weights.
const KINDS: [(u32, Code); 4] = [
    (60, code("A80", "Skade etter fall")),
    (18, code("L72", "Brudd i underarmen")),
    (14, code(HIP, "Brudd i lårbenet")),
    (8, code("L76", "Annet brudd")),
];

/// A fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fall {
    pub(super) date: Date,
    pub(super) code: Code,
}

const fn code(code: &'static str, name: &'static str) -> Code {
    Code { code, name }
}

/// Falls a year and ten thousand people of an age.
pub(super) fn rate(age: i32) -> u32 {
    let row = FALLS.iter().find(|(to, _)| age <= *to);
    row.map_or(0, |(_, rate)| *rate)
}

/// All falls of a person up to the last known day, in order.
pub(super) fn all(life: &Life<'_>) -> Vec<Fall> {
    let person = life.person;
    if life.story.is_some() || person.arrived.is_some() {
        return Vec::new();
    }
    let frail = (1000 + Trait::Frailty.of(life.draws) * 6 / 10).clamp(200, 3000);
    let years = person.registered.year()..=life.last.year();
    let falls = years.filter_map(|year| {
        let step = year.unsigned_abs();
        let begin = Date::new_year(year);
        let age = person.birth_date.age_on(begin.plus_days(182)).max(0);
        let risk = rate(age) * frail.unsigned_abs() / 1000;
        if life.draws.below(Topic::Fall, step, 0, 10_000) >= risk {
            return None;
        }
        let day = life.draws.below(Topic::Fall, step, 1, 365);
        let code = life
            .draws
            .weighted(Topic::Fall, step, 2, KINDS.into_iter())?;
        Some(Fall {
            date: begin.plus_days(i32::try_from(day).unwrap_or(0)),
            code,
        })
    });
    let known = |fall: &Fall| fall.date >= person.registered && fall.date <= life.last;
    falls.filter(known).collect()
}

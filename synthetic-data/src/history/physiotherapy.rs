//! The physiotherapist's practice: a course of treatments for some of those whose back, neck, shoulder or
//! knee the GP has seen. It is written from the GP's problems.

use super::plan::Form;
use super::scribe::{Aim, Meeting, Scribe, Subject};
use super::{Code, Fact, Life, Part, PartValue, Problem, Service};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// What is treated, by ICPC-2 code.
const CODES: [&str; 10] = [
    "L01", "L02", "L03", "L08", "L13", "L15", "L83", "L86", "L87", "L92",
];
/// Of a thousand such problems, how many come to the physiotherapist.
const REFERRED: u32 = 230;
/// How many physiotherapists there are.
const STAFF: u32 = 2;

/// All that the physiotherapist wrote of a person, from what the GP wrote.
pub(super) fn journal(life: &Life<'_>, facts: &[Fact]) -> Vec<Fact> {
    let mut scribe = Scribe::new(Service::Physiotherapy, life.person.registered);
    let mut free_from = life.person.registered;
    let mut coming: Vec<(Date, &Problem)> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Problem(problem) => Some((begins(life, problem)?, problem)),
            _ => None,
        })
        .filter(|(begin, _)| *begin <= life.last)
        .collect();
    coming.sort_by_key(|(begin, problem)| (*begin, problem.number));
    for (begin, problem) in coming {
        if begin > free_from {
            free_from = course(life, problem, begin, &mut scribe);
        }
    }
    scribe.facts
}

/// The day on which the treatment of a problem begins, if it is treated.
fn begins(life: &Life<'_>, problem: &Problem) -> Option<Date> {
    let step = problem.recorded.date.epoch_days().unsigned_abs();
    let treated = problem.service == Service::GeneralPractice
        && CODES.contains(&problem.code.code)
        && life.draws.chance(Topic::Physiotherapy, step, 0, REFERRED);
    let waits = 10 + life.draws.below(Topic::Physiotherapy, step, 1, 30);
    let date = problem.recorded.date.plus_days(i32::try_from(waits).ok()?);
    treated.then(|| date.working_day())
}

/// One course; gives its last day.
fn course(life: &Life<'_>, problem: &Problem, begin: Date, scribe: &mut Scribe) -> Date {
    let step = begin.epoch_days().unsigned_abs();
    let below = |number, bound| life.draws.below(Topic::Physiotherapy, step, number, bound);
    let treatments = i32::try_from(5 + below(2, 7)).unwrap_or(6);
    let end = begin.plus_days((treatments - 1) * 7);
    let by = usize::try_from(below(3, STAFF)).unwrap_or(0);
    let number = scribe.coming_problem();
    let mut plan = None;
    for week in 0..treatments {
        let date = begin.plus_days(week * 7);
        if date > life.last {
            break;
        }
        let codes = if week == 0 {
            vec![problem.code]
        } else {
            Vec::new()
        };
        meet(scribe, date, by, codes, number);
        if week == 0 {
            scribe.problem(problem.code, false, Some(end));
            plan = Some(scribe.plan(&AIM, Some(number)));
        }
        let worst = i32::try_from(5 + below(4, 4)).unwrap_or(6);
        let pain = (worst - worst * week * 2 / (treatments * 3)).max(1);
        scribe.finding(&subject(number), vec![score(pain)], None);
        let what = if below(10 + week.unsigned_abs(), 2) == 0 {
            "Veiledet trening"
        } else {
            "Manuell behandling"
        };
        scribe.procedure(what, Some(number), None);
        scribe.note(note(problem.code, week, week + 1 == treatments, pain));
    }
    if let Some(plan) = plan {
        scribe.end(plan, end);
    }
    end
}

const AIM: Aim = Aim {
    title: "Behandlingsplan hos fysioterapeut",
    goal: "Mindre smerte og tilbake til vanlig aktivitet",
    steps: &["Øvelser hjemme hver dag", "Behandling en gang i uken"],
};

fn meet(scribe: &mut Scribe, date: Date, practitioner: usize, codes: Vec<Code>, problem: u32) {
    let meeting = Meeting {
        at: Moment {
            date,
            minute: 14 * 60,
        },
        form: Form::Control,
        minutes: 30,
        practitioner,
    };
    scribe.meet(meeting, codes, vec![problem]);
}

fn subject(problem: u32) -> Subject {
    Subject {
        loinc: None,
        name: "Smerte siste uke",
        category: "survey",
        problem: Some(problem),
        site: None,
    }
}

fn score(value: i32) -> Part {
    Part {
        loinc: Some("72514-3"),
        name: "Smerte fra 0 til 10",
        value: Some(PartValue::Scaled {
            value,
            decimals: 0,
            unit: "{score}",
        }),
    }
}

fn note(code: Code, week: i32, last: bool, pain: i32) -> String {
    let said = match (week, last) {
        (0, _) => "Undersøkt. Øvelser for hver dag er vist.",
        (_, true) => "Avslutter. Epikrise sendes fastlege.",
        _ => "Framgang. Øvelsene økes.",
    };
    format!("Fysioterapi: {}. Smerte {pain} av 10. {said}", code.name)
}

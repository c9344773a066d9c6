//! Mental health and addiction in the municipality (psykisk helse og rus): a team that follows some of
//! those with a grave illness or addiction, with a plan, talks every third week, and a crisis now and then.
//! Everything of it is sensitive.

use super::chronic::Diagnosis;
use super::plan::Form;
use super::scribe::{Aim, Meeting, Scribe};
use super::{Code, Fact, Life, Service, Value, What};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// What the team follows, by ICPC-2 code.
const CODES: [&str; 5] = ["P15", "P19", "P72", "P73", "P80"];
/// Of a thousand with such an illness, how many the team follows.
const FOLLOWED: u32 = 450;
/// Of a thousand talks, how many are about a crisis.
const CRISIS: u32 = 25;
/// Days between talks, and talks between questionnaires.
const BETWEEN: i32 = 21;
const QUESTIONS: i32 = 4;
/// The team's own place among the staff of home care.
const TEAM: usize = 2;

/// All that the team wrote of a person.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let person = life.person;
    let ill = life
        .diagnoses
        .iter()
        .filter(|one| CODES.contains(&one.chronic.code));
    let Some(diagnosis) = ill.min_by_key(|one| one.onset) else {
        return Vec::new();
    };
    let below = |number, bound| life.draws.below(Topic::MentalHealth, 0, number, bound);
    let after = i32::try_from(30 + below(1, 300)).unwrap_or(30);
    let begin = diagnosis
        .onset
        .max(person.registered)
        .plus_days(after)
        .working_day();
    let followed = life.story.is_none() && below(0, 1000) < FOLLOWED && person.arrived.is_none();
    if !followed || begin > life.last || person.birth_date.age_on(begin) < 18 {
        return Vec::new();
    }
    let lasts = i32::try_from(300 + below(2, 2600)).unwrap_or(300);
    let mut scribe = Scribe::new(Service::MentalHealth, begin);
    let end = begin.plus_days(lasts);
    let (episode, plan) = open(diagnosis, begin, &mut scribe);
    for number in 1.. {
        let date = begin.plus_days(number * BETWEEN).working_day();
        if date > life.last || date >= end {
            break;
        }
        talk(life, date, number, &mut scribe);
    }
    scribe.end(plan, end);
    scribe.end(episode, end);
    scribe.facts
}

fn meet(scribe: &mut Scribe, date: Date, form: Form, codes: Vec<Code>, problems: Vec<u32>) {
    let meeting = Meeting {
        at: Moment {
            date,
            minute: 13 * 60,
        },
        form,
        minutes: 45,
        practitioner: TEAM,
    };
    scribe.meet(meeting, codes, problems);
}

fn open(diagnosis: &Diagnosis, begin: Date, scribe: &mut Scribe) -> (usize, usize) {
    let at = Moment {
        date: begin,
        minute: 12 * 60,
    };
    let code = Code {
        code: diagnosis.chronic.code,
        name: diagnosis.chronic.name,
    };
    let problem = scribe.coming_problem();
    let episode = scribe.episode(at, "Psykisk helse- og rusarbeid", None, Some(problem));
    meet(scribe, begin, Form::Examination, vec![code], vec![problem]);
    scribe.problem(code, true, None);
    let addicted = matches!(diagnosis.chronic.code, "P15" | "P19");
    let aim = if addicted {
        Aim {
            title: "Plan for oppfølging av rus",
            goal: "Mindre rus og en dag med innhold",
            steps: &[
                "Samtale hver tredje uke",
                "Kriseplan",
                "Hjelp til bolig og økonomi",
            ],
        }
    } else {
        Aim {
            title: "Plan for oppfølging av psykisk helse",
            goal: "Mestre hverdagen hjemme",
            steps: &[
                "Samtale hver tredje uke",
                "Kriseplan",
                "Samarbeid med fastlege og DPS",
            ],
        }
    };
    let plan = scribe.plan(&aim, Some(problem));
    scribe.note("Første samtale. Bakgrunn, ønsker og kriseplan er gått gjennom.".to_owned());
    (episode, plan)
}

fn talk(life: &Life<'_>, date: Date, number: i32, scribe: &mut Scribe) {
    let step = date.epoch_days().unsigned_abs();
    let below = |number, bound| life.draws.below(Topic::MentalHealth, step, number, bound);
    let crisis = below(3, 1000) < CRISIS;
    let form = match below(4, 10) {
        0..5 => Form::Control,
        5..9 => Form::HomeVisit,
        _ => Form::Telephone,
    };
    meet(scribe, date, form, Vec::new(), Vec::new());
    if number % QUESTIONS == 0 && form.is_in_person() {
        let score = |place, top: i32| {
            let drawn = i32::try_from(below(place, 12)).unwrap_or(5);
            (drawn + if crisis { 9 } else { 2 }).min(top)
        };
        scribe.reading(What::Phq9, Value::Scaled(score(5, 27)));
        scribe.reading(What::Gad7, Value::Scaled(score(6, 21)));
    }
    let said = match below(7, 5) {
        _ if crisis => {
            "Tanker om selvskading. Kriseplanen er brukt, fastlege er ringt. Ny samtale i morgen."
        }
        0 => "Sover dårlig. Snakker om døgnrytme.",
        1 => "Har vært på aktivitetshuset. Godt humør.",
        2 => "Bekymret for økonomi. Avtale med NAV er gjort.",
        3 => "Holder avtalene. Planen fortsetter.",
        _ => "Stabil. Ingen endring.",
    };
    scribe.note(said.to_owned());
}

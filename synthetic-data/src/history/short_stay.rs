//! Short stays in the nursing home (korttidsopphold): three weeks of training after a broken hip, and
//! relief for those who have home care. Home care does not come meanwhile.

use super::chronic::Trait;
use super::fall;
use super::news::Signs;
use super::plan::Form;
use super::scribe::{Aim, Meeting, Scribe};
use super::{Fact, Life, Service, dependency, nutrition};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// Days from the fall until somebody with a broken hip comes from the hospital, and days of training.
const AFTER_FALL: i32 = 6;
const TRAINING: i32 = 21;
/// Of a thousand quarters of a year with home care, how many bring a stay as relief.
const RELIEF: u32 = 330;
/// Relief is for those of at least this age.
const OLD: i32 = 70;
/// The doctor is first among the staff; two nurses follow.
const NURSE: usize = 1;

/// A stay, from its first day to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) begin: Date,
    pub(super) end: Date,
    training: bool,
}

impl Stay {
    pub(super) fn includes(&self, day: Date) -> bool {
        self.begin <= day && day <= self.end
    }
}

/// All stays that have begun, in order; none overlaps another.
pub(super) fn stays(life: &Life<'_>) -> Vec<Stay> {
    let mut found = relief(life);
    let broken = fall::all(life)
        .into_iter()
        .filter(|one| one.code.code == fall::HIP);
    found.extend(broken.map(|one| Stay {
        begin: one.date.plus_days(AFTER_FALL),
        end: one.date.plus_days(AFTER_FALL + TRAINING),
        training: true,
    }));
    let moves = dependency::moves(life);
    found.retain(|stay| stay.begin <= life.last && moves.is_none_or(|date| stay.end < date));
    found.sort_by_key(|stay| (stay.begin, stay.end));
    let mut free_from = life.person.registered;
    found.retain(|stay| {
        let free = stay.begin > free_from;
        if free {
            free_from = stay.end;
        }
        free
    });
    found
}

fn relief(life: &Life<'_>) -> Vec<Stay> {
    let Some(begin) = dependency::home_care(life).filter(|_| life.story.is_none()) else {
        return Vec::new();
    };
    let likely = RELIEF
        * (1000 + Trait::Frailty.of(life.draws) / 4)
            .clamp(300, 2000)
            .unsigned_abs()
        / 1000;
    let quarters = (0..).map(|number| (number, begin.plus_days(20 + 91 * number)));
    let stays = quarters
        .take_while(|(_, first)| *first <= life.last)
        .filter_map(|(number, first)| {
            let step = number.unsigned_abs();
            let old = life.person.birth_date.age_on(first) >= OLD;
            if !old || !life.draws.chance(Topic::Fall, 5000 + step, 0, likely) {
                return None;
            }
            let below = |number, bound| {
                i32::try_from(life.draws.below(Topic::Fall, 5000 + step, number, bound))
                    .unwrap_or(0)
            };
            let begin = first.plus_days(below(1, 60)).working_day();
            let end = begin.plus_days(13 + below(2, 12));
            Some(Stay {
                begin,
                end,
                training: false,
            })
        });
    stays.collect()
}

/// All that the ward wrote of a person's stays.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let mut scribe = Scribe::new(Service::ShortStay, life.person.registered);
    for stay in stays(life) {
        write(life, &stay, &mut scribe);
    }
    scribe.facts
}

fn meet(scribe: &mut Scribe, date: Date, hour: u16) {
    let meeting = Meeting {
        at: Moment {
            date,
            minute: hour * 60,
        },
        form: Form::Stay,
        minutes: 25,
        practitioner: NURSE,
    };
    scribe.meet(meeting, Vec::new(), Vec::new());
}

fn write(life: &Life<'_>, stay: &Stay, scribe: &mut Scribe) {
    let at = Moment {
        date: stay.begin,
        minute: 11 * 60,
    };
    let (name, kind) = if stay.training {
        (
            "Tidsbegrenset opphold, habilitering og rehabilitering",
            "19",
        )
    } else {
        ("Tidsbegrenset opphold, avlastning", "18")
    };
    let episode = scribe.episode(at, name, Some(kind), None);
    meet(scribe, stay.begin, 12);
    let plan = scribe.plan(aim(stay), None);
    let food = nutrition::screen(life, scribe);
    let why = if stay.training {
        "Kommer fra sykehus etter operert brudd i hoften."
    } else {
        "Innkomst til avlastning."
    };
    scribe.note(format!("{why} {food}"));
    let lungs = life.has(&["R95"], stay.begin);
    for week in 0..4 {
        let date = stay.begin.plus_days(1 + week * 7);
        if date >= stay.end || date > life.last {
            break;
        }
        let step = date.epoch_days().unsigned_abs();
        let ill = i32::from(life.draws.chance(Topic::Fall, step, 9, 200));
        let signs = Signs::draw(life.draws, step + 7, ill, false, lungs);
        meet(scribe, date, 10);
        signs.write(scribe);
        scribe.note(format!("NEWS2 {}. {}", signs.score(), said(stay, week)));
    }
    if stay.end <= life.last {
        meet(scribe, stay.end, 11);
        scribe.note("Reiser hjem i dag. Hjemmetjenesten er varslet.".to_owned());
    }
    scribe.end(plan, stay.end);
    scribe.end(episode, stay.end);
}

fn aim(stay: &Stay) -> &'static Aim {
    const TRAINING: Aim = Aim {
        title: "Plan for opptrening etter hoftebrudd",
        goal: "Gå trygt med hjelpemiddel og komme hjem",
        steps: &[
            "Gangtrening hver dag",
            "Smertelindring før trening",
            "Hjemmebesøk før utreise",
        ],
    };
    const RELIEF: Aim = Aim {
        title: "Plan for avlastning",
        goal: "Hvile for pårørende og trygg hverdag",
        steps: &["Hjelp til stell og måltider", "Aktivitet på dagtid"],
    };
    if stay.training { &TRAINING } else { &RELIEF }
}

fn said(stay: &Stay, week: i32) -> &'static str {
    match (stay.training, week) {
        (true, 0) => "Går noen skritt med prekestol.",
        (true, 1) => "Går i gangen med rullator.",
        (true, _) => "Går med rullator alene, øver i trapp.",
        (false, _) => "Trives, deltar på aktiviteter.",
    }
}

//! The nursing home (sykehjem), long stay: admission with plan and the person's wish on resuscitation,
//! weight and pressure every month, vital signs at illness, and the yearly review of medicines.

use super::body::{Body, State};
use super::news::Signs;
use super::plan::Form;
use super::scribe::{Aim, Meeting, Scribe};
use super::{Fact, Life, Service, Value, What, dependency, nutrition};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// The doctor is first among the staff; two nurses follow.
const DOCTOR: usize = 0;
const NURSES: u32 = 2;
/// Of a thousand months, how many bring an acute illness.
const ILLNESS: u32 = 90;

/// All that the nursing home wrote of a person.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let Some(begin) = dependency::nursing_home(life) else {
        return Vec::new();
    };
    let mut ward = Ward {
        life,
        scribe: Scribe::new(Service::NursingHome, begin),
        body: Body::new(life.draws, life.person.sex, life.person.birth_date),
    };
    ward.admit(begin);
    for month in 1.. {
        let date = begin.plus_days(month * 30);
        if date > life.last {
            break;
        }
        ward.month(date, month);
    }
    ward.scribe.facts
}

#[derive(Debug)]
struct Ward<'a> {
    life: &'a Life<'a>,
    scribe: Scribe,
    body: Body,
}

impl Ward<'_> {
    fn meet(&mut self, date: Date, hour: u16, practitioner: usize) -> Moment {
        let at = Moment {
            date,
            minute: hour * 60,
        };
        let meeting = Meeting {
            at,
            form: Form::Stay,
            minutes: 20,
            practitioner,
        };
        self.scribe.meet(meeting, Vec::new(), Vec::new());
        at
    }

    fn admit(&mut self, date: Date) {
        let at = Moment {
            date,
            minute: 11 * 60,
        };
        let name = "Langtidsopphold i institusjon";
        self.scribe.episode(at, name, Some("21"), None);
        let at = self.meet(date, 12, DOCTOR);
        self.weigh(at);
        let aim = Aim {
            title: "Behandlingsplan på sykehjem",
            goal: "God livskvalitet og trygghet",
            steps: &[
                "Hjelp til stell og måltider",
                "Vekt hver måned",
                "Legemiddelgjennomgang hvert år",
            ],
        };
        self.scribe.plan(&aim, None);
        let drawn = self.life.draws.chance(Topic::NursingHome, 0, 0, 550);
        let refuses = self.life.story.map_or(drawn, |story| !story.resuscitation);
        if refuses {
            self.scribe
                .alert("HLR minus: ønsker ikke hjerte-lunge-redning");
        }
        let wish = if refuses {
            "HLR minus: ønsker ikke hjerte-lunge-redning. Avklart med pasient og pårørende."
        } else {
            "HLR-status er ikke avklart; tas opp i innkomstsamtalen."
        };
        self.scribe
            .note(format!("Innkomst til langtidsopphold.\n{wish}"));
    }

    fn month(&mut self, date: Date, month: i32) {
        let step = date.epoch_days().unsigned_abs();
        let nurse = 1 + self.life.draws.below(Topic::NursingHome, step, 1, NURSES);
        let at = self.meet(date, 9, usize::try_from(nurse).unwrap_or(1));
        self.weigh(at);
        if month % 3 == 0 {
            let food = nutrition::screen(self.life, &mut self.scribe);
            self.scribe.note(format!(
                "Stabil siste måneder. Tiltakene fortsetter. {food}"
            ));
        }
        if month % 12 == 0 {
            self.meet(date, 13, DOCTOR);
            self.scribe.procedure("Legemiddelgjennomgang", None, None);
            self.scribe
                .note("Legemiddelgjennomgang sammen med sykepleier er gjort.".to_owned());
        }
        if self.life.draws.chance(Topic::NursingHome, step, 2, ILLNESS) {
            self.fall_ill(date, step);
        }
    }

    fn weigh(&mut self, at: Moment) {
        let state = State::default();
        let weight = self.body.reading(What::Weight, at, &state);
        self.scribe.reading(What::Weight, Value::Scaled(weight));
        let (systolic, diastolic) = self.body.blood_pressure(at, &state);
        let pressure = Value::Pressure {
            systolic,
            diastolic,
        };
        self.scribe.reading(What::BloodPressure, pressure);
    }

    fn fall_ill(&mut self, date: Date, step: u32) {
        let lungs = self.life.has(&["R95"], date);
        let (mut scores, mut first) = (Vec::new(), true);
        for (hour, ill) in [(14, 2), (18, 2), (22, 1)] {
            let signs = Signs::draw(self.life.draws, step + u32::from(hour), ill, first, lungs);
            self.meet(date, hour, 1);
            signs.write(&mut self.scribe);
            scores.push(signs.score().to_string());
            first = false;
        }
        let text = format!(
            "Nedsatt allmenntilstand. NEWS2 kl. 14, 18 og 22: {}. Følges videre.",
            scores.join(", ")
        );
        self.scribe.note(text);
    }
}

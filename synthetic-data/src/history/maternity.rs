//! The midwife's journal (svangerskapsomsorg): controls after the national programme, with the growth
//! of the child, pressure, urine and heartbeat; and the questions on mood six weeks after birth.

use super::antenatal::{PREGNANT, Pregnancy, well};
use super::body::Body;
use super::plan::Form;
use super::scribe::{Meeting, Scribe, Subject};
use super::{Fact, Life, Part, PartValue, Service, Value, What};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// Weeks of pregnancy in which she comes to the midwife.
const WEEKS: [i32; 6] = [13, 18, 28, 36, 38, 40];
/// Weeks after birth for the questions on mood (EPDS).
const QUESTIONS: i32 = 6;
/// The midwife's place among the staff of the health station.
const MIDWIFE: usize = 3;
/// Of a thousand pregnancies, how many show a little protein in the urine at the end.
const PROTEIN: u32 = 40;

/// All that the midwife wrote of a woman.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let mut midwife = Midwife {
        life,
        scribe: Scribe::new(Service::Maternity, life.person.registered),
        body: Body::new(life.draws, life.person.sex, life.person.birth_date),
    };
    for pregnancy in Pregnancy::all(life) {
        midwife.follow(pregnancy);
    }
    midwife.scribe.facts
}

struct Midwife<'a> {
    life: &'a Life<'a>,
    scribe: Scribe,
    body: Body,
}

impl Midwife<'_> {
    /// From the first control to the questions. What was before the journals is not told.
    fn follow(&mut self, pregnancy: Pregnancy) {
        let begun = pregnancy.begin >= self.life.person.registered;
        if !begun {
            return;
        }
        let mut problem = None;
        for week in WEEKS {
            let date = pregnancy.day(self.life, pregnancy.begin, week);
            if date > self.life.last || date >= pregnancy.birth {
                continue;
            }
            let number = problem.unwrap_or_else(|| self.scribe.coming_problem());
            self.meet(date, number);
            if problem.is_none() {
                let coming = Some(pregnancy.birth);
                problem = Some(self.scribe.problem(PREGNANT, false, coming));
            }
            self.control(pregnancy, date, week, number);
        }
        let date = pregnancy.day(self.life, pregnancy.birth, QUESTIONS);
        if let Some(problem) = problem.filter(|_| date <= self.life.last) {
            self.meet(date, problem);
            self.ask(pregnancy, problem);
        }
    }

    fn meet(&mut self, date: Date, problem: u32) {
        let step = date.epoch_days().unsigned_abs();
        let quarter = self.life.draws.below(Topic::Pregnancy, step, 3, 24);
        let meeting = Meeting {
            at: Moment {
                date,
                minute: 9 * 60 + u16::try_from(quarter * 15).unwrap_or(0),
            },
            form: Form::Control,
            minutes: 30,
            practitioner: MIDWIFE,
        };
        self.scribe.meet(meeting, vec![PREGNANT], vec![problem]);
    }

    fn control(&mut self, pregnancy: Pregnancy, date: Date, week: i32, problem: u32) {
        let step = date.epoch_days().unsigned_abs();
        let draws = self.life.draws;
        let at = Moment {
            date,
            minute: 9 * 60,
        };
        let (systolic, diastolic) = self.body.blood_pressure(at, &well());
        let pressure = Value::Pressure {
            systolic,
            diastolic,
        };
        self.scribe.reading(What::BloodPressure, pressure);
        let own = pregnancy.birth.epoch_days().unsigned_abs();
        let protein = week >= 36 && draws.chance(Topic::Pregnancy, own, 4, PROTEIN);
        let heart = 128 + i32::try_from(draws.below(Topic::Pregnancy, step, 5, 28)).unwrap_or(0);
        let days = date.days_since(pregnancy.begin);
        let mut parts = vec![
            number("18185-9", "Svangerskapets lengde", days / 7, "wk"),
            text(
                "20454-5",
                "Protein i urin",
                if protein { "1+" } else { "negativ" },
            ),
            number("55283-6", "Fosterlyd", heart, "/min"),
        ];
        if week >= 24 {
            let own =
                draws.bell(Topic::Pregnancy, own, 6) + draws.bell(Topic::Pregnancy, step, 7) / 3;
            let height = days / 7 - 1 + own / 800;
            parts.push(number("11881-0", "Symfyse-fundus-mål", height, "cm"));
        }
        self.scribe.finding(
            &subject("Svangerskapskontroll", "exam", problem),
            parts,
            None,
        );
        let advice = if protein {
            "Protein i urinen: ny prøve og blodtrykk om en uke."
        } else {
            "Alt som ventet. Neste kontroll etter programmet."
        };
        let week = days / 7;
        self.scribe
            .note(format!("Svangerskapskontroll i uke {week}. {advice}"));
    }

    /// The Edinburgh questions, as their sum.
    fn ask(&mut self, pregnancy: Pregnancy, problem: u32) {
        let step = pregnancy.birth.epoch_days().unsigned_abs();
        let mood = self.life.draws.bell(Topic::Pregnancy, step, 8);
        let sum = (5 + mood * 4 / 1000).clamp(0, 30);
        let parts = vec![number(
            "71354-5",
            "Edinburgh-spørsmålene (EPDS)",
            sum,
            "{score}",
        )];
        self.scribe
            .finding(&subject("Barselkontroll", "survey", problem), parts, None);
        let advice = if sum >= 10 {
            "Samtale om nedstemthet. Ny samtale om to uker, fastlege orienteres."
        } else {
            "God stemning, ammer."
        };
        self.scribe.note(format!(
            "Samtale seks uker etter fødselen. EPDS {sum}. {advice}"
        ));
    }
}

fn subject(name: &'static str, category: &'static str, problem: u32) -> Subject {
    Subject {
        loinc: None,
        name,
        category,
        problem: Some(problem),
        site: None,
    }
}

fn number(loinc: &'static str, name: &'static str, value: i32, unit: &'static str) -> Part {
    let decimals = 0;
    Part {
        loinc: Some(loinc),
        name,
        value: Some(PartValue::Scaled {
            value,
            decimals,
            unit,
        }),
    }
}

fn text(loinc: &'static str, name: &'static str, value: &'static str) -> Part {
    Part {
        loinc: Some(loinc),
        name,
        value: Some(PartValue::Text(value)),
    }
}

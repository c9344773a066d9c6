//! Care of the dying at home (palliativ omsorg): the GP finds an incurable illness, later comes home and
//! prescribes the four medicines; home care has the plan and asks about symptoms every week. The day of
//! death is looked up ahead, so that the weeks before it are the same on every date.

use super::body::Infection;
use super::drug::{self, Drug};
use super::note::Draft;
use super::plan::{Form, Visit};
use super::quantity::What;
use super::scribe::{Aim, Meeting, Scribe, Subject};
use super::treatment::Prescribed;
use super::visit::{Journal, next};
use super::{Code, Fact, Life, Onset, Part, PartValue, Problem, Service, dependency};
use crate::date::{Date, Moment};
use crate::draw::Topic;
use crate::people::{self, Sex};

/// Of a thousand deaths of those who live at home, how many come after such care.
const AT_HOME: u32 = 300;
/// Nobody's illness is found more days before death than this.
const HORIZON: i32 = 500;
/// Nurses of the zone.
const NURSES: u32 = 3;

/// Illnesses: weight for men and for women, and code.
const ILLNESSES: [(u32, u32, Code); 5] = [
    (28, 22, code("R84", "Lungekreft")),
    (20, 20, code("D75", "Kreft i tykktarm")),
    (14, 14, code("D76", "Kreft i bukspyttkjertelen")),
    (0, 18, code("X76", "Brystkreft")),
    (22, 0, code("Y77", "Kreft i prostata")),
];
/// The four medicines that are to be in the house.
const KIT: [Drug; 4] = [
    drug::MORPHINE,
    drug::MIDAZOLAM,
    drug::HALOPERIDOL,
    drug::GLYCOPYRRONIUM,
];
/// Symptoms asked about (ESAS-r), and how heavy each is at the end, in tenths.
const SYMPTOMS: [(&str, i32); 9] = [
    ("Smerte", 60),
    ("Slapphet", 85),
    ("Døsighet", 70),
    ("Kvalme", 40),
    ("Matlyst", 80),
    ("Tung pust", 45),
    ("Depresjon", 35),
    ("Angst", 35),
    ("Velvære", 70),
];

const fn code(code: &'static str, name: &'static str) -> Code {
    Code { code, name }
}

/// The course of such an illness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    illness: Code,
    /// When it is found, when care begins and when it ends.
    pub(super) found: Date,
    pub(super) begin: Date,
    death: Date,
}

/// The course that a person's life will take, if it will within the horizon.
pub(super) fn course(life: &Life<'_>) -> Option<Course> {
    let person = life.person;
    if let Some(story) = life.story {
        let [found, begin, death] = story.dying()?;
        let [(_, _, illness), ..] = ILLNESSES;
        return Some(Course {
            illness,
            found,
            begin,
            death,
        });
    }
    let below = |number, bound| life.draws.below(Topic::Palliative, 0, number, bound);
    if person.arrived.is_some() || below(0, 1000) >= AT_HOME {
        return None;
    }
    let ahead = life.last.plus_days(HORIZON);
    let death = people::deceased(life.draws, person.sex, person.birth_date, ahead)?;
    let days = |number, from: i32, bound| from + i32::try_from(below(number, bound)).unwrap_or(0);
    let begin = death.plus_days(-days(1, 28, 70)).working_day();
    let found = begin.plus_days(-days(2, 60, 300)).working_day();
    let grown = person.birth_date.age_on(found) >= 40;
    let at_home = dependency::moves(life).is_none_or(|moves| moves > death);
    let weights = ILLNESSES.iter().map(|(men, women, illness)| {
        let weight = if person.sex == Sex::Male { men } else { women };
        (*weight, *illness)
    });
    let illness = life.draws.weighted(Topic::Palliative, 0, 3, weights)?;
    (grown && at_home && found > person.registered).then_some(Course {
        illness,
        found,
        begin,
        death,
    })
}

/// All that home care wrote of it.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let Some(course) = course(life).filter(|course| course.begin < life.last) else {
        return Vec::new();
    };
    let begin = course.begin.plus_days(1);
    let mut scribe = Scribe::new(Service::Palliative, begin);
    let at = Moment {
        date: begin,
        minute: 10 * 60,
    };
    scribe.episode(at, "Palliativt forløp i hjemmet", Some("15"), None);
    let weeks = (0..).map(|week| begin.plus_days(week * 7));
    for date in weeks.take_while(|date| *date <= life.last && *date < course.death) {
        visit(life, &course, date, &mut scribe);
        if date == begin {
            let aim = Aim {
                title: "Palliativ plan",
                goal: "Være hjemme så lenge som mulig, uten plager som kan lindres",
                steps: &[
                    "Symptomer kartlegges hver uke (ESAS-r)",
                    "Medikamentskrin med fire legemidler i hjemmet",
                    "Pårørende har telefonnummer til vakt hele døgnet",
                    "Fastlege og legevakt kjenner planen",
                ],
            };
            scribe.plan(&aim, None);
        }
    }
    scribe.facts
}

fn visit(life: &Life<'_>, course: &Course, date: Date, scribe: &mut Scribe) {
    let step = date.epoch_days().unsigned_abs();
    let nurse = life.draws.below(Topic::Palliative, step, 0, NURSES);
    let meeting = Meeting {
        at: Moment {
            date,
            minute: 11 * 60,
        },
        form: Form::HomeVisit,
        minutes: 45,
        practitioner: usize::try_from(nurse).unwrap_or(0),
    };
    scribe.meet(meeting, vec![course.illness], Vec::new());
    // What is left of a hundred days tells how heavy the symptoms are.
    let near = (100 - course.death.days_since(date)).clamp(0, 100);
    let parts = (1_u32..).zip(SYMPTOMS).map(|(number, (name, heavy))| {
        let own = life.draws.bell(Topic::Palliative, step, number) * 12;
        let value = ((heavy * near * 10 + own) / 10_000).clamp(0, 10);
        score(name, value)
    });
    let subject = Subject {
        loinc: None,
        name: "ESAS-r",
        category: "survey",
        problem: None,
        site: None,
    };
    scribe.finding(&subject, parts.collect(), None);
    let said = match near {
        ..60 => "Er oppe deler av dagen. Pårørende mestrer godt.",
        60..90 => "Mest i sengen. Lindring etter skjema.",
        _ => "Sover mest. Pårørende er til stede hele døgnet.",
    };
    scribe.note(format!(
        "Palliativt hjemmebesøk. ESAS-r er kartlagt. {said}"
    ));
}

fn score(name: &'static str, value: i32) -> Part {
    Part {
        loinc: None,
        name,
        value: Some(PartValue::Scaled {
            value,
            decimals: 0,
            unit: "{score}",
        }),
    }
}

impl Journal<'_> {
    /// The visit at which the illness is found.
    pub(super) fn cancer(
        &mut self,
        course: &Course,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) -> (Vec<Code>, Vec<u32>) {
        let checks = [What::Weight, What::Haemoglobin, What::Crp];
        self.measure(&checks, visit, contact, Infection::None, draft);
        draft.found(course.illness.name);
        draft.decides(&["Henvises sykehus i pakkeforløp."]);
        let problem = self.ill(course, visit, contact);
        (vec![course.illness], vec![problem])
    }

    /// The home visit from which lindring is the aim.
    pub(super) fn palliative(
        &mut self,
        course: &Course,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) -> (Vec<Code>, Vec<u32>) {
        let known = self.cancer;
        let problem = known.unwrap_or_else(|| self.ill(course, visit, contact));
        for drug in KIT {
            let fact = Prescribed {
                drug,
                reason: course.illness,
                problem,
                course: false,
            };
            self.prescribe(&fact, visit, contact, None);
            draft.starts(&drug);
        }
        (vec![course.illness], vec![problem])
    }

    fn ill(&mut self, course: &Course, visit: &Visit, contact: u32) -> u32 {
        let number = next(&mut self.counts.problems);
        self.facts.push(Fact::Problem(Problem {
            service: Service::GeneralPractice,
            number,
            code: course.illness,
            lasting: true,
            onset: Onset::Day(visit.at.date),
            recorded: visit.at,
            contact,
            practitioner: visit.practitioner,
            abated: None,
        }));
        self.cancer = Some(number);
        number
    }
}

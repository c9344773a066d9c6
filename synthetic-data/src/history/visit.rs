//! Holds planned visits one after another and writes down what comes of them. What a visit does
//! depends on the past alone.

use super::allergy;
use super::body::{Body, Infection, State};
use super::chronic::Diagnosis;
use super::note::Draft;
use super::plan::{Visit, Why};
use super::quantity::What;
use super::treatment::Treatment;
use super::{Code, Contact, Fact, Onset, Problem, Reading, Service, Value};
use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::named::Story;
use crate::people::Person;

/// A lasting condition in the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) diagnosis: Diagnosis,
    pub(super) problem: u32,
    pub(super) lines: usize,
}

/// A journal being written.
#[derive(Debug)]
pub(crate) struct Journal<'a> {
    pub(crate) facts: Vec<Fact>,
    pub(super) person: &'a Person,
    pub(super) draws: Draws,
    pub(super) diagnoses: &'a [Diagnosis],
    pub(super) body: Body,
    pub(super) known: Vec<Known>,
    pub(super) treatments: Vec<Treatment>,
    pub(super) anaemia_until: Option<Date>,
    /// The pregnancy that is known: its birth and its problem.
    pub(super) pregnancy: Option<(Date, u32)>,
    /// Sick leaves, each by its first day and what it is for, with their problem.
    pub(super) leaves: Vec<(Date, Code, u32)>,
    /// The problem that the person will die from.
    pub(super) cancer: Option<u32>,
    /// Medicines that the person must not have, by the beginning of their ATC code.
    pub(super) avoids: Vec<&'static str>,
    pub(super) counts: Counts,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) allergies: u32,
    pub(super) contacts: u32,
    pub(super) notes: u32,
    pub(super) prescriptions: u32,
    pub(super) problems: u32,
    pub(super) readings: u32,
}

pub(super) fn next(count: &mut u32) -> u32 {
    *count += 1;
    *count
}

impl<'a> Journal<'a> {
    pub(crate) fn new(person: &'a Person, draws: Draws, diagnoses: &'a [Diagnosis]) -> Self {
        Self {
            facts: Vec::new(),
            person,
            draws,
            diagnoses,
            body: Body::new(draws, person.sex, person.birth_date),
            known: Vec::new(),
            treatments: Vec::new(),
            anaemia_until: None,
            pregnancy: None,
            leaves: Vec::new(),
            cancer: None,
            avoids: avoids(draws, person),
            counts: Counts::default(),
        }
    }

    /// Writes down one visit.
    pub(crate) fn hold(&mut self, visit: &Visit) {
        let contact = next(&mut self.counts.contacts);
        let place = self.facts.len();
        let minutes = if visit.form.is_in_person() { 20 } else { 10 };
        self.facts.push(Fact::Contact(Contact {
            service: Service::GeneralPractice,
            number: contact,
            start: visit.at,
            minutes,
            form: visit.form,
            practitioner: visit.practitioner,
            reasons: Vec::new(),
            problems: Vec::new(),
        }));
        let mut draft = Draft::default();
        if contact == 1 {
            self.enter_allergies(visit, contact);
        }
        self.take_over(visit, contact, &mut draft);
        let (reasons, problems) = match visit.why {
            Why::Found(diagnosis) => self.find(diagnosis, visit, contact, &mut draft),
            Why::Titration(diagnosis) => {
                self.follow(visit, contact, Some(diagnosis.place), &mut draft)
            }
            Why::FollowUp => self.follow(visit, contact, None, &mut draft),
            Why::Complaint(complaint) => self.complaint(complaint, visit, contact, &mut draft),
            Why::Antenatal(control) => self.antenatal(control, visit, contact, &mut draft),
            Why::Extension(extension) => self.extend(&extension, visit, contact, &mut draft),
            Why::Cancer(course) => self.cancer(&course, visit, contact, &mut draft),
            Why::Palliative(course) => self.palliative(&course, visit, contact, &mut draft),
        };
        let text = draft.text(visit.form, &reasons);
        if let Some(Fact::Contact(held)) = self.facts.get_mut(place) {
            held.reasons = reasons;
            held.problems = problems;
        }
        self.file(visit, contact, minutes, text);
    }

    /// Enters lasting conditions that are older than the journal, with their treatment.
    fn take_over(&mut self, visit: &Visit, contact: u32, draft: &mut Draft) {
        let today = visit.at.date;
        for diagnosis in self.diagnoses {
            let is_new = !self
                .known
                .iter()
                .any(|known| known.diagnosis.place == diagnosis.place);
            if !is_new || !diagnosis.is_open(today) || diagnosis.onset == today {
                continue;
            }
            let known = self.enter(diagnosis, visit, contact);
            if !self.draws.chance(
                Topic::Treatment,
                diagnosis.place,
                0,
                diagnosis.chronic.treated,
            ) {
                continue;
            }
            let years = today.days_since(diagnosis.onset) / 365;
            self.begin_treatment(known, visit, contact, draft);
            for (line, needs) in [(1, 3), (2, 8)] {
                let step = diagnosis.place * 8 + line;
                if years >= needs && self.draws.chance(Topic::Treatment, step, 1, 450) {
                    self.begin_line(known, visit, contact, draft);
                }
            }
        }
    }

    /// Puts a lasting condition on the problem list; gives its place among the known ones.
    fn enter(&mut self, diagnosis: &Diagnosis, visit: &Visit, contact: u32) -> usize {
        let old = visit.at.date.days_since(diagnosis.onset) > 60;
        let onset = if old {
            Onset::Year(diagnosis.onset.year())
        } else {
            Onset::Day(diagnosis.onset)
        };
        let number = next(&mut self.counts.problems);
        self.facts.push(Fact::Problem(Problem {
            service: Service::GeneralPractice,
            number,
            code: code_of(diagnosis),
            lasting: true,
            onset,
            recorded: visit.at,
            contact,
            practitioner: visit.practitioner,
            abated: diagnosis.resolved,
        }));
        self.known.push(Known {
            diagnosis: *diagnosis,
            problem: number,
            lines: 0,
        });
        self.known.len() - 1
    }

    fn find(
        &mut self,
        diagnosis: Diagnosis,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) -> (Vec<Code>, Vec<u32>) {
        let known = self.enter(&diagnosis, visit, contact);
        self.measure(
            diagnosis.chronic.checks,
            visit,
            contact,
            Infection::None,
            draft,
        );
        draft.found(diagnosis.chronic.name);
        if self.draws.chance(
            Topic::Treatment,
            diagnosis.place,
            0,
            diagnosis.chronic.treated,
        ) {
            self.begin_treatment(known, visit, contact, draft);
        }
        let problem = self.known.get(known).map(|known| known.problem);
        (vec![code_of(&diagnosis)], problem.into_iter().collect())
    }

    /// A control of one lasting condition, or of all.
    fn follow(
        &mut self,
        visit: &Visit,
        contact: u32,
        only: Option<u32>,
        draft: &mut Draft,
    ) -> (Vec<Code>, Vec<u32>) {
        let today = visit.at.date;
        let followed: Vec<(usize, Known)> = self
            .known
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, known)| known.diagnosis.is_open(today))
            .filter(|(_, known)| match only {
                Some(place) => known.diagnosis.place == place,
                None => known.diagnosis.chronic.visits > 0,
            })
            .collect();
        let mut checks: Vec<What> = Vec::new();
        for (_, known) in &followed {
            let short = if only.is_some() { 1 } else { usize::MAX };
            checks.extend(known.diagnosis.chronic.checks.iter().take(short));
        }
        checks.sort_unstable();
        checks.dedup();
        self.measure(&checks, visit, contact, Infection::None, draft);
        for (place, known) in &followed {
            if self.misses_target(known, visit.at) {
                self.begin_line(*place, visit, contact, draft);
            }
        }
        if only.is_none() {
            self.renew(visit, contact, draft);
        }
        let main = self.main_reason(&followed, today);
        let order = followed.iter().skip(main).chain(followed.iter().take(main));
        order
            .map(|(_, known)| (code_of(&known.diagnosis), known.problem))
            .unzip()
    }

    /// Which condition a control is mostly about.
    fn main_reason(&self, followed: &[(usize, Known)], today: Date) -> usize {
        let step = today.epoch_days().unsigned_abs();
        let weighted = followed
            .iter()
            .enumerate()
            .map(|(at, (_, known))| (known.diagnosis.chronic.main, at));
        let drawn = self.draws.weighted(Topic::FollowUp, step, 300, weighted);
        drawn.unwrap_or(0)
    }

    /// Measures, if the patient is in the room.
    pub(super) fn measure(
        &mut self,
        checks: &[What],
        visit: &Visit,
        contact: u32,
        infection: Infection,
        draft: &mut Draft,
    ) {
        if !visit.form.is_in_person() {
            return;
        }
        let found_high = matches!(&visit.why, Why::Found(found) if found.chronic.code == "K86");
        let state = State {
            found_high,
            ..self.state(visit.at.date, infection)
        };
        let mut wanted = checks.to_vec();
        if wanted.contains(&What::Bmi) && !wanted.contains(&What::Height) {
            wanted.insert(0, What::Height);
        }
        for what in wanted {
            let value = match what {
                What::BloodPressure => {
                    let (systolic, diastolic) = self.body.blood_pressure(visit.at, &state);
                    Value::Pressure {
                        systolic,
                        diastolic,
                    }
                }
                other => Value::Scaled(self.body.reading(other, visit.at, &state)),
            };
            let number = next(&mut self.counts.readings);
            let at = visit.at.plus_minutes(5);
            let practitioner = visit.practitioner;
            draft.measured(what, value);
            self.facts.push(Fact::Reading(Reading {
                service: Service::GeneralPractice,
                number,
                what,
                value,
                at,
                contact,
                practitioner,
            }));
        }
    }
}

fn avoids(draws: Draws, person: &Person) -> Vec<&'static str> {
    let allergies = allergy::of(draws, person.index);
    let told = Story::of(person.index).map_or(&[][..], |story| story.avoids);
    let groups = allergies.iter().map(|kind| kind.atc);
    groups.chain(told.iter().copied()).collect()
}

pub(super) fn code_of(diagnosis: &Diagnosis) -> Code {
    Code {
        code: diagnosis.chronic.code,
        name: diagnosis.chronic.name,
    }
}

//! What happened to a person: contacts, problems, measurements, prescriptions and notes, in the
//! order they came to be. A fact that ended carries its end only once the end is known.

mod acute;
mod allergy;
mod antenatal;
mod attendance;
mod body;
mod chronic;
mod complaint;
mod conditions;
mod dependency;
pub(crate) mod drug;
mod ending;
mod fact;
mod fall;
mod fault;
mod health_station;
mod home_care;
mod infection;
mod maternity;
mod medicine_list;
mod mental_health;
mod news;
mod note;
mod nursing_home;
mod nutrition;
mod out_of_hours;
mod palliative;
mod physiotherapy;
mod plan;
mod quantity;
mod record;
mod scribe;
mod script;
mod sensitive;
mod service;
mod short_stay;
pub(crate) mod sick_leave;
mod treatment;
mod visit;
mod wound;

pub use drug::Drug;
pub use fact::Fact;
pub use plan::Form;
pub use quantity::{Category, Quantity, Range, What};
pub use record::{
    Alert, Allergy, Episode, Finding, Part, PartValue, Photo, Plan, Procedure, SickLeave, Source,
    Statement, Vaccination,
};
pub use service::Service;

use std::collections::BTreeSet;

use chronic::Diagnosis;

use crate::date::{Date, Moment};
use crate::draw::Draws;
use crate::fhir::{self, Letterhead, Sheaf, Subject};
use crate::named::Story;
use crate::people::Person;
use crate::world::UnitKind;

/// A code of ICPC-2 with our own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// ICPC-2 code.
    pub code: &'static str,
    /// Our own name, in bokmål.
    pub name: &'static str,
}

/// A contact with the practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number among the person's contacts there, from 1.
    pub number: u32,
    /// When it began.
    pub start: Moment,
    /// How long it took.
    pub minutes: u16,
    /// How it took place.
    pub form: Form,
    /// Who met the person: a place in `Practice::practitioners`.
    pub practitioner: usize,
    /// Why the person came.
    pub reasons: Vec<Code>,
    /// The problems dealt with, by number.
    pub problems: Vec<u32>,
}

/// When a problem began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    /// On a known day.
    Day(Date),
    /// Before the journal began; only the year is known.
    Year(i32),
}

/// A health problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number among the person's problems there, from 1.
    pub number: u32,
    /// What it is.
    pub code: Code,
    /// True for a lasting condition, which stands on the problem list.
    pub lasting: bool,
    /// When it began.
    pub onset: Onset,
    /// When it was recorded, and in which contact.
    pub recorded: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who recorded it.
    pub practitioner: usize,
    /// When it was over, if it is.
    pub abated: Option<Date>,
}

/// The value of a measurement, in units of the last decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Systolic and diastolic pressure.
    Pressure {
        /// Systolic, in mmHg.
        systolic: i32,
        /// Diastolic, in mmHg.
        diastolic: i32,
    },
    /// One number.
    Scaled(i32),
}

/// A measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number among the person's measurements, from 1.
    pub number: u32,
    /// What was measured.
    pub what: What,
    /// The result.
    pub value: Value,
    /// When.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who measured or ordered it.
    pub practitioner: usize,
}

/// Why a prescription is no longer in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The course is over.
    Finished,
    /// A newer prescription took its place.
    Renewed,
    /// The treatment was stopped.
    Stopped,
}

/// A prescription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prescription {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number among the person's prescriptions there, from 1.
    pub number: u32,
    /// The medicine.
    pub drug: Drug,
    /// What it is for.
    pub reason: Code,
    /// The problem's number.
    pub problem: u32,
    /// When it was written.
    pub authored: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who wrote it.
    pub practitioner: usize,
    /// True for a course with an end; false for lasting treatment.
    pub course: bool,
    /// When and how it ended, if it has.
    pub ended: Option<(Date, Ending)>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number among the person's notes there, from 1.
    pub number: u32,
    /// When it was written.
    pub at: Moment,
    /// The contact's number, if it is of one.
    pub contact: Option<u32>,
    /// Who wrote it.
    pub practitioner: usize,
    /// Its text, in bokmål.
    pub text: String,
    /// The number of the note that it takes the place of.
    pub replaces: Option<u32>,
    /// When it was found to be wrong, if it was.
    pub withdrawn: Option<Date>,
}

/// What the journals of one person are written from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life<'a> {
    pub(crate) person: &'a Person,
    pub(crate) draws: Draws,
    /// For a named patient, what is told of that one.
    pub(crate) story: Option<&'static Story>,
    pub(crate) diagnoses: &'a [Diagnosis],
    /// The days on which the person gives birth, past and coming.
    pub(crate) births: &'a [Date],
    /// The last day that is known, or the last of the person's life.
    pub(crate) last: Date,
}

impl Life<'_> {
    /// All journals, one after another. Those that are written from others come last.
    fn journals(&self) -> Vec<Fact> {
        let mut facts = self.general_practice();
        facts.extend(wound::journal(self));
        facts.extend(home_care::journal(self));
        facts.extend(nursing_home::journal(self));
        facts.extend(out_of_hours::journal(self));
        facts.extend(health_station::journal(self));
        facts.extend(maternity::journal(self));
        facts.extend(palliative::journal(self));
        facts.extend(short_stay::journal(self));
        facts.extend(mental_health::journal(self));
        let treated = physiotherapy::journal(self, &facts);
        facts.extend(treated);
        if let Some(story) = self.story {
            facts.retain(|fact| !story.is_told_by_script(fact.service()));
        }
        facts.extend(script::journal(self));
        facts.extend(medicine_list::journal(self, &facts));
        facts
    }

    /// The GP's journal. Visitors are on no GP's list.
    fn general_practice(&self) -> Vec<Fact> {
        if self.person.arrived.is_some() {
            return Vec::new();
        }
        let planner = plan::Planner { life: self };
        let mut journal = visit::Journal::new(self.person, self.draws, self.diagnoses);
        for planned in planner.visits() {
            journal.hold(&planned);
        }
        journal.facts
    }

    /// True where the person has one of these conditions on a day.
    pub(crate) fn has(&self, codes: &[&str], on: Date) -> bool {
        self.diagnoses
            .iter()
            .any(|one| codes.contains(&one.chronic.code) && one.is_open(on))
    }
}

/// All that is known of a person's health on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// In the order they came to be.
    pub facts: Vec<Fact>,
    /// True where the person has asked that what is sensitive be closed to others (sperring).
    pub blocks: bool,
}

impl History {
    pub(crate) fn build(person: &Person, draws: Draws, children: &[Date], as_of: Date) -> Self {
        // Nothing happens after death; the last day is left for the death itself.
        let last = person.deceased.map_or(as_of, |date| date.plus_days(-1));
        let story = Story::of(person.index);
        let diagnoses = match story {
            Some(story) => chronic::given(story.conditions()),
            None => chronic::diagnoses(draws, person.sex, person.birth_date),
        };
        let births = match story {
            Some(story) => story.births(),
            None => antenatal::births(person, draws, children),
        };
        let life = Life {
            person,
            draws,
            story,
            diagnoses: &diagnoses,
            births: &births,
            last,
        };
        let mut facts = life.journals();
        // A late note, or an answer from the laboratory, may not have come yet.
        facts.retain(|fact| fact.at().date <= last);
        // By day, each day's facts as their journals wrote them: so that a later date only adds.
        facts.sort_by_key(|fact| fact.at().date);
        for fact in &mut facts {
            ending::forget_after(fact, last);
            if let Some(date) = person.deceased {
                ending::end_at_death(fact, date);
            }
        }
        let blocks = sensitive::blocks(draws);
        Self { facts, blocks }
    }

    /// The kinds of unit that have a part in it.
    pub(crate) fn units(&self) -> BTreeSet<UnitKind> {
        self.facts
            .iter()
            .map(|fact| fact.service().unit())
            .collect()
    }

    /// Writes what is known as resources, in the order in which it came to be.
    pub(crate) fn write(
        &self,
        sheaf: &mut Sheaf,
        patient: &Subject<'_>,
        units: &[Letterhead],
        as_of: Date,
    ) {
        let closed = sensitive::contacts(&self.facts);
        for fact in &self.facts {
            let kind = fact.service().unit();
            let Some(unit) = units.iter().find(|unit| unit.kind == kind) else {
                continue;
            };
            sheaf.label = match sensitive::is_sensitive(fact, &closed) {
                false => None,
                true if self.blocks => Some("V"),
                true => Some("R"),
            };
            match fact {
                Fact::Alert(alert) => fhir::flag(sheaf, alert, patient, unit),
                Fact::Allergy(allergy) => fhir::allergy(sheaf, allergy, patient, unit),
                Fact::Statement(one) => fhir::medication_statement(sheaf, one, patient, unit),
                Fact::Contact(contact) => fhir::encounter(sheaf, contact, patient, unit),
                Fact::Episode(episode) => fhir::episode(sheaf, episode, patient, unit),
                Fact::Finding(finding) => {
                    fhir::media(sheaf, finding, patient, unit);
                    fhir::finding(sheaf, finding, patient, unit);
                }
                Fact::Plan(plan) => fhir::care_plan(sheaf, plan, patient, unit),
                Fact::Procedure(procedure) => fhir::procedure(sheaf, procedure, patient, unit),
                Fact::Vaccination(one) => fhir::immunization(sheaf, one, patient, unit),
                Fact::Note(note) => fhir::document(sheaf, note, patient, unit),
                Fact::SickLeave(leave) => fhir::sick_leave(sheaf, leave, patient, unit),
                Fact::Prescription(prescription) => {
                    fhir::medication_request(sheaf, prescription, patient, unit, as_of);
                }
                Fact::Problem(problem) => fhir::condition(sheaf, problem, patient, unit),
                Fact::Reading(reading) => fhir::observation(sheaf, reading, patient, unit),
            }
        }
        sheaf.label = None;
    }
}

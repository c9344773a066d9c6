//! What happened to a person: contacts, problems, measurements, prescriptions and notes, in the
//! order they came to be. A fact that ended carries its end only once the end is known.

mod body;
mod chronic;
mod complaint;
mod conditions;
pub(crate) mod drug;
mod note;
mod plan;
mod quantity;
mod treatment;
mod visit;

pub use drug::Drug;
pub use plan::Form;
pub use quantity::{Category, Quantity, Range, What};

use crate::date::{Date, Moment};
use crate::draw::Draws;
use crate::fhir::{self, Resource};
use crate::person::Person;
use crate::world::Unit;

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
    /// Its number among the person's contacts, from 1.
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
    /// Its number among the person's problems, from 1.
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
    /// Its number among the person's prescriptions, from 1.
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
    /// Its number among the person's notes, from 1.
    pub number: u32,
    /// When it was written.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who wrote it.
    pub practitioner: usize,
    /// Its text, in bokmål.
    pub text: String,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A contact.
    Contact(Contact),
    /// A note.
    Note(Note),
    /// A prescription.
    Prescription(Prescription),
    /// A health problem.
    Problem(Problem),
    /// A measurement.
    Reading(Reading),
}

impl Fact {
    /// When it came to be.
    pub fn at(&self) -> Moment {
        match self {
            Self::Contact(contact) => contact.start,
            Self::Note(note) => note.at,
            Self::Prescription(prescription) => prescription.authored,
            Self::Problem(problem) => problem.recorded,
            Self::Reading(reading) => reading.at,
        }
    }
}

/// All that is known of a person's health on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// In the order they came to be.
    pub facts: Vec<Fact>,
}

impl History {
    pub(crate) fn build(person: &Person, draws: Draws, begin: Date, as_of: Date) -> Self {
        let diagnoses = chronic::diagnoses(draws, person.sex, person.birth_date);
        let planner = plan::Planner {
            person,
            draws,
            diagnoses: &diagnoses,
        };
        let mut journal = visit::Journal::new(person, draws, &diagnoses);
        for planned in planner.visits(begin, as_of) {
            journal.hold(&planned);
        }
        let mut facts = journal.facts;
        for fact in &mut facts {
            forget_after(fact, as_of);
        }
        Self { facts }
    }

    pub(crate) fn resources<'a>(
        &'a self,
        person: &'a Person,
        unit: &'a Unit,
        as_of: Date,
    ) -> impl Iterator<Item = Resource> + 'a {
        self.facts.iter().map(move |fact| match fact {
            Fact::Contact(contact) => fhir::encounter(contact, person, unit),
            Fact::Note(note) => fhir::document(note, person, unit),
            Fact::Prescription(prescription) => {
                fhir::medication_request(prescription, person, unit, as_of)
            }
            Fact::Problem(problem) => fhir::condition(problem, person, unit),
            Fact::Reading(reading) => fhir::observation(reading, person, unit),
        })
    }
}

/// Takes away an end that lies after the date.
fn forget_after(fact: &mut Fact, as_of: Date) {
    match fact {
        Fact::Problem(problem) => problem.abated = problem.abated.filter(|date| *date <= as_of),
        Fact::Prescription(prescription) => {
            prescription.ended = prescription.ended.filter(|(date, _)| *date <= as_of);
        }
        Fact::Contact(_) | Fact::Note(_) | Fact::Reading(_) => {}
    }
}

//! What journals outside the GP's also hold: findings of several parts, procedures, plans, episodes of
//! care and vaccinations.

use crate::date::{Date, Moment};
use crate::history::{Code, Drug, Service};

/// The value of one part of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartValue {
    /// A number in units of the last decimal, with a UCUM unit.
    Scaled {
        /// The number.
        value: i32,
        /// Decimals written.
        decimals: u8,
        /// UCUM code of the unit.
        unit: &'static str,
    },
    /// A word of ours, in bokmål.
    Text(&'static str),
}

/// One part of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// LOINC code, where there is one.
    pub loinc: Option<&'static str>,
    /// Our own name for it, in bokmål.
    pub name: &'static str,
    /// Its value; `None` where it was not measured.
    pub value: Option<PartValue>,
}

/// A finding of several parts: a wound as measured, a score with its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// LOINC code of the whole, where there is one.
    pub loinc: Option<&'static str>,
    /// Our own name for the whole, in bokmål.
    pub name: &'static str,
    /// The code in HL7's `observation-category`.
    pub category: &'static str,
    /// The sum, where the parts have one.
    pub total: Option<i32>,
    /// Its parts.
    pub parts: Vec<Part>,
    /// The problem it is about.
    pub problem: Option<u32>,
    /// Where on the body, in bokmål.
    pub site: Option<&'static str>,
    /// A picture that it was read from, where there is one.
    pub photo: Option<Box<Photo>>,
    /// When.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who measured: a place among the unit's practitioners.
    pub practitioner: usize,
}

/// A picture of a wound: what the camera saw, with the size that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Length in tenths of a centimetre.
    pub length: u32,
    /// Width in tenths of a centimetre.
    pub width: u32,
    /// Area in tenths of a square centimetre.
    pub area: u32,
    /// Share of fibrin, in percent.
    pub slough: u32,
    /// Share of dead tissue, in percent.
    pub necrosis: u32,
    /// Share of new skin, in percent.
    pub skin: u32,
    /// True where the skin around is red.
    pub inflamed: bool,
    /// What makes the edge this wound's own.
    pub grain: u32,
}

/// Something that was done to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// Our own name for it, in bokmål.
    pub name: &'static str,
    /// The problem it was for.
    pub problem: Option<u32>,
    /// Where on the body, in bokmål.
    pub site: Option<&'static str>,
    /// When.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who did it.
    pub practitioner: usize,
}

/// A plan for somebody's care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// Its title, in bokmål.
    pub title: &'static str,
    /// What is to be reached, in bokmål.
    pub goal: &'static str,
    /// What is to be done, in bokmål.
    pub steps: Vec<&'static str>,
    /// The problem it is for.
    pub problem: Option<u32>,
    /// When it was made.
    pub at: Moment,
    /// Who made it.
    pub practitioner: usize,
    /// When it ended, if it has.
    pub ended: Option<Date>,
}

/// A stretch of time in which a service has the responsibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// What kind of help, in bokmål.
    pub name: &'static str,
    /// The code in Volven 9151 (kind of municipal service), where there is one.
    pub kind: Option<&'static str>,
    /// The problem it is for.
    pub problem: Option<u32>,
    /// When it began.
    pub at: Moment,
    /// The last day, if it has ended.
    pub ended: Option<Date>,
}

/// A vaccination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vaccination {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// ATC code of the vaccine.
    pub atc: &'static str,
    /// Our own name for it, in bokmål.
    pub name: &'static str,
    /// Which dose of the series.
    pub dose: u8,
    /// When.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who gave it.
    pub practitioner: usize,
}

/// A doctor's certificate of sickness (sykmelding).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SickLeave {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number among the documents there, from 1.
    pub number: u32,
    /// What makes the person unable to work.
    pub reason: Code,
    /// The problem's number.
    pub problem: u32,
    /// How much of the work the person is away from, in percent.
    pub grade: u8,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// When it was written.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who wrote it.
    pub practitioner: usize,
}

/// A medicine that somebody must not have again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allergy {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// The beginning of the ATC code of what the person reacts to.
    pub atc: &'static str,
    /// Our own name for it, in bokmål.
    pub name: &'static str,
    /// What happened, in bokmål.
    pub reaction: &'static str,
    /// True where the reaction was dangerous.
    pub severe: bool,
    /// When it was recorded.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who recorded it.
    pub practitioner: usize,
}

/// What everybody who opens the journal must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// What it says, in bokmål.
    pub text: &'static str,
    /// When it was recorded.
    pub at: Moment,
    /// The contact's number.
    pub contact: u32,
    /// Who recorded it.
    pub practitioner: usize,
}

/// A medicine on a list that is not the prescriber's: the multidose list of home care, or the person's
/// own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The service whose journal it stands in.
    pub service: Service,
    /// Its number there, from 1.
    pub number: u32,
    /// The medicine.
    pub drug: Drug,
    /// Whose list it is.
    pub source: Source,
    /// When it came on the list.
    pub at: Moment,
    /// When it went off the list, if it has.
    pub ended: Option<Date>,
}

/// Whose list of medicines it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The pharmacy's multidose, which home care gives out.
    Multidose,
    /// What home care gives out beside the multidose.
    HomeCare,
    /// What the person says.
    Person,
}

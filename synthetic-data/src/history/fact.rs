//! One thing that happened, of whatever kind; what each kind holds lies beside.

use super::record::{
    Alert, Allergy, Episode, Finding, Plan, Procedure, SickLeave, Statement, Vaccination,
};
use super::{Contact, Note, Prescription, Problem, Reading, Service, home_care};
use crate::date::Moment;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// What everybody must see.
    Alert(Alert),
    /// A medicine that the person must not have.
    Allergy(Allergy),
    /// A contact.
    Contact(Contact),
    /// An episode of care.
    Episode(Episode),
    /// A finding of several parts.
    Finding(Finding),
    /// A note.
    Note(Note),
    /// A plan.
    Plan(Plan),
    /// A prescription.
    Prescription(Prescription),
    /// A health problem.
    Problem(Problem),
    /// Something that was done.
    Procedure(Procedure),
    /// A measurement.
    Reading(Reading),
    /// A certificate of sickness.
    SickLeave(SickLeave),
    /// A medicine on a list that is not the prescriber's.
    Statement(Statement),
    /// A vaccination.
    Vaccination(Vaccination),
}

impl Fact {
    /// The service whose journal it stands in.
    pub fn service(&self) -> Service {
        match self {
            Self::Alert(alert) => alert.service,
            Self::Allergy(allergy) => allergy.service,
            Self::Contact(contact) => contact.service,
            Self::Episode(episode) => episode.service,
            Self::Finding(finding) => finding.service,
            Self::Note(note) => note.service,
            Self::Plan(plan) => plan.service,
            Self::Prescription(prescription) => prescription.service,
            Self::Problem(problem) => problem.service,
            Self::Procedure(procedure) => procedure.service,
            Self::Reading(reading) => reading.service,
            Self::SickLeave(leave) => leave.service,
            Self::Statement(statement) => statement.service,
            Self::Vaccination(vaccination) => vaccination.service,
        }
    }

    /// The number of the contact that it belongs to.
    pub fn contact(&self) -> Option<u32> {
        match self {
            Self::Alert(alert) => Some(alert.contact),
            Self::Allergy(allergy) => Some(allergy.contact),
            Self::Contact(contact) => Some(contact.number),
            Self::Finding(finding) => Some(finding.contact),
            Self::Note(note) => note.contact,
            Self::Prescription(prescription) => Some(prescription.contact),
            Self::Problem(problem) => Some(problem.contact),
            Self::Procedure(procedure) => Some(procedure.contact),
            Self::Reading(reading) => Some(reading.contact),
            Self::SickLeave(leave) => Some(leave.contact),
            Self::Vaccination(vaccination) => Some(vaccination.contact),
            Self::Episode(_) | Self::Plan(_) | Self::Statement(_) => None,
        }
    }

    /// True for a planned visit of home care: such visits are told for ninety days only, and the weeks
    /// before by a summary. All else that is known stays known.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Contact(contact) if contact.service == Service::HomeCare
            && home_care::is_passing(contact.number))
    }

    /// When it came to be.
    pub fn at(&self) -> Moment {
        match self {
            Self::Alert(alert) => alert.at,
            Self::Allergy(allergy) => allergy.at,
            Self::Contact(contact) => contact.start,
            Self::Episode(episode) => episode.at,
            Self::Finding(finding) => finding.at,
            Self::Note(note) => note.at,
            Self::Plan(plan) => plan.at,
            Self::Prescription(prescription) => prescription.authored,
            Self::Problem(problem) => problem.recorded,
            Self::Procedure(procedure) => procedure.at,
            Self::Reading(reading) => reading.at,
            Self::SickLeave(leave) => leave.at,
            Self::Statement(statement) => statement.at,
            Self::Vaccination(vaccination) => vaccination.at,
        }
    }
}

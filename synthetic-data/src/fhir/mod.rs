//! Everything as FHIR R4 JSON, after the Norwegian base profiles (`hl7.fhir.no.basis` 2.2) where
//! there is one. Resources leave here as bytes.

mod background;
mod care;
mod clinical;
mod cover;
pub(crate) mod digits;
mod finding;
mod id;
mod json;
mod media;
mod medication;
mod note;
mod observation;
mod patient;
mod picture;
mod png;
mod register;
mod sheaf;
mod system;
mod vaccine;

pub use id::{Owner, owner};
pub use json::Names;
pub use sheaf::Sheaf;

pub(crate) use background::{allergy, flag};
pub(crate) use care::{care_plan, episode, procedure};
pub(crate) use clinical::{condition, encounter};
pub(crate) use cover::{Letterhead, Subject};
pub(crate) use finding::finding;
pub(crate) use media::media;
pub(crate) use medication::{request as medication_request, statement as medication_statement};
pub(crate) use note::{document, sick_leave};
pub(crate) use observation::observation;
pub(crate) use patient::{patient, related};
pub(crate) use register::{organization, practitioner, role};
pub(crate) use vaccine::immunization;

use bytes::Bytes;

use crate::date::Moment;

/// The resource types that the base population has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceType {
    /// What a person has reacted to.
    AllergyIntolerance,
    /// A plan.
    CarePlan,
    /// A health problem.
    Condition,
    /// A note.
    DocumentReference,
    /// A contact.
    Encounter,
    /// A stretch of time in which a service has the responsibility.
    EpisodeOfCare,
    /// What everybody must see.
    Flag,
    /// A vaccination.
    Immunization,
    /// A picture.
    Media,
    /// A prescription.
    MedicationRequest,
    /// A medicine on a list that is not the prescriber's.
    MedicationStatement,
    /// A measurement.
    Observation,
    /// A unit: practice, nursing home and so on.
    Organization,
    /// A person.
    Patient,
    /// One of the staff.
    Practitioner,
    /// One of the staff's role at the unit.
    PractitionerRole,
    /// Something that was done.
    Procedure,
    /// One of a person's nearest.
    RelatedPerson,
}

impl ResourceType {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::AllergyIntolerance,
        Self::CarePlan,
        Self::Condition,
        Self::DocumentReference,
        Self::Encounter,
        Self::EpisodeOfCare,
        Self::Flag,
        Self::Immunization,
        Self::Media,
        Self::MedicationRequest,
        Self::MedicationStatement,
        Self::Observation,
        Self::Organization,
        Self::Patient,
        Self::Practitioner,
        Self::PractitionerRole,
        Self::Procedure,
        Self::RelatedPerson,
    ];

    /// The name in FHIR.
    pub fn name(self) -> &'static str {
        match self {
            Self::AllergyIntolerance => "AllergyIntolerance",
            Self::CarePlan => "CarePlan",
            Self::Condition => "Condition",
            Self::DocumentReference => "DocumentReference",
            Self::Encounter => "Encounter",
            Self::EpisodeOfCare => "EpisodeOfCare",
            Self::Flag => "Flag",
            Self::Immunization => "Immunization",
            Self::Media => "Media",
            Self::MedicationRequest => "MedicationRequest",
            Self::MedicationStatement => "MedicationStatement",
            Self::Observation => "Observation",
            Self::Organization => "Organization",
            Self::Patient => "Patient",
            Self::Practitioner => "Practitioner",
            Self::PractitionerRole => "PractitionerRole",
            Self::Procedure => "Procedure",
            Self::RelatedPerson => "RelatedPerson",
        }
    }

    /// The name of its file in a bulk export.
    pub(crate) fn stream(self) -> &'static str {
        match self {
            Self::AllergyIntolerance => "AllergyIntolerance.ndjson",
            Self::CarePlan => "CarePlan.ndjson",
            Self::Condition => "Condition.ndjson",
            Self::DocumentReference => "DocumentReference.ndjson",
            Self::Encounter => "Encounter.ndjson",
            Self::EpisodeOfCare => "EpisodeOfCare.ndjson",
            Self::Flag => "Flag.ndjson",
            Self::Immunization => "Immunization.ndjson",
            Self::Media => "Media.ndjson",
            Self::MedicationRequest => "MedicationRequest.ndjson",
            Self::MedicationStatement => "MedicationStatement.ndjson",
            Self::Observation => "Observation.ndjson",
            Self::Organization => "Organization.ndjson",
            Self::Patient => "Patient.ndjson",
            Self::Practitioner => "Practitioner.ndjson",
            Self::PractitionerRole => "PractitionerRole.ndjson",
            Self::Procedure => "Procedure.ndjson",
            Self::RelatedPerson => "RelatedPerson.ndjson",
        }
    }

    /// The type with this name in FHIR.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// True for the types that belong to a unit and not to a patient.
    pub fn is_of_practice(self) -> bool {
        matches!(
            self,
            Self::Organization | Self::Practitioner | Self::PractitionerRole
        )
    }

    /// The letter for this type in a person's resource ids, which no service has; `None` where the person is the resource.
    fn letter(self) -> Option<char> {
        match self {
            Self::AllergyIntolerance => Some('a'),
            Self::CarePlan => Some('k'),
            Self::Condition => Some('c'),
            Self::DocumentReference => Some('d'),
            Self::Encounter => Some('e'),
            Self::EpisodeOfCare => Some('f'),
            Self::Flag => Some('x'),
            Self::Immunization => Some('i'),
            Self::Media => Some('b'),
            Self::MedicationRequest => Some('m'),
            Self::MedicationStatement => Some('t'),
            Self::Observation => Some('o'),
            Self::Procedure => Some('p'),
            Self::RelatedPerson => Some('r'),
            Self::Organization | Self::Patient | Self::Practitioner | Self::PractitionerRole => {
                None
            }
        }
    }
}

/// One FHIR resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its logical id.
    pub id: String,
    /// `meta.versionId`: 1, or 2 once it has changed.
    pub version: u32,
    /// `meta.lastUpdated`, as written in the JSON.
    pub last_updated: String,
    /// The JSON text, UTF-8, without line breaks.
    pub json: Bytes,
}

/// Which version of a resource this is, and since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Revision {
    pub(crate) version: u32,
    pub(crate) updated: Moment,
}

impl Revision {
    /// The first version.
    pub(crate) fn first(updated: Moment) -> Self {
        Self {
            version: 1,
            updated,
        }
    }
}

//! Everything as FHIR R4 JSON, after the Norwegian base profiles (`hl7.fhir.no.basis` 2.2) where
//! there is one. Resources leave here as bytes.

mod background;
mod care;
mod clinical;
mod finding;
mod id;
pub(crate) mod json;
mod medication;
mod note;
mod observation;
mod patient;
mod register;
mod system;
mod vaccine;

pub use id::{Owner, owner};

pub(crate) use background::{allergy, flag};
pub(crate) use care::{care_plan, episode, procedure};
pub(crate) use clinical::{condition, encounter};
pub(crate) use finding::finding;
pub(crate) use medication::{request as medication_request, statement as medication_statement};
pub(crate) use note::{document, sick_leave};
pub(crate) use observation::observation;
pub(crate) use patient::{patient, related};
pub(crate) use register::{organization, practitioner, role};
pub(crate) use vaccine::immunization;

use crate::date::Moment;
use json::Json;

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
    pub const ALL: [Self; 17] = [
        Self::AllergyIntolerance,
        Self::CarePlan,
        Self::Condition,
        Self::DocumentReference,
        Self::Encounter,
        Self::EpisodeOfCare,
        Self::Flag,
        Self::Immunization,
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
    pub json: Vec<u8>,
}

/// What stands after a security label.
const TAG: &[u8] = b"\"tag\":[";

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

/// What `meta` says beside version and tag.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) profile: Option<&'a str>,
    /// A code of `v3-Confidentiality`.
    pub(crate) label: Option<&'a str>,
}

impl Resource {
    /// Writes one resource: type, id and meta, then what `fill` adds.
    pub(crate) fn write(
        resource_type: ResourceType,
        id: String,
        revision: Revision,
        profile: Option<&str>,
        fill: impl FnOnce(&mut Json),
    ) -> Self {
        let draft = Draft {
            profile,
            label: None,
        };
        Self::labelled(resource_type, id, revision, &draft, fill)
    }

    /// The same resource under a label of `v3-Confidentiality`. Few have one, so it is put in afterwards.
    pub(crate) fn restricted(mut self, label: &str) -> Self {
        let at = self.json.windows(TAG.len()).position(|part| part == TAG);
        if let Some(at) = at {
            let system = system::CONFIDENTIALITY;
            let text = format!("\"security\":[{{\"system\":\"{system}\",\"code\":\"{label}\"}}],");
            self.json.splice(at..at, text.bytes());
        }
        self
    }

    /// The same, with a security label.
    pub(crate) fn labelled(
        resource_type: ResourceType,
        id: String,
        revision: Revision,
        draft: &Draft<'_>,
        fill: impl FnOnce(&mut Json),
    ) -> Self {
        let last_updated = revision.updated.to_string();
        let json = Json::object(|json| {
            json.text("resourceType", resource_type.name());
            json.text("id", &id);
            json.member("meta", |meta| {
                meta.text("versionId", &revision.version.to_string());
                meta.text("lastUpdated", &last_updated);
                if let Some(profile) = draft.profile {
                    meta.array("profile", |profiles| profiles.text_item(profile));
                }
                if let Some(label) = draft.label {
                    meta.one("security", |security| {
                        security.text("system", system::CONFIDENTIALITY);
                        security.text("code", label);
                    });
                }
                meta.one("tag", |tag| {
                    tag.text("system", system::ACT_REASON);
                    tag.text("code", "HTEST");
                    tag.text("display", "test health data");
                });
            });
            fill(json);
        });
        Self {
            resource_type,
            id,
            version: revision.version,
            last_updated,
            json,
        }
    }
}

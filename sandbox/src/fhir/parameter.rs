//! The resource types served and their search parameters: one table from which searching, scope
//! filters and the `CapabilityStatement` are made, so none of them can say what another does not do.

use synthetic_data::ResourceType;

/// How a parameter's values are written and compared (R4 §3.1.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Date,
    Reference,
    String,
    Token,
    Uri,
}

impl Kind {
    /// The code in `search-param-type`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Reference => "reference",
            Self::String => "string",
            Self::Token => "token",
            Self::Uri => "uri",
        }
    }
}

/// A search parameter of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Where its values stand: member names, through arrays.
    pub(crate) paths: &'static [&'static str],
    /// The type that an id without a type means.
    pub(crate) target: Option<&'static str>,
}

/// A resource type served here.
#[derive(Debug)]
pub(crate) struct TypeInfo {
    pub(crate) name: &'static str,
    /// The type in the base population; `None` where there is only what apps wrote.
    pub(crate) base: Option<ResourceType>,
    /// True where apps may write.
    pub(crate) writable: bool,
    pub(crate) profile: Option<&'static str>,
    pub(crate) parameters: &'static [Parameter],
}

impl TypeInfo {
    pub(crate) fn by_name(name: &str) -> Option<&'static Self> {
        TYPES.iter().find(|info| info.name == name)
    }

    /// The parameter with this name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.all_parameters()
            .find(|parameter| parameter.name == name)
    }

    /// Those of every type, then its own.
    pub(crate) fn all_parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        COMMON.iter().chain(self.parameters)
    }

    /// True for registers, which are nobody's compartment.
    pub(crate) fn is_shared(&self) -> bool {
        self.base.is_some_and(ResourceType::is_of_practice)
    }

    /// True where search is offered.
    pub(crate) fn is_searchable(&self) -> bool {
        !self.parameters.is_empty()
    }
}

const fn date(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter {
        name,
        kind: Kind::Date,
        paths,
        target: None,
    }
}

const fn token(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter {
        name,
        kind: Kind::Token,
        paths,
        target: None,
    }
}

const fn string(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter {
        name,
        kind: Kind::String,
        paths,
        target: None,
    }
}

const fn reference(
    name: &'static str,
    paths: &'static [&'static str],
    target: &'static str,
) -> Parameter {
    Parameter {
        name,
        kind: Kind::Reference,
        paths,
        target: Some(target),
    }
}

const IDENTIFIER: Parameter = token("identifier", &["identifier"]);
const ACTIVE: Parameter = token("active", &["active"]);
const NAME: Parameter = string("name", &["name.family", "name.given", "name.text"]);
const FAMILY: Parameter = string("family", &["name.family"]);
const GIVEN: Parameter = string("given", &["name.given"]);
const GENDER: Parameter = token("gender", &["gender"]);
const PATIENT: Parameter = reference("patient", &["subject"], "Patient");
const SUBJECT: Parameter = reference("subject", &["subject"], "Patient");
const ENCOUNTER: Parameter = reference("encounter", &["encounter"], "Encounter");
const STATUS: Parameter = token("status", &["status"]);
const CODE: Parameter = token("code", &["code"]);
const CATEGORY: Parameter = token("category", &["category"]);

const COMMON: [Parameter; 2] = [
    token("_id", &["id"]),
    date("_lastUpdated", &["meta.lastUpdated"]),
];

/// Every type served.
pub(crate) const TYPES: [TypeInfo; 11] = [
    TypeInfo {
        name: "Binary",
        base: None,
        writable: true,
        profile: None,
        parameters: &[],
    },
    TypeInfo {
        name: "Condition",
        base: Some(ResourceType::Condition),
        writable: false,
        profile: None,
        parameters: &[
            date("abatement-date", &["abatementDateTime"]),
            CATEGORY,
            token("clinical-status", &["clinicalStatus"]),
            CODE,
            ENCOUNTER,
            date("onset-date", &["onsetDateTime"]),
            PATIENT,
            date("recorded-date", &["recordedDate"]),
            SUBJECT,
            token("verification-status", &["verificationStatus"]),
        ],
    },
    TypeInfo {
        name: "DocumentReference",
        base: Some(ResourceType::DocumentReference),
        writable: true,
        profile: Some("http://hl7.no/fhir/StructureDefinition/no-basis-DocumentReference"),
        parameters: &[
            reference("author", &["author"], "Practitioner"),
            CATEGORY,
            date("date", &["date"]),
            reference("encounter", &["context.encounter"], "Encounter"),
            token("identifier", &["identifier", "masterIdentifier"]),
            PATIENT,
            date("period", &["context.period"]),
            reference("related", &["context.related"], "QuestionnaireResponse"),
            STATUS,
            SUBJECT,
            token("type", &["type"]),
        ],
    },
    TypeInfo {
        name: "Encounter",
        base: Some(ResourceType::Encounter),
        writable: false,
        profile: None,
        parameters: &[
            token("class", &["class"]),
            date("date", &["period"]),
            reference("diagnosis", &["diagnosis.condition"], "Condition"),
            reference("participant", &["participant.individual"], "Practitioner"),
            PATIENT,
            reference("practitioner", &["participant.individual"], "Practitioner"),
            token("reason-code", &["reasonCode"]),
            reference("service-provider", &["serviceProvider"], "Organization"),
            STATUS,
            SUBJECT,
            token("type", &["type"]),
        ],
    },
    TypeInfo {
        name: "MedicationRequest",
        base: Some(ResourceType::MedicationRequest),
        writable: false,
        profile: None,
        parameters: &[
            date("authoredon", &["authoredOn"]),
            token("code", &["medicationCodeableConcept"]),
            ENCOUNTER,
            token("intent", &["intent"]),
            PATIENT,
            reference("requester", &["requester"], "Practitioner"),
            STATUS,
            SUBJECT,
        ],
    },
    TypeInfo {
        name: "Observation",
        base: Some(ResourceType::Observation),
        writable: false,
        profile: None,
        parameters: &[
            CATEGORY,
            CODE,
            token("combo-code", &["code", "component.code"]),
            token("component-code", &["component.code"]),
            date(
                "date",
                &["effectiveDateTime", "effectivePeriod", "effectiveInstant"],
            ),
            ENCOUNTER,
            PATIENT,
            reference("performer", &["performer"], "Practitioner"),
            STATUS,
            SUBJECT,
        ],
    },
    TypeInfo {
        name: "Organization",
        base: Some(ResourceType::Organization),
        writable: false,
        profile: Some("http://hl7.no/fhir/StructureDefinition/no-basis-Organization"),
        parameters: &[
            ACTIVE,
            IDENTIFIER,
            string("name", &["name", "alias"]),
            token("type", &["type"]),
        ],
    },
    TypeInfo {
        name: "Patient",
        base: Some(ResourceType::Patient),
        writable: false,
        profile: Some("http://hl7.no/fhir/StructureDefinition/no-basis-Patient"),
        parameters: &[
            ACTIVE,
            string("address-city", &["address.city"]),
            string("address-postalcode", &["address.postalCode"]),
            date("birthdate", &["birthDate"]),
            FAMILY,
            GENDER,
            reference(
                "general-practitioner",
                &["generalPractitioner"],
                "Practitioner",
            ),
            GIVEN,
            IDENTIFIER,
            NAME,
            reference("organization", &["managingOrganization"], "Organization"),
        ],
    },
    TypeInfo {
        name: "Practitioner",
        base: Some(ResourceType::Practitioner),
        writable: false,
        profile: Some("http://hl7.no/fhir/StructureDefinition/no-basis-Practitioner"),
        parameters: &[ACTIVE, FAMILY, GENDER, GIVEN, IDENTIFIER, NAME],
    },
    TypeInfo {
        name: "PractitionerRole",
        base: Some(ResourceType::PractitionerRole),
        writable: false,
        profile: Some("http://hl7.no/fhir/StructureDefinition/no-basis-PractitionerRole"),
        parameters: &[
            ACTIVE,
            IDENTIFIER,
            reference("organization", &["organization"], "Organization"),
            reference("practitioner", &["practitioner"], "Practitioner"),
            token("role", &["code"]),
        ],
    },
    TypeInfo {
        name: "QuestionnaireResponse",
        base: None,
        writable: true,
        profile: None,
        parameters: &[
            reference("author", &["author"], "Practitioner"),
            date("authored", &["authored"]),
            ENCOUNTER,
            IDENTIFIER,
            PATIENT,
            Parameter {
                name: "questionnaire",
                kind: Kind::Uri,
                paths: &["questionnaire"],
                target: None,
            },
            STATUS,
            SUBJECT,
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_parameters_are_sorted_and_known_once() {
        assert!(TYPES.is_sorted_by(|one, next| one.name < next.name));
        for info in &TYPES {
            assert!(
                info.parameters
                    .is_sorted_by(|one, next| one.name < next.name),
                "{}",
                info.name
            );
            assert_eq!(info.base.map_or(info.name, ResourceType::name), info.name);
        }
        // The population also has types that are not served yet.
        let served = ResourceType::ALL
            .into_iter()
            .filter(|kind| TypeInfo::by_name(kind.name()).is_some());
        assert!(served.count() >= 9);
    }
}

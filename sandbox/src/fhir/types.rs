//! The resource types served: what R4 says of each, and what this server adds — whether the base
//! population has it, and the profile it follows there. Searching, scope filters and the
//! `CapabilityStatement` are made from it, so none of them can say what another does not do.

use std::sync::LazyLock;

use fhir_r4::search::{Kind, SearchParameter, TypeDefinition};
use synthetic_data::ResourceType;

/// A resource type served here.
#[derive(Debug)]
pub(crate) struct TypeInfo {
    pub(crate) name: &'static str,
    pub(crate) definition: &'static TypeDefinition,
    /// The type in the base population; `None` where there is only what apps wrote.
    pub(crate) base: Option<ResourceType>,
    /// The Norwegian profile that the base population follows.
    pub(crate) profile: Option<&'static str>,
}

/// What is carried in other resources or in answers, and never kept by itself.
const NOT_KEPT: [&str; 2] = ["OperationOutcome", "Parameters"];

static TYPES: LazyLock<Vec<TypeInfo>> = LazyLock::new(|| {
    let kept = fhir_r4::search::types().iter();
    kept.filter(|one| !NOT_KEPT.contains(&one.name))
        .map(|definition| TypeInfo {
            name: definition.name,
            definition,
            base: ResourceType::ALL
                .into_iter()
                .find(|base| base.name() == definition.name),
            profile: profile(definition.name),
        })
        .collect()
});

/// The profile of no-basis 2.2 that computed resources of a type follow.
fn profile(name: &str) -> Option<&'static str> {
    Some(match name {
        "DocumentReference" => "http://hl7.no/fhir/StructureDefinition/no-basis-DocumentReference",
        "Organization" => "http://hl7.no/fhir/StructureDefinition/no-basis-Organization",
        "Patient" => "http://hl7.no/fhir/StructureDefinition/no-basis-Patient",
        "Practitioner" => "http://hl7.no/fhir/StructureDefinition/no-basis-Practitioner",
        "PractitionerRole" => "http://hl7.no/fhir/StructureDefinition/no-basis-PractitionerRole",
        _ => return None,
    })
}

impl TypeInfo {
    /// Every type served, by name.
    pub(crate) fn all() -> &'static [Self] {
        &TYPES
    }

    pub(crate) fn by_name(name: &str) -> Option<&'static Self> {
        let place = TYPES.binary_search_by(|info| info.name.cmp(name)).ok()?;
        TYPES.get(place)
    }

    /// The parameter with this name.
    pub(crate) fn parameter(&self, code: &str) -> Option<&'static SearchParameter> {
        self.definition
            .parameter(code)
            .filter(|parameter| is_answered(parameter))
    }

    /// Every parameter that a search may use.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static SearchParameter> {
        let all = self.definition.parameters.iter();
        all.filter(|parameter| is_answered(parameter))
    }

    /// Those whose values are references.
    pub(crate) fn references(&self) -> impl Iterator<Item = &'static SearchParameter> {
        self.parameters()
            .filter(|parameter| parameter.kind == Kind::Reference)
    }

    /// The parameters through which a resource is in a patient's compartment.
    pub(crate) fn patient_parameters(&self) -> impl Iterator<Item = &'static SearchParameter> {
        let codes = self.definition.compartment("Patient").iter();
        codes.filter_map(|code| self.definition.parameter(code))
    }

    /// True for what is nobody's: registers, definitions, and whatever no patient compartment has.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(self.name, "Binary" | "Patient")
            && self.definition.compartment("Patient").is_empty()
    }
}

/// `Location.near` wants geography, which no address here has.
fn is_answered(parameter: &SearchParameter) -> bool {
    parameter.kind != Kind::Special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_population_is_served() {
        for kind in ResourceType::ALL {
            let info = TypeInfo::by_name(kind.name()).unwrap();
            assert_eq!(info.base, Some(kind));
            assert_eq!(info.is_shared(), kind.is_of_practice(), "{}", info.name);
        }
        assert!(TypeInfo::by_name("Parameters").is_none());
        assert!(TypeInfo::all().len() > 140);
    }

    #[test]
    fn what_is_a_patients_says_through_what() {
        let names = |name| {
            let info = TypeInfo::by_name(name).unwrap();
            let found = info.patient_parameters().map(|one| one.code);
            found.collect::<Vec<_>>()
        };
        assert_eq!(names("Observation"), ["subject", "performer"]);
        assert_eq!(names("Appointment"), ["actor"]);
        assert!(names("Location").is_empty());
    }
}

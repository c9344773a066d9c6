//! The search parameters of every resource type, and the compartments that each is in. What values
//! they find in a resource, and how those are compared, is the server's.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::path::Path;

/// How a parameter's values are written and compared (R4 §3.1.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Several values that belong together, joined by `$`.
    Composite,
    /// A date, a point or a stretch of time.
    Date,
    /// A number.
    Number,
    /// A number with a unit.
    Quantity,
    /// A reference to a resource.
    Reference,
    /// With rules of its own (`Location.near`).
    Special,
    /// A text that begins so, whatever its case and accents.
    String,
    /// A code, identifier or flag.
    Token,
    /// An address that is compared as a whole.
    Uri,
}

impl Kind {
    /// The code in `search-param-type`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Composite => "composite",
            Self::Date => "date",
            Self::Number => "number",
            Self::Quantity => "quantity",
            Self::Reference => "reference",
            Self::Special => "special",
            Self::String => "string",
            Self::Token => "token",
            Self::Uri => "uri",
        }
    }
}

/// A search parameter of one resource type.
#[derive(Debug)]
pub struct SearchParameter {
    /// The name in a search: `birthdate`.
    pub code: &'static str,
    /// How its values compare.
    pub kind: Kind,
    /// The resource types that a reference may lead to; `*` stands for any.
    pub targets: Vec<&'static str>,
    /// Where its values stand. Those of a composite are relative to one of [`Self::on`].
    pub paths: Vec<Path>,
    /// The elements that hold a composite's parts together.
    pub on: Vec<Path>,
    /// A composite's parts.
    pub parts: Vec<Part>,
    /// Its place among the parameters of its type.
    pub index: u16,
}

/// One part of a composite parameter.
#[derive(Debug)]
pub struct Part {
    /// How its values compare.
    pub kind: Kind,
    /// Where they stand, from the element that holds the parts together.
    pub paths: Vec<Path>,
}

impl SearchParameter {
    /// The only type that an id without a type can mean; `None` where there are several.
    pub fn only_target(&self) -> Option<&'static str> {
        match self.targets.as_slice() {
            [only] if *only != "*" => Some(only),
            _ => None,
        }
    }

    /// Whether a reference may lead to this type.
    pub fn leads_to(&self, resource_type: &str) -> bool {
        let mut targets = self.targets.iter();
        targets.any(|target| *target == "*" || *target == resource_type)
    }
}

/// A resource type with its search parameters.
#[derive(Debug)]
pub struct TypeDefinition {
    /// The type's name.
    pub name: &'static str,
    /// Its parameters by name, those of every resource among them.
    pub parameters: Vec<SearchParameter>,
    compartments: Compartments,
}

impl TypeDefinition {
    /// The type with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        let types = types();
        let place = types.binary_search_by(|one| one.name.cmp(name)).ok()?;
        types.get(place)
    }

    /// The parameter with this name.
    pub fn parameter(&self, code: &str) -> Option<&SearchParameter> {
        let place = self.parameters.binary_search_by(|one| one.code.cmp(code));
        self.parameters.get(place.ok()?)
    }

    /// The parameters through which a resource of this type is in a compartment of the given type
    /// (R4 `CompartmentDefinition`); none when it never is.
    pub fn compartment(&self, of: &str) -> &[String] {
        match of {
            "Device" => &self.compartments.device,
            "Encounter" => &self.compartments.encounter,
            "Patient" => &self.compartments.patient,
            "Practitioner" => &self.compartments.practitioner,
            "RelatedPerson" => &self.compartments.related_person,
            _ => &[],
        }
    }
}

/// Every resource type of R4, by name.
pub fn types() -> &'static [TypeDefinition] {
    static TYPES: LazyLock<Vec<TypeDefinition>> = LazyLock::new(read_types);
    &TYPES
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Compartments {
    t: &'static str,
    #[serde(rename = "Device")]
    device: Vec<String>,
    #[serde(rename = "Encounter")]
    encounter: Vec<String>,
    #[serde(rename = "Patient")]
    patient: Vec<String>,
    #[serde(rename = "Practitioner")]
    practitioner: Vec<String>,
    #[serde(rename = "RelatedPerson")]
    related_person: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    t: &'static str,
    c: &'static str,
    k: Kind,
    #[serde(default)]
    p: Vec<String>,
    #[serde(default)]
    r: Vec<&'static str>,
    #[serde(default)]
    on: Vec<String>,
    #[serde(default)]
    parts: Vec<RowPart>,
}

#[derive(Debug, Deserialize)]
struct RowPart {
    k: Kind,
    p: Vec<String>,
}

const PARAMETERS: &str = include_str!("../../definitions/search-parameters.ndjson");
const COMPARTMENTS: &str = include_str!("../../definitions/compartments.ndjson");

/// The parameters of every resource (R4 §3.1.1.4.1) that are found in the resource itself.
const COMMON: [(&str, Kind, &str); 6] = [
    ("_id", Kind::Token, "id:id"),
    ("_lastUpdated", Kind::Date, "meta.lastUpdated:instant"),
    ("_profile", Kind::Uri, "meta.profile:canonical"),
    ("_security", Kind::Token, "meta.security:Coding"),
    ("_source", Kind::Uri, "meta.source:uri"),
    ("_tag", Kind::Token, "meta.tag:Coding"),
];

/// Lines that cannot be read are left out; a test reads them all.
fn read_types() -> Vec<TypeDefinition> {
    let mut types: Vec<TypeDefinition> = COMPARTMENTS
        .lines()
        .filter_map(|line| serde_json::from_str::<Compartments>(line).ok())
        .map(|compartments| TypeDefinition {
            name: compartments.t,
            parameters: COMMON.map(common).into(),
            compartments,
        })
        .collect();
    types.sort_by_key(|one| one.name);
    let rows = PARAMETERS
        .lines()
        .filter_map(|line| serde_json::from_str::<Row>(line).ok());
    for row in rows {
        let place = types.binary_search_by(|one| one.name.cmp(row.t));
        if let Some(found) = place.ok().and_then(|place| types.get_mut(place)) {
            found.parameters.push(parameter(row));
        }
    }
    for one in &mut types {
        one.parameters.sort_by_key(|parameter| parameter.code);
        for (index, parameter) in (0..).zip(&mut one.parameters) {
            parameter.index = index;
        }
    }
    types
}

fn common((code, kind, path): (&'static str, Kind, &str)) -> SearchParameter {
    SearchParameter {
        code,
        kind,
        targets: Vec::new(),
        paths: vec![Path::parse(path)],
        on: Vec::new(),
        parts: Vec::new(),
        index: 0,
    }
}

fn parameter(row: Row) -> SearchParameter {
    let paths = |texts: Vec<String>| texts.iter().map(|text| Path::parse(text)).collect();
    SearchParameter {
        code: row.c,
        kind: row.k,
        targets: row.r,
        paths: paths(row.p),
        on: paths(row.on),
        parts: row
            .parts
            .into_iter()
            .map(|part| Part {
                kind: part.k,
                paths: paths(part.p),
            })
            .collect(),
        index: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_read() {
        let read: usize = types().iter().map(|one| one.parameters.len()).sum();
        let lines = PARAMETERS.lines().count();
        assert_eq!(read, lines + types().len() * COMMON.len());
        assert_eq!(types().len(), COMPARTMENTS.lines().count());
        assert!(lines > 1600, "{lines}");
    }

    #[test]
    fn every_parameter_but_the_special_one_leads_somewhere() {
        for (one, parameter) in types()
            .iter()
            .flat_map(|one| one.parameters.iter().map(move |parameter| (one, parameter)))
        {
            let composite = parameter.kind == Kind::Composite;
            // Two of MolecularSequence's composites name a part that its variants do not have.
            let flawed = one.name == "MolecularSequence";
            let found = if composite {
                parameter.parts.len() >= 2
                    && (flawed || parameter.parts.iter().all(|part| !part.paths.is_empty()))
            } else {
                parameter.kind == Kind::Special || !parameter.paths.is_empty()
            };
            assert!(found, "{} {}", one.name, parameter.code);
        }
    }

    #[test]
    fn types_and_parameters_are_found_by_name() {
        let observation = TypeDefinition::by_name("Observation").unwrap();
        let date = observation.parameter("date").unwrap();
        assert_eq!((date.kind, date.paths.len()), (Kind::Date, 4));
        assert_eq!(observation.compartment("Patient"), ["subject", "performer"]);
        let patient = observation.parameter("patient").unwrap();
        assert_eq!(patient.only_target(), Some("Patient"));
        assert!(!patient.leads_to("Device"));
        assert!(observation.parameter("colour").is_none());
        assert!(TypeDefinition::by_name("Observatio").is_none());
    }
}

//! What a server asks of the elements of R4: which resource types there are, and which properties a
//! summary has and may not leave out. Validation has its own view of them (`validate`).

use crate::definitions::{Definitions, Kind};

/// What a property of a resource is, for `_summary` and `_elements`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Whether `_summary=true` keeps it (R4, `search.html#summary`).
    pub in_summary: bool,
    /// Whether it has to be there, and so stays with `_elements` (R4, `search.html#elements`).
    pub is_required: bool,
}

/// The resource types of R4 that an instance can have, sorted.
pub fn resource_types() -> Vec<&'static str> {
    let all = Definitions::r4().types().iter();
    let mut names: Vec<_> = all
        .filter(|t| t.kind == Kind::Resource && !t.is_abstract)
        .map(|t| t.name)
        .collect();
    names.sort_unstable();
    names
}

/// What a JSON property is of a resource type, a data type, or an element with children of its own
/// (`Patient`, `Period`, `Patient.contact`); `None` when the type has no such property.
pub fn property(owner: &str, name: &str) -> Option<Property> {
    let r4 = Definitions::r4();
    let described = r4.get(r4.find(owner)?)?;
    let (_, element, _) = described.property(name.strip_prefix('_').unwrap_or(name))?;
    Some(Property {
        in_summary: element.in_summary,
        is_required: element.required,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_146_resource_types() {
        let names = resource_types();
        assert_eq!(names.len(), 146);
        assert!(names.is_sorted() && names.contains(&"Observation"));
    }

    #[test]
    fn a_summary_has_what_the_specification_marks() {
        let of = |owner, name| property(owner, name).map(|p| (p.in_summary, p.is_required));
        assert_eq!(of("Patient", "birthDate"), Some((true, false)));
        assert_eq!(of("Patient", "_birthDate"), Some((true, false)));
        assert_eq!(of("Patient", "photo"), Some((false, false)));
        assert_eq!(of("Observation", "valueQuantity"), Some((true, false)));
        assert_eq!(of("Observation", "status"), Some((true, true)));
        assert_eq!(of("Patient", "id"), Some((true, false)));
        assert_eq!(of("Patient", "text"), Some((false, false)));
        assert_eq!(of("Patient.contact", "name"), Some((false, false)));
        assert_eq!(of("Patient", "nothing"), None);
    }
}

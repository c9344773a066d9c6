//! The elements of every R4 resource and data type, as tables.
//!
//! `definitions/elements.tsv` is read once, by [`table`]; what is here is the shape of it in memory
//! and how a type and a property of it are found by name. What a value must look like is not here
//! (`validate`), nor are codes (`terminology`).

mod link;
mod primitive;
mod table;

use std::cmp::Ordering;
use std::sync::OnceLock;

pub(crate) use primitive::Primitive;

use crate::fhirpath;
use crate::terminology::ValueSet;

const ELEMENTS: &str = include_str!("../../definitions/elements.tsv");

/// The place of a type in [`Definitions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeId(u16);

/// What kind of thing a type describes (R4, `StructureDefinition.kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Backbone,
    Complex,
    Primitive(Primitive),
    Resource,
}

/// Types with rules of their own that the walker checks in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Bundle,
    CodeableConcept,
    Coding,
    Extension,
    None,
    Period,
    Quantity,
    Reference,
}

/// A resource, a data type, or an element with children of its own.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) base: Option<TypeId>,
    pub(crate) is_abstract: bool,
    /// Inherited elements first, then its own, in the order of the definition.
    pub(crate) elements: Vec<Element>,
    /// Rules of the type and of what it inherits from, without those that are checked in code.
    pub(crate) rules: Vec<Rule>,
    /// JSON property names, in [`order`].
    properties: Vec<Property>,
}

/// One JSON property: a choice element has one for each of its types.
#[derive(Debug)]
struct Property {
    name: Box<str>,
    element: u16,
    choice: u16,
}

/// An element of a type (R4, `ElementDefinition`).
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// Without `[x]`.
    pub(crate) name: &'static str,
    pub(crate) is_choice: bool,
    pub(crate) required: bool,
    pub(crate) many: bool,
    /// Whether a summary has it (R4, `search.html#summary`).
    pub(crate) in_summary: bool,
    pub(crate) types: Vec<Allowed>,
    pub(crate) binding: Option<Binding>,
    pub(crate) rules: Vec<Rule>,
}

/// A type an element may have, and what a reference or canonical in it may point to.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    pub(crate) id: TypeId,
    /// Empty when anything may be pointed to.
    pub(crate) targets: Vec<&'static str>,
}

/// A binding that a validator can hold somebody to.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) required: bool,
    pub(crate) url: &'static str,
    /// The set, when its codes are here.
    pub(crate) set: Option<&'static ValueSet>,
}

/// An invariant (R4, `ElementDefinition.constraint`).
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) key: &'static str,
    pub(crate) is_error: bool,
    pub(crate) human: &'static str,
    pub(crate) expression: &'static fhirpath::Lazy,
}

/// All types, in the [`order`] of their names.
#[derive(Debug)]
pub(crate) struct Definitions {
    types: Vec<Type>,
}

impl Definitions {
    /// The definitions of FHIR R4, read at the first call.
    pub(crate) fn r4() -> &'static Self {
        static R4: OnceLock<Definitions> = OnceLock::new();
        R4.get_or_init(|| link::link(&table::read(ELEMENTS)))
    }

    /// The type of this name: `Observation`, `Observation.component`, `Quantity`, `code`.
    pub(crate) fn find(&self, name: &str) -> Option<TypeId> {
        let place = self.types.binary_search_by(|t| order(t.name, name)).ok()?;
        u16::try_from(place).ok().map(TypeId)
    }

    /// The type behind an id; ids are made by this table only, so the first type stands for none.
    pub(crate) fn get(&self, id: TypeId) -> Option<&Type> {
        self.types.get(usize::from(id.0))
    }

    /// The type of this name, itself.
    pub(crate) fn get_named(&self, name: &str) -> Option<&Type> {
        self.get(self.find(name)?)
    }

    /// The resource type of this name, if it is one that an instance can have.
    pub(crate) fn resource(&self, name: &str) -> Option<TypeId> {
        let id = self.find(name)?;
        let found = self.get(id)?;
        (found.kind == Kind::Resource && !found.is_abstract).then_some(id)
    }

    /// Whether `id` is `ancestor` or derives from it.
    pub(crate) fn is_a(&self, id: TypeId, ancestor: &str) -> bool {
        let mut at = Some(id);
        while let Some(current) = at.and_then(|id| self.get(id)) {
            if current.name == ancestor {
                return true;
            }
            at = current.base;
        }
        false
    }

    /// Every type.
    pub(crate) fn types(&self) -> &[Type] {
        &self.types
    }
}

impl Type {
    /// The element and type that a JSON property stands for, and the element's place.
    pub(crate) fn property(&self, name: &str) -> Option<(usize, &Element, &Allowed)> {
        let place = self
            .properties
            .binary_search_by(|p| order(&p.name, name))
            .ok()?;
        let property = self.properties.get(place)?;
        let element = self.elements.get(usize::from(property.element))?;
        let allowed = element.types.get(usize::from(property.choice))?;
        Some((usize::from(property.element), element, allowed))
    }

    /// The JSON property names of an element: one, or one for each type of a choice.
    pub(crate) fn names_of(&self, element: &str) -> impl Iterator<Item = (&str, &Allowed)> {
        let place = self.elements.iter().position(|e| e.name == element);
        self.properties.iter().filter_map(move |property| {
            let found = place.filter(|p| *p == usize::from(property.element))?;
            let allowed = self
                .elements
                .get(found)?
                .types
                .get(usize::from(property.choice))?;
            Some((&*property.name, allowed))
        })
    }

    /// Every JSON property name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|p| &*p.name)
    }
}

/// The order names are kept in: shorter first, so that most comparisons look at lengths only.
fn order(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_type_of_r4_is_there() {
        let r4 = Definitions::r4();
        let resources = r4.types().iter().filter(|t| t.kind == Kind::Resource);
        assert_eq!(resources.count(), 148);
        assert!(r4.resource("Observation").is_some());
        assert_eq!(r4.resource("DomainResource"), None);
        assert_eq!(r4.resource("SubscriptionStatus"), None);
    }

    #[test]
    fn a_choice_has_one_property_for_each_type() {
        let r4 = Definitions::r4();
        let observation = r4.find("Observation").and_then(|id| r4.get(id)).unwrap();
        let (_, element, allowed) = observation.property("valueQuantity").unwrap();
        assert_eq!(element.name, "value");
        assert_eq!(r4.get(allowed.id).unwrap().name, "Quantity");
        assert_eq!(observation.names_of("value").count(), 11);
        assert!(observation.property("value").is_none());
        assert!(observation.property("valueReference").is_none());
    }

    #[test]
    fn inherited_elements_come_first() {
        let r4 = Definitions::r4();
        let age = r4.find("Age").and_then(|id| r4.get(id)).unwrap();
        let names: Vec<_> = age.elements.iter().map(|e| e.name).collect();
        assert_eq!(
            names,
            [
                "id",
                "extension",
                "value",
                "comparator",
                "unit",
                "system",
                "code"
            ]
        );
        assert!(age.rules.iter().any(|r| r.key == "qty-3"));
        assert!(age.rules.iter().any(|r| r.key == "age-1"));
    }

    #[test]
    fn the_elements_of_a_type_fit_in_the_bits_of_the_walker() {
        let most = Definitions::r4()
            .types()
            .iter()
            .map(|t| t.elements.len())
            .max();
        assert!(most.is_some_and(|most| most <= 128), "{most:?}");
    }

    #[test]
    fn every_rule_can_be_read() {
        for described in Definitions::r4().types() {
            let own = described.elements.iter().flat_map(|e| &e.rules);
            for rule in described.rules.iter().chain(own) {
                assert!(
                    rule.expression.get().is_some(),
                    "{} of {}",
                    rule.key,
                    described.name
                );
            }
        }
    }
}

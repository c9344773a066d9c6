//! Lists a value set, page by page (R4, `ValueSet/$expand`).

use super::{Concept, Terminology, Unknown, ValueSet};

/// Which part of an expansion is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page<'a> {
    /// Only codes whose code or display has this in it, whatever the case (`filter`).
    pub filter: &'a str,
    /// How many to leave out first (`offset`).
    pub offset: usize,
    /// How many at most (`count`); `None` is all of them.
    pub count: Option<usize>,
}

/// A part of an expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// How many codes there are that pass the filter, on every page together.
    pub total: usize,
    /// The codes of this page, each with its system, in the order of the set.
    pub concepts: Vec<(&'static str, Concept)>,
}

impl Terminology {
    /// The codes of a value set (R4, `ValueSet/$expand`).
    ///
    /// # Errors
    /// When the set is not known, or cannot be listed here.
    pub fn expand(&self, value_set: &str, page: Page<'_>) -> Result<Expanded, Unknown> {
        let set = self.value_set(value_set).ok_or(Unknown::ValueSet)?;
        if !set.is_enumerable() {
            return Err(Unknown::Closed);
        }
        let filter = page.filter.to_lowercase();
        let mut expanded = Expanded {
            total: 0,
            concepts: Vec::new(),
        };
        for (system, concept) in self.listed(set) {
            if !passes(&concept, &filter) {
                continue;
            }
            let before = expanded.total;
            expanded.total += 1;
            let room = page
                .count
                .is_none_or(|count| expanded.concepts.len() < count);
            if before >= page.offset && room {
                expanded.concepts.push((system, concept));
            }
        }
        Ok(expanded)
    }

    fn listed<'a>(
        &'a self,
        set: &'a ValueSet,
    ) -> impl Iterator<Item = (&'static str, Concept)> + 'a {
        set.parts.iter().flat_map(|part| {
            let system = part.known.and_then(|place| self.systems.get(place));
            let all = part
                .codes
                .is_none()
                .then(|| system.map(super::CodeSystem::concepts))
                .flatten();
            let whole = all.unwrap_or_default().iter().copied();
            let some = part.codes.iter().flatten().map(move |code| {
                let bare = Concept {
                    code,
                    display: code,
                    depth: 0,
                    is_abstract: false,
                };
                system
                    .and_then(|s| s.concept(code))
                    .copied()
                    .unwrap_or(bare)
            });
            whole.chain(some).map(|concept| (part.system, concept))
        })
    }
}

fn passes(concept: &Concept, filter: &str) -> bool {
    filter.is_empty()
        || concept.display.to_lowercase().contains(filter)
        || concept.code.to_lowercase().contains(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "http://hl7.org/fhir/ValueSet/observation-status";

    #[test]
    fn pages_put_together_are_the_whole() {
        let r4 = Terminology::r4();
        let whole = r4.expand(STATUS, Page::default()).unwrap();
        assert_eq!(whole.total, 8);
        let mut joined = Vec::new();
        for offset in (0..8).step_by(3) {
            let page = Page {
                offset,
                count: Some(3),
                ..Page::default()
            };
            joined.extend(r4.expand(STATUS, page).unwrap().concepts);
        }
        assert_eq!(joined, whole.concepts);
    }

    #[test]
    fn a_filter_looks_at_code_and_display() {
        let page = Page {
            filter: "PRELIM",
            ..Page::default()
        };
        let found = Terminology::r4().expand(STATUS, page).unwrap();
        assert_eq!(found.concepts.len(), 1);
    }

    #[test]
    fn units_of_time_are_listed_without_a_code_system() {
        let set = "http://hl7.org/fhir/ValueSet/units-of-time";
        let found = Terminology::r4().expand(set, Page::default()).unwrap();
        assert_eq!(found.total, 7);
        assert!(
            found
                .concepts
                .iter()
                .all(|(system, _)| *system == "http://unitsofmeasure.org")
        );
    }
}

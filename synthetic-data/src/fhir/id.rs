//! Logical ids. An id tells whose resource it names, so a read needs no table: `p17` is the patient
//! with index 17, `p17-o204` that patient's observation number 204 at the GP, `p17-wo3` the third of
//! the wound care.

use super::ResourceType;
use super::digits::{MOST_DIGITS, written};
use crate::history::Service;

/// Whom a resource of the base population belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The person with this index.
    Person(u32),
    /// A unit.
    Practice,
}

/// The text of a person's id, kept without asking for memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Id {
    text: [u8; 24],
    length: usize,
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Id {
    pub(crate) fn as_str(&self) -> &str {
        let text = self.text.get(..self.length);
        text.and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or("")
    }

    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(place) = self.text.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
            self.length = end;
        }
    }
}

/// The id of a person's resource of a kind; `number` counts from 1 within person, service and kind.
pub(crate) fn of_person(index: u32, service: Service, kind: ResourceType, number: u32) -> Id {
    let mut digits = [0; MOST_DIGITS];
    let mut id = Id::default();
    id.push(b"p");
    id.push(written(index, &mut digits));
    if let Some(letter) = kind.letter() {
        id.push(b"-");
        for letter in service.letter().into_iter().chain([letter]) {
            id.push(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
        id.push(written(number, &mut digits));
    }
    id
}

/// Whom the resource with this type and id would belong to, if it exists.
pub fn owner(resource_type: &str, id: &str) -> Option<Owner> {
    let kind = ResourceType::by_name(resource_type)?;
    if kind.is_of_practice() {
        return Some(Owner::Practice);
    }
    let (index, part) = match id.strip_prefix('p')?.split_once('-') {
        Some((index, part)) => (index, Some(part)),
        None => (id.strip_prefix('p')?, None),
    };
    let index = Owner::Person(canonical(index)?);
    match (kind.letter(), part) {
        (None, None) => Some(index),
        (Some(letter), Some(part)) => {
            let part = Service::ALL
                .into_iter()
                .filter_map(Service::letter)
                .find_map(|service| part.strip_prefix(service))
                .unwrap_or(part);
            canonical(part.strip_prefix(letter)?)
                .filter(|number| *number > 0)
                .map(|_| index)
        }
        _ => None,
    }
}

/// A number as this module writes it: no sign, no leading nought.
fn canonical(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|number: &u32| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn owner_is_the_inverse_of_the_id(index in any::<u32>(), number in 1u32.., at in 0usize..ResourceType::ALL.len(), by in 0usize..Service::ALL.len()) {
            let (kind, service) = (ResourceType::ALL[at], Service::ALL[by]);
            prop_assume!(!kind.is_of_practice());
            let id = of_person(index, service, kind, number);
            prop_assert_eq!(owner(kind.name(), id.as_str()), Some(Owner::Person(index)));
        }

        #[test]
        fn no_text_makes_it_fall_over(id in ".{0,20}") {
            for kind in ResourceType::ALL {
                let _ = owner(kind.name(), &id);
            }
        }
    }

    #[test]
    fn refuses_ids_that_are_not_its_own() {
        for (kind, id) in [
            ("Patient", "p017"),
            ("Patient", "p+1"),
            ("Patient", "p1-o1"),
            ("Observation", "p1"),
            ("Observation", "p1-e1"),
            ("Observation", "p1-o0"),
            ("Observation", "p1-o01"),
            ("Observation", "p1-wwo1"),
            ("Observation", "p1-xo1"),
            ("Basic", "p1"),
        ] {
            assert_eq!(owner(kind, id), None, "{kind}/{id}");
        }
    }
}

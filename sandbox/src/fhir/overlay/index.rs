//! Where resources of one type stand by what their search keys say: what narrows a search before each
//! candidate is held against its conditions. It may give too many, never too few.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::super::keys::{Key, Keys};
use super::super::types::TypeInfo;

/// Bytes of a text that are looked up; what is longer is told apart by the conditions themselves.
const LONGEST: usize = 48;

/// What one value of a condition is looked up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup<'l> {
    /// A code, an id or a whole text.
    Is(&'l str),
    /// The beginning of a text, or of one of its words.
    Begins(&'l str),
}

/// What a condition is looked up by: the place of its parameter, and its values, any of which will do.
pub(crate) type Lookups<'l> = (u16, Vec<Lookup<'l>>);

/// Places by parameter and value.
#[derive(Debug)]
pub(super) struct Index {
    /// The parameter whose texts are found by each of their words.
    name: Option<u16>,
    places: BTreeMap<u16, BTreeMap<Box<str>, BTreeSet<u32>>>,
}

impl Index {
    pub(super) fn new(info: &TypeInfo) -> Self {
        Self {
            name: info.parameter("name").map(|name| name.index),
            places: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, keys: &Keys, place: u32) {
        let all = &mut self.places;
        each(keys, self.name, &mut |parameter, text| {
            let values = all.entry(parameter).or_default();
            match values.get_mut(text) {
                Some(places) => {
                    places.insert(place);
                }
                None => {
                    values.insert(text.into(), BTreeSet::from([place]));
                }
            }
        });
    }

    pub(super) fn remove(&mut self, keys: &Keys, place: u32) {
        let all = &mut self.places;
        each(keys, self.name, &mut |parameter, text| {
            let Some(values) = all.get_mut(&parameter) else {
                return;
            };
            if let Some(places) = values.get_mut(text) {
                places.remove(&place);
                if places.is_empty() {
                    values.remove(text);
                }
            }
        });
    }

    /// The sets of places that a condition leads to, and how many places they hold together; `None`
    /// where they hold more than `most`.
    pub(super) fn find(
        &self,
        (parameter, values): &Lookups<'_>,
        most: usize,
    ) -> Option<(usize, Vec<&BTreeSet<u32>>)> {
        let (mut count, mut sets) = (0, Vec::new());
        let Some(index) = self.places.get(parameter) else {
            return Some((count, sets));
        };
        for value in values {
            let (Lookup::Is(text) | Lookup::Begins(text)) = value;
            let text = shortened(text);
            let from = (Bound::Included(text), Bound::Unbounded);
            let found = index.range::<str, _>(from);
            let fits = |known: &str| match value {
                Lookup::Is(_) => known == text,
                Lookup::Begins(_) => known.starts_with(text),
            };
            for (_, places) in found.take_while(|(known, _)| fits(known)) {
                count += places.len();
                sets.push(places);
                if count > most {
                    return None;
                }
            }
        }
        Some((count, sets))
    }
}

/// Every text under which a resource is found.
fn each(keys: &Keys, name: Option<u16>, found: &mut dyn FnMut(u16, &str)) {
    for (parameter, key) in keys.iter() {
        match key {
            Key::Text { folded, .. } => {
                found(parameter, shortened(folded));
                let words = folded.split(' ').skip(1);
                for word in words.filter(|_| name == Some(parameter)) {
                    found(parameter, shortened(word));
                }
            }
            Key::Token { code, .. } => found(parameter, shortened(code)),
            Key::Reference { id, .. } => found(parameter, shortened(id)),
            Key::Identifier { value, .. } => found(parameter, shortened(value)),
            Key::Amount(_)
            | Key::Composite(_)
            | Key::Period(_)
            | Key::Typed { .. }
            | Key::Uri(_) => {}
        }
    }
}

fn shortened(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST))
        .unwrap_or(text)
}

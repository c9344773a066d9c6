//! How a condition leads to resources through an index of keys, where it can.

use super::super::overlay::{Lookup, Lookups};
use super::super::value::Wanted;
use super::{Criterion, Modifier};

impl Criterion {
    /// What it is looked up by in an index of keys; `None` where it has to be held against each
    /// resource.
    pub(crate) fn lookups(&self) -> Option<Lookups<'_>> {
        if !matches!(self.modifier, Modifier::None | Modifier::Exact) {
            return None;
        }
        let values = self.wanted.iter().filter(|one| **one != Wanted::Nothing);
        let by_word = self.is_of_a_name() && self.modifier == Modifier::None;
        let values: Option<Vec<_>> = values.map(|wanted| lookup(wanted, by_word)).collect();
        Some((self.parameter.index, values?))
    }
}

/// What a value is looked up by, if it can be.
fn lookup(wanted: &Wanted, by_word: bool) -> Option<Lookup<'_>> {
    match wanted {
        Wanted::Token {
            code: Some(code), ..
        } => Some(Lookup::Is(code)),
        Wanted::Reference { id, .. } => Some(Lookup::Is(id)),
        Wanted::Identifier { value, .. } => Some(Lookup::Is(value)),
        // Every word of a name is wanted: the first leads to all that can fit.
        Wanted::Text { folded, .. } if by_word => {
            folded.split_whitespace().next().map(Lookup::Begins)
        }
        Wanted::Text { folded, .. } => Some(Lookup::Begins(folded)),
        _ => None,
    }
}

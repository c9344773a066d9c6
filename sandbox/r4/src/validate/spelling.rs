//! Guesses what a misspelled element was meant to be.

use crate::definitions::Type;

/// A property of the type that is spelled almost so.
pub(super) fn nearest(name: &str, owner: &'static Type) -> Option<&'static str> {
    if name.len() > 40 {
        return None;
    }
    let near = owner.names().map(|own| (distance(name, own), own)).min()?;
    (near.0 <= 2 && near.0 < name.len()).then_some(near.1)
}

/// How many letters have to be changed, added or removed, whatever their case.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (at, a) in left.chars().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        for (b, cell) in right.chars().zip(row.iter_mut().skip(1)) {
            let same = usize::from(!a.eq_ignore_ascii_case(&b));
            let best = (diagonal + same).min(*cell + 1).min(before + 1);
            diagonal = *cell;
            *cell = best;
            before = best;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

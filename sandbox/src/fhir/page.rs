//! Putting what was found in order, and cutting a page of it.

use std::cmp::Ordering;

use super::keys::Key;
use super::population::Indexed;
use super::query::{Position, Query, SortBy};
use super::search::Found;
use super::types::TypeInfo;

/// Counts, sorts and cuts a page.
pub(super) fn page_of(mut matches: Vec<Indexed>, query: &Query) -> Found {
    let total = matches.len();
    let mut found = Found {
        total: Some(total),
        ..Found::default()
    };
    if query.number_only {
        return found;
    }
    if !query.sort.is_empty() {
        matches.sort_by(|one, other| in_order(&query.sort, one, other));
    }
    let offset = query.from.offset;
    found.page = matches.into_iter().skip(offset).take(query.count).collect();
    let after = offset.saturating_add(found.page.len());
    found.next = (after < total && !found.page.is_empty()).then_some(Position {
        drawer: 0,
        offset: after,
    });
    found
}

fn in_order(sort: &[SortBy], one: &Indexed, other: &Indexed) -> Ordering {
    sort.iter()
        .map(|by| {
            let (one, other) = (sort_key(one, by), sort_key(other, by));
            match (one, other) {
                (Some(one), Some(other)) if by.descending => other.total(&one),
                (Some(one), Some(other)) => one.total(&other),
                // What lacks the value comes last either way.
                (one, other) => other.is_some().cmp(&one.is_some()),
            }
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// A value to sort by.
#[derive(Clone, Copy, Debug)]
enum SortKey<'k> {
    Amount(f64),
    Number(i64),
    Text(&'k str),
}

impl SortKey<'_> {
    fn total(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Amount(one), Self::Amount(other)) => one.total_cmp(other),
            (Self::Number(one), Self::Number(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => Ordering::Equal,
        }
    }
}

/// The least of the parameter's values when ascending, the greatest when descending (R4 §3.1.1.5.1).
fn sort_key<'k>(one: &'k Indexed, by: &SortBy) -> Option<SortKey<'k>> {
    let info = TypeInfo::by_name(one.entry.resource_type)?;
    let keys = one.keys.get(info.parameter(by.code)?);
    let keys = keys.filter_map(|key| match key {
        Key::Amount(amount) if by.descending => Some(SortKey::Amount(amount.high)),
        Key::Amount(amount) => Some(SortKey::Amount(amount.low)),
        Key::Period(period) if by.descending && period.end != i64::MAX => {
            Some(SortKey::Number(period.end))
        }
        Key::Period(period) => Some(SortKey::Number(period.start)),
        Key::Text { folded, .. } => Some(SortKey::Text(folded)),
        Key::Token { code, .. } => Some(SortKey::Text(code)),
        Key::Uri(uri) => Some(SortKey::Text(uri)),
        Key::Reference { id, .. } => Some(SortKey::Text(id)),
        Key::Composite(_) | Key::Identifier { .. } | Key::Typed { .. } => None,
    });
    if by.descending {
        keys.max_by(SortKey::total)
    } else {
        keys.min_by(SortKey::total)
    }
}

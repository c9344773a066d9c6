//! Putting what was found in order, and cutting a page of it.

use std::cmp::Ordering;
use std::ops::Range;

use super::keys::Key;
use super::population::Indexed;
use super::query::{Position, Query, SortBy};
use super::search::Found;
use super::types::TypeInfo;

/// Counts, sorts and cuts a page.
pub(super) fn page_of(matches: Vec<Indexed>, query: &Query) -> Found {
    let total = matches.len();
    let mut found = Found {
        total: Some(total),
        ..Found::default()
    };
    if query.number_only {
        return found;
    }
    let from = query.from.offset.min(total);
    let until = from.saturating_add(query.count).min(total);
    found.page = if query.sort.is_empty() {
        matches.into_iter().skip(from).take(until - from).collect()
    } else {
        sorted(&matches, &query.sort, from..until)
    };
    found.next = (until < total && from < until).then_some(Position {
        drawer: 0,
        offset: until,
    });
    found
}

/// Those at these places when all are in order. Each value to sort by is looked up once, and what is
/// after the page is not put in order.
fn sorted(matches: &[Indexed], sort: &[SortBy], page: Range<usize>) -> Vec<Indexed> {
    let keys: Vec<Option<SortKey<'_>>> = matches
        .iter()
        .flat_map(|one| {
            let info = TypeInfo::by_name(one.entry.resource_type);
            sort.iter().map(move |by| sort_key(info?, one, by))
        })
        .collect();
    let mut rows: Vec<_> = keys.chunks(sort.len()).zip(matches).enumerate().collect();
    // Equals stay in the order in which they were found, so that a page goes on where the last one ended.
    let order = |(place, (keys, _)): &Row<'_>, (other_place, (other, _)): &Row<'_>| {
        in_order(sort, keys, other).then(place.cmp(other_place))
    };
    if page.end < rows.len() {
        rows.select_nth_unstable_by(page.end, order);
        rows.truncate(page.end);
    }
    rows.sort_unstable_by(order);
    let of_the_page = rows.into_iter().skip(page.start);
    of_the_page.map(|(_, (_, one))| one.clone()).collect()
}

/// What was found, with its place among all and the values that it is sorted by.
type Row<'r> = (usize, (&'r [Option<SortKey<'r>>], &'r Indexed));

fn in_order(
    sort: &[SortBy],
    one: &[Option<SortKey<'_>>],
    other: &[Option<SortKey<'_>>],
) -> Ordering {
    let pairs = one.iter().zip(other).zip(sort);
    pairs
        .map(|((one, other), by)| match (one, other) {
            (Some(one), Some(other)) if by.descending => other.total(one),
            (Some(one), Some(other)) => one.total(other),
            // What lacks the value comes last either way.
            (one, other) => other.is_some().cmp(&one.is_some()),
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
fn sort_key<'k>(info: &TypeInfo, one: &'k Indexed, by: &SortBy) -> Option<SortKey<'k>> {
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

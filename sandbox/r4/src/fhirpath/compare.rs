//! Equality, order and truth of collections (`FHIRPath`, "Equality", "Comparison", "Boolean logic").

use std::cmp::Ordering;

use serde_json::Value;

use super::{Node, Trouble};

/// A collection as a truth: nothing is unknown, one item that is not a boolean is true.
pub(super) fn truth(items: &[Node<'_>]) -> Result<Option<bool>, Trouble> {
    match items {
        [] => Ok(None),
        [one] => Ok(Some(one.boolean().unwrap_or(true))),
        _ => Err(Trouble::Several),
    }
}

pub(super) fn equal(left: &Node<'_>, right: &Node<'_>) -> bool {
    if let (Some(a), Some(b)) = (left.text(), right.text()) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (left.number(), right.number()) {
        return a.total_cmp(&b) == Ordering::Equal;
    }
    if let (Some(a), Some(b)) = (left.boolean(), right.boolean()) {
        return a == b;
    }
    match (left, right) {
        (
            Node::Element {
                value: a, extra: c, ..
            },
            Node::Element {
                value: b, extra: d, ..
            },
        ) => a == b && c == d,
        _ => false,
    }
}

/// Two collections are equal when they have equal items in the same order; nothing equals nothing.
pub(super) fn all_equal(left: &[Node<'_>], right: &[Node<'_>]) -> Option<bool> {
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let same = left.len() == right.len() && left.iter().zip(right).all(|(a, b)| equal(a, b));
    Some(same)
}

/// The order of two single items, where they have one.
pub(super) fn order(left: &[Node<'_>], right: &[Node<'_>]) -> Result<Option<Ordering>, Trouble> {
    let (left, right) = match (left, right) {
        ([left], [right]) => (left, right),
        ([], _) | (_, []) => return Ok(None),
        _ => return Err(Trouble::Several),
    };
    if let (Some(a), Some(b)) = (left.number(), right.number()) {
        return Ok(a.partial_cmp(&b));
    }
    if let (Some(a), Some(b)) = (left.text(), right.text()) {
        return Ok(Some(a.cmp(b)));
    }
    Ok(quantities(left, right))
}

/// Quantities have an order when their units are written alike; they are not converted.
fn quantities(left: &Node<'_>, right: &Node<'_>) -> Option<Ordering> {
    let part = |node: &Node<'_>, name| match node {
        Node::Element {
            value: Some(Value::Object(quantity)),
            ..
        } => quantity.get(name).cloned(),
        _ => None,
    };
    let unit = |node| part(node, "code").or_else(|| part(node, "unit"));
    if unit(left) != unit(right) {
        return None;
    }
    part(left, "value")?
        .as_f64()?
        .partial_cmp(&part(right, "value")?.as_f64()?)
}

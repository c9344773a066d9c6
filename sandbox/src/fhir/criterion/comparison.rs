//! Comparisons that `_filter` has and the modifiers of a plain search do not.

use fhir_r4::search::Kind;

use super::super::value::Unreadable;
use super::{Criterion, Modifier};

/// How a value is compared with those of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Begins,
    Ends,
    Equal,
    /// By the prefix that stands before the value.
    Ordered,
    Overlaps,
    Refers,
    Unequal,
}

impl Criterion {
    /// Compares otherwise than it was read.
    pub(crate) fn compare(&mut self, by: Comparison) -> Result<(), Unreadable> {
        self.modifier = match (by, self.parameter.kind) {
            (Comparison::Begins, Kind::String) => Modifier::Begins,
            (Comparison::Ends, Kind::String) => Modifier::Ends,
            (Comparison::Equal, Kind::String) => Modifier::Equal,
            (Comparison::Unequal, _) => Modifier::Unequal,
            (Comparison::Overlaps, Kind::Date) => Modifier::Overlaps,
            (Comparison::Equal, _)
            | (Comparison::Ordered, Kind::Date | Kind::Number | Kind::Quantity)
            | (Comparison::Refers, Kind::Reference) => Modifier::None,
            _ => {
                return Err(Unreadable::Value(
                    "an operator that the parameter's kind has: sw and ew for strings, gt and its like for dates, numbers and quantities, po for dates, re for references",
                ));
            }
        };
        Ok(())
    }
}

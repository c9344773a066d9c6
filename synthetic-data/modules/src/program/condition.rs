//! What a condition asks.

use super::Value;
use crate::names::Name;
use crate::number::Fixed;
use crate::run::Sex;
use crate::time::{Instant, Unit};

/// A kind of entry that begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Allergy,
    CarePlan,
    Condition,
    Device,
    Medication,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    pub(crate) const KNOWN: &'static str = "==, !=, <, <=, >, >=, is nil, is not nil";

    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    pub(crate) fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// What is asked of a value that may be missing.
#[derive(Debug)]
pub(crate) enum Test {
    Nil,
    NotNil,
    Compare(Operator, Value),
    /// Compare with another attribute.
    Attribute(Operator, Name),
}

#[derive(Debug)]
pub(crate) enum Condition {
    Constant(bool),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    AtLeast(usize, Vec<Self>),
    AtMost(usize, Vec<Self>),
    Gender(Sex),
    Age(Operator, Fixed, Unit),
    Year(Operator, i64),
    Month(Operator, u32),
    Date(Operator, Instant),
    Attribute(Name, Test),
    /// An attribute that is the host's, whatever its case: race, socioeconomic category.
    Word(Name, Box<str>),
    Prior {
        state: Name,
        since: Option<Name>,
        within: Option<i64>,
    },
    Active {
        kind: Kind,
        codes: Vec<Name>,
        attribute: Option<Name>,
    },
    Observation {
        codes: Vec<Name>,
        attribute: Option<Name>,
        test: Test,
    },
    VitalSign(Name, Operator, Fixed),
    Symptom(Name, Operator, Fixed),
}

//! Where a state leads.

use std::sync::Arc;

use super::{Condition, StateId};
use crate::names::Name;
use crate::number::Chance;

#[derive(Debug)]
pub(crate) enum Transition {
    /// A terminal state leads nowhere.
    None,
    Direct(StateId),
    Distributed(Vec<(Weight, StateId)>),
    /// Conditional and complex: the first whose condition holds, or the last.
    First(Vec<(Option<Condition>, Choice)>),
    Lookup(Table),
    Care {
        ambulatory: StateId,
        emergency: StateId,
        telemedicine: StateId,
    },
}

#[derive(Debug)]
pub(crate) enum Choice {
    To(StateId),
    Distributed(Vec<(Weight, StateId)>),
}

/// How likely an outcome is: a number, or an attribute that may hold one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weight {
    Fixed(Chance),
    Attribute(Name, Chance),
}

/// A lookup table for one transition.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) targets: Vec<StateId>,
    /// Where no row is the person's.
    pub(crate) default: Vec<Chance>,
    pub(crate) keys: Vec<Key>,
    pub(crate) rows: Vec<Row>,
}

/// What a column of a table is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Age,
    Gender,
    Time,
    Attribute(Name),
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) brackets: Vec<Bracket>,
    pub(crate) chances: Vec<Chance>,
}

#[derive(Debug)]
pub(crate) enum Bracket {
    /// Both ends are in it.
    Range(i64, i64),
    Word(Arc<str>),
}

//! Modules as they are run: words are numbers, and every reference leads somewhere. They are made by
//! `parse` and never change.

mod action;
mod condition;
mod transition;

use std::sync::Arc;

pub(crate) use action::{
    Action, Allergy, Assigned, CarePlan, Class, DeathOrder, EncounterOrder, Goal, Imaging,
    Measured, MedicationOrder, Observed, Onset, Panel, Prescription, Reaction, Reason, Series,
    Span, Supply, What,
};
pub(crate) use condition::{Condition, Kind, Operator, Test};
pub(crate) use transition::{Bracket, Choice, Key, Row, Table, Transition, Weight};

use crate::names::{Name, Names};
use crate::number::Fixed;

/// A code with the address of its system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) name: Name,
    pub(crate) system: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) display: Arc<str>,
}

/// Codes for one thing; the first is the one that it is known by.
pub(crate) type Concept = Arc<[Code]>;

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Flag(bool),
    Number(Fixed),
    Text(Arc<str>),
    Codes(Concept),
    Entry(crate::run::EntryId),
}

/// A module's place in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModuleId(pub(crate) usize);

/// A state's place in its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StateId(pub(crate) usize);

/// A state of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) module: ModuleId,
    pub(crate) state: StateId,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: Name,
    /// Some condition asks whether and when the state was left.
    pub(crate) watched: bool,
    pub(crate) action: Action,
    pub(crate) next: Transition,
}

#[derive(Debug)]
pub(crate) struct Module {
    /// The path in the folder, without `.json`.
    pub(crate) path: Arc<str>,
    pub(crate) initial: StateId,
    pub(crate) states: Vec<State>,
}

/// All modules of a folder.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) modules: Vec<Module>,
    /// Those that everybody runs.
    pub(crate) tops: Vec<ModuleId>,
    pub(crate) names: Names,
}

impl Program {
    pub(crate) fn module(&self, id: ModuleId) -> Option<&Module> {
        self.modules.get(id.0)
    }

    pub(crate) fn state(&self, at: At) -> Option<&State> {
        self.module(at.module)?.states.get(at.state.0)
    }

    /// The module's path and the state's name, for messages.
    pub(crate) fn place(&self, at: At) -> (String, String) {
        let module = self.module(at.module);
        let name = self.state(at).map(|state| state.name);
        (
            module.map(|one| one.path.to_string()).unwrap_or_default(),
            name.map(|name| self.names.states.text(name).to_owned())
                .unwrap_or_default(),
        )
    }
}

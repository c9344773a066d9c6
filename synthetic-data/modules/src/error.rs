//! What can be wrong with modules. Each message names the place and says what to do about it.

use std::path::PathBuf;

/// Why a folder of modules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder that cannot be read.
    #[error("{} cannot be read ({source}); check the path and its permissions", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder without a module at its top.
    #[error(
        "there is no module in the folder; put at least one .json file at its top (files in sub-folders are submodules)"
    )]
    Empty,
    /// A file beyond the size that is read.
    #[error("{file} is larger than {most} bytes; split the module into submodules")]
    TooLarge {
        /// The file.
        file: String,
        /// The most that is read.
        most: usize,
    },
    /// A file that is not a JSON object.
    #[error("{file} is not a JSON object ({problem}); mend the file, or move it out of the folder")]
    NotJson {
        /// The file.
        file: String,
        /// What the parser said.
        problem: String,
    },
    /// Something in a module.
    #[error("{file}: {fault}")]
    Module {
        /// The file.
        file: String,
        /// What is wrong.
        fault: Fault,
    },
    /// Something in a state.
    #[error("{file}, state «{state}»: {fault}")]
    State {
        /// The file.
        file: String,
        /// The state.
        state: String,
        /// What is wrong.
        fault: Fault,
    },
    /// A submodule that comes to call itself.
    #[error(
        "submodules call each other in a circle: {0}; break it with a transition back in one module"
    )]
    Cycle(String),
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A state type that is not in the framework.
    #[error("state type «{0}» is not known; see the manual for the types that are run")]
    UnknownState(String),
    /// A condition type that is not in the framework.
    #[error("condition type «{0}» is not known; see the manual for the conditions that are tested")]
    UnknownCondition(String),
    /// A word from a closed list that is not on it.
    #[error("«{field}» has the unknown value «{value}»; write one of: {known}")]
    UnknownWord {
        /// The field.
        field: String,
        /// What stands there.
        value: String,
        /// What could.
        known: String,
    },
    /// A code system without an address in FHIR.
    #[error("code system «{0}» is not known; write the system's address (a URI) in its place")]
    UnknownSystem(String),
    /// A field that is missing.
    #[error("«{0}» is missing; add it")]
    Missing(String),
    /// A field of another kind.
    #[error("«{field}» has to be {expected}; correct it")]
    Wrong {
        /// The field.
        field: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// Conditions within conditions without end.
    #[error("conditions are nested more than {0} deep; split the condition over several states")]
    TooDeep(usize),
    /// A transition to nowhere.
    #[error("there is no state «{0}» to go to; add the state or correct the transition")]
    NoSuchState(String),
    /// A state that cannot be left.
    #[error("there is no transition; add «direct_transition», or make the state Terminal")]
    NoTransition,
    /// A call of a module that is not there.
    #[error("there is no submodule «{0}»; put {0}.json into the folder or correct «submodule»")]
    NoSuchModule(String),
    /// A lookup table that is not there.
    #[error(
        "there is no lookup table «{0}»; put it into lookup_tables, or say where the tables are"
    )]
    NoSuchTable(String),
    /// A lookup table that cannot be used.
    #[error("lookup table «{table}», line {line}: {problem}; correct the table")]
    Table {
        /// The table.
        table: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong there.
        problem: &'static str,
    },
    /// What is written in a language that is not run.
    #[error("«{0}» is an expression in CQL, which is not run; use range, exact or distribution")]
    Expression(String),
    /// A version of the framework that came later.
    #[error("GMF version {0} is not known; versions 1 and 2 are")]
    Version(String),
    /// Two modules in the place of one.
    #[error("the same module is given twice; remove one of the files")]
    Twice,
}

/// Why a person could not be taken through the modules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// States that follow each other without end, while no time passes.
    #[error(
        "{module}.json, state «{state}»: {steps} states passed by and no time; put a Delay or a Guard into the loop"
    )]
    NoTimePasses {
        /// The module.
        module: String,
        /// Where it was cut off.
        state: String,
        /// How many states.
        steps: u32,
    },
    /// Time passes, but so slowly that the life would not end.
    #[error(
        "{module}.json, state «{state}»: more than {steps} states in one life; make the delays of the loop longer"
    )]
    TooManySteps {
        /// The module.
        module: String,
        /// Where it was cut off.
        state: String,
        /// How many states.
        steps: u32,
    },
    /// A record that would grow without end.
    #[error(
        "{module}.json, state «{state}»: more than {entries} entries in one life; make the delays of the loop longer"
    )]
    TooMuchWritten {
        /// The module.
        module: String,
        /// Where it was cut off.
        state: String,
        /// How many entries.
        entries: usize,
    },
    /// A last day that comes before the birth, or so late that dates end.
    #[error("a person born {birth} cannot be followed until {until}; correct one of the dates")]
    Dates {
        /// Birth.
        birth: String,
        /// The last day.
        until: String,
    },
}

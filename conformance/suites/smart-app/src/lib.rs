//! The suite `smart-app`: what a SMART on FHIR app owes an EPJ, its users and its patients.
//!
//! `plan` says what to do next, `rules` hold the requirements with their judgement, `run` is the
//! evidence as the rules read it. Everything is a pure function of the evidence.

mod bindings;
mod entropy;
#[cfg(test)]
mod faults;
mod judgement;
mod plan;
mod rule;
mod rules;
mod run;
#[cfg(test)]
mod testing;
mod trouble;
mod web;

pub use bindings::exports::markedsplass::conformance::checking as types;
pub use judgement::{describe, judge};
pub use plan::next;

/// The component. Its export names are no symbols that a native linker takes, and natively the
/// functions above are called directly.
#[cfg(target_arch = "wasm32")]
mod component {
    use crate::types::{Action, Description, Evidence, Finding, Guest};

    struct SmartApp;

    impl Guest for SmartApp {
        fn describe() -> Description {
            crate::describe()
        }

        fn next(evidence: Evidence) -> Vec<Action> {
            crate::next(&evidence)
        }

        fn judge(evidence: Evidence) -> Vec<Finding> {
            crate::judge(&evidence)
        }
    }

    crate::bindings::export!(SmartApp with_types_in crate::bindings);
}

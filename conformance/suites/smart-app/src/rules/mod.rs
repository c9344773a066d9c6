//! The requirements, by what they are about. Each is decided by a pure function of the run.

mod access;
mod browser;
mod codes;
mod errors;
mod launch;
mod patient;
mod recipients;
mod refusal;
mod scopes;
mod secrets;
mod state;

use crate::rule::Rule;

/// Every requirement, in the order of presentation.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        launch::RULES,
        codes::RULES,
        state::RULES,
        secrets::RULES,
        scopes::RULES,
        refusal::RULES,
        patient::RULES,
        errors::RULES,
        browser::RULES,
        recipients::RULES,
        access::RULES,
    ]
    .into_iter()
    .flatten()
}

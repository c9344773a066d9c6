//! The words of a check: what is checked, against which stage, and how a check stands. No browser,
//! no database, no HTTP.

pub(crate) mod check;
mod record;
pub mod stage;
pub(crate) mod subject;

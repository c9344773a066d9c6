//! Norwegian identifiers: checking those that exist, making those that are synthetic. Nothing here
//! can make a number in a series that is given to real people or real organisations.

pub mod fnr;
pub mod hpr;
mod mod11;
pub mod organisation;

pub use fnr::{ControlRule, Fnr, IdError, NationalId, Rule, Series, check};
pub use hpr::Hpr;
pub use organisation::{HerId, OrgNr};

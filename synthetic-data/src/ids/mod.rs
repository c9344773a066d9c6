//! Norwegian identifiers: checking those that exist, making those that are synthetic. Nothing here
//! can make a number in a series that is given to real people or real organisations.

pub mod check;
pub mod hpr;
mod mod11;
pub mod organisation;
pub mod person_identifier;

pub use check::{ControlRule, IdError, NationalId, Rule, Series, check};
pub use hpr::Hpr;
pub use organisation::{HerId, OrgNr};
pub use person_identifier::{IdentifierKind, PersonIdentifier};

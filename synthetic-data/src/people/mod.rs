//! Who people are and whom they live with: what the population register would know. Health is in
//! `history`.

mod household;
mod life;
mod person;
mod visitor;

pub(crate) use household::Block;
pub use household::{Kin, Relation};
pub use life::{Move, Protection};
pub(crate) use life::{comes_new, deceased, moved, protection};
pub use person::{Person, Sex};
pub(crate) use visitor::{VISITORS_FROM, Visitors};

//! A witness: it cosigns a log's checkpoint when that continues what it saw last, and never two
//! histories (C2SP tlog-witness). It knows no registry; whoever runs one runs it apart from the log.

#![forbid(unsafe_code)]

mod http;
mod identity;
mod refusal;
mod store;
mod witness;

pub use identity::{Identity, IdentityError};
pub use refusal::Refusal;
pub use store::Evidence;
pub use witness::{Parts, Witness};

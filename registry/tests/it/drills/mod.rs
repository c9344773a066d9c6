//! The drills: each event that trust has to survive, carried out by the function that its command
//! calls, and its effect proved with the verifier alone.

mod away;
mod ceremony;
mod issuer;
mod leaving;
mod log;
mod offline;
mod planned;
mod prepared;
mod renewal;
mod replaced;
mod reviewer;
mod root;
mod status;
pub(crate) mod thief;
mod witnesses;

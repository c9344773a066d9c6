//! The trust repository (TUF): which keys, logs, witnesses and marks EPJs believe. Here its next
//! versions are made, signed and published; what they mean is defined in the `verifier` crate.
//!
//! What is published is the state: an edit starts from the newest documents and files. The
//! registry's own part (keys, reviewers, log, settings) is brought into line by a job; what people
//! decide is in [`changes`] (withdrawn keys, role keys) and [`restrictions`] (denied vendors).

mod away;
mod ceremonies;
mod ceremony;
mod changes;
mod contents;
mod plan;
mod present;
mod publish;
mod repeated;
mod restrictions;
mod served;
mod signers;

pub use ceremony::{Ceremony, CeremonyError, Proposal, TrustSigning};
pub use changes::Cutoff;
pub(in crate::trust) use publish::entry_key;
pub use restrictions::{BadDenied, Denied, Restriction};
pub use signers::{RoleSigner, RoleSigners};

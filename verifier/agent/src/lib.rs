//! The verifier as a process beside an EPJ, for those who embed nothing: it keeps the trust
//! configuration, the status lists and the log's newest checkpoint fresh, keeps what it knows on
//! disk, and answers on loopback whether an approval is good and whether a launch may go on.
//!
//! It believes nothing that it fetches before the crate `verifier` has checked it, and works on
//! without a network for as long as what it knows may be used. How status lists are followed
//! ([`follow`]) is shared with others who keep a verifier.

#![forbid(unsafe_code)]

mod agent;
mod answer;
mod decide;
mod error;
pub mod follow;
mod http;
mod journal;
mod policy;
mod renew;
mod request;
mod source;
mod sse;
mod state;
mod status;
mod upkeep;

pub use agent::{Agent, Parts};
pub use error::{AgentError, StartError};
pub use follow::Away;
pub use http::Hosts;
pub use policy::{Policy, PolicyError};

/// How an agent is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The registry's address, without a slash at the end.
    pub registry: String,
    /// The root document that is believed, which came another way than the rest.
    pub root: Vec<u8>,
    /// Where approvals must be meant to be used.
    pub environment: verifier::Environment,
    /// The installation's own rules.
    pub policy: Policy,
    /// The folder of its state.
    pub state: std::path::PathBuf,
    /// How long it waits before it fetches a status list that was not pushed, and the log's
    /// checkpoint.
    pub poll: std::time::Duration,
    /// How often it fetches the trust repository.
    pub refresh: std::time::Duration,
}

//! Offline verification of app approvals: what an EPJ (EHR) embeds.
//!
//! No async, no database, no network, no I/O and no clock: the time is a parameter (`now`, Unix
//! seconds). Cryptography happens once per approval ([`Verifier::ingest`]); a launch is a table
//! look-up ([`Verifier::launch`]).
//!
//! The claim types live here, so what the registry signs is what an EPJ checks. An issuer uses the
//! same types with [`jws::signing_input`] and [`jws::assemble`], [`note`], [`tlog_proof`],
//! [`status`] and [`merkle`]; private keys never enter this crate.

#![forbid(unsafe_code)]

pub mod add_checkpoint;
mod approvals;
pub mod audit;
pub mod base64url;
pub mod checkpoint;
pub mod claims;
pub mod code;
mod crypto;
pub mod digest;
pub mod ingest;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod launch;
pub mod log_view;
pub mod merkle;
pub mod mldsa;
pub mod note;
pub mod policy;
pub mod refresh;
pub mod scope;
mod seals;
pub mod snapshot;
pub mod status;
pub mod tiles;
pub mod tlog_proof;
pub mod trust;
pub mod uri;
pub mod verifier;

pub use crate::code::{Code, VerifyError};
pub use crate::digest::Digest;
pub use crate::ingest::Accepted;
pub use crate::launch::{ClientAuthentication, Granted, LaunchRequest, ObservedContent};
pub use crate::snapshot::Snapshot;
pub use crate::trust::{RiskClass, TrustUpdate};
pub use crate::uri::Environment;
pub use crate::verifier::{Assurance, Freshness, LocalPolicy, StatusSeen, Verifier};

//! What every room of markedsplass stands on: time, randomness, identifiers, digests, the
//! database handle, errors and their dialects, who may call what, blobs and files, keys at rest, jobs
//! and telemetry.
//!
//! No domain knowledge lives here: nothing about apps, approvals or patients.

pub mod access;
pub mod blob;
pub mod clock;
pub mod digest;
pub mod entropy;
pub mod error;
pub mod failpoint;
pub mod files;
pub mod http;
pub mod id;
pub mod jobs;
pub mod language;
pub mod sealing;
pub mod secret_file;
pub mod signing;
pub mod store;
pub mod telemetry;
pub mod testing;
pub mod token;

pub use clock::{Clock, Timestamp};
pub use digest::Digest;
pub use entropy::Entropy;

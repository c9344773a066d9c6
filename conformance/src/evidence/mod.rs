//! The evidence of a run: what was recorded, with its secrets replaced by markers, as one
//! content-addressed document. Nothing else reaches a suite, so nothing else can decide a verdict.
//!
//! The records are those of `wit/suite.wit`; how they came to be is the browser's and the runner's.

mod document;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod learn;
mod scrub;
mod tape;

#[cfg(test)]
mod tests;

pub(crate) use document::{Document, FORMAT, Preamble};
pub use document::{EvidenceError, EvidenceProblem};
pub(crate) use scrub::Secret;
pub use scrub::{SecretKind, marker};
pub(crate) use tape::{Mark, Tape};

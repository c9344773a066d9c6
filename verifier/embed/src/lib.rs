//! The verifier behind a C boundary: one set of functions for C and, compiled to WebAssembly, for
//! JavaScript. Bytes and JSON go in, JSON comes out; nothing is fetched, and the time is given.
//!
//! `session` is the whole behaviour, in safe Rust; [`boundary`] turns pointers into slices and back,
//! and is the one place in the project where unsafe code stands. `include/markedsplass_verifier.h`
//! tells the callers' side.

mod answer;
pub mod boundary;
mod session;
mod settings;

pub use answer::{Answer, Status};
pub use session::Session;

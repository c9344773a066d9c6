//! The host of conformance suites: WebAssembly components of the world in `wit/suite.wit`.
//!
//! A suite is foreign code. It imports nothing, gets a fresh store for every call, and is bounded in
//! fuel, memory and time; what it does wrong is a [`SuiteError`], never a verdict. What the suite says
//! is checked for shape here; what it means is the caller's business.

mod cache;
mod embedded;
mod engine;
mod error;
mod limits;
mod loaded;
#[cfg(test)]
mod tests;
mod verdict;
pub(crate) mod wit;
mod wrap;

pub(crate) use cache::Suites;
pub(crate) use embedded::SMART_APP;
pub use error::SuiteError;
pub(crate) use limits::Limits;
pub(crate) use loaded::Suite;
pub(crate) use verdict::passes;
pub use wrap::wrap_suite;

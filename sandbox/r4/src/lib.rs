//! What FHIR R4 (4.0.1) says of resources, as tables read from `definitions/` and pure functions over
//! JSON: no server, no storage, no clock. The server that uses it is `sandbox::fhir`.
//!
//! The tables are made by the scripts in `definitions/` from HL7's own definitions (CC0).

mod definitions;
mod fhirpath;
pub mod patch;
pub mod path;
pub mod search;
pub mod structure;
pub mod terminology;
pub mod validate;

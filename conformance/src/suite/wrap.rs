//! From core module to component: what an author of a suite does last.

use wit_component::ComponentEncoder;

use super::SuiteError;

/// Wraps a core module that was built against `wit/suite.wit` as a component.
pub fn wrap_suite(core: &[u8]) -> Result<Vec<u8>, SuiteError> {
    ComponentEncoder::default()
        .validate(true)
        .module(core)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| SuiteError::NotAComponent(format!("{error:#}")))
}
